#pragma once

// Hands claimed jobs to workers: the in-process queue, and who sleeps.

#include <atomic>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <portfire/runtime.hpp>

#include "server/lease.hpp"
#include "server/queue_order.hpp"
#include "server/running_job.hpp"

namespace portfire::server {

// Local order is that of the claims: by queue, then priority, then first in, first out.
// Threads: any; each worker index is used by one thread.
class Dispatcher {
 public:
  Dispatcher(Runtime& runtime, const Lease& lease, QueueOrder queues, std::size_t workers);

  // Adds claimed jobs and wakes a worker.
  void push(std::vector<Claimed> claimed);

  // The next job for a worker; waits while there is none or the lease forbids to start. Nothing,
  // once closed.
  std::optional<Claimed> next(std::size_t worker);

  // Lets a worker that has nothing to do run `errand` before it looks for a job again. Returns
  // false when there is none, or one is on its way to a job. `errand` outlives the call of the
  // worker.
  bool send_idle_worker(const std::function<void()>& errand);

  // Takes out jobs that have not been started, in order.
  std::vector<Claimed> take_if(const std::function<bool(const Claimed&)>& wanted);

  void for_each(const std::function<void(const Claimed&)>& visit) const;

  // Lets workers look again, after a renewed lease.
  void wake_all();

  // No more jobs; `next` returns nothing from now on.
  void close();

  [[nodiscard]] std::size_t size() const { return size_.load(); }
  [[nodiscard]] std::size_t idle_workers() const { return idle_count_.load(); }
  [[nodiscard]] bool all_idle() const { return idle_count_.load() == workers_.size(); }

  // When the job at hand longest was claimed; nothing when there is none.
  [[nodiscard]] std::optional<SteadyPoint> oldest() const;

  // Sets `event` once when a worker finds nothing to do or fewer than `low_water` jobs are at hand.
  // Armed anew by each call; set at once when that is so already.
  void notify_when_low(Event& event, std::size_t low_water);

  // Sets `event` whenever a worker becomes idle, from now on.
  void notify_when_idle(Event& event);

 private:
  struct Worker {
    std::unique_ptr<Event> event;
    bool idle = false;
    const std::function<void()>* errand = nullptr;
  };

  // What a worker finds, and whom it has to tell.
  struct Look {
    std::optional<Claimed> job;
    const std::function<void()>* errand = nullptr;
    bool closed = false;
    Event* wake = nullptr;
    Event* low = nullptr;
    Event* idle = nullptr;
  };

  Look look_around(Worker& self);
  std::optional<Claimed> take_locked();
  Worker* pick_idle_locked();
  Event* wake_locked();
  Event* low_event_locked();
  void set_idle_locked(Worker& worker, bool idle);

  Runtime& runtime_;
  const Lease& lease_;
  const QueueOrder queues_;

  mutable std::mutex mutex_;
  std::vector<std::deque<Claimed>> waiting_;  // by index of the queue; guarded by mutex_
  std::vector<Worker> workers_;               // all but `event` guarded by mutex_
  std::size_t waking_ = 0;                    // woken workers not yet here; guarded by mutex_
  bool closed_ = false;                       // guarded by mutex_
  Event* low_event_ = nullptr;                // guarded by mutex_
  std::size_t low_water_ = 0;                 // guarded by mutex_
  Event* idle_event_ = nullptr;               // guarded by mutex_
  std::atomic<std::size_t> size_{0};          // written under mutex_
  std::atomic<std::size_t> idle_count_{0};    // written under mutex_
};

}  // namespace portfire::server
