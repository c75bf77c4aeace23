#pragma once

// A free store that fails once: the program that links this has an `operator new` of its own.

#include <cstddef>

namespace portfire {

// For the life of the object, the allocation of this thread with that number, from 0, fails; those
// before and after it do not, nor those of other threads. One at a time.
class FailingAllocation {
 public:
  explicit FailingAllocation(std::size_t number);
  ~FailingAllocation();
  FailingAllocation(const FailingAllocation&) = delete;
  FailingAllocation& operator=(const FailingAllocation&) = delete;

  // Whether there were so many that it did.
  [[nodiscard]] static bool has_failed();
};

}  // namespace portfire
