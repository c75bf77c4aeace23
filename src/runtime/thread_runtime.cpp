#include <pthread.h>
#include <time.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <thread>
#include <utility>

#include <portfire/runtime.hpp>

namespace portfire {

namespace {

SteadyPoint boot_time() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return SteadyPoint{std::chrono::seconds{time.tv_sec} + std::chrono::nanoseconds{time.tv_nsec}};
}

// A plain condition variable, told after the mutex is free: whoever wakes up finds nothing locked.
// With `condition_variable_any` it would run into the notifier's inner mutex and sleep once more,
// which makes three switches of the processor out of one.
class ThreadEvent final : public Event {
 public:
  void set() override {
    {
      const std::lock_guard lock{mutex_};
      if (set_) return;
      set_ = true;
    }
    changed_.notify_one();
  }

  bool wait_until(SteadyPoint deadline, std::stop_token stop) override {
    if (take()) return true;
    // Runs at once when the stop has been requested already, so the mutex must be free.
    const std::stop_callback waker{stop, [this] {
                                     // Not between the waiter's look and its sleep.
                                     {
                                       const std::lock_guard lock{mutex_};
                                     }
                                     changed_.notify_one();
                                   }};
    std::unique_lock lock{mutex_};
    while (!set_ && !stop.stop_requested()) {
      if (deadline == SteadyPoint::max()) {
        changed_.wait(lock);
      } else if (!wait_for_steady(lock, deadline)) {
        break;
      }
    }
    return std::exchange(set_, false);
  }

 private:
  bool take() {
    const std::lock_guard lock{mutex_};
    return std::exchange(set_, false);
  }

  // The condition variable waits on the monotonic clock, which stands still during a suspend; one
  // look at the boot clock after each wake-up keeps the deadline right to within that second.
  // Returns false once the deadline has passed.
  bool wait_for_steady(std::unique_lock<std::mutex>& lock, SteadyPoint deadline) {
    const auto left = deadline - boot_time();
    if (left <= left.zero()) return false;
    changed_.wait_for(lock, std::min<std::chrono::nanoseconds>(left, std::chrono::seconds{1}));
    return true;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  bool set_ = false;  // guarded by mutex_
};

class ThreadTask final : public Task {
 public:
  ThreadTask(std::string name, std::function<void()> body)
      : thread_{[name = std::move(name), body = std::move(body)] {
          constexpr std::size_t shown_characters = 15;
          pthread_setname_np(pthread_self(), name.substr(0, shown_characters).c_str());
          body();
        }} {}

  ~ThreadTask() override { join(); }

  void join() override {
    if (thread_.joinable()) thread_.join();
  }

 private:
  std::thread thread_;
};

class ThreadRuntime final : public Runtime {
 public:
  TimePoint now() override {
    return std::chrono::floor<Duration>(std::chrono::system_clock::now());
  }

  SteadyPoint steady_now() override { return boot_time(); }

  std::unique_ptr<Task> spawn(std::string name, std::function<void()> body) override {
    return std::make_unique<ThreadTask>(std::move(name), std::move(body));
  }

  std::unique_ptr<Event> make_event() override { return std::make_unique<ThreadEvent>(); }

  std::uint64_t random() override {
    thread_local std::mt19937_64 engine = [] {
      std::random_device device;
      std::seed_seq seed{device(), device(), device(), device()};
      return std::mt19937_64{seed};
    }();
    return engine();
  }
};

}  // namespace

std::shared_ptr<Runtime> thread_runtime() { return std::make_shared<ThreadRuntime>(); }

}  // namespace portfire
