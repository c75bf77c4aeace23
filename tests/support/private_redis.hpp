#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "support/keeper.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace portfire {

class PrivateRedis;

struct PrivateRedisOptions {
  bool tcp = false;      // listens on 127.0.0.1 too
  bool tls = false;      // the same, by TLS, with a certificate for `localhost` made for it
  bool cluster = false;  // a node without slots; needs `tcp`
  // Follows that server, which listens on TCP.
  const PrivateRedis* replica_of = nullptr;
  // Is a sentinel, which watches that server under the name `master`; both listen on TCP.
  const PrivateRedis* sentinel_of = nullptr;
  // Lines of redis.conf after those that suit tests: `{"appendonly", "yes"}`, `{"user", "…"}`.
  std::vector<std::pair<std::string, std::string>> settings = {};
};

// A Redis server of this test program's own, from the installed package: new and empty, on a socket
// in a directory of its own. It ends with its life, or with the program's, however that ends.
// Nothing is kept over a restart unless `appendonly` says so.
//
// Starting it takes some hundredths of a second. Where a test program needs hundreds of places, it
// takes prefixes (`RedisPlace`).
//
// Errors: std::runtime_error. Threads: one, except for `execute`.
class PrivateRedis {
 public:
  explicit PrivateRedis(PrivateRedisOptions options = {});
  ~PrivateRedis() = default;
  PrivateRedis(const PrivateRedis&) = delete;
  PrivateRedis& operator=(const PrivateRedis&) = delete;

  // The one of this test program, started at the first call. It appends every change to its file
  // before it answers, and listens on TCP too.
  static PrivateRedis& shared();

  // redis+unix:///tmp/portfire-…/socket?prefix=…
  [[nodiscard]] std::string url(const std::string& prefix = "portfire") const;
  // The same over TCP and TLS, where that was asked for.
  [[nodiscard]] std::string tcp_url(const std::string& prefix = "portfire") const;
  [[nodiscard]] std::string tls_url(const std::string& prefix = "portfire") const;

  // Performs a command on a connection of its own, as the default user; its answer as text, the
  // items of arrays one a line. An error reply is thrown.
  std::string execute(const Command& words) const;
  // The same, again and again until the answer contains `words`.
  void wait_until(const Command& command, const std::string& words) const;

  // Ends the server. What it has appended stays.
  void stop();
  // After `stop` or `kill`; returns when it answers.
  void start();
  void restart() {
    stop();
    start();
  }
  // Ends it by SIGKILL.
  void kill();

  // Stops the process, and lets it go on: to others it hangs.
  void freeze() const;
  void thaw() const;

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }
  [[nodiscard]] std::filesystem::path socket() const { return directory() / "socket"; }
  [[nodiscard]] std::filesystem::path log() const { return directory() / "log"; }
  // Of `tls`: the certificate, which is its own authority, and its key.
  [[nodiscard]] std::filesystem::path certificate() const { return directory() / "certificate"; }
  [[nodiscard]] std::filesystem::path key() const { return directory() / "key"; }
  [[nodiscard]] pid_t pid() const { return server_.number(); }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] int tls_port() const { return tls_port_; }

 private:
  void make_certificate() const;
  void configure(const PrivateRedisOptions& options) const;
  void spawn();
  void end(int signal);
  [[nodiscard]] bool answers() const;
  // Nothing when the connection was closed instead.
  [[nodiscard]] std::optional<std::string> answer_to(const Command& words) const;
  [[noreturn]] void fail(const std::string& what) const;

  const TemporaryDirectory directory_;
  const Keeper keeper_;
  const int port_;
  const int tls_port_;
  const bool is_sentinel_;
  OwnedProcess server_;  // none: not running
};

}  // namespace portfire
