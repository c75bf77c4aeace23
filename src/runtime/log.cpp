#include <portfire/log.hpp>

#include <spdlog/spdlog.h>

namespace portfire {

std::string_view to_string(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warning: return "warning";
    case LogLevel::error: break;
  }
  return "error";
}

LogSink spdlog_sink() {
  return [](LogLevel level, std::string_view line) {
    constexpr auto debug = spdlog::level::debug;
    const auto native = static_cast<spdlog::level::level_enum>(debug + static_cast<int>(level));
    spdlog::log(native, "portfire: {}", line);
  };
}

LogSink silent_sink() {
  return [](LogLevel, std::string_view) {};
}

}  // namespace portfire
