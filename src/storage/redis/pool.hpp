#pragma once

// Connections, lent to one caller at a time, replaced when they break.

#include <cstddef>
#include <string_view>

#include <portfire/runtime.hpp>

#include "storage/common/lender.hpp"
#include "storage/redis/connector.hpp"

namespace portfire::redis {

// A connection that somebody has for now; outlived by the pool.
using Lease = Lender<Connection>::Loan;

// Threads: any. Errors: `RedisError`.
class Pool {
 public:
  // `connector` outlives the pool, which has at most `most` connections at a time.
  Pool(Connector& connector, std::size_t most);

  // Waits for a free connection, or makes one.
  Lease borrow(std::string_view operation);

  // Gives up the connections that nobody has at present.
  void close_idle() { connections_.close_idle(); }

 private:
  bool is_good(Connection& connection);
  bool may_stay(Connection& connection);

  Connector& connector_;
  Runtime& runtime_;
  Lender<Connection> connections_;
};

}  // namespace portfire::redis
