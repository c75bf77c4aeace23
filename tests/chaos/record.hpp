#pragma once

// What the producer has asked for, and what it was told.

#include <mutex>
#include <utility>
#include <vector>

#include <portfire/portfire.hpp>

#include "chaos/work.hpp"

namespace portfire::chaos {

// One call that creates jobs: all of them, or none.
struct Call {
  enum class Fate : char {
    accepted,  // it returned: they exist
    refused,   // it returned: they do not
    unknown,   // it threw
  };
  Fate fate = Fate::unknown;
  std::vector<Number> numbers;
  std::vector<JobId> ids;    // accepted: of the same jobs
  std::vector<JobId> batch;  // accepted: the batch that they are members of, if any
  // Jobs that must not begin before others have ended.
  std::vector<std::pair<Number, Number>> after;
};

// Threads: any.
class Record {
 public:
  void add(Call call) {
    const std::scoped_lock guard{mutex_};
    calls_.push_back(std::move(call));
  }
  [[nodiscard]] std::vector<Call> take() {
    const std::scoped_lock guard{mutex_};
    return std::move(calls_);
  }

 private:
  std::mutex mutex_;
  std::vector<Call> calls_;  // guarded by mutex_
};

}  // namespace portfire::chaos
