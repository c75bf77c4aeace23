#include "support/private_postgres.hpp"

#include <fcntl.h>
#include <libpq-fe.h>
#include <signal.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <utility>

namespace portfire {

namespace {

// Short, as the path of a socket must be, and open to user `postgres`.
constexpr const char* parent_directory = "/tmp";

std::filesystem::path find_programs() {
  if (const char* given = std::getenv("PORTFIRE_POSTGRESQL_BIN")) return given;
  std::vector<std::pair<int, std::filesystem::path>> found;
  std::error_code none;
  for (const auto& entry : std::filesystem::directory_iterator{"/usr/lib/postgresql", none}) {
    const auto programs = entry.path() / "bin";
    if (!std::filesystem::exists(programs / "initdb")) continue;
    found.emplace_back(std::atoi(entry.path().filename().c_str()), programs);
  }
  if (!found.empty()) return std::ranges::max(found).second;
  const std::unique_ptr<FILE, int (*)(FILE*)> answer{::popen("pg_config --bindir", "r"), ::pclose};
  std::array<char, 4096> line{};
  if (answer && std::fgets(line.data(), line.size(), answer.get()) != nullptr) {
    const std::string text{line.data()};
    return text.substr(0, text.find('\n'));
  }
  throw std::runtime_error{
      "PostgreSQL's programs are not installed (Debian: package postgresql); tests need initdb and "
      "postgres"};
}

}  // namespace

// It answers for one directory, and for the server that works in it.
std::string PrivatePostgres::keeping() {
  return R"sh(
  works() { [ "$(readlink "/proc/$server/cwd")" = "$1/data" ]; }
  read -r server < "$1/data/postmaster.pid" && works "$1" && {
    kill -CONT "$server"; kill -QUIT "$server"
    tries=0
    while works "$1" && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
  }
  rm -rf "$1"
)sh";
}

PrivatePostgres::PrivatePostgres(PrivatePostgresOptions options)
    : programs_{find_programs()},
      as_user_{as_other_user()},
      directory_{parent_directory},
      port_{options.tcp ? free_port() : 5432},
      full_disk_{options.full_disk} {
  give_to_other_user(directory());
  keeper_.emplace(keeping(), directory());
  if (options.standby_of != nullptr) {
    copy(*options.standby_of);
  } else {
    initialise();
  }
  configure(options);
  start();
}

PrivatePostgres::~PrivatePostgres() {
  server_.signal(SIGCONT);
  server_.signal(SIGQUIT);
  if (server_) server_.wait();
}

PrivatePostgres& PrivatePostgres::shared() {
  static PrivatePostgres server;
  return server;
}

Command PrivatePostgres::command(const std::string& program, Command arguments) const {
  Command words = as_user_;
  words.push_back((programs_ / program).string());
  std::ranges::move(arguments, std::back_inserter(words));
  return words;
}

void PrivatePostgres::initialise() {
  const int status =
      run(command("initdb", {"-D", data().string(), "-U", "postgres", "-A", "trust", "-E", "UTF8",
                             "--no-locale", "--no-sync", "--no-instructions"}),
          log());
  if (status != 0) fail("initdb failed");
}

void PrivatePostgres::copy(const PrivatePostgres& primary) {
  const int status =
      run(command("pg_basebackup", {"-D", data().string(), "-h", primary.directory().string(), "-p",
                                    std::to_string(primary.port()), "-U", "postgres", "-R", "-X",
                                    "stream", "-c", "fast", "--no-sync"}),
          log());
  if (status != 0) fail("pg_basebackup failed");
}

void PrivatePostgres::configure(const PrivatePostgresOptions& options) {
  std::map<std::string, std::string> settings{
      {"fsync", "off"},
      {"full_page_writes", "off"},
      {"max_connections", "100"},
      {"shared_buffers", "64MB"},
      {"wal_level", "minimal"},
      {"max_wal_senders", "0"},
      {"unix_socket_permissions", "0777"},
      {"unix_socket_directories", "'" + directory().string() + "'"},
      {"listen_addresses", options.tcp ? "'127.0.0.1'" : "''"},
      {"port", std::to_string(port_)}};
  for (const auto& [name, value] : options.settings) settings[name] = value;
  std::ofstream file{data() / "postgresql.conf", std::ios::app};
  for (const auto& [name, value] : settings) file << name << " = " << value << '\n';
  if (!file.flush()) fail("postgresql.conf cannot be written");
}

std::string PrivatePostgres::url(const std::string& database) const {
  std::string host = directory().string();
  for (auto at = host.find('/'); at != std::string::npos; at = host.find('/', at)) {
    host.replace(at, 1, "%2F");
  }
  return "postgresql://postgres@" + host + ':' + std::to_string(port_) + '/' + database;
}

std::string PrivatePostgres::tcp_url(const std::string& database) const {
  return "postgresql://postgres@127.0.0.1:" + std::to_string(port_) + '/' + database;
}

std::string PrivatePostgres::new_database() {
  const std::string name = "test_" + std::to_string(++databases_);
  execute(url("postgres"), "CREATE DATABASE " + name);
  return url(name);
}

std::string PrivatePostgres::execute(const std::string& url, const std::string& statements) {
  const std::unique_ptr<PGconn, decltype(&PQfinish)> connection{PQconnectdb(url.c_str()),
                                                                &PQfinish};
  if (PQstatus(connection.get()) != CONNECTION_OK) fail(PQerrorMessage(connection.get()));
  PQsetNoticeProcessor(connection.get(), [](void*, const char*) {}, nullptr);
  const std::unique_ptr<PGresult, decltype(&PQclear)> answer{
      PQexec(connection.get(), statements.c_str()), &PQclear};
  const ExecStatusType status = PQresultStatus(answer.get());
  if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) {
    throw std::runtime_error{PQerrorMessage(connection.get())};
  }
  return PQntuples(answer.get()) > 0 ? PQgetvalue(answer.get(), 0, 0) : "";
}

void PrivatePostgres::spawn() {
  Command words = command("postgres", {"-D", data().string()});
  if (!full_disk_.empty()) {
    const Command preloading{"env", "LD_PRELOAD=" + full_disk_.string(),
                             "PORTFIRE_FULL_DISK=" + (directory() / "full").string()};
    words.insert(words.end() - 3, preloading.begin(), preloading.end());
  }
  server_ = spawn_process(words, log());
}

bool PrivatePostgres::answers() const { return PQping(url("postgres").c_str()) == PQPING_OK; }

void PrivatePostgres::start() {
  // After a kill the first ones may find processes of the old server, and end.
  constexpr int tries = 3000;
  constexpr std::chrono::milliseconds pause{10};
  if (!server_) spawn();
  for (int i = 0; i < tries; ++i) {
    if (answers()) return;
    if (!server_.has_ended(pause)) continue;
    server_.wait();
    spawn();
  }
  fail("the server does not answer");
}

void PrivatePostgres::end(int signal) {
  server_.signal(signal);
  if (server_) server_.wait();
}

void PrivatePostgres::stop() { end(SIGINT); }

void PrivatePostgres::crash() { end(SIGQUIT); }

void PrivatePostgres::kill() { end(SIGKILL); }

void PrivatePostgres::reload() { server_.signal(SIGHUP); }

// Not by a statement, which may hold up what the standby has yet to follow.
void PrivatePostgres::promote() {
  if (run(command("pg_ctl", {"promote", "-D", data().string()}), log()) != 0) {
    fail("pg_ctl promote failed");
  }
}

void PrivatePostgres::fill_disk() {
  if (full_disk_.empty()) throw std::logic_error{"this server's disk is the machine's own"};
  const File flag{directory() / "full", O_WRONLY | O_CREAT};
}

void PrivatePostgres::empty_disk() { std::filesystem::remove(directory() / "full"); }

// The first one stands still before its children are counted: it may be about to have another.
void PrivatePostgres::freeze() {
  server_.signal(SIGSTOP);
  if (server_.wait_until_stopped()) signal_children(SIGSTOP);
}

void PrivatePostgres::thaw() {
  signal_children(SIGCONT);
  server_.signal(SIGCONT);
}

void PrivatePostgres::signal_children(int signal) const {
  if (!server_) return;
  const std::string number = std::to_string(server_.number());
  std::ifstream children{"/proc/" + number + "/task/" + number + "/children"};
  for (pid_t child = 0; children >> child;) {
    if (child > 0) ::kill(child, signal);
  }
}

void PrivatePostgres::fail(const std::string& what) const {
  throw std::runtime_error{"private PostgreSQL in " + directory().string() + ": " + what + "\n" +
                           last_lines(log())};
}

}  // namespace portfire
