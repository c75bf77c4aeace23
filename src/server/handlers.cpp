#include <portfire/handlers.hpp>

#include <portfire/error.hpp>

#include "model/rules.hpp"
#include "server/handler_table.hpp"
#include "server/options.hpp"

namespace portfire {

Handlers& Handlers::insert(std::string_view name, const JobOptions& options, Filters filters,
                           std::function<Outcome(Context&)> run) {
  rules::check_job_name(name);
  if (options.attempts != unset) {
    rules::check_range("attempts", options.attempts, 0, rules::most_attempts);
  }
  constexpr Duration longest = std::chrono::hours{24 * 365 * 100};
  rules::check_span("timeout", options.timeout, Duration::zero(), longest);
  rules::check_span("start_within", options.start_within, Duration::zero(), longest);
  rules::check_span("retention", options.retention, Duration::zero(), longest);
  server::check_process_limits("process_limits", options.process_limits);
  auto handler = std::make_shared<Handler>(Handler{.name = std::string{name},
                                                   .aliases = {},
                                                   .attempts = options.attempts,
                                                   .timeout = options.timeout,
                                                   .start_within = options.start_within,
                                                   .retention = options.retention,
                                                   .isolation = options.isolation,
                                                   .process_limits = options.process_limits,
                                                   .filters = std::move(filters),
                                                   .run = std::move(run)});
  std::vector<std::string> names{handler->name};
  for (const std::string_view alias : options.aliases) {
    if (alias.empty()) continue;
    rules::check_job_name(alias);
    handler->aliases.emplace_back(alias);
    names.emplace_back(alias);
  }
  for (const std::string& each : names) {
    if (by_name_.contains(each)) {
      throw UsageError{"there is already a handler for the job \"" + each +
                       "\"; a name belongs to one handler"};
    }
  }
  for (const std::string& each : names) by_name_.emplace(each, handler);
  return *this;
}

std::shared_ptr<const Handler> Handlers::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : found->second;
}

std::vector<std::string> Handlers::names() const {
  std::vector<std::string> names;
  for (const auto& [name, handler] : by_name_) names.push_back(name);
  return names;
}

namespace server {

HandlerTable::HandlerTable(const Handlers& handlers, const FilterChain& filters)
    : names_{handlers.names()}, elects_released_jobs_{filters.elects_released_jobs()} {
  for (const std::string& name : names_) {
    auto handler = handlers.find(name);
    FilterChain chain = filters.joined_with(handler->filters);
    elects_released_jobs_ = elects_released_jobs_ || chain.elects_released_jobs();
    by_name_.emplace(name, BoundHandler{std::move(handler), std::move(chain)});
  }
}

const BoundHandler* HandlerTable::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

}  // namespace server

}  // namespace portfire
