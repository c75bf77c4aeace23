#pragma once

/// Batches: groups of jobs that are created together and end together.
///
///     BatchId import = client.batch("import", [&](Batch& batch) {
///       for (const Row& row : rows) batch.enqueue<&import_row>(row);
///     });
///     client.continue_with<&report>(import);
///
/// A batch is a job that nobody runs: it waits for its members. So whatever is said of jobs is said
/// of batches: other jobs and batches may wait for them, `client.find` shows them with the counts
/// of their members, `client.wait` waits for them, `client.delete_job` cancels them with all
/// members that have not ended, and a batch can be a member of another one. What cannot be done is
/// to run one: requeuing a batch is refused.
///
/// States: BatchStarted until the last member has ended; then BatchSucceeded if all of them have
/// succeeded, otherwise BatchCompleted. A member in Failed has not ended. A member that begins
/// anew, or comes later, takes the batch back to BatchStarted; those who waited for it have been
/// let go once, and are not called back.
///
/// Ownership: a `Batch` refers to its creator and lives as long as the call that made it.
/// Threads: one at a time. Errors: as of `Enqueuer`.

#include <vector>

#include <portfire/enqueuer.hpp>

namespace portfire {

/// A batch is a job, and so is its id one of a job.
using BatchId = JobId;

/// Collects what a batch is made of. Nothing is stored before all of it is known: if the code that
/// fills it throws, nothing has happened.
class Batch : public Enqueuer {
 public:
  /// For `Enqueuer::batch`, which makes one.
  Batch(Enqueuer& target, const BatchOptions& options);

  /// The batch's id, with which jobs can be made to wait for it before it exists.
  [[nodiscard]] BatchId id() const;

  /// The verbs of `Enqueuer` add members. All of them report *created*, though filters and unique
  /// keys have their say when the batch is stored: a member that a filter stops is left out, and so
  /// is one whose key is taken where it says `use_existing`; otherwise the key rejects the batch.
  std::vector<Creation> submit_all(std::vector<JobRequest> requests, Bulk bulk) override;
  JobId new_id() override;

  /// Everything collected: the batch itself, then its members.
  [[nodiscard]] std::vector<JobRequest> take();

 private:
  Enqueuer& target_;
  const std::vector<Parent> after_;
  std::vector<JobRequest> requests_;
};

}  // namespace portfire
