#pragma once

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "support/keeper.hpp"
#include "support/process.hpp"
#include "support/temporary_directory.hpp"

namespace portfire {

class PrivatePostgres;

struct PrivatePostgresOptions {
  bool tcp = false;  // listens on 127.0.0.1 too
  // Of postgresql.conf, over those that suit tests; values as they stand there.
  std::map<std::string, std::string> settings = {};
  // Begins as a copy of that server, with its settings, and follows it until it is promoted. That
  // one needs `wal_level = replica` and `max_wal_senders`.
  const PrivatePostgres* standby_of = nullptr;
  // The library made from full_disk.cpp, for `fill_disk`.
  std::filesystem::path full_disk = {};
};

// A PostgreSQL server of this test program's own, from the installed packages: new and empty, on a
// socket in a directory of its own, for superuser `postgres` without a password. It ends with its
// life, or with the program's, however that ends. Nothing is written through to the disk.
//
// Starting it takes a second: one per test program. Where a test program needs hundreds of places,
// it takes schemas rather than databases (7 MB each).
//
// The programs are looked for in $PORTFIRE_POSTGRESQL_BIN, else where Debian puts them, else where
// `pg_config` says. As root they run as user `postgres`. Errors: std::runtime_error. Threads: one.
class PrivatePostgres {
 public:
  explicit PrivatePostgres(PrivatePostgresOptions options = {});
  ~PrivatePostgres();
  PrivatePostgres(const PrivatePostgres&) = delete;
  PrivatePostgres& operator=(const PrivatePostgres&) = delete;

  // The one of this test program, started at the first call.
  static PrivatePostgres& shared();

  // Creates an empty database; returns its URL.
  std::string new_database();

  // postgresql://postgres@%2Ftmp%2F…:5432/database
  [[nodiscard]] std::string url(const std::string& database) const;
  // The same over TCP, where that was asked for.
  [[nodiscard]] std::string tcp_url(const std::string& database) const;

  // Performs statements in a database; returns the first field of the last one's answer, if any.
  std::string execute(const std::string& url, const std::string& statements);

  // Ends all sessions and the server; the databases stay.
  void stop();
  // After `stop`, `crash` or `kill`; returns when it answers.
  void start();
  void restart() {
    stop();
    start();
  }
  // Ends the server so that it must recover when it is started again.
  void crash();
  // The same by SIGKILL, which its processes notice one by one.
  void kill();
  // Makes a standby a server that writes; returns when it does.
  void promote();
  // From now on its data can grow no further, and then they can again.
  void fill_disk();
  void empty_disk();
  // Lets it read its configuration files again.
  void reload();

  // Stops the server's processes, and lets them go on: to others it hangs.
  void freeze();
  void thaw();

  [[nodiscard]] const std::filesystem::path& directory() const { return directory_.path(); }
  [[nodiscard]] std::filesystem::path data() const { return directory() / "data"; }
  [[nodiscard]] std::filesystem::path log() const { return directory() / "log"; }
  [[nodiscard]] pid_t pid() const { return server_.number(); }
  [[nodiscard]] int port() const { return port_; }

 private:
  [[nodiscard]] Command command(const std::string& program, Command arguments) const;
  [[nodiscard]] static std::string keeping();
  void initialise();
  void copy(const PrivatePostgres& primary);
  void configure(const PrivatePostgresOptions& options);
  void spawn();
  [[nodiscard]] bool answers() const;
  void end(int signal);
  void signal_children(int signal) const;
  [[noreturn]] void fail(const std::string& what) const;

  const std::filesystem::path programs_;
  const Command as_user_;         // what goes before a command
  std::optional<Keeper> keeper_;  // goes after the directory, and finds nothing to do
  const TemporaryDirectory directory_;
  int port_ = 5432;
  const std::filesystem::path full_disk_;
  int databases_ = 0;
  OwnedProcess server_;  // none: not running
};

}  // namespace portfire
