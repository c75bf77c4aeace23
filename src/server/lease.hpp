#pragma once

// How long this server may believe that its jobs are its own.

#include <atomic>

#include <portfire/time.hpp>

namespace portfire::server {

// Counts from before the last successful heartbeat was sent, so that this server gives up no later
// than anybody who watches its number can begin to doubt it. Threads: any.
class Lease {
 public:
  explicit Lease(Duration length) : length_{length} {}

  void renewed(SteadyPoint sent) { sent_.store(sent.time_since_epoch().count()); }

  // New jobs may start during the first two thirds.
  [[nodiscard]] bool may_start(SteadyPoint now) const { return now < sent() + length_ * 2 / 3; }

  // The moment at which running jobs are told to stop: a little before the end.
  [[nodiscard]] SteadyPoint trips_at() const { return sent() + length_ - length_ / 30; }

  [[nodiscard]] Duration length() const { return length_; }

 private:
  [[nodiscard]] SteadyPoint sent() const {
    return SteadyPoint{SteadyClock::duration{sent_.load()}};
  }

  const Duration length_;
  std::atomic<SteadyClock::rep> sent_{0};
};

}  // namespace portfire::server
