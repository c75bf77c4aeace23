#pragma once

// Who acts upon news: a task, or, while that rests, an idle worker in its place.

#include <functional>
#include <memory>
#include <mutex>

#include <portfire/runtime.hpp>

#include "server/dispatcher.hpp"

namespace portfire::server {

// Every wake-up of a thread costs tens of microseconds. News that wake a worker, which claims a job
// and runs it, cost one; news that wake the task, which claims a job and wakes a worker, cost two.
//
// At any time one of task and workers acts, or nobody: what they use need not be guarded.
class Deputies {
 public:
  // `act` does for the task what news call for, and returns whether the task may rest on. A worker
  // calls it, which has nothing to do and then looks for a job.
  Deputies(Runtime& runtime, Dispatcher& dispatcher, std::function<bool()> act);

  // News. Any thread; waits for nobody.
  void tell();

  // For the task: waits for news. Nobody acts in its place.
  void wait_until(SteadyPoint deadline, const std::stop_token& stop);

  // For the task: waits for what no worker can see to, the deadline or a stop. Workers act in its
  // place meanwhile, and no longer when this returns.
  void rest_until(SteadyPoint deadline, const std::stop_token& stop);

 private:
  enum class Actor { task, nobody, worker };

  void act_in_place();

  Dispatcher& dispatcher_;
  const std::function<bool()> act_;
  const std::function<void()> errand_;
  const std::unique_ptr<Event> news_;  // for the task

  std::mutex mutex_;
  Actor actor_ = Actor::task;  // guarded by mutex_
  bool task_is_next_ = false;  // waits for the worker to be done; guarded by mutex_
};

}  // namespace portfire::server
