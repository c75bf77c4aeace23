#pragma once

/// Automatic retries: an ordinary election filter that turns a Failed candidate into Scheduled.
///
/// Every server has one with the default options unless told otherwise.

#include <exception>
#include <functional>
#include <memory>
#include <vector>

#include <portfire/filter.hpp>
#include <portfire/runtime.hpp>
#include <portfire/time.hpp>

namespace portfire {

/// Recognises exceptions of a type or derived from it.
using ExceptionTest = std::function<bool(const std::exception_ptr&)>;

/// A test for `E` and everything derived from it.
template <class E>
ExceptionTest exception_is() {
  return [](const std::exception_ptr& error) {
    try {
      std::rethrow_exception(error);
    } catch (const E&) {
      return true;
    } catch (...) {
      return false;
    }
  };
}

struct RetryOptions {
  /// Retries after the first run, 0 to 1,000,000. A job's own `attempts` takes precedence.
  int attempts = 10;

  /// Waits before retry 1, 2, …; the last one repeats. Empty: the formula below.
  std::vector<Duration> delays = {};

  /// The wait before retry n (from 1), given 64 random bits. Empty: `default_retry_delay`.
  std::function<Duration(std::uint32_t retry, std::uint64_t random)> delay = {};

  /// Only exceptions that one of these recognises are retried; empty means all …
  std::vector<ExceptionTest> only_on = {};
  /// … except those that one of these recognises.
  std::vector<ExceptionTest> except_on = {};

  enum class OnExceeded : unsigned char {
    fail,        ///< the job stays Failed until somebody acts
    delete_job,  ///< the job becomes Deleted, which lets continuations on *deleted* go
  };
  OnExceeded on_exceeded = OnExceeded::fail;
};

/// `round((n−1)⁴ + 15 + r·n)` seconds with r from 0 to 29: about 15–44 s before the first
/// retry, 1.8 h before the tenth. The formula is the one that Sidekiq and Hangfire made familiar.
Duration default_retry_delay(std::uint32_t retry, std::uint64_t random);

/// The filter. Throws `UsageError` for options out of range. Order 20.
///
/// Retry n of at most N: the job becomes Scheduled with the reason `Retry n of N: <message>`, or
/// Enqueued when the delay is zero. The exception stays in the history as a replaced Failed. An
/// exception that is not to be retried (`ArgumentError` never is), and one with no attempts left,
/// leaves the job Failed, or Deleted where `on_exceeded` says so for the latter.
std::shared_ptr<Filter> retry_filter(RetryOptions options = {},
                                     std::shared_ptr<Runtime> runtime = {});

}  // namespace portfire
