#pragma once

// The parameters of Portfire's own that travel with a job.

#include <charconv>
#include <cstdint>
#include <optional>

#include <portfire/storage/job_store.hpp>

namespace portfire::server {

// A number not below zero; absent too when somebody has stored nonsense under the reserved name.
inline std::optional<std::int64_t> steering_number(const Execution& execution, const char* name) {
  if (execution.parameters.empty()) return std::nullopt;
  const auto found = execution.parameters.find(name);
  if (found == execution.parameters.end()) return std::nullopt;
  const std::string& text = found->second;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  return whole && number >= 0 ? std::optional{number} : std::nullopt;
}

}  // namespace portfire::server
