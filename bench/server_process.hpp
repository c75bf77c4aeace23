#pragma once

// This program once more: a server of no-op jobs, or what stands for one in a floor.

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

#include "bench/bench.hpp"
#include "bench/channel.hpp"
#include "bench/serve.hpp"

namespace portfire::bench {

class ServerProcess {
 public:
  // Runs `serve`. Returns when it is ready to start, which it does not do by itself. Throws
  // StorageError.
  ServerProcess(const std::string& storage_url, News news, const Plan& plan);
  // Runs `receive_posts` on the place of that name.
  ServerProcess(const std::string& native_url, const std::string& name, const Plan& plan);
  // Stops it and waits for its end.
  ~ServerProcess();
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;

  // Lets the server start.
  void go() const { channel_->send(0); }

  // What it sends, if it does in time. Throws StorageError when it has ended.
  std::optional<std::int64_t> receive(std::chrono::milliseconds timeout);

 private:
  void start(const std::string& url, const std::vector<std::string>& words, const Plan& plan);
  void stop() noexcept;

  std::optional<Channel> channel_;
  pid_t process_ = -1;
};

}  // namespace portfire::bench
