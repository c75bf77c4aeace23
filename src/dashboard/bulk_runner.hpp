#pragma once

// Changes of many jobs, in the background.

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/dashboard_access.hpp>
#include <portfire/storage/storage.hpp>

#include "dashboard/job_change.hpp"
#include "dashboard/job_search.hpp"

namespace portfire::dashboard {

struct BulkRequest {
  std::string action;
  JobChange change;
  std::vector<JobId> ids;           // these, or …
  std::optional<JobSearch> filter;  // … all that pass
  bool dry_run = false;             // only count
  std::string reason;
};

struct BulkProgress {
  enum class State : unsigned char { running, done, cancelled, failed };

  std::string id;
  std::string action;
  bool dry_run = false;
  State state = State::running;
  std::uint64_t examined = 0;
  std::uint64_t found = 0;
  std::uint64_t changed = 0;
  std::uint64_t skipped = 0;
  std::optional<std::uint64_t> total;
  std::string error;
  std::string actor;
  TimePoint started_at;
  std::optional<TimePoint> ended_at;
};

// Threads: any thread.
class BulkRunner {
 public:
  // `redactor` outlives it.
  BulkRunner(std::shared_ptr<Storage> storage, Client client, const Redactor& redactor);

  // Stops all of them; what they have changed stays changed.
  ~BulkRunner();

  BulkRunner(const BulkRunner&) = delete;
  BulkRunner& operator=(const BulkRunner&) = delete;

  // Begins one. Throws `Refusal` 429 when too many are running.
  BulkProgress start(BulkRequest request, const Visitor& visitor);

  // Latest first; the last hundred are kept.
  std::vector<BulkProgress> list();
  std::optional<BulkProgress> find(const std::string& id);
  // Asks it to stop after the jobs at hand.
  std::optional<BulkProgress> cancel(const std::string& id);

 private:
  class Run;

  std::shared_ptr<Run> run_of(const std::string& id);

  const std::shared_ptr<Storage> storage_;
  Client client_;
  const Redactor& redactor_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Run>> runs_;
  std::atomic<std::uint64_t> last_number_ = 0;
};

}  // namespace portfire::dashboard
