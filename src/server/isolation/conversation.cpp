#include "server/isolation/conversation.hpp"

#include <poll.h>

#include <algorithm>
#include <array>
#include <utility>

#include "server/isolation/errors.hpp"

namespace portfire::server::isolation {

namespace {

// Of what is said to a handler that asked for something.
constexpr std::size_t error_limit = 10'000;

// For `poll`: rounded up, at most some days.
int milliseconds_until(SteadyPoint deadline, SteadyPoint now) {
  const auto left = std::max(deadline - now, SteadyPoint::duration::zero());
  constexpr std::int64_t longest = 1'000'000'000;
  return static_cast<int>(
      std::min(longest, std::chrono::ceil<std::chrono::milliseconds>(left).count()));
}

}  // namespace

Conversation::Conversation(ChildProcess& child, RunningJob& running, Runtime& runtime,
                           const Bell& bell, const std::atomic<bool>& killing,
                           ConversationOptions options)
    : child_{child},
      running_{running},
      runtime_{runtime},
      bell_{bell},
      killing_{killing},
      options_{options} {}

std::optional<Hello> Greeting::wait() {
  try {
    const auto received = receive();
    if (!received) return std::nullopt;
    if (received->type != MessageType::hello) throw MalformedMessage{"this is no hello"};
    Hello hello;
    Reader reader{received->payload};
    reader(hello.names, hello.peak_memory_bytes).finish();
    child_.is_ready = true;
    child_.first_peak_bytes = hello.peak_memory_bytes;
    return hello;
  } catch (const MalformedMessage& error) {
    kill(std::string{"it did not begin as a child of Portfire's: "} + error.what());
    return std::nullopt;
  }
}

std::optional<Received> Greeting::receive() {
  const SteadyPoint deadline = runtime_.steady_now() + timeout_;
  for (;;) {
    if (auto received = child_.jobs().next()) return received;
    if (!is_needed()) {
      kill("it was not ready yet when the job had to end");
      return std::nullopt;
    }
    const SteadyPoint now = runtime_.steady_now();
    if (now >= deadline) {
      kill("it was not ready after " + to_string(timeout_) +
           "; does `main` call portfire::serve_isolated first?");
      return std::nullopt;
    }
    std::array<pollfd, 2> all{{{.fd = child_.jobs().descriptor(), .events = POLLIN, .revents = 0},
                               {.fd = ears_.bell.descriptor(), .events = POLLIN, .revents = 0}}};
    poll(all.data(), all.size(), milliseconds_until(deadline, now));
    if ((all[1].revents & POLLIN) != 0) ears_.bell.silence();
    if (all[0].revents == 0) continue;
    const auto status = child_.jobs().read(Channel::Wait::no);
    if (status == Channel::Status::ended || status == Channel::Status::reset) return std::nullopt;
  }
}

bool Greeting::is_needed() const {
  if (ears_.killing) return false;
  return ears_.running == nullptr || ears_.running->stop_reason() == StopReason::none;
}

void Greeting::kill(std::string because) {
  because_ = std::move(because);
  child_.kill();
}

Told Conversation::run(std::string_view job) {
  // Dead before it has heard of the job, although its socket may be open still.
  if (wait_readable(child_.process_descriptor(), Duration::zero())) {
    told_.kind = Told::Kind::unbegun;
    return told_;
  }
  ++child_.jobs_begun;
  heed_bell();
  try {
    if (!send(job)) return told_;
    while (const auto received = receive()) {
      was_heard_ = true;
      if (answer(*received)) return told_;
    }
  } catch (const Error& error) {
    // What it may rightly ask for is answered; this is a child whose memory is broken.
    kill(std::string{"it sent something that is no message of Portfire's: "} + error.what());
  }
  return told_;
}

bool Conversation::send(std::string_view bytes) {
  for (;;) {
    const auto status = child_.jobs().send(bytes, Channel::Wait::no);
    if (bytes.empty()) return true;
    if (status == Channel::Status::done) continue;
    if (status != Channel::Status::later) {
      give_up(status);
      return false;
    }
    if (!wait_for(POLLOUT)) return false;
  }
}

std::optional<Received> Conversation::receive() {
  for (;;) {
    if (auto received = child_.jobs().next()) return received;
    if (!wait_for(POLLIN)) return std::nullopt;
    const auto status = child_.jobs().read(Channel::Wait::no);
    if (status == Channel::Status::done || status == Channel::Status::later) continue;
    give_up(status);
    return std::nullopt;
  }
}

// False: the child has ended, or been killed.
bool Conversation::wait_for(short events) {
  for (;;) {
    // Its end alone does not close the socket: what it has forked may hold that, too.
    std::array<pollfd, 3> all{
        {{.fd = child_.jobs().descriptor(), .events = events, .revents = 0},
         {.fd = bell_.descriptor(), .events = POLLIN, .revents = 0},
         {.fd = child_.process_descriptor(), .events = POLLIN, .revents = 0}}};
    poll(all.data(), all.size(), timeout_ms());
    if ((all[1].revents & POLLIN) != 0) {
      bell_.silence();
      heed_bell();
    }
    const bool is_over = killed_at_ != SteadyPoint::max() && runtime_.steady_now() >= killed_at_;
    // What has arrived by the deadline is heard, but a job that never falls silent is not.
    if (all[0].revents != 0 && !(is_over && std::exchange(was_heard_late_, true))) return true;
    if (all[2].revents != 0 && all[0].revents == 0) {
      give_up(Channel::Status::ended);
      return false;
    }
    if (!is_over) continue;
    told_.was_stopped = stopped_ != StopReason::none;
    kill(killed_because_);
    return false;
  }
}

int Conversation::timeout_ms() const {
  if (killed_at_ == SteadyPoint::max()) return -1;
  return milliseconds_until(killed_at_, runtime_.steady_now());
}

void Conversation::heed_bell() {
  const StopReason reason = running_.stop_reason();
  if (reason != StopReason::none && stopped_ == StopReason::none) {
    stopped_ = reason;
    child_.tell({.execution = options_.execution, .reason = reason});
    // A server that stops gives its jobs the time that it has, and kills them all together.
    if (reason != StopReason::shutdown) {
      killed_at_ = std::min(killed_at_, runtime_.steady_now() + options_.kill_after);
      killed_because_ = "it still ran " + to_string(options_.kill_after) +
                        " after it was told to stop (" + std::string{to_string(reason)} + ")";
    }
  }
  if (killing_) {
    killed_at_ = runtime_.steady_now();
    killed_because_ = "it still ran when the server had to end";
  }
}

// Whether that was the end.
bool Conversation::answer(const Received& received) {
  Reader reader{received.payload};
  switch (received.type) {
    case MessageType::progress: running_.set_progress(reader.take<double>()); break;
    case MessageType::line: {
      const auto level = reader.take<ReportLevel>();
      running_.add_line({.level = level, .text = reader.take<std::string>()});
      break;
    }
    case MessageType::parameter: {
      const auto name = reader.take<std::string>();
      running_.set_parameter(name, reader.take<std::string>());
      break;
    }
    case MessageType::create: return !create(reader);
    case MessageType::parent_result: return !give_parent_result(reader);
    case MessageType::end: {
      const auto kind = reader.take<Outcome::Kind>();
      const auto delay = reader.take<Duration>();
      auto result = reader.take<std::string>();
      told_.outcome = {kind, std::move(result), delay, reader.take<std::string>()};
      reader.finish();
      told_.kind = Told::Kind::ended;
      return true;
    }
    case MessageType::failed:
      told_.error = read_error(reader);
      told_.kind = Told::Kind::ended;
      return true;
    default: throw MalformedMessage{"a child does not say that"};
  }
  return false;
}

// These return whether the child goes on.
bool Conversation::create(Reader reader) {
  std::vector<JobRequest> requests;
  Bulk bulk{};
  reader(requests, bulk).finish();
  try {
    Message created{MessageType::created};
    created.writer()(running_.client().submit_all(std::move(requests), bulk));
    return send(created.finished());
  } catch (...) {
    return refuse();
  }
}

bool Conversation::give_parent_result(Reader reader) {
  const auto index = reader.take<std::uint64_t>();
  try {
    Message result{MessageType::result};
    result.writer()(running_.parent_result(index));
    return send(result.finished());
  } catch (...) {
    return refuse();
  }
}

// Only for a handler of exceptions.
bool Conversation::refuse() {
  Message refused{MessageType::refused};
  write_error(refused.writer(), std::current_exception(), error_limit);
  return send(refused.finished());
}

void Conversation::give_up(Channel::Status status) {
  const bool unread = status == Channel::Status::reset && !was_heard_;
  told_.kind = unread ? Told::Kind::unbegun : Told::Kind::died;
  // It may have closed the socket and live on.
  constexpr Duration moment = std::chrono::seconds{1};
  if (!wait_readable(child_.process_descriptor(), moment)) {
    kill("it had closed its connection");
  }
}

void Conversation::kill(std::string because) {
  told_.kind = Told::Kind::died;
  told_.because = std::move(because);
  child_.kill();
}

}  // namespace portfire::server::isolation
