#pragma once

// Writes a crash record from within a signal handler: nothing is allocated, and no lock is taken.

#include <array>
#include <csignal>
#include <cstdint>
#include <string_view>

#include "crash/record.hpp"
#include "crash/running_slot.hpp"
#include "crash/stack.hpp"

namespace portfire::crash {

class RecordWriter {
 public:
  explicit RecordWriter(int descriptor) : descriptor_{descriptor} {}
  ~RecordWriter() { flush(); }
  RecordWriter(const RecordWriter&) = delete;
  RecordWriter& operator=(const RecordWriter&) = delete;

  // In this order; `listed` stands between the executions and the frames.
  void begin(int signal, const siginfo_t& information);
  void running(const RunningExecution& execution, Part part);
  void elsewhere();
  void listed();
  void frames(const Stack& stack);

 private:
  RecordWriter& text(std::string_view text);
  RecordWriter& name(std::string_view text);
  RecordWriter& number(std::uint64_t number, unsigned base = 10, unsigned width = 1);
  RecordWriter& id(std::uint64_t high, std::uint64_t low);
  void flush();

  const int descriptor_;
  std::array<char, 4096> buffer_;
  std::size_t size_ = 0;
};

// What a handler of `signal` knows at its beginning, as far as it tells where the crash was.
// Signals that another process has sent strike any thread: nothing that it was at has crashed.
bool was_sent_from_outside(const siginfo_t& information);

// The stack that the handler with this third argument has interrupted.
void capture_interrupted(Stack& stack, const void* context, const void* bottom);

}  // namespace portfire::crash
