#include "support/private_redis.hpp"

#include <hiredis/hiredis.h>
#include <poll.h>
#include <signal.h>

#include <chrono>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace portfire {

namespace {

// Short, as the path of a socket must be.
constexpr const char* parent_directory = "/tmp";

constexpr int pause_milliseconds = 5;

// Answers for one directory, and for the server that works in it.
constexpr const char* keeping = R"sh(
  works() { [ "$(readlink "/proc/$server/cwd")" = "$1" ]; }
  read -r server < "$1/pid" && works "$1" && {
    kill -KILL "$server"
    tries=0
    while works "$1" && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
  }
  rm -rf "$1"
)sh";

struct Free {
  void operator()(redisContext* context) const noexcept { ::redisFree(context); }
  void operator()(redisReply* reply) const noexcept { ::freeReplyObject(reply); }
};

std::string text_of(const redisReply& reply) {
  if (reply.type == REDIS_REPLY_INTEGER) return std::to_string(reply.integer);
  if (reply.type != REDIS_REPLY_ARRAY) return {reply.str, reply.str == nullptr ? 0 : reply.len};
  std::string text;
  for (std::size_t i = 0; i < reply.elements; ++i) {
    text += (i == 0 ? "" : "\n") + text_of(*reply.element[i]);
  }
  return text;
}

}  // namespace

PrivateRedis::PrivateRedis(PrivateRedisOptions options)
    : directory_{parent_directory},
      keeper_{keeping, directory_.path()},
      port_{options.tcp ? free_port() : 0},
      tls_port_{options.tls ? free_port() : 0},
      is_sentinel_{options.sentinel_of != nullptr} {
  if (options.tls) make_certificate();
  configure(options);
  start();
}

PrivateRedis& PrivateRedis::shared() {
  static PrivateRedis server{
      {.tcp = true, .settings = {{"appendonly", "yes"}, {"appendfsync", "always"}}}};
  return server;
}

void PrivateRedis::make_certificate() const {
  const int status = run({"openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                          "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
                          "-keyout", key().string(), "-out", certificate().string()},
                         log());
  if (status != 0) fail("openssl cannot make a certificate; tests need Debian's package openssl");
}

void PrivateRedis::configure(const PrivateRedisOptions& options) const {
  std::ofstream file{directory() / "redis.conf"};
  const auto line = [&file](const std::string& name, const std::string& value) {
    file << name << ' ' << value << '\n';
  };
  line("dir", directory().string());
  line("unixsocket", socket().string());
  line("bind", "127.0.0.1");
  line("port", std::to_string(port_));
  if (options.tls) {
    line("tls-port", std::to_string(tls_port_));
    line("tls-cert-file", certificate().string());
    line("tls-key-file", key().string());
    line("tls-ca-cert-file", certificate().string());
    line("tls-auth-clients", "no");
  }
  if (is_sentinel_) {
    line("sentinel monitor master 127.0.0.1", std::to_string(options.sentinel_of->port()) + " 1");
    line("sentinel down-after-milliseconds master", "300");
    line("sentinel failover-timeout master", "2000");
  } else {
    line("save", "\"\"");
    line("enable-debug-command", "yes");
    line("repl-diskless-sync-delay", "0");
  }
  if (options.cluster) {
    line("cluster-enabled", "yes");
    line("cluster-port", std::to_string(free_port()));
    line("cluster-node-timeout", "1000");
  }
  if (options.replica_of != nullptr) {
    line("replicaof 127.0.0.1", std::to_string(options.replica_of->port()));
  }
  for (const auto& [name, value] : options.settings) line(name, value);
  if (!file.flush()) fail("redis.conf cannot be written");
}

std::string PrivateRedis::url(const std::string& prefix) const {
  return "redis+unix://" + socket().string() + "?prefix=" + prefix;
}

std::string PrivateRedis::tcp_url(const std::string& prefix) const {
  return "redis://127.0.0.1:" + std::to_string(port_) + "/0?prefix=" + prefix;
}

std::string PrivateRedis::tls_url(const std::string& prefix) const {
  return "rediss://localhost:" + std::to_string(tls_port_) + "/0?prefix=" + prefix +
         "&ca=" + certificate().string();
}

std::optional<std::string> PrivateRedis::answer_to(const Command& words) const {
  std::vector<const char*> texts;
  std::vector<std::size_t> sizes;
  for (const std::string& word : words) {
    texts.push_back(word.data());
    sizes.push_back(word.size());
  }
  const std::unique_ptr<redisContext, Free> context{::redisConnectUnix(socket().c_str())};
  if (!context || context->err != 0) fail("it cannot be connected to");
  const std::unique_ptr<redisReply, Free> reply{static_cast<redisReply*>(::redisCommandArgv(
      context.get(), static_cast<int>(words.size()), texts.data(), sizes.data()))};
  if (!reply) return std::nullopt;
  if (reply->type == REDIS_REPLY_ERROR) throw std::runtime_error{text_of(*reply)};
  return text_of(*reply);
}

std::string PrivateRedis::execute(const Command& words) const {
  std::optional<std::string> answer = answer_to(words);
  if (!answer) fail(words.front() + " was not answered");
  return *std::move(answer);
}

void PrivateRedis::wait_until(const Command& command, const std::string& words) const {
  constexpr int tries = 12000;
  for (int i = 0; i < tries; ++i) {
    // A sentinel that promotes a replica has it close all connections.
    const std::optional<std::string> answer = answer_to(command);
    if (answer && answer->find(words) != std::string::npos) return;
    ::poll(nullptr, 0, pause_milliseconds);
  }
  fail(command.front() + " does not come to answer '" + words + "' but " + execute(command));
}

void PrivateRedis::spawn() {
  const Command command{is_sentinel_ ? "redis-sentinel" : "redis-server",
                        (directory() / "redis.conf").string()};
  server_ = spawn_process(command, log());
  std::ofstream{directory() / "pid"} << server_.number() << '\n';
}

bool PrivateRedis::answers() const {
  try {
    return execute({"PING"}) == "PONG";
  } catch (const std::runtime_error& error) {
    return std::string_view{error.what()}.starts_with("NOAUTH");
  }
}

void PrivateRedis::start() {
  constexpr int tries = 12000;
  if (!server_) spawn();
  for (int i = 0; i < tries; ++i) {
    if (answers()) return;
    if (server_.has_ended(std::chrono::milliseconds{pause_milliseconds})) {
      server_.wait();
      fail(
          "the server does not start; tests need Debian's packages redis-server and "
          "redis-sentinel");
    }
  }
  fail("the server does not answer");
}

void PrivateRedis::end(int signal) {
  server_.signal(SIGCONT);
  server_.signal(signal);
  if (server_) server_.wait();
}

void PrivateRedis::stop() { end(SIGTERM); }

void PrivateRedis::kill() { end(SIGKILL); }

void PrivateRedis::freeze() const { server_.signal(SIGSTOP); }

void PrivateRedis::thaw() const { server_.signal(SIGCONT); }

void PrivateRedis::fail(const std::string& what) const {
  throw std::runtime_error{"private Redis in " + directory().string() + ": " + what + "\n" +
                           last_lines(log())};
}

}  // namespace portfire
