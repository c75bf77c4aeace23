#pragma once

// Claims jobs ahead of the workers, as many as they can use soon and no more.

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <portfire/log.hpp>
#include <portfire/storage/storage.hpp>

#include "server/deputies.hpp"
#include "server/dispatcher.hpp"
#include "server/finisher.hpp"
#include "server/handler_table.hpp"
#include "server/identity.hpp"
#include "server/trouble.hpp"

namespace portfire::server {

// A running mean of how long jobs take: each new value counts one sixteenth. Threads: any; an
// update lost between two threads does no harm.
class MeanTime {
 public:
  void add(Duration value) {
    const auto old = mean_.load(std::memory_order_relaxed);
    const auto now = value.count() * 1000;
    mean_.store(old < 0 ? now : old + (now - old) / 16, std::memory_order_relaxed);
  }
  // Nothing before the first value.
  [[nodiscard]] std::optional<std::chrono::nanoseconds> get() const {
    const auto mean = mean_.load(std::memory_order_relaxed);
    return mean < 0 ? std::nullopt : std::optional{std::chrono::nanoseconds{mean}};
  }

 private:
  std::atomic<std::int64_t> mean_{-1};  // nanoseconds
};

// How many jobs to hold beyond the free workers: what the workers get through in two round trips.
// Long jobs: none. No-op jobs: as many as allowed. Unknown: one per worker.
std::size_t prefetch_for(std::size_t workers, std::size_t most, std::chrono::nanoseconds round_trip,
                         std::optional<std::chrono::nanoseconds> mean_job_time);

struct FetcherOptions {
  QueueOrder queues;
  std::size_t workers;
  std::size_t most_prefetched;
  Duration poll_interval;
};

class Fetcher {
 public:
  Fetcher(Storage& storage, Runtime& runtime, const Identity& identity, const Lease& lease,
          const HandlerTable& handlers, Dispatcher& dispatcher, Finisher& finisher,
          const MeanTime& job_time, FetcherOptions options, const LogSink& log);
  ~Fetcher();

  void start();

  // Ends the claiming; what is at hand stays with the dispatcher.
  void stop();

  // Ends a wait for news, or one after an error. Any thread, once started.
  void look_again() { subscription_->poke(); }

 private:
  // What is to be done after a step.
  enum class Then { claim_on, rest, wait_for_room, wait_after_error };

  void loop(std::stop_token stop);
  Then step();
  bool step_in_place();
  void rest(const std::stop_token& stop);
  void wait_for_news(SteadyPoint deadline, const std::stop_token& stop);
  [[nodiscard]] std::size_t wanted() const;
  [[nodiscard]] std::size_t prefetch() const;
  void wait_for_room(const std::stop_token& stop);
  void note_error(std::string_view message);
  std::optional<std::size_t> claim(std::size_t max);
  std::size_t take_over(std::vector<Execution> executions, SteadyPoint answered_at);
  void collect_stale();
  bool give_back();
  void owe(const std::vector<Claimed>& claimed, ReleaseReason reason);
  [[nodiscard]] Duration stale_after() const;
  [[nodiscard]] SteadyPoint next_look() const;

  Storage& storage_;
  Runtime& runtime_;
  const Identity& identity_;
  const Lease& lease_;
  const HandlerTable& handlers_;
  Dispatcher& dispatcher_;
  Finisher& finisher_;
  const MeanTime& job_time_;
  const FetcherOptions options_;
  const LogSink& log_;

  const std::unique_ptr<Event> event_;
  std::unique_ptr<Task> task_;
  std::stop_source stop_;

  // Used by whoever acts: the task, or a worker in its place.
  Trouble trouble_;
  SteadyPoint retry_at_{};  // after an error
  ServerId server_;
  std::uint64_t token_ = 0;
  std::optional<std::size_t> unanswered_;  // the size of a claim whose answer never came
  std::vector<Released> owed_;             // to be given back
  std::vector<Released> held_up_;          // the same, but somebody's transaction holds them …
  SteadyPoint held_up_until_{};            // … so that they are tried again then
  bool holding_back_ = false;              // claimed too far ahead: until a worker is free again
  std::chrono::nanoseconds round_trip_{std::chrono::milliseconds{1}};

  Deputies deputies_;
  bool news_are_forwarded_ = false;
  // Lives as long as the fetcher: the finisher pokes it. Gone before those whom it tells.
  std::unique_ptr<Subscription> subscription_;
};

}  // namespace portfire::server
