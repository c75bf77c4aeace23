#include "storage/redis/errors.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

namespace portfire::redis {

namespace {

struct Meaning {
  std::string_view begin;  // of the server's text
  Remedy remedy;
  const char* text;
};

// The first that fits.
constexpr Meaning meanings[] = {
    {"NOSCRIPT", Remedy::load, "the server does not know the script"},
    {"MOVED ", Remedy::follow, "another node of the cluster has the keys"},
    {"ASK ", Remedy::follow, "the keys are on their way to another node of the cluster"},
    {"READONLY", Remedy::rediscover,
     "the server is a replica, which only reads; name the master, or its sentinels by "
     "redis+sentinel:"},
    {"MASTERDOWN", Remedy::rediscover,
     "the server is a replica that has lost its master; name the master, or its sentinels by "
     "redis+sentinel:"},
    {"LOADING", Remedy::repeat, "the server is starting and still reads its data"},
    {"TRYAGAIN", Remedy::repeat, "the keys are on their way to another node of the cluster"},
    {"CLUSTERDOWN", Remedy::repeat,
     "the cluster has no node for our keys; look at CLUSTER INFO, and whether all slots are "
     "served"},
    {"BUSY ", Remedy::repeat,
     "somebody's script keeps the server busy; wait for it, or end it by SCRIPT KILL"},
    {"OOM", Remedy::wait,
     "the server's memory is full; raise maxmemory, or let finished jobs expire earlier"},
    {"MISCONF", Remedy::wait,
     "the server cannot save its data and refuses changes; look at its log and its disk"},
    {"NOREPLICAS", Remedy::wait,
     "the server has fewer good replicas than its min-replicas-to-write; look at INFO replication"},
    {"ERR max number of clients", Remedy::wait,
     "the server has no connection left; raise its maxclients, or lower max_connections of "
     "Portfire"},
    {"WRONGPASS", Remedy::none, "user or password is wrong, or the user is disabled"},
    {"ERR invalid password", Remedy::none, "the password is wrong"},
    {"NOAUTH", Remedy::none, "a password is needed; write redis://user:password@host"},
    {"ERR AUTH <password> called without", Remedy::none,
     "a password is given, and the server has none; leave it out, or name the user"},
    {"ERR Client sent AUTH", Remedy::none, "a password is given, and the server has none"},
    {"NOPERM", Remedy::none,
     "the user may not do this; grant the commands, keys and channels that Portfire needs by ACL "
     "SETUSER"},
    // Redis 7, of a command in a script.
    {"ERR The user executing the script", Remedy::none,
     "the user may not do this; grant the commands, keys and channels that Portfire needs by ACL "
     "SETUSER"},
    {"DENIED", Remedy::none,
     "the server is in protected mode and serves its own machine only; give it a password or a "
     "bind address"},
    {"WRONGTYPE", Remedy::none,
     "a key of the installation holds something else; does another program use the prefix?"},
    {"CROSSSLOT", Remedy::none, "keys of different slots came together; is the prefix its own?"},
    {"ERR DB index", Remedy::none,
     "the server has no database of that number; raise `databases`, or choose another"},
    {"ERR SELECT is not allowed in cluster", Remedy::none,
     "the server is a node of a cluster, which has database 0 only; use redis+cluster:"},
    {"ERR unknown command", Remedy::none,
     "the server lacks a command; Portfire needs Redis 6.2 or newer, with nothing renamed"},
    {"UNKILLABLE", Remedy::repeat, "somebody's script keeps the server busy"},
};

const Meaning* meaning_of(std::string_view text) {
  const auto* const found = std::ranges::find_if(
      meanings, [&](const Meaning& one) { return text.starts_with(one.begin); });
  return found == std::end(meanings) ? nullptr : found;
}

// Redis 6 wraps what a script meets: `ERR Error running script (…): @user_script:1: … -OOM …`.
std::string_view innermost(std::string_view message) {
  static constexpr std::string_view wrapping = "ERR Error running script";
  static constexpr std::string_view mark = ": -";
  if (!message.starts_with(wrapping)) return message;
  const auto at = message.find(mark);
  return at == std::string_view::npos ? message : message.substr(at + mark.size());
}

std::string in_one_line(std::string_view given) {
  std::string text{given};
  std::ranges::replace(text, '\n', ' ');
  std::ranges::replace(text, '\r', ' ');
  return text;
}

std::string beginning(const Scene& scene) {
  return std::string{scene.place} + ": " + std::string{scene.operation} + ": ";
}

// OpenSSL's words.
struct TlsMeaning {
  std::string_view words;
  const char* text;
};
constexpr TlsMeaning tls_meanings[] = {
    {"wrong version number", "the server does not speak TLS there; use redis:, or its TLS port"},
    {"certificate verify failed",
     "the server's certificate is not trusted; check `ca`, and `server_name` where the certificate "
     "has another name than the host"},
    {"alert", "the server refuses our side of TLS; check `certificate` and `key`"},
};

}  // namespace

Remedy remedy_of(std::string_view message) {
  const Meaning* const meaning = meaning_of(innermost(message));
  return meaning == nullptr ? Remedy::none : meaning->remedy;
}

void throw_error_reply(const Scene& scene, std::string_view message) {
  const std::string_view text = innermost(message);
  const Meaning* const meaning = meaning_of(text);
  const Remedy remedy = meaning == nullptr ? Remedy::none : meaning->remedy;
  throw RedisError{beginning(scene) + (meaning == nullptr ? "Redis failed" : meaning->text) + " (" +
                       in_one_line(message) + ")",
                   {.operation = std::string{scene.operation}, .retryable = remedy != Remedy::none},
                   std::string{text.substr(0, text.find(' '))},
                   remedy};
}

void throw_stream_error(const Scene& scene, const Address& address, const StreamError& error,
                        Sent sent) {
  using Kind = StreamError::Kind;
  const std::string_view words = error.what();
  const bool is_tls = error.kind() == Kind::untrusted || words.find("alert") != words.npos;
  const auto* const found = std::ranges::find_if(tls_meanings, [&](const TlsMeaning& one) {
    return is_tls && words.find(one.words) != words.npos;
  });
  std::string meaning = "the connection was lost";
  if (sent == Sent::no) meaning = "the server cannot be reached";
  if (error.kind() == Kind::silent && sent == Sent::perhaps) meaning = "the server does not answer";
  if (is_tls) meaning = "TLS failed";
  if (found != std::end(tls_meanings)) meaning = found->text;
  const bool is_lost = !is_tls && sent == Sent::perhaps;
  throw RedisError{
      beginning(scene) + meaning + " (" + to_string(address) + ": " + in_one_line(words) + ")",
      {.operation = std::string{scene.operation}, .retryable = !is_tls, .connection_lost = is_lost},
      {},
      is_tls ? Remedy::none : Remedy::reconnect};
}

void throw_no_master(const Scene& scene, const std::string& problem) {
  throw RedisError{beginning(scene) + problem,
                   {.operation = std::string{scene.operation}, .retryable = true},
                   {},
                   Remedy::rediscover};
}

void throw_not_replicated(const Scene& scene, long long confirmed, int wanted, Duration waited) {
  throw RedisError{
      beginning(scene) + "the change is made, but only " + std::to_string(confirmed) + " of " +
          std::to_string(wanted) + " replicas have confirmed it within " +
          portfire::to_string(waited) +
          "; look at INFO replication, raise wait_timeout, or lower wait_replicas",
      // Lost or not, it is the same to the caller: done on one server, perhaps not for good.
      {.operation = std::string{scene.operation}, .retryable = true, .connection_lost = true},
      {},
      Remedy::wait};
}

void throw_unusable(const Scene& scene, const std::string& problem_and_cure) {
  throw RedisError{beginning(scene) + problem_and_cure,
                   {.operation = std::string{scene.operation}},
                   {},
                   Remedy::none};
}

std::optional<Redirection> redirection_in(std::string_view message, const Address& from) {
  const bool asking = message.starts_with("ASK ");
  if (!asking && !message.starts_with("MOVED ")) return std::nullopt;
  const auto place = message.substr(message.rfind(' ') + 1);
  const auto colon = place.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string host{place.substr(0, colon)};
  int port = 0;
  const auto digits = place.substr(colon + 1);
  const auto [stopped, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc{} || port == 0) return std::nullopt;
  if (host.empty() || host == "?") host = from.endpoint.host;
  return Redirection{.asking = asking, .endpoint = {.host = std::move(host), .port = port}};
}

}  // namespace portfire::redis
