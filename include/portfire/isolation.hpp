#pragma once

/// Jobs in processes of their own: what kills such a job costs that execution alone.
///
/// With `Isolation::process` a server runs a job's handler in a child process, which it starts from
/// its own program, keeps warm and uses for many jobs, one at a time. A segmentation fault,
/// `abort`, `exit`, a stack overflow, memory without end or an endless loop ends the child; the job
/// has failed, with a note of what happened, and the server goes on. The handlers are the same, and
/// so is their `Context`: what it is told goes to the server, which stores it as ever.
///
/// The program must be able to serve as its own child. That takes the first line of `main`, before
/// anything that a second process should not do:
///
///     int main(int argc, char** argv) {
///       const portfire::Handlers handlers = my_handlers();
///       if (const auto end = portfire::serve_isolated(argc, argv, handlers)) return *end;
///
/// Linux only. What a child cannot do: see `docs/guides/isolation.md`.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <portfire/error.hpp>
#include <portfire/time.hpp>

namespace portfire {

class Handlers;
class StackTracer;

/// Where the handler of a job runs.
enum class Isolation : unsigned char {
  unset,    ///< as the server says
  thread,   ///< on a worker of the server, in its process
  process,  ///< in a child process
};

/// What a job in a child process may use. Zero: as the server says, and there: without a limit. A
/// fence against mistakes, not against malice: the handler could lift them.
struct ProcessLimits {
  /// Data that the job may add to what its process had when it began: heap, stacks of threads.
  /// Beyond it `new` throws `std::bad_alloc`.
  std::uint64_t memory_bytes = 0;

  /// Time on processors, of all its threads, in whole seconds, rounded up. Beyond it the process
  /// ends by SIGXCPU.
  Duration processor_time = Duration::zero();

  /// The lowest descriptor number that it cannot open; 16 to 1,000,000.
  int open_files = 0;
};

/// How a server keeps its children.
struct ChildOptions {
  /// Jobs that a child runs before another takes its place, 1 to 1,000,000,000. With 1 every job
  /// has a process that nobody has used before, which costs milliseconds.
  int jobs_per_child = 100'000;

  /// Children that are kept ready beyond those that run jobs, 0 to 100: as many may die at once
  /// without anybody waiting for the next.
  int spare = 1;

  /// A job whose stop token has fired (its time is up, it was deleted, the lease is lost) is killed
  /// this long after, if it still runs; up to 24 h. When the server stops, at its
  /// `shutdown_timeout`.
  Duration kill_after = std::chrono::seconds{5};

  /// A child must be ready to serve so long after its start; 100 ms to 1 h.
  Duration start_timeout = std::chrono::seconds{30};

  /// Of jobs that say nothing themselves.
  ProcessLimits limits = {};
};

/// Makes this program able to be its own child: nothing else is needed, and a server refuses
/// isolated jobs without it.
///
/// In a child: runs jobs until its server lets it go; the value is for `main` to return. In any
/// other process it returns nothing, at once. `handlers` must have all that the program's servers
/// isolate; with a `stack_tracer`, as that of a server, failures have their stacks. Throws
/// `UsageError` when the program was started as a child by somebody else.
[[nodiscard]] std::optional<int> serve_isolated(int argument_count, char** arguments,
                                                const Handlers& handlers,
                                                std::shared_ptr<StackTracer> stack_tracer = {});

/// The child process of a job has ended before the job: what filters see as its exception.
class ProcessDied : public Error {
 public:
  struct Facts {
    int process = 0;                                ///< its id
    std::optional<int> signal = std::nullopt;       ///< that ended it …
    std::optional<int> exit_status = std::nullopt;  ///< … or the status with which it has ended
    bool core_dumped = false;
    bool killed = false;                      ///< by the server, for `message`'s reason
    Duration user_time = Duration::zero();    ///< of the process, earlier jobs included
    Duration system_time = Duration::zero();  ///< as above
    std::optional<std::uint64_t> peak_memory_bytes = std::nullopt;  ///< absent: not known
    std::uint64_t earlier_jobs = 0;                                 ///< that the process had run
    std::uint32_t crashes = 0;  ///< of this job, one after the other
    bool is_poison = false;  ///< `crashes` has reached the server's `crash_limit`: no more retries
  };

  ProcessDied(const std::string& message, Facts facts) : Error{message}, facts_{facts} {}

  [[nodiscard]] const Facts& facts() const { return facts_; }

 private:
  Facts facts_;
};

/// An exception that has left a handler in a child process, as filters see it. `what()` is the
/// message that it had. `UsageError`, `DecodeError`, `ArgumentError` and `StorageError` arrive as
/// what they are. The history shows all of them as though they had been thrown in the server.
class IsolatedError : public Error {
 public:
  IsolatedError(const std::string& message, std::string type)
      : Error{message}, type_{std::move(type)} {}

  /// Its type, as `std::bad_alloc`.
  [[nodiscard]] const std::string& type() const { return type_; }

 private:
  std::string type_;
};

}  // namespace portfire
