#pragma once

/// How a handler says how it went, when returning a value or throwing does not say it.

#include <string>

#include <portfire/arguments.hpp>
#include <portfire/time.hpp>

namespace portfire {

class Outcome {
 public:
  enum class Kind : unsigned char {
    done,    ///< Succeeded
    retry,   ///< run again later; spends an attempt, and fails when none is left
    snooze,  ///< run again later; spends no attempt
    cancel,  ///< Deleted
  };

  Outcome() = default;
  Outcome(Kind kind, std::string result, Duration delay, std::string reason)
      : kind_{kind}, delay_{delay}, result_{std::move(result)}, reason_{std::move(reason)} {}

  [[nodiscard]] Kind kind() const { return kind_; }
  [[nodiscard]] Duration delay() const { return delay_; }
  [[nodiscard]] const std::string& result() const { return result_; }
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  Kind kind_ = Kind::done;
  Duration delay_ = Duration::zero();
  std::string result_;
  std::string reason_;
};

/// Succeeded, without a result.
inline Outcome done() { return {}; }

/// Succeeded; `value` is stored as the result.
template <class T>
Outcome done(const T& value) {
  return {Outcome::Kind::done, encode_value(value), {}, {}};
}

/// Failed for now: run again after `delay` instead of the retry policy's, spending an attempt.
inline Outcome retry_in(Duration delay, std::string reason = {}) {
  return {Outcome::Kind::retry, {}, delay, std::move(reason)};
}

/// Not yet: run again after `delay`, as though this run had not been.
inline Outcome snooze(Duration delay, std::string reason = {}) {
  return {Outcome::Kind::snooze, {}, delay, std::move(reason)};
}

/// Give the job up: it becomes Deleted.
inline Outcome cancel(std::string reason) {
  return {Outcome::Kind::cancel, {}, {}, std::move(reason)};
}

}  // namespace portfire
