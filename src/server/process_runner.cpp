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

void ProcessRunner::loop() {
  const std::stop_token stop = stop_.get_token();
  const auto pause = runtime_.make_event();
  ServerId server;
  std::unique_ptr<Subscription> subscription;
  while (!stop.stop_requested()) {
    // A server that rejoins listens under its new id.
    if (const ServerId now = identity_.id(); now != server || subscription == nullptr) {
      server = now;
      subscription = storage_.wakeup().subscribe(process_->topics(server));
    }
    const Duration wait = step(server);
    pause->wait_until(runtime_.steady_now() + std::min<Duration>(wait, least_interval), stop);
    if (wait > least_interval) {
      subscription->wait_until(runtime_.steady_now() + (wait - least_interval), stop);
    }
  }
}

Duration ProcessRunner::step(ServerId server) {
  // An hour: nobody waits longer for a step that asked for eternity, and no clock overflows.
  constexpr Duration longest = std::chrono::hours{1};
  try {
    ProcessContext context{.storage = storage_,
                           .runtime = runtime_,
                           .server = server,
                           .stop = stop_.get_token(),
                           .log = log_};
    const Duration wait = process_->run_once(context);
    trouble_.succeeded(runtime_.steady_now());
    return std::clamp<Duration>(wait, Duration{1}, longest);
  } catch (...) {
    return trouble_.failed(current_exception_message(), runtime_.steady_now());
  }
}

}  // namespace portfire::server
