#include "chaos/engine.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>
#include <system_error>

#include <portfire/postgresql.hpp>
#include <portfire/redis.hpp>
#include <portfire/sqlite.hpp>

#include "support/private_postgres.hpp"
#include "support/private_redis.hpp"

namespace portfire::chaos {

namespace {

using namespace std::chrono_literals;

using Words = std::vector<std::string>;

// The schema, or the prefix.
const std::string place = "chaos";

// How large a file of that process may become. One that has ended is left alone.
void limit_files(pid_t process, rlim_t bytes) {
  rlimit limit{};
  if (::prlimit(process, RLIMIT_FSIZE, nullptr, &limit) != 0) return;
  limit.rlim_cur = std::min(bytes, limit.rlim_max);
  ::prlimit(process, RLIMIT_FSIZE, &limit, nullptr);
}

std::uintmax_t size_of(const std::filesystem::path& file) {
  std::error_code error;
  const std::uintmax_t size = std::filesystem::file_size(file, error);
  return error ? 0 : size;
}

// In the processes of the servers and in this one.
class SqliteEngine final : public Engine {
 public:
  explicit SqliteEngine(const std::filesystem::path& directory) : file_{directory / "jobs.db"} {}

  [[nodiscard]] Words address() const override { return {"sqlite", file_.string()}; }
  [[nodiscard]] Words address_beside() const override { return address(); }

  void fill_disk(const std::vector<pid_t>& servers) override {
    limit_all(servers, std::max(size_of(file_), size_of(file_.string() + "-wal")));
  }
  void empty_disk(const std::vector<pid_t>& servers) override { limit_all(servers, RLIM_INFINITY); }

 private:
  static void limit_all(const std::vector<pid_t>& servers, rlim_t bytes) {
    // First this one, of which those to come have theirs.
    limit_files(::getpid(), bytes);
    for (const pid_t server : servers) limit_files(server, bytes);
  }

  const std::filesystem::path file_;
};

// What is the same with every private server.
template <class Server>
class ServerEngine : public Engine {
 public:
  [[nodiscard]] TcpGate* gate() override { return &gate_; }
  [[nodiscard]] bool has_server() const override { return true; }
  void restart() override { server_.restart(); }
  void kill() override {
    server_.kill();
    server_.start();
  }
  void freeze() override { server_.freeze(); }
  void thaw() override { server_.thaw(); }
  void save_log(const std::filesystem::path& directory) const noexcept override {
    std::error_code ignored;  // it is there to help
    std::filesystem::copy_file(server_.log(), directory / "engine.log", ignored);
  }

 protected:
  template <class Options>
  explicit ServerEngine(Options options) : server_{std::move(options)} {}

  [[nodiscard]] const Server& server() const { return server_; }
  Server& server() { return server_; }
  [[nodiscard]] std::string gate_address() const {
    return "127.0.0.1:" + std::to_string(gate_.port());
  }

 private:
  Server server_;
  TcpGate gate_{server_.port()};
};

class PostgresEngine final : public ServerEngine<PrivatePostgres> {
 public:
  PostgresEngine()
      : ServerEngine{PrivatePostgresOptions{
            .tcp = true,
            .settings = {{"fsync", "on"}, {"full_page_writes", "on"}, {"synchronous_commit", "on"}},
            .full_disk = PORTFIRE_FULL_DISK_LIBRARY}} {}

  [[nodiscard]] Words address() const override {
    return {"postgresql", "postgresql://postgres@" + gate_address() + "/postgres"};
  }
  [[nodiscard]] Words address_beside() const override {
    return {"postgresql", server().url("postgres")};
  }
  void fill_disk(const std::vector<pid_t>& /*servers*/) override { server().fill_disk(); }
  void empty_disk(const std::vector<pid_t>& /*servers*/) override {
    server().empty_disk();
    // It may have ended for want of room.
    server().start();
  }
};

class RedisEngine final : public ServerEngine<PrivateRedis> {
 public:
  RedisEngine()
      : ServerEngine{PrivateRedisOptions{
            .tcp = true, .settings = {{"appendonly", "yes"}, {"appendfsync", "always"}}}} {}

  [[nodiscard]] Words address() const override {
    return {"redis", "redis://" + gate_address() + "/0?prefix=" + place};
  }
  [[nodiscard]] Words address_beside() const override { return {"redis", server().url(place)}; }
  // It ends at the first change that it cannot append whole.
  void fill_disk(const std::vector<pid_t>& /*servers*/) override {
    std::uintmax_t largest = 0;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator{server().directory() / "appendonlydir"}) {
      largest = std::max(largest, size_of(entry.path()));
    }
    constexpr std::uintmax_t some_room = 1000;
    limit_files(server().pid(), largest + some_room);
  }
  void empty_disk(const std::vector<pid_t>& /*servers*/) override { kill(); }
};

}  // namespace

std::unique_ptr<Engine> Engine::make(const std::string& name,
                                     const std::filesystem::path& directory) {
  if (name == "sqlite") return std::make_unique<SqliteEngine>(directory);
  if (name == "postgresql") return std::make_unique<PostgresEngine>();
  if (name == "redis") return std::make_unique<RedisEngine>();
  throw std::runtime_error{"there is no engine '" + name + "'; sqlite, postgresql, redis"};
}

std::shared_ptr<Storage> open_at(const std::vector<std::string>& address) {
  const std::string& engine = address.at(0);
  const std::string& url = address.at(1);
  if (engine == "sqlite") return sqlite::open(url);
  if (engine == "postgresql") {
    return postgresql::open(url, {.schema = place, .answer_timeout = 3s});
  }
  return redis::open(url, {.answer_timeout = 3s});
}

}  // namespace portfire::chaos
