#pragma once

// Commits of many threads, gathered into shared transactions.

#include <cstddef>
#include <deque>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include <portfire/runtime.hpp>
#include <portfire/storage/unit.hpp>

#include "storage/postgresql/claims.hpp"
#include "storage/postgresql/commit_statements.hpp"
#include "storage/postgresql/pool.hpp"

namespace portfire::postgresql {

// There is no committing thread. Whoever has units and finds nobody committing becomes the leader
// and sends what waits; meanwhile others gather, and when the answer is there the first of them
// leads. So a lone caller waits for nobody, and many share one flush to disk.
//
// Threads: any.
class Committer {
 public:
  Committer(Pool& pool, Claims& claims);

  // One answer per unit, in order. Throws a `StorageError`, or a `UsageError` from the database.
  std::vector<CommitResult> commit(std::span<const Unit> units);

  // Calls that wait for the next transaction. For tests, which arrange meetings.
  [[nodiscard]] std::size_t waiting();

 private:
  struct Call {
    std::span<const Unit> units;
    std::span<CommitResult> results;
    std::exception_ptr error;
    // Guarded by mutex_.
    bool done = false;
    bool leads = false;
    Event* event = nullptr;  // set when done or asked to lead
  };

  void submit(Call& call);
  void lead();
  std::vector<Call*> take_calls();
  void perform_together(const std::vector<Call*>& calls);
  void perform(std::span<Call* const> calls, Sent sent);
  std::unique_ptr<Event> take_event();  // with mutex_ held

  Pool& pool_;
  Claims& claims_;

  std::mutex mutex_;
  // Guarded by mutex_.
  bool led_ = false;
  std::deque<Call*> waiting_;
  std::vector<std::unique_ptr<Event>> spare_events_;
};

}  // namespace portfire::postgresql
