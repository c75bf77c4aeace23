#pragma once

// A stack for signal handlers, for when the thread's own is what has run out.

#include <cstddef>

namespace portfire::crash {

// For the thread that makes it and ends it. Does nothing where a thread has such a stack already,
// or where there is no memory for one.
class AlternateStack {
 public:
  AlternateStack();
  ~AlternateStack();
  AlternateStack(const AlternateStack&) = delete;
  AlternateStack& operator=(const AlternateStack&) = delete;

 private:
  void* memory_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace portfire::crash
