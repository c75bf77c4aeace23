#pragma once

#include <string>
#include <thread>
#include <vector>

namespace portfire::redis {

// A server on 127.0.0.1 that answers as a test says: one client after another, until destroyed.
class FakeServer {
 public:
  using Words = std::vector<std::string>;
  // Gives the bytes of the answer to a command; none ends the connection.
  using Answer = std::string (*)(const Words& command);

  explicit FakeServer(Answer answer);
  ~FakeServer();
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] std::string url() const {
    return "redis://127.0.0.1:" + std::to_string(port_) + "/0?prefix=portfire";
  }

 private:
  void run();
  void serve(int client);

  const Answer answer_;
  int listening_ = -1;
  int port_ = 0;
  std::thread thread_;
};

}  // namespace portfire::redis
