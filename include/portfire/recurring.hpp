#pragma once

/// Recurring jobs: definitions that create a job at every occurrence of a schedule.
///
///     portfire::RecurringJobs recurring{storage};
///     recurring.add_or_update<&send_digest>("digest", "0 8 * * MON-FRI",
///                                           {.zone = "Europe/Paris"});
///
/// Definitions are stored, and fired by whichever server has a handler for their job; each
/// occurrence is created once, however many servers there are. A job knows its definition and its
/// occurrence by the parameters `portfire.recurring` and `portfire.occurrence`.
///
/// Ownership: a cheap handle; copies share one object, which keeps the storage open.
/// Threads: every member may be called from any thread at the same time, here and elsewhere.
/// Errors: `UsageError` for an option out of range, an unknown zone, an `H` … and as `Enqueuer`;
/// `StorageError`.

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/schedule.hpp>
#include <portfire/storage/recurring.hpp>

namespace portfire {

struct RecurringOptions {
  /// IANA name of the time zone in which the cron expression is meant.
  std::string zone = "UTC";

  Misfire misfire = Misfire::relaxed;
  /// With `strict`: the latest so many missed occurrences are made up for; 1 to 10,000.
  int most_made_up = 100;

  Overlap overlap = Overlap::allow;

  /// No occurrence before, and none after.
  std::optional<TimePoint> start = std::nullopt;
  std::optional<TimePoint> end = std::nullopt;

  /// Days of the zone without occurrences: holidays.
  std::vector<std::chrono::year_month_day> except = {};

  /// Each occurrence is put off by less than this, by its own amount; at most a day.
  Duration jitter = Duration::zero();

  /// After so many jobs there are no more; 0 for no limit.
  std::uint64_t most_runs = 0;

  /// Of each job that is created; a unique key cannot be given.
  CallOptions job = {};
};

/// A definition and what has come of it.
struct RecurringJob {
  std::string id;
  Schedule schedule = Cron::never();
  RecurringOptions options = {};
  std::string job_name;
  std::string arguments;  ///< a JSON array

  std::optional<TimePoint> next = std::nullopt;  ///< the coming occurrence
  std::optional<TimePoint> last = std::nullopt;  ///< the latest one that was fired
  JobId last_job = {};                           ///< nil: none yet
  std::uint64_t runs = 0;                        ///< jobs created by occurrences
  std::uint64_t skipped = 0;                     ///< left out by the overlap policy

  bool paused = false;
  std::string paused_by = {};
  std::string pause_reason = {};
  std::optional<TimePoint> paused_until = std::nullopt;

  /// Why the latest occurrence could not be fired; it is tried again. Empty when all is well.
  std::string error = {};

  TimePoint created_at = {};
  std::uint64_t version = 0;
};

/// Who pauses a recurring job, why, and when it goes on by itself.
struct PauseOptions {
  std::string by = {};
  std::string reason = {};
  std::optional<TimePoint> until = std::nullopt;
};

class RecurringJobs {
 public:
  explicit RecurringJobs(std::shared_ptr<Storage> storage, ClientOptions options = {});

  enum class Update : unsigned char { added, changed, unchanged };

  /// Makes sure that there is this definition, under an id of 1 to 150 bytes: to be called at every
  /// start. One that is there already and says the same is left alone. As long as the schedule
  /// stays the same, so does the coming occurrence; a pause stays in any case.
  template <auto Function, class... Arguments>
  Update add_or_update(const std::string& id, const Schedule& schedule,
                       const RecurringOptions& options, Arguments&&... arguments) {
    return add_or_update(job<Function>, id, schedule, options,
                         std::forward<Arguments>(arguments)...);
  }
  template <auto Function>
  Update add_or_update(const std::string& id, const Schedule& schedule) {
    return add_or_update(job<Function>, id, schedule, RecurringOptions{});
  }
  template <class Signature, class... Arguments>
  Update add_or_update(const Job<Signature>& job, const std::string& id, const Schedule& schedule,
                       const RecurringOptions& options, Arguments&&... arguments) {
    using Stored = typename Job<Signature>::Signature::Stored;
    return add_or_update(
        id, schedule, options,
        {.name = std::string{job.name},
         .arguments = detail::encode_call<Stored>(std::forward<Arguments>(arguments)...),
         .defaults = job.options});
  }

  /// By name and JSON array, without a descriptor.
  Update add_or_update_raw(const std::string& id, const Schedule& schedule,
                           const RecurringOptions& options, std::string job_name,
                           std::string_view arguments);

  /// Jobs that it has created stay. Returns false when there is no such definition.
  bool remove(const std::string& id);

  /// Creates a job now, whatever the schedule says, and leaves the schedule as it is. The overlap
  /// policy holds: *rejected* where the job would be left out. Rejected, too, when there is no such
  /// definition.
  Creation trigger(const std::string& id);

  /// Occurrences pass without a job until it is resumed, or until the time given. Returns false
  /// when there is no such definition.
  bool pause(const std::string& id, const PauseOptions& options = {});
  bool resume(const std::string& id);

  std::optional<RecurringJob> find(const std::string& id);
  std::vector<RecurringJob> list(const RecurringQuery& query = {});

 private:
  Update add_or_update(const std::string& id, const Schedule& schedule,
                       const RecurringOptions& options, JobRequest request);

  class Implementation;
  std::shared_ptr<Implementation> implementation_;
};

}  // namespace portfire
