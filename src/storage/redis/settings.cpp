#include "storage/redis/settings.hpp"

#include <algorithm>
#include <cstddef>

#include <portfire/error.hpp>

#include "model/rules.hpp"

namespace portfire::redis {

namespace {

constexpr std::size_t longest_prefix_bytes = 64;
constexpr std::size_t longest_socket_path_bytes = 107;  // of sockaddr_un

bool is_usable_byte(char byte) {
  return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
         (byte >= '0' && byte <= '9') || byte == '-' || byte == '_' || byte == '.' || byte == ':';
}

void check_prefix(const std::string& prefix) {
  const bool is_usable = !prefix.empty() && prefix.size() <= longest_prefix_bytes &&
                         std::ranges::all_of(prefix, is_usable_byte);
  if (is_usable) return;
  throw UsageError{"redis::Options::prefix is '" + prefix.substr(0, longest_prefix_bytes) +
                   "'; it must have 1 to " + std::to_string(longest_prefix_bytes) +
                   " letters, digits, hyphens, underscores, full stops and colons"};
}

void check_place(const Settings& settings) {
  const int kinds = (settings.unix_socket.empty() ? 0 : 1) + (settings.endpoints.empty() ? 0 : 1) +
                    (settings.sentinels.empty() ? 0 : 1);
  if (kinds != 1) {
    throw UsageError{
        "redis::Options must name one place: a socket, a server, the sentinels of a master or the "
        "nodes of a cluster; " +
        std::string{kinds == 0 ? "none is given" : "more than one is given"}};
  }
  if (settings.unix_socket.size() > longest_socket_path_bytes) {
    throw UsageError{"the path of the socket, '" + settings.unix_socket + "', has " +
                     std::to_string(settings.unix_socket.size()) + " bytes; at most " +
                     std::to_string(longest_socket_path_bytes) + " can be connected to"};
  }
  if (!settings.sentinels.empty() && settings.sentinel_master.empty()) {
    throw UsageError{
        "the name under which the sentinels know the master is missing; it is the one in "
        "`sentinel monitor <name> …`"};
  }
  if (settings.cluster && settings.database != 0) {
    throw UsageError{"redis::Options::database is " + std::to_string(settings.database) +
                     "; a cluster has database 0 only"};
  }
  constexpr int highest_port = 65535;
  for (const auto* endpoints : {&settings.endpoints, &settings.sentinels}) {
    for (const Endpoint& endpoint : *endpoints) {
      rules::check_range("the port of " + to_string(endpoint), endpoint.port, 1, highest_port);
    }
  }
}

void check_tls(const Tls& tls) {
  if (tls.certificate.empty() == tls.key.empty()) return;
  throw UsageError{"redis::Options: a certificate and its key go together; the " +
                   std::string{tls.key.empty() ? "key" : "certificate"} + " is missing"};
}

std::string joined(const std::vector<Endpoint>& endpoints) {
  std::string text;
  for (const Endpoint& endpoint : endpoints) {
    if (!text.empty()) text += ',';
    text += to_string(endpoint);
  }
  return text;
}

}  // namespace

std::string to_string(const Endpoint& endpoint) {
  const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
  return (is_ipv6 ? '[' + endpoint.host + ']' : endpoint.host) + ':' +
         std::to_string(endpoint.port);
}

void check(Settings& settings) {
  using std::chrono::milliseconds, std::chrono::minutes, std::chrono::seconds;
  constexpr int most_connections = 1000;
  constexpr int most_databases = 1'000'000;
  constexpr int most_replicas = 100;
  check_prefix(settings.prefix);
  check_place(settings);
  check_tls(settings.tls);
  rules::check_range("redis::Options::database", settings.database, 0, most_databases);
  rules::check_range("redis::Options::max_connections", settings.max_connections, 1,
                     most_connections);
  rules::check_range("redis::Options::wait_replicas", settings.wait_replicas, 0, most_replicas);
  rules::check_span("redis::Options::connect_timeout", settings.connect_timeout, milliseconds{50},
                    minutes{10});
  rules::check_span("redis::Options::answer_timeout", settings.answer_timeout, milliseconds{50},
                    minutes{10});
  rules::check_span("redis::Options::wait_timeout", settings.wait_timeout, milliseconds{1},
                    minutes{10});
  rules::check_span("redis::Options::poll_interval", settings.poll_interval, milliseconds{10},
                    minutes{1});
  if (!settings.runtime) settings.runtime = thread_runtime();
  if (settings.mark.empty()) settings.mark = std::to_string(settings.runtime->random());
}

std::string place(const Settings& settings) {
  const std::string database = std::to_string(settings.database);
  const std::string prefix = "prefix=" + settings.prefix;
  if (!settings.unix_socket.empty()) {
    return "redis+unix://" + settings.unix_socket + "?db=" + database + '&' + prefix;
  }
  if (!settings.sentinels.empty()) {
    return "redis+sentinel://" + joined(settings.sentinels) + '/' + settings.sentinel_master + '/' +
           database + '?' + prefix;
  }
  if (settings.cluster) return "redis+cluster://" + joined(settings.endpoints) + '?' + prefix;
  return (settings.tls.enabled ? "rediss://" : "redis://") + joined(settings.endpoints) + '/' +
         database + '?' + prefix;
}

}  // namespace portfire::redis
