#pragma once

// What is kept of an exception: its type, message and what is nested in it.

#include <exception>
#include <string>

namespace portfire::server {

struct ErrorRecord {
  std::string type;     // demangled
  std::string message;  // valid UTF-8
  std::string data;     // JSON: {"type":…,"message":…,"nested":[{"type":…,"message":…},…]}
};

// Reads an exception and those nested in it (std::throw_with_nested), outermost first. All messages
// together take at most `limit` bytes; what is cut ends in an ellipsis.
ErrorRecord record_error(const std::exception_ptr& error, std::size_t limit);

}  // namespace portfire::server
