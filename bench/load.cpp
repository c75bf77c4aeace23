#include "bench/load.hpp"

#include <algorithm>
#include <tuple>
#include <vector>

#include <portfire/handlers.hpp>

#include "bench/counting.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

constexpr std::size_t most_waiting = 10 * bulk_size;

}  // namespace

Load::Load(std::shared_ptr<Storage> storage, const Plan& plan)
    : storage_{std::move(storage)},
      plan_{plan},
      runtime_{*storage_->runtime()},
      has_room_{runtime_.make_event()},
      has_failed_{runtime_.make_event()},
      stored_before_{stored_as_succeeded(*storage_)} {
  Handlers handlers;
  handlers.on(no_op, [this](std::int64_t, const std::string&) {
    if (++runs_ % bulk_size == 0) has_room_->set();
  });
  server_ = std::make_unique<Server>(storage_, handlers,
                                     ServerOptions{.workers = plan.workers, .log = plan.log});
  server_->start();
  producer_ = runtime_.spawn("bench-producer", [this] { produce(); });
}

Load::~Load() {
  is_over_ = true;
  producer_->join();
  server_->stop();
}

void Load::produce() noexcept {
  try {
    Client client{storage_, {.log = plan_.log}};
    const std::vector<std::tuple<std::int64_t, std::string>> calls(bulk_size, {0, ballast});
    while (!is_over_) {
      if (created_ - runs_ >= most_waiting) {
        has_room_->wait_until(runtime_.steady_now() + std::chrono::milliseconds{100}, {});
        continue;
      }
      // Before, because some have run when the call returns.
      created_ += calls.size();
      client.enqueue_all(no_op, calls);
    }
  } catch (...) {
    error_ = std::current_exception();
    is_over_ = true;
    has_failed_->set();
  }
}

void Load::go_on_for(SteadyClock::duration span, const std::string& what) {
  const SteadyPoint begin = runtime_.steady_now();
  Patience patience{runtime_};
  const auto seconds_of = [](SteadyClock::duration time) {
    return static_cast<std::size_t>(std::chrono::duration_cast<std::chrono::seconds>(time).count());
  };
  for (SteadyPoint now = begin; now < begin + span; now = runtime_.steady_now()) {
    const SteadyPoint next_look = std::min(begin + span, now + std::chrono::milliseconds{500});
    if (has_failed_->wait_until(next_look, {})) throw_error();
    patience.look(runs_);
    plan_.progress(what, seconds_of(now - begin), seconds_of(span));
  }
}

void Load::stop() {
  is_over_ = true;
  producer_->join();
  throw_error();
  wait_until_stored(*storage_, stored_before_ + created_);
  server_->stop();
}

void Load::throw_error() {
  // Written before the event was set, or the task ended.
  if (error_) std::rethrow_exception(error_);
}

}  // namespace portfire::bench
