#pragma once

// What all endpoints share.

#include <memory>
#include <string>

#include <portfire/client.hpp>
#include <portfire/dashboard.hpp>
#include <portfire/recurring.hpp>

#include "dashboard/bulk_runner.hpp"
#include "dashboard/kept.hpp"
#include "dashboard/overview.hpp"
#include "dashboard/redactor.hpp"
#include "dashboard/security/forgery.hpp"

namespace portfire::dashboard {

struct Site {
  Site(std::shared_ptr<Storage> opened, DashboardOptions chosen);

  [[nodiscard]] Monitoring& monitoring() const { return storage->monitoring(); }
  [[nodiscard]] Coordination& coordination() const { return storage->coordination(); }

  const std::shared_ptr<Storage> storage;
  const DashboardOptions options;
  const Redactor redactor;
  const ForgeryGuard forgery;
  Client client;
  RecurringJobs recurring;
  const std::shared_ptr<Overview> overview;
  BulkRunner bulks;
  // Of recent jobs, for `/metrics`.
  Kept<std::string> durations{std::chrono::seconds{10}};
};

}  // namespace portfire::dashboard
