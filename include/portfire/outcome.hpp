#pragma once

/// How a handler says how it went, when returning a value or throwing does not say it.

#include <functional>
#include <string>
#include <utility>

#include <portfire/arguments.hpp>
#include <portfire/storage/unit.hpp>
#include <portfire/time.hpp>

namespace portfire {

/// Commits a unit in a transaction of the handler's own, together with what else is in that, or
/// throws, and then nothing of it has happened. Destroyed without a call, it undoes what was to be
/// committed. Drivers offer them: `postgresql::committing`.
using CommitUnit = std::function<void(const Unit&)>;

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
  /// Of `done_by`; empty otherwise.
  [[nodiscard]] const CommitUnit& commit() const { return commit_; }

  /// The same, committed by the handler's own transaction.
  [[nodiscard]] Outcome committed_by(CommitUnit commit) && {
    commit_ = std::move(commit);
    return std::move(*this);
  }

 private:
  Kind kind_ = Kind::done;
  Duration delay_ = Duration::zero();
  std::string result_;
  std::string reason_;
  CommitUnit commit_;
};

/// Succeeded, without a result.
inline Outcome done() { return {}; }

/// Succeeded; `value` is stored as the result.
template <class T>
Outcome done(const T& value) {
  return {Outcome::Kind::done, encode_value(value), {}, {}};
}

/// Succeeded in one transaction with what the handler has written to its database: `commit` is
/// called with everything that belongs to the completion, and commits both or neither. When it
/// throws, the run has failed.
inline Outcome done_by(CommitUnit commit) { return done().committed_by(std::move(commit)); }
template <class T>
Outcome done_by(CommitUnit commit, const T& value) {
  return done(value).committed_by(std::move(commit));
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
