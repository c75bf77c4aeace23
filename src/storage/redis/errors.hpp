#pragma once

// What the error replies of Redis, and the ends of connections, mean to a caller: one table.

#include <optional>
#include <string>
#include <string_view>

#include <portfire/error.hpp>

#include "storage/redis/stream.hpp"

namespace portfire::redis {

// What to do about a failure. Except after `reconnect` nothing has been done.
enum class Remedy {
  none,        // somebody must change something
  wait,        // the same call may succeed later; the caller decides when
  repeat,      // soon
  load,        // with the text of the script
  follow,      // at the server that the reply names
  rediscover,  // at the server that is the master now
  reconnect,   // on a new connection; what was sent may have been done
};

// A failure with what the gateway needs to know about it.
class RedisError : public StorageError {
 public:
  RedisError(const std::string& message, Details details, std::string code, Remedy remedy)
      : StorageError{message, std::move(details)}, code_{std::move(code)}, remedy_{remedy} {}

  // The first word of the server's reply: `OOM`; empty where it gave none.
  [[nodiscard]] const std::string& code() const { return code_; }
  [[nodiscard]] Remedy remedy() const { return remedy_; }

 private:
  std::string code_;
  Remedy remedy_;
};

// Where and in whose name something failed, for messages.
struct Scene {
  std::string_view place;      // of the settings
  std::string_view operation;  // a script's or a command's name
};

// By the text of an error reply. An error that a script has met inside counts as its own.
Remedy remedy_of(std::string_view message);

// Throws what an error reply means.
[[noreturn]] void throw_error_reply(const Scene& scene, std::string_view message);

// The same for what has become of a connection; `sent` says whether the server may have got the
// call.
enum class Sent : bool { no, perhaps };
[[noreturn]] void throw_stream_error(const Scene& scene, const Address& address,
                                     const StreamError& error, Sent sent);

// The same where nobody has an answer yet: there is no master at present.
[[noreturn]] void throw_no_master(const Scene& scene, const std::string& problem);

// A change that is made, of which fewer replicas know than the settings ask for. Sent again, it is
// waited for again.
[[noreturn]] void throw_not_replicated(const Scene& scene, long long confirmed, int wanted,
                                       Duration waited);

// What is wrong with a server in Portfire's own eyes.
[[noreturn]] void throw_unusable(const Scene& scene, const std::string& problem_and_cure);

// Where a reply sends us: `MOVED 3999 127.0.0.1:6381`.
struct Redirection {
  bool asking = false;  // for this call only
  Endpoint endpoint = {};
};
// `from` answered; it stands for itself where the reply names no host.
std::optional<Redirection> redirection_in(std::string_view message, const Address& from);

}  // namespace portfire::redis
