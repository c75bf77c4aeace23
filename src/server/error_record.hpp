#pragma once

// What is kept of an exception: its type, message, where it was thrown, and what is nested in it.

#include <exception>
#include <string>
#include <utility>
#include <vector>

#include <portfire/stack_tracer.hpp>

namespace portfire::server {

struct ErrorRecord {
  std::string type;     // demangled
  std::string message;  // valid UTF-8
  std::string data;     // JSON: {"type":…,"message":…,"stack":[…],"nested":[{"type":…,…},…]}
};

// An exception that brings its record with it, because it was thrown elsewhere. Derives from
// `std::exception`, too.
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

// The frames within bounds: 64 of them, and as many as fit into what is left of `bytes`, which
// shrinks. What was cut is replaced by an ellipsis.
std::vector<std::string> bounded_stack(const std::vector<std::string>& stack, std::size_t& bytes);

// All the stacks of one failure together.
inline constexpr std::size_t most_stack_bytes = 16'384;

// Reads an exception and those nested in it (std::throw_with_nested), outermost first. All messages
// together take at most `limit` bytes; what is cut ends in an ellipsis. Without a tracer there are
// no stacks. Of those that bring their record, that is what is read.
ErrorRecord record_error(const std::exception_ptr& error, std::size_t limit,
                         StackTracer* tracer = nullptr);

}  // namespace portfire::server
