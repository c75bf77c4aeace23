#include "server/process_runner.hpp"

#include <algorithm>

#include "client/filter_chain.hpp"

namespace portfire::server {

namespace {

// However often news come, a step is not called more often than this.
constexpr std::chrono::milliseconds least_interval{2};

}  // namespace

ProcessRunner::ProcessRunner(std::shared_ptr<BackgroundProcess> process, Storage& storage,
                             Runtime& runtime, const Identity& identity, const LogSink& log)
    : process_{std::move(process)},
      storage_{storage},
      runtime_{runtime},
      identity_{identity},
      log_{log},
      trouble_{log, std::string{process_->name()}} {}

ProcessRunner::~ProcessRunner() {
  request_stop();
  join();
}

void ProcessRunner::start() {
  task_ = runtime_.spawn(std::string{process_->name()}, [this] { loop(); });
}

void ProcessRunner::request_stop() { stop_.request_stop(); }

void ProcessRunner::join() {
  if (task_ != nullptr) task_->join();
  task_.reset();
}

void ProcessRunner::look_again() {
  if (const auto current = subscription()) current->poke();
}

std::shared_ptr<Subscription> ProcessRunner::subscription() {
  const std::lock_guard lock{mutex_};
  return subscription_;
}

void ProcessRunner::loop() {
  const std::stop_token stop = stop_.get_token();
  const auto pause = runtime_.make_event();
  while (!stop.stop_requested()) {
    const Duration wait = step();
    const auto current = subscription();
    const Duration deaf = current == nullptr ? wait : std::min<Duration>(wait, least_interval);
    pause->wait_until(runtime_.steady_now() + deaf, stop);
    if (wait > deaf) current->wait_until(runtime_.steady_now() + (wait - deaf), stop);
  }
  finish();
}

ProcessContext ProcessRunner::context() const {
  return {.storage = storage_,
          .runtime = runtime_,
          .server = server_,
          .stop = stop_.get_token(),
          .log = log_};
}

void ProcessRunner::finish() {
  ProcessContext last = context();
  try {
    process_->stopped(last);
  } catch (...) {
    log_(LogLevel::warning,
         std::string{process_->name()} + " failed as it stopped: " + current_exception_message());
  }
}

// A server that rejoins listens under its new id.
void ProcessRunner::listen() {
  const ServerId now = identity_.id();
  if (now == server_ && subscription() != nullptr) return;
  std::shared_ptr<Subscription> fresh = storage_.wakeup().subscribe(process_->topics(now));
  server_ = now;
  const std::lock_guard lock{mutex_};
  subscription_.swap(fresh);
}

Duration ProcessRunner::step() {
  // An hour: nobody waits longer for a step that asked for eternity, and no clock overflows.
  constexpr Duration longest = std::chrono::hours{1};
  try {
    listen();
    ProcessContext now = context();
    const Duration wait = process_->run_once(now);
    trouble_.succeeded(runtime_.steady_now());
    return std::clamp<Duration>(wait, Duration{1}, longest);
  } catch (...) {
    return trouble_.failed(current_exception_message(), runtime_.steady_now());
  }
}

}  // namespace portfire::server
