#pragma once

// Batches: jobs that wait for their members.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>

#include <portfire/id.hpp>
#include <portfire/storage/unit.hpp>

#include "storage/sqlite/job_row.hpp"

namespace portfire::sqlite {

class Database;
class Session;

// What the steps since the last `settle_batches` have changed about one batch.
struct BatchChange {
  std::int64_t total = 0;
  std::int64_t outstanding = 0;
  std::int64_t succeeded = 0;
  Release release = Release::straight;
};

// By key, the latest first: so inner ones come before those that they are members of.
using BatchChanges = std::map<std::int64_t, BatchChange, std::greater<>>;

// Of the batch that the job is a member of; 0 for none.
std::int64_t key_of_batch(Database& database, const JobRow& row);

// The batch's key, if it is there and takes members; otherwise 0.
std::int64_t open_batch(Session& session, JobId id);

// A batch that has just been created.
void add_batch(Session& session, JobRow& row, const NewJob& description);

// Counts a new member, before any change of its first state.
void count_new_member(Session& session, const JobRow& row, std::int64_t batch);

// Counts that a member leaves its present state for another one, and notes a batch that is being
// deleted. To be called before the row changes.
void count_change(Session& session, const JobRow& row, const State& next, Release release);

// Counts that a member which was outstanding is removed.
void count_removal(Session& session, const JobRow& row);

// Concludes, reopens and begins to sweep batches, as the changes demand.
void settle_batches(Session& session);

// Moves members of deleted batches to Deleted; looks at no more than `max`. The number of those
// moved.
std::size_t sweep_batches(Session& session, std::size_t max);
bool has_sweeps(Database& database);

// What remains of the batch of a job that has been removed goes with the last of its jobs.
void forget_batches_of(Database& database, const JobRow& row, std::int64_t batch);

// Nil for jobs that are no members.
JobId batch_of(Database& database, const JobRow& row);

}  // namespace portfire::sqlite
