#pragma once

// What a server says to a child and hears of it.

#include <atomic>
#include <exception>
#include <optional>
#include <string>

#include <portfire/outcome.hpp>
#include <portfire/runtime.hpp>

#include "server/isolation/bell.hpp"
#include "server/isolation/child_process.hpp"
#include "server/running_job.hpp"

namespace portfire::server::isolation {

// How it went.
struct Told {
  enum class Kind : unsigned char {
    ended,    // the child has run the handler and is free for the next job
    died,     // the child is to be buried
    unbegun,  // so is this one; the handler had not been entered
  };

  Kind kind = Kind::died;
  Outcome outcome = {};
  std::exception_ptr error = nullptr;  // of the handler
  std::string because = {};            // why it was killed
  bool was_stopped = false;            // killed because it did not stop when it was told to
};

struct ConversationOptions {
  std::uint64_t execution;  // its number, which no other of this server has
  Duration kill_after;      // once it was told to stop
};

// What a worker listens for beside its child.
struct Ears {
  const Bell& bell;                  // is rung when one of the others has changed
  const std::atomic<bool>& killing;  // all jobs are to end
  const RunningJob* running;         // may have been told to stop; null when there is none yet
};

// Waits for a new child to be ready. Threads: one.
class Greeting {
 public:
  Greeting(ChildProcess& child, Runtime& runtime, const Ears& ears, Duration timeout)
      : child_{child}, runtime_{runtime}, ears_{ears}, timeout_{timeout} {}

  // What it has said; nothing: it is to be buried, and `because` may say why.
  std::optional<Hello> wait();

  [[nodiscard]] const std::string& because() const { return because_; }

 private:
  std::optional<Received> receive();
  [[nodiscard]] bool is_needed() const;
  void kill(std::string because);

  ChildProcess& child_;
  Runtime& runtime_;
  const Ears ears_;
  const Duration timeout_;
  std::string because_;
};

// One execution: sends the job, does what the child asks for, tells it to stop, kills it, until the
// end of either. Threads: the worker's. `bell` is rung when the job's stop reason, or `killing`,
// has changed.
class Conversation {
 public:
  Conversation(ChildProcess& child, RunningJob& running, Runtime& runtime, const Bell& bell,
               const std::atomic<bool>& killing, ConversationOptions options);

  Told run(std::string_view job);

 private:
  bool send(std::string_view bytes);
  std::optional<Received> receive();
  bool wait_for(short events);
  void heed_bell();
  [[nodiscard]] int timeout_ms() const;
  bool answer(const Received& received);
  bool create(Reader reader);
  bool give_parent_result(Reader reader);
  bool refuse();
  void give_up(Channel::Status status);
  void kill(std::string because);

  ChildProcess& child_;
  RunningJob& running_;
  Runtime& runtime_;
  const Bell& bell_;
  const std::atomic<bool>& killing_;
  const ConversationOptions options_;
  Told told_;
  StopReason stopped_ = StopReason::none;
  SteadyPoint killed_at_ = SteadyPoint::max();
  std::string killed_because_;
  bool was_heard_ = false;       // the child has said something of this execution
  bool was_heard_late_ = false;  // … after it was to be killed
};

}  // namespace portfire::server::isolation
