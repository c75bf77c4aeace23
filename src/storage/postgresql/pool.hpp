#pragma once

// Connections, lent to one caller at a time, replaced when they break.

#include <atomic>
#include <cstddef>

#include <portfire/runtime.hpp>

#include "storage/common/lender.hpp"
#include "storage/postgresql/connection.hpp"
#include "storage/postgresql/errors.hpp"

namespace portfire::postgresql {

// A connection that somebody has for now; outlived by the pool.
using Lease = Lender<Connection>::Loan;

// What may be done again when nobody knows whether it was done.
enum class Again : bool { no, yes };

// Threads: any.
class Pool {
 public:
  // `settings` outlives the pool, which has at most `most` connections at a time. A connection
  // waits for an answer as long as `Options::answer_timeout` allows.
  Pool(const Settings& settings, std::size_t most);

  // From now on none waits for longer than this, either.
  void limit_silence(Duration silence);

  // Waits for a free connection. Throws when there is none and none can be made. `operation`, a
  // literal, is named in errors.
  Lease borrow(const char* operation);

  // Calls `body(connection)` and answers what it does. It is called again, after a while on a new
  // connection, when it collided with another transaction or, with `Again::yes`, when its
  // connection broke; not when it had no answer, for then it has waited long enough. What it
  // changes beside the database it must change anew each time.
  template <class Body>
  auto with(const char* operation, Body&& body, Again again = Again::yes) {
    for (int attempt = 1;; ++attempt) {
      try {
        Lease lease = borrow(operation);
        return body(*lease);
      } catch (const DatabaseError& error) {
        if (!wait_to_repeat(error, attempt, again)) throw;
      }
    }
  }

  // Whether to try again after this many attempts; waits before it says so.
  bool wait_to_repeat(const DatabaseError& error, int attempts, Again again);

  [[nodiscard]] const Settings& settings() const { return settings_; }

  // Gives up the connections that nobody has at present.
  void close_idle() { connections_.close_idle(); }

  // Callers that wait for a connection. For tests, which arrange meetings.
  [[nodiscard]] std::size_t waiting() { return connections_.waiting(); }

 private:
  const Settings& settings_;
  std::atomic<Duration> silence_;
  Lender<Connection> connections_;
};

}  // namespace portfire::postgresql
