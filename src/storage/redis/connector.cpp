#include "storage/redis/connector.hpp"

#include <tuple>
#include <utility>
#include <vector>

namespace portfire::redis {

namespace {

// A fail-over may be followed, a ring of nodes that point at each other not for ever.
constexpr int most_redirections = 5;

// Whether another server might do better.
bool may_differ_elsewhere(const RedisError& error) { return error.remedy() != Remedy::none; }

void check_reply(const Reply& reply, const Scene& scene) {
  if (reply.is_error()) throw_error_reply(scene, reply.message());
}

// An answer that a call does not depend on yet: without it another server or another time will do.
Reply asked(Connection& connection, std::initializer_list<std::string_view> words,
            Duration patience, const Scene& scene) {
  try {
    return connection.ask(words, patience);
  } catch (const StreamError& error) {
    throw_stream_error(scene, connection.address(), error, Sent::no);
  }
}

bool is_denied(const Reply& reply) { return reply.message().starts_with("NOPERM"); }

}  // namespace

Connector::Connector(const Settings& settings)
    : settings_{settings},
      place_{redis::place(settings)},
      network_{settings.tls, settings.runtime} {}

std::unique_ptr<Connection> Connector::connect(std::string_view operation, int stop) {
  const Scene scene{place_, operation};
  if (!settings_.sentinels.empty()) return through_sentinels(scene, stop);
  if (settings_.cluster) return in_cluster(scene, stop);
  std::optional<Address> address;
  {
    const std::scoped_lock guard{mutex_};
    address = known_;
  }
  if (!address) {
    address = settings_.unix_socket.empty() ? Address{.endpoint = settings_.endpoints.front()}
                                            : Address{.unix_socket = settings_.unix_socket};
  }
  try {
    return noted(logged_in(*address, scene, stop));
  } catch (const RedisError&) {
    // Wherever a redirection has led us: next time the server that was named is asked.
    const std::scoped_lock guard{mutex_};
    known_.reset();
    throw;
  }
}

std::unique_ptr<Connection> Connector::connect_to(const Endpoint& endpoint,
                                                  std::string_view operation) {
  return logged_in({.endpoint = endpoint}, {place_, operation}, -1);
}

void Connector::forget(const Connection& connection) {
  const std::scoped_lock guard{mutex_};
  if (connection.generation() != generation_) return;
  known_.reset();
  ++generation_;
}

void Connector::follow(const Endpoint& endpoint) {
  const std::scoped_lock guard{mutex_};
  const Address address{.endpoint = endpoint};
  if (known_ == address) return;
  known_ = address;
  ++generation_;
}

std::unique_ptr<Connection> Connector::noted(std::unique_ptr<Connection> connection) {
  const std::scoped_lock guard{mutex_};
  if (known_ && known_ != connection->address()) ++generation_;
  known_ = connection->address();
  connection->set_generation(generation_);
  return connection;
}

std::unique_ptr<Connection> Connector::opened(const Address& address, const Scene& scene,
                                              int stop) {
  try {
    return std::make_unique<Connection>(network_, *settings_.runtime, address,
                                        settings_.connect_timeout, stop);
  } catch (const StreamError& error) {
    throw_stream_error(scene, address, error, Sent::no);
  }
}

std::unique_ptr<Connection> Connector::logged_in(const Address& address, const Scene& scene,
                                                 int stop) {
  auto connection = opened(address, scene, stop);
  std::vector<std::vector<std::string_view>> commands;
  if (!settings_.password.empty()) {
    commands.push_back({"AUTH", settings_.password});
    if (!settings_.user.empty())
      commands.back().insert(commands.back().begin() + 1, settings_.user);
  }
  const std::string database = std::to_string(settings_.database);
  if (settings_.database != 0) commands.push_back({"SELECT", database});
  const std::size_t required = commands.size();
  commands.push_back({"CLIENT", "SETNAME", "portfire"});
  std::string bytes;
  for (const auto& words : commands) append_command(bytes, words);
  try {
    connection->send(bytes, settings_.connect_timeout);
    for (std::size_t i = 0; i < commands.size(); ++i) {
      const Reply reply = *connection->receive(settings_.connect_timeout);
      // The name is for people who look at CLIENT LIST; a user may lack the permission.
      const bool may_lack = i >= required && reply.is_error() && is_denied(reply);
      if (!may_lack) check_reply(reply, scene);
    }
  } catch (const StreamError& error) {
    throw_stream_error(scene, address, error, Sent::no);
  }
  return connection;
}

// The sentinels are asked whenever a connection is made: they know of a fail-over first.
std::unique_ptr<Connection> Connector::through_sentinels(const Scene& scene, int stop) {
  std::size_t first = 0;
  {
    const std::scoped_lock guard{mutex_};
    first = first_sentinel_;
  }
  std::string problems;
  const auto note = [&problems](const std::string& problem) {
    problems += (problems.empty() ? "" : "; ") + problem;
  };
  for (std::size_t i = 0; i < settings_.sentinels.size(); ++i) {
    const std::size_t index = (first + i) % settings_.sentinels.size();
    const Endpoint& sentinel = settings_.sentinels[index];
    try {
      const auto master = master_by(sentinel, stop);
      if (!master) {
        note("the sentinel " + to_string(sentinel) + " knows no master '" +
             settings_.sentinel_master + "'");
        continue;
      }
      auto connection = logged_in({.endpoint = *master}, scene, stop);
      const Reply role = asked(*connection, {"ROLE"}, settings_.answer_timeout, scene);
      check_reply(role, scene);
      if (role.as_array().at(0).as_text() == "master") {
        const std::scoped_lock guard{mutex_};
        first_sentinel_ = index;
      } else {
        note(to_string(*master) + ", which the sentinel " + to_string(sentinel) +
             " names as the master, is none (any more, or yet)");
        continue;
      }
      return noted(std::move(connection));
    } catch (const RedisError& error) {
      if (!may_differ_elsewhere(error)) throw;
      note(error.what());
    }
  }
  throw_no_master(scene, "no sentinel leads to a master: " + problems);
}

std::optional<Endpoint> Connector::master_by(const Endpoint& sentinel, int stop) {
  const std::string operation = "ask the sentinel " + to_string(sentinel);
  const Scene scene{place_, operation};
  const auto connection = opened({.endpoint = sentinel}, scene, stop);
  const Duration patience = settings_.connect_timeout;
  const auto& [user, password] = std::tie(settings_.sentinel_user, settings_.sentinel_password);
  if (!password.empty()) {
    check_reply(user.empty() ? asked(*connection, {"AUTH", password}, patience, scene)
                             : asked(*connection, {"AUTH", user, password}, patience, scene),
                scene);
  }
  const Reply reply =
      asked(*connection, {"SENTINEL", "get-master-addr-by-name", settings_.sentinel_master},
            patience, scene);
  check_reply(reply, scene);
  if (reply.is_nil()) return std::nullopt;
  return Endpoint{.host = reply.as_array().at(0).as_text(),
                  .port = static_cast<int>(reply.as_array().at(1).as_integer())};
}

std::unique_ptr<Connection> Connector::in_cluster(const Scene& scene, int stop) {
  std::vector<Address> nodes;
  {
    const std::scoped_lock guard{mutex_};
    if (known_) nodes.push_back(*known_);
  }
  for (const Endpoint& seed : settings_.endpoints) nodes.push_back({.endpoint = seed});
  for (std::size_t i = 0;; ++i) {
    try {
      return noted(from_node(nodes[i], scene, stop));
    } catch (const RedisError& error) {
      if (!may_differ_elsewhere(error) || i + 1 == nodes.size()) throw;
    }
  }
}

// Every node knows which one serves a slot, and says so to whoever asks it for a key there. That
// takes no permission beyond those for keys.
std::unique_ptr<Connection> Connector::from_node(const Address& node, const Scene& scene,
                                                 int stop) {
  const std::string key = settings_.hash_tag() + ":";
  auto connection = logged_in(node, scene, stop);
  for (int count = 0;; ++count) {
    const Reply reply = asked(*connection, {"EXISTS", key}, settings_.answer_timeout, scene);
    if (!reply.is_error()) return connection;
    const auto redirection = redirection_in(reply.message(), connection->address());
    // A slot on its way is still served here.
    if (redirection && redirection->asking) return connection;
    if (!redirection || count == most_redirections) throw_error_reply(scene, reply.message());
    connection = logged_in({.endpoint = redirection->endpoint}, scene, stop);
  }
}

}  // namespace portfire::redis
