#pragma once

/// The exceptions that leave Portfire.
///
/// Expected outcomes (a guard that did not hold, a key already taken) are return values, never
/// exceptions. What is thrown falls into two families: mistakes of the program or its configuration
/// (`UsageError`), thrown by constructors before anything has happened, and failures of the world
/// outside (`StorageError`), which answer what to do next. Destructors never throw.

#include <stdexcept>
#include <string>

namespace portfire {

/// Base of everything that Portfire throws by itself.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// A mistake of the caller: an option out of range, a malformed URL, an invalid queue name, a
/// second handler under one name. The message names the field, the value and the rule.
class UsageError : public Error {
 public:
  using Error::Error;
};

/// A stored value that does not fit the type asked for. The message names the place and the value.
class DecodeError : public Error {
 public:
  using Error::Error;
};

/// Stored arguments that do not fit their handler. The job becomes Failed with this message,
/// without retries: no repetition would help, a corrected handler or call would.
class ArgumentError : public DecodeError {
 public:
  using DecodeError::DecodeError;
};

/// A storage could not do what was asked: no room, no permission, no connection, a newer schema.
/// The verb had no effect unless `connection_lost()`, in which case it may or may not have had one;
/// every verb may be sent again.
class StorageError : public Error {
 public:
  struct Details {
    std::string operation;         ///< the verb or step, such as `commit` or `migrate`
    int native_code = 0;           ///< the engine's own code, 0 where it gave none
    bool retryable = false;        ///< the same call may succeed later, nothing need be changed
    bool connection_lost = false;  ///< the outcome is unknown; send the verb again
  };

  StorageError(const std::string& message, Details details)
      : Error{message}, details_{std::move(details)} {}

  [[nodiscard]] const std::string& operation() const { return details_.operation; }
  [[nodiscard]] int native_code() const { return details_.native_code; }
  [[nodiscard]] bool retryable() const { return details_.retryable; }
  [[nodiscard]] bool connection_lost() const { return details_.connection_lost; }

 private:
  Details details_;
};

}  // namespace portfire
