#pragma once

// A server of no-op jobs in a process of its own: this program once more.

#include <sys/types.h>

#include <optional>
#include <string>

#include "bench/bench.hpp"
#include "bench/channel.hpp"
#include "bench/serve.hpp"

namespace portfire::bench {

class ServerProcess {
 public:
  // Returns when it is ready to start, which it does not do by itself. Throws StorageError.
  ServerProcess(const std::string& storage_url, News news, const Plan& plan);
  // Stops it and waits for its end.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Lets the server start.
  void go() const { channel_->send(0); }

  // What it sends, if it does in time. Throws StorageError when it has ended.
  std::optional<std::int64_t> receive(std::chrono::milliseconds timeout);

 private:
  void stop() noexcept;

  std::optional<Channel> channel_;
  pid_t process_ = -1;
};

}  // namespace portfire::bench
