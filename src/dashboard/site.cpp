#include "dashboard/site.hpp"

#include <set>
#include <utility>

#include <portfire/error.hpp>

#include "model/rules.hpp"

namespace portfire::dashboard {

namespace {

std::shared_ptr<Storage> checked(std::shared_ptr<Storage> storage) {
  if (storage == nullptr) throw UsageError{"the dashboard was given no storage (a null pointer)"};
  return storage;
}

DashboardOptions checked(DashboardOptions options) {
  if (!options.authorization) {
    throw UsageError{"DashboardOptions::authorization is empty: use local_requests_only()"};
  }
  std::string& prefix = options.path_prefix;
  while (prefix.ends_with('/')) prefix.pop_back();
  if (!prefix.empty() && !prefix.starts_with('/')) {
    throw UsageError{"DashboardOptions::path_prefix is \"" + prefix + "\": must begin with /"};
  }
  std::set<std::string> paths;
  for (const DashboardPage& page : options.pages) {
    rules::check_queue_name("DashboardPage::path", page.path);
    if (!page.handle) throw UsageError{"DashboardPage::handle of \"" + page.path + "\" is empty"};
    if (!paths.insert(page.path).second) {
      throw UsageError{"DashboardPage::path \"" + page.path + "\" is there twice"};
    }
  }
  for (const DashboardMetric& metric : options.metrics) {
    if (!metric.value) {
      throw UsageError{"DashboardMetric::value of \"" + metric.name + "\" is empty"};
    }
  }
  if (!options.log) options.log = silent_sink();
  return options;
}

}  // namespace

Site::Site(std::shared_ptr<Storage> opened, DashboardOptions chosen)
    : storage{checked(std::move(opened))},
      options{checked(std::move(chosen))},
      redactor{options.redact},
      client{storage, options.client},
      recurring{storage, options.client},
      overview{std::make_shared<Overview>(storage, options.metrics)},
      bulks{storage, client, redactor} {}

}  // namespace portfire::dashboard
