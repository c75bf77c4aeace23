#include "server/trouble.hpp"

#include <algorithm>

namespace portfire::server {

Duration Trouble::failed(std::string_view message, SteadyPoint now) {
  constexpr std::chrono::minutes repeat_interval{1};
  constexpr std::uint32_t longest_seconds = 300;
  if (failures_ == 0) since_ = now;
  ++failures_;
  if (failures_ == 1 || now - logged_ >= repeat_interval) {
    logged_ = now;
    std::string line = activity_;
    line += failures_ == 1 ? " failed and will be tried again: " : " still fails: ";
    line += message;
    if (failures_ > 1) line += " (" + std::to_string(failures_) + " times in a row)";
    log_(LogLevel::error, line);
  }
  const std::uint32_t n = std::min<std::uint32_t>(failures_, 18);
  return std::chrono::seconds{std::min(n * n, longest_seconds)};
}

void Trouble::succeeded(SteadyPoint now) {
  if (failures_ == 0) return;
  const auto lasted = std::chrono::floor<std::chrono::seconds>(now - since_);
  log_(LogLevel::info, activity_ + " works again after " + to_string(Duration{lasted}) + " and " +
                           std::to_string(failures_) + " failures");
  failures_ = 0;
}

}  // namespace portfire::server
