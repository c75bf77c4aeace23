#pragma once

// What takes some work to find out, and is found out anew when it has become old. All who ask
// meanwhile share the answer; an exception too, but for a second at most.

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <optional>

#include <portfire/runtime.hpp>

namespace portfire::dashboard {

// Threads: any.
template <class T>
class Kept {
 public:
  explicit Kept(Duration longest) : longest_{longest} {}

  // Calls `find`, under a lock, when there is nothing yet or the last answer is too old, and throws
  // what it throws.
  template <class Find>
  T get(Runtime& runtime, Find find) {
    constexpr std::chrono::seconds longest_failure{1};
    const std::scoped_lock lock{mutex_};
    const Duration longest = failure_ ? std::min<Duration>(longest_, longest_failure) : longest_;
    if (!found_at_ || runtime.steady_now() >= *found_at_ + longest) {
      failure_ = nullptr;
      try {
        value_ = find();
      } catch (...) {
        failure_ = std::current_exception();
      }
      // From the end: what is slow is asked no more often than what is fast.
      found_at_ = runtime.steady_now();
    }
    if (failure_) std::rethrow_exception(failure_);
    return *value_;
  }

 private:
  const Duration longest_;
  std::mutex mutex_;
  std::optional<SteadyPoint> found_at_;
  std::optional<T> value_;
  std::exception_ptr failure_;
};

}  // namespace portfire::dashboard
