#pragma once

// What is kept of an exception: its type, message and what is nested in it.

#include <exception>
#include <string>
#include <utility>

namespace portfire::server {

struct ErrorRecord {
  std::string type;     // demangled
  std::string message;  // valid UTF-8
  std::string data;     // JSON: {"type":…,"message":…,"nested":[{"type":…,"message":…},…]}
};

// An exception that brings its record with it, because it was thrown elsewhere.
class Recorded {
 public:
  explicit Recorded(ErrorRecord record) : record_{std::move(record)} {}
  virtual ~Recorded() = default;

  [[nodiscard]] const ErrorRecord& record() const { return record_; }

 private:
  ErrorRecord record_;
};

template <class Thrown>
class RecordedError final : public Thrown, public Recorded {
 public:
  template <class... Arguments>
  explicit RecordedError(ErrorRecord record, Arguments&&... arguments)
      : Thrown{std::forward<Arguments>(arguments)...}, Recorded{std::move(record)} {}
};

// Reads an exception and those nested in it (std::throw_with_nested), outermost first. All messages
// together take at most `limit` bytes; what is cut ends in an ellipsis.
// Of one that brings its record, that.
ErrorRecord record_error(const std::exception_ptr& error, std::size_t limit);

}  // namespace portfire::server
