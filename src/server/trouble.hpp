#pragma once

// Logs a run of failures without a flood: the first, then one line a minute, then the recovery.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <portfire/log.hpp>
#include <portfire/time.hpp>

namespace portfire::server {

// One per activity; used by one thread.
class Trouble {
 public:
  Trouble(const LogSink& log, std::string activity) : log_{log}, activity_{std::move(activity)} {}

  // Returns how long to wait before the next attempt: n² seconds, at most five minutes.
  Duration failed(std::string_view message, SteadyPoint now);

  void succeeded(SteadyPoint now);

  [[nodiscard]] bool present() const { return failures_ > 0; }

 private:
  const LogSink& log_;
  const std::string activity_;
  std::uint32_t failures_ = 0;
  SteadyPoint since_{};
  SteadyPoint logged_{};
};

}  // namespace portfire::server
