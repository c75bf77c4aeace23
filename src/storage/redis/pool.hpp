#pragma once

// Connections, lent to one caller at a time, replaced when they break.

#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include <portfire/runtime.hpp>

#include "storage/redis/connector.hpp"

namespace portfire::redis {

class Pool;

// A connection that somebody has for now; outlived by the pool.
class Lease {
 public:
  Lease(Pool& pool, std::unique_ptr<Connection> connection);
  ~Lease();
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;

  Connection& operator*() { return *connection_; }
  Connection* operator->() { return connection_.get(); }

 private:
  Pool& pool_;
  std::unique_ptr<Connection> connection_;
};

// Threads: any. Errors: `RedisError`.
class Pool {
 public:
  // `connector` outlives the pool, which has at most `most` connections at a time.
  Pool(Connector& connector, std::size_t most);

  // Waits for a free connection, or makes one.
  Lease borrow(std::string_view operation);

  // Gives up the connections that nobody has at present.
  void close_idle();

  // Callers that wait for a connection. For tests, which arrange meetings.
  [[nodiscard]] std::size_t waiting();

 private:
  friend class Lease;
  void give_back(std::unique_ptr<Connection> connection);
  std::unique_ptr<Connection> take(std::string_view operation);
  bool is_good(Connection& connection);

  Connector& connector_;
  Runtime& runtime_;
  const std::size_t most_;

  std::mutex mutex_;
  // Guarded by mutex_.
  std::size_t lent_ = 0;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::deque<Event*> waiting_;
};

}  // namespace portfire::redis
