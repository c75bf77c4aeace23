#pragma once

// A child process that serves jobs, as its server sees it: two sockets and a process.

#include <sys/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <portfire/context.hpp>
#include <portfire/isolation.hpp>

#include "crash/record.hpp"
#include "runtime/descriptor.hpp"
#include "server/isolation/channel.hpp"

namespace portfire::server::isolation {

// What a child is started with: its word, and where it finds its sockets and the file for the
// record of its crash.
inline constexpr const char* child_word = "--portfire-child";
inline constexpr int jobs_descriptor = 3;
inline constexpr int control_descriptor = 4;
inline constexpr int crash_descriptor = 5;

// Asks an execution to stop: what travels on the control socket, as it is.
struct StopRequest {
  std::uint64_t execution = 0;
  StopReason reason = StopReason::none;
};

// What a child says when it is ready.
struct Hello {
  std::vector<std::string> names;   // of the handlers that it has
  std::uint64_t peak_memory_bytes;  // which the system counts from its parent on
};

// Threads: one at a time.
class ChildProcess {
 public:
  // Starts the program once more; the child ends when the calling thread does. Throws
  // std::system_error.
  ChildProcess();
  // Kills and buries it, if that has not been done.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  [[nodiscard]] pid_t id() const { return id_; }
  // Can be polled: readable when the process has ended.
  [[nodiscard]] int process_descriptor() const { return process_.number(); }
  Channel& jobs() { return jobs_; }

  // Lost when nobody reads it any more.
  void tell(const StopRequest& request) const;
  // It ends by itself.
  void let_go() const;
  // With what it has started, unless that has left its process group.
  void kill();
  // Waits for its end, for a moment, and otherwise kills it. Once.
  ProcessDied::Facts bury();
  // What it has left of its crash, if it has had one.
  [[nodiscard]] std::optional<crash::Record> crash_record() const {
    return crash::read_record(crash_file_.number());
  }

  // What its server notes.
  bool is_ready = false;  // `hello` was received
  std::uint64_t jobs_begun = 0;
  std::uint64_t first_peak_bytes = 0;

 private:
  Channel jobs_;
  Descriptor control_;
  Descriptor process_;
  Descriptor crash_file_;
  pid_t id_ = -1;
  bool was_killed_ = false;
};

// Readable when the process has ended; negative when there is none.
Descriptor open_process(pid_t process);

// Waits until a descriptor is readable, at most so long.
bool wait_readable(int descriptor, Duration timeout);

}  // namespace portfire::server::isolation
