#pragma once

// What all endpoints share.

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <portfire/client.hpp>
#include <portfire/dashboard.hpp>
#include <portfire/recurring.hpp>

#include "dashboard/bulk_runner.hpp"
#include "dashboard/overview.hpp"
#include "dashboard/redactor.hpp"
#include "dashboard/security/forgery.hpp"

namespace portfire::dashboard {

// A text that takes some work, made anew after ten seconds at the earliest.
class KeptText {
 public:
  std::string text(const std::function<std::string()>& make, Runtime& runtime);

 private:
  std::mutex mutex_;
  std::optional<SteadyPoint> made_at_;
  std::string text_;
};

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
  KeptText durations;  // of recent jobs, for `/metrics`
};

}  // namespace portfire::dashboard
