#pragma once

// Decides what goes wrong, and counts it.

#include <array>
#include <cstdint>
#include <string_view>

#include "simulation/chance.hpp"

namespace portfire::simulation {

enum class Fault : std::uint8_t {
  none,
  refused,       // an error that may pass; nothing was done
  lost_request,  // the connection is lost before anything was done
  lost_reply,    // the connection is lost after everything was done
  slow_request,  // the call hangs before its effect …
  slow_reply,    // … or after it
  death_before,  // the process dies before the effect …
  death_after,   // … or after it
  stop_before,   // the process stands still for a while before the effect …
  stop_after,    // … or after it
  outage,        // the storage is away
  kill,          // the process dies somewhere else
  skew,          // its wall clock steps
  lost_news,     // a wake-up does not arrive
  cut_off,       // one process cannot reach the storage, as others can
  crash,         // a job takes its process with it
};
inline constexpr std::size_t fault_kinds = 16;

std::string_view to_string(Fault fault);

// How often each kind happens, of a thousand calls; each run has its own mixture, so that also rare
// companies of faults come together.
class Faults {
 public:
  // `most`: from so many faults on nothing goes wrong any more.
  Faults(std::uint64_t seed, std::uint64_t most);

  // For a call of a storage's verb.
  Fault draw();
  // For news on their way to a subscriber.
  bool lose_news();
  // For what befalls a process as a whole. Returns whether it may.
  bool take(Fault fault);
  // Ends all faults.
  void stop() { over_ = true; }
  [[nodiscard]] bool over() const { return over_ || injected_ >= most_; }

  // How long something hangs or stands still: mostly short, sometimes longer than any lease.
  Duration span();

  [[nodiscard]] std::uint64_t injected() const { return injected_; }
  [[nodiscard]] const std::array<std::uint64_t, fault_kinds>& by_kind() const { return by_kind_; }

 private:
  static constexpr std::size_t verb_kinds = 9;

  Chance chance_;
  const std::uint64_t most_;
  bool over_ = false;
  std::uint64_t injected_ = 0;
  std::uint64_t lost_news_percent_ = 0;
  std::array<std::uint64_t, verb_kinds> per_mille_{};
  std::array<std::uint64_t, fault_kinds> by_kind_{};
};

}  // namespace portfire::simulation
