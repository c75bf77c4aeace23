#pragma once

// Finds the server that has the keys of the installation, and connects to it.

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "storage/redis/connection.hpp"
#include "storage/redis/errors.hpp"
#include "storage/redis/settings.hpp"

namespace portfire::redis {

// All keys share a slot, so at any time there is exactly one such server: the one that is named,
// the one that the sentinels call master, or the node of a cluster that serves the slot.
//
// Threads: any. Errors: `RedisError`.
class Connector {
 public:
  // Throws `UsageError` for files of TLS that cannot be used. `settings` outlive it.
  explicit Connector(const Settings& settings);

  // Connects and logs in. `operation` is named in errors; readable `stop` ends all waiting.
  std::unique_ptr<Connection> connect(std::string_view operation, int stop = -1);

  // To a node that a redirection names for once.
  std::unique_ptr<Connection> connect_to(const Endpoint& endpoint, std::string_view operation);

  // That server does not have the keys (any more): it is searched for anew,
  void forget(const Connection& connection);
  // or said where.
  void follow(const Endpoint& endpoint);

  // Whether it belongs to the server that was found last.
  [[nodiscard]] bool is_current(const Connection& connection) const {
    return connection.generation() == generation_;
  }

  [[nodiscard]] const Settings& settings() const { return settings_; }
  [[nodiscard]] const std::string& place() const { return place_; }

 private:
  std::unique_ptr<Connection> opened(const Address& address, const Scene& scene, int stop);
  std::unique_ptr<Connection> logged_in(const Address& address, const Scene& scene, int stop);
  std::unique_ptr<Connection> through_sentinels(const Scene& scene, int stop);
  std::optional<Endpoint> master_by(const Endpoint& sentinel, int stop);
  std::unique_ptr<Connection> in_cluster(const Scene& scene, int stop);
  std::unique_ptr<Connection> from_node(const Address& node, const Scene& scene, int stop);
  std::unique_ptr<Connection> noted(std::unique_ptr<Connection> connection);

  const Settings& settings_;
  const std::string place_;
  Network network_;
  std::atomic<std::size_t> generation_{0};
  std::mutex mutex_;
  // Guarded by mutex_.
  std::optional<Address> known_;    // where the keys were last
  std::size_t first_sentinel_ = 0;  // the one that has answered last
};

}  // namespace portfire::redis
