#include "storage/postgresql/connecting.hpp"

#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "storage/postgresql/errors.hpp"

namespace portfire::postgresql {

namespace {

struct Finish {
  void operator()(PGconn* connection) const noexcept { PQfinish(connection); }
};
using Handle = std::unique_ptr<PGconn, Finish>;

struct FreeOptions {
  void operator()(PQconninfoOption* options) const noexcept { PQconninfoFree(options); }
};

// Lists as libpq has them, with commas.
struct Hosts {
  std::string names;
  std::string addresses;
  std::string ports;
};

std::string option_of(PGconn* connection, std::string_view keyword) {
  const std::unique_ptr<PQconninfoOption, FreeOptions> options{PQconninfo(connection)};
  for (const PQconninfoOption* one = options.get(); one != nullptr && one->keyword != nullptr;
       ++one) {
    if (one->keyword == keyword) return one->val != nullptr ? one->val : "";
  }
  return {};
}

// Defaults come before the connection string, which may name others; what must be so comes after.
Handle begin(const Settings& settings, const Hosts& hosts) {
  const Options& options = settings.options();
  const std::string timeout = std::to_string(
      std::chrono::duration_cast<std::chrono::seconds>(options.connect_timeout).count());
  std::vector<const char*> keywords;
  std::vector<const char*> values;
  const auto add = [&](const char* keyword, const char* value) {
    keywords.push_back(keyword);
    values.push_back(value);
  };
  add("fallback_application_name", options.application_name.c_str());
  add("connect_timeout", timeout.c_str());
  // A peer that has vanished is noticed within some 20 s, whether or not we are sending.
  add("keepalives_idle", "10");
  add("keepalives_interval", "3");
  add("keepalives_count", "3");
  add("tcp_user_timeout", "20000");
  add("dbname", settings.connection().c_str());
  add("client_encoding", "UTF8");
  // Empty ones change nothing.
  add("host", hosts.names.c_str());
  add("hostaddr", hosts.addresses.c_str());
  add("port", hosts.ports.c_str());
  add(nullptr, nullptr);
  constexpr int expand_connection_string = 1;
  return Handle{PQconnectStartParams(keywords.data(), values.data(), expand_connection_string)};
}

// As libpq reads it; whoever drives the connection has to keep to it himself.
Duration connect_timeout_of(PGconn* connection) {
  const std::string text = option_of(connection, "connect_timeout");
  std::int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  constexpr std::int64_t longest = 1'000'000'000;
  if (seconds <= 0) return Duration::max();
  return std::chrono::seconds{std::min(seconds, longest)};
}

// Which of the addresses is being tried.
std::string address_of(PGconn* connection) {
  const auto text = [](const char* value) { return std::string{value != nullptr ? value : ""}; };
  return text(PQhost(connection)) + ' ' + text(PQhostaddr(connection)) + ' ' +
         text(PQport(connection));
}

std::vector<std::string> elements(const std::string& list) {
  std::vector<std::string> all;
  std::size_t at = 0;
  while (at <= list.size()) {
    const auto end = std::min(list.find(',', at), list.size());
    all.push_back(list.substr(at, end - at));
    at = end + 1;
  }
  return all;
}

// Without the first `count` elements. One port may be that of all hosts.
std::string without(const std::string& list, std::size_t count) {
  std::string rest = list;
  for (; count > 0; --count) {
    const auto comma = rest.find(',');
    if (comma == std::string::npos) return list;
    rest.erase(0, comma + 1);
  }
  return rest;
}

// The hosts of the list that come after the one that is being tried; nothing when it is the last.
std::optional<Hosts> later_hosts(PGconn* connection) {
  const Hosts all{.names = option_of(connection, "host"),
                  .addresses = option_of(connection, "hostaddr"),
                  .ports = option_of(connection, "port")};
  const auto names = elements(all.names.empty() ? all.addresses : all.names);
  const auto ports = elements(all.ports);
  for (std::size_t i = 0; i + 1 < names.size(); ++i) {
    const std::string& port = ports[ports.size() == names.size() ? i : 0];
    if (names[i] != PQhost(connection) || port != PQport(connection)) continue;
    return Hosts{.names = all.names.empty() ? "" : without(all.names, i + 1),
                 .addresses = all.addresses.empty() ? "" : without(all.addresses, i + 1),
                 .ports = without(all.ports, i + 1)};
  }
  return std::nullopt;
}

// Returns `late` when an address has accepted and then said nothing; otherwise the status tells.
Wait drive(PGconn* connection, Runtime& runtime, const Limits& limits) {
  const Duration allowed = std::min(connect_timeout_of(connection), limits.silence);
  std::string address = address_of(connection);
  SteadyPoint deadline = end_of(runtime, allowed);
  bool is_given_up = false;
  auto next = PGRES_POLLING_WRITING;
  while (PQstatus(connection) != CONNECTION_BAD &&
         (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING)) {
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    const Wait wait = wait_for(runtime, PQsocket(connection), events, deadline, limits.called_off);
    if (wait == Wait::called_off) return wait;
    if (wait == Wait::late) {
      // While it is not even accepted, libpq goes on to the next address when this one fails.
      if (is_given_up || PQstatus(connection) != CONNECTION_STARTED) return wait;
      is_given_up = true;
      ::shutdown(PQsocket(connection), SHUT_RDWR);
    }
    next = PQconnectPoll(connection);
    if (std::string now = address_of(connection); now != address) {
      address = std::move(now);
      deadline = end_of(runtime, allowed);
      is_given_up = false;
    }
  }
  return is_given_up && next == PGRES_POLLING_FAILED ? Wait::late : Wait::ready;
}

}  // namespace

pg_conn* connect(const Settings& settings, const Limits& limits, const char* operation) {
  std::string problems;
  Hosts hosts;
  while (true) {
    Handle connection = begin(settings, hosts);
    if (!connection) throw_no_connection(settings.place(), operation, "out of memory");
    const Wait wait = drive(connection.get(), *settings.runtime(), limits);
    if (PQstatus(connection.get()) == CONNECTION_OK) return connection.release();
    if (wait == Wait::called_off) {
      throw_connection_error(settings.place(), operation, "the storage is being closed");
    }
    problems += PQerrorMessage(connection.get());
    const std::optional<Hosts> rest =
        wait == Wait::late ? later_hosts(connection.get()) : std::nullopt;
    if (wait == Wait::late) problems += "timeout expired\n";
    if (!rest) throw_no_connection(settings.place(), operation, problems);
    hosts = *rest;
  }
}

}  // namespace portfire::postgresql
