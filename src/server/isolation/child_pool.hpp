#pragma once

// The children of one server: those at rest, those that are started, those that have left.

#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <portfire/isolation.hpp>
#include <portfire/runtime.hpp>

#include "server/isolation/bell.hpp"
#include "server/isolation/child_process.hpp"

namespace portfire::server::isolation {

// Children are started by a thread of the pool's own, the keeper: they end with the thread that has
// started them, and workers come and go. Threads: any, but `start` and `stop`.
class ChildPool {
 public:
  ChildPool(Runtime& runtime, const ChildOptions& options, std::size_t workers);
  ~ChildPool();

  void start();
  // All must have been given back. They end by themselves, or are killed.
  void stop();

  // A child for a job: one at rest or, after a wait, a new one. Throws Error when none can be
  // started. One call per worker at a time.
  std::unique_ptr<ChildProcess> take(std::size_t worker);
  // After a job. It rests, or leaves when it has run enough of them. Those that have ended are not
  // given back.
  void give_back(std::unique_ptr<ChildProcess> child);

 private:
  // Where a worker waits.
  struct Place {
    std::unique_ptr<Event> event;
    std::unique_ptr<ChildProcess> child;  // guarded by mutex_
    std::string error;                    // guarded by mutex_
  };
  struct Leaving {
    std::unique_ptr<ChildProcess> child;
    SteadyPoint killed_at;
  };

  void keep();
  void start_wanted();
  [[nodiscard]] bool some_wanted() const;
  void hand_over(std::unique_ptr<ChildProcess> child, std::string error);
  void take_leavers(std::vector<Leaving>& leaving);
  void wait_for_end(std::vector<Leaving>& leaving);

  Runtime& runtime_;
  const ChildOptions options_;
  std::vector<Place> places_;
  Bell bell_;  // wakes the keeper
  std::unique_ptr<Task> keeper_;

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<ChildProcess>> resting_;  // guarded by mutex_; the last used is last
  std::vector<std::unique_ptr<ChildProcess>> leavers_;  // guarded by mutex_
  std::deque<Place*> waiting_;                          // guarded by mutex_
  bool could_not_start_ = false;  // guarded by mutex_; spare ones wait for the next success
  bool stopping_ = false;         // guarded by mutex_
};

}  // namespace portfire::server::isolation
