#pragma once

/// Where log lines go. Portfire owns no logging framework: everything is written to one sink, by
/// default spdlog's default logger. The sink must be thread-safe and must not throw.

#include <functional>
#include <memory>
#include <string_view>

namespace portfire {

enum class LogLevel : unsigned char { debug, info, warning, error };

std::string_view to_string(LogLevel level);

/// Receives one line, without a line break at its end.
using LogSink = std::function<void(LogLevel level, std::string_view line)>;

/// Writes to spdlog's default logger, each line prefixed with `portfire: `.
LogSink spdlog_sink();

/// Drops every line.
LogSink silent_sink();

}  // namespace portfire
