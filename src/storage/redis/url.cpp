// What a URL says, as settings.

#include <charconv>
#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "storage/redis/settings.hpp"

namespace portfire::redis {

namespace {

const std::string& example_of(const std::string& scheme) {
  static const std::vector<std::pair<std::string, std::string>> examples = [] {
    std::vector<std::pair<std::string, std::string>> made;
    for (const Scheme& one : schemes()) made.emplace_back(one.name, one.example);
    return made;
  }();
  for (const auto& [name, example] : examples) {
    if (name == scheme) return example;
  }
  return examples.front().second;
}

// Takes the part between the scheme and the question mark apart; percent signs are resolved piece
// by piece, so that a password may contain anything.
class UrlReader {
 public:
  explicit UrlReader(const StorageUrl& url) : url_{url} {
    const auto begin = url.scheme.size() + 1;
    rest_ = std::string_view{url.text}.substr(begin, url.text.find('?') - begin);
    if (!rest_.starts_with("//")) refuse("two slashes are missing after \"" + url.scheme + ":\"");
    rest_.remove_prefix(2);
  }

  void read_user(Settings& settings) {
    const auto end = url_.scheme == "redis+unix" && rest_.starts_with('/') ? std::string_view::npos
                                                                           : rest_.rfind('@');
    if (end == std::string_view::npos) return;
    const auto user = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    const auto colon = user.find(':');
    if (colon == std::string_view::npos || colon + 1 == user.size()) {
      refuse("\"" + std::string{user.substr(0, colon)} +
             "\" has no password; write user:password@ or, for the default user, :password@");
    }
    settings.user = decoded(user.substr(0, colon));
    settings.password = decoded(user.substr(colon + 1));
  }

  std::vector<Endpoint> read_endpoints(int usual_port) {
    auto text = rest_.substr(0, rest_.find('/'));
    rest_.remove_prefix(text.size());
    std::vector<Endpoint> endpoints;
    while (true) {
      const auto end = std::min(text.find(','), text.size());
      endpoints.push_back(endpoint_in(text.substr(0, end), usual_port));
      if (end == text.size()) return endpoints;
      text.remove_prefix(end + 1);
    }
  }

  // The next part of the path; empty when there is none.
  std::string read_step() {
    if (rest_.empty()) return {};
    rest_.remove_prefix(1);
    const auto step = rest_.substr(0, rest_.find('/'));
    rest_.remove_prefix(step.size());
    return decoded(step);
  }

  int read_database() {
    const std::string step = read_step();
    if (!rest_.empty()) refuse("\"" + std::string{rest_} + "\" follows the number of the database");
    return step.empty() ? 0 : number_in(step, "database");
  }

  std::string read_path() {
    if (!rest_.starts_with('/') || rest_.size() == 1) {
      refuse("the path of the socket is missing or not absolute");
    }
    return decoded(rest_);
  }

  [[noreturn]] void refuse(const std::string& what) const {
    refuse_url(url_, what, example_of(url_.scheme));
  }

 private:
  // What was malformed has been refused when the whole URL was parsed.
  static std::string decoded(std::string_view text) {
    return parse_storage_url("redis:" + std::string{text}).rest;
  }

  int number_in(std::string_view text, const char* what) const {
    int number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped != end || number < 0) {
      refuse(std::string{what} + " \"" + std::string{text} + "\" is not a number");
    }
    return number;
  }

  Endpoint endpoint_in(std::string_view text, int usual_port) const {
    const bool is_bracketed = text.starts_with('[');
    const auto bracket = is_bracketed ? text.find(']') : 0;
    if (bracket == std::string_view::npos) refuse("a closing bracket is missing");
    const auto colon = text.find(':', bracket);
    const auto host =
        is_bracketed ? text.substr(1, bracket - 1) : text.substr(0, std::min(colon, text.size()));
    if (host.empty()) refuse("a host is missing");
    Endpoint endpoint{.host = decoded(host), .port = usual_port};
    if (colon != std::string_view::npos) endpoint.port = number_in(text.substr(colon + 1), "port");
    return endpoint;
  }

  const StorageUrl& url_;
  std::string_view rest_;
};

Duration duration_in(UrlOptions& given, const UrlReader& reader, const std::string& name,
                     Duration otherwise) {
  const std::string text = given.text(name, portfire::to_string(otherwise));
  const auto read = parse_duration(text);
  if (!read) reader.refuse("option " + name + " is \"" + text + "\"; it must be like 250ms or 10s");
  return *read;
}

void read_tls(Settings& settings, UrlOptions& given) {
  settings.tls.ca = given.text("ca", "");
  settings.tls.certificate = given.text("certificate", "");
  settings.tls.key = given.text("key", "");
  settings.tls.server_name = given.text("server_name", "");
  settings.tls.verify = given.choice("verify", {"on", "off"}) == 0;
}

void read_options(Settings& settings, UrlOptions& given, const UrlReader& reader) {
  constexpr int most_connections = 1000;
  constexpr int most_replicas = 100;
  settings.prefix = given.text("prefix", settings.prefix);
  settings.max_connections =
      given.number("max_connections", settings.max_connections, 1, most_connections);
  settings.connect_timeout =
      duration_in(given, reader, "connect_timeout", settings.connect_timeout);
  settings.answer_timeout = duration_in(given, reader, "answer_timeout", settings.answer_timeout);
  settings.wait_replicas = given.number("wait_replicas", settings.wait_replicas, 0, most_replicas);
  settings.wait_timeout = duration_in(given, reader, "wait_timeout", settings.wait_timeout);
  const bool warns = settings.eviction == Eviction::warn;
  const std::vector<std::string> words = {warns ? "warn" : "refuse", warns ? "refuse" : "warn"};
  if (given.choice("eviction", words) == 1) {
    settings.eviction = warns ? Eviction::refuse : Eviction::warn;
  }
  const bool listens = settings.listen;
  const std::vector<std::string> ways = {listens ? "push" : "poll", listens ? "poll" : "push"};
  if (given.choice("wakeup", ways) == 1) settings.listen = !listens;
  settings.poll_interval = duration_in(given, reader, "poll_interval", settings.poll_interval);
}

}  // namespace

const std::vector<Scheme>& schemes() {
  static const std::vector<Scheme> all = {
      {"redis", "redis://user:password@host:6379/0?prefix=portfire"},
      {"rediss", "rediss://user:password@host:6379/0?prefix=portfire&ca=/etc/ssl/redis.pem"},
      {"redis+unix", "redis+unix:///run/redis/redis.sock?db=0&prefix=portfire"},
      {"redis+sentinel",
       "redis+sentinel://user:password@host:26379,host:26379/master/0?prefix=portfire"},
      {"redis+cluster", "redis+cluster://user:password@host:6379,host:6379?prefix=portfire"},
  };
  return all;
}

Settings settings_of(const StorageUrl& url, Settings otherwise) {
  constexpr int redis_port = 6379;
  constexpr int sentinel_port = 26379;
  constexpr int most_databases = 1'000'000;
  UrlReader reader{url};
  UrlOptions given{url, example_of(url.scheme)};
  Settings settings = std::move(otherwise);
  reader.read_user(settings);
  if (url.scheme == "redis+unix") {
    settings.unix_socket = reader.read_path();
    settings.database = given.number("db", 0, 0, most_databases);
  } else if (url.scheme == "redis+sentinel") {
    settings.sentinels = reader.read_endpoints(sentinel_port);
    settings.sentinel_master = reader.read_step();
    if (settings.sentinel_master.empty()) {
      reader.refuse("the name under which the sentinels know the master is missing");
    }
    settings.database = reader.read_database();
    settings.sentinel_user = given.text("sentinel_user", "");
    settings.sentinel_password = given.text("sentinel_password", "");
  } else {
    settings.endpoints = reader.read_endpoints(redis_port);
    settings.cluster = url.scheme == "redis+cluster";
    if (!settings.cluster && settings.endpoints.size() > 1) {
      reader.refuse(
          "several hosts are given; one server has one, sentinels are named by "
          "redis+sentinel:, nodes of a cluster by redis+cluster:");
    }
    settings.database = reader.read_database();
  }
  settings.tls.enabled = url.scheme == "rediss";
  if (url.scheme == "redis+sentinel" || settings.cluster) {
    settings.tls.enabled = given.choice("tls", {"off", "on"}) == 1;
  }
  if (settings.tls.enabled) read_tls(settings, given);
  read_options(settings, given, reader);
  given.finish();
  return settings;
}

}  // namespace portfire::redis
