#pragma once

// Where an installation is and how it is spoken to: what `redis::Options` and URLs come down to.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <portfire/open.hpp>
#include <portfire/redis.hpp>
#include <portfire/runtime.hpp>
#include <portfire/storage/storage.hpp>
#include <portfire/time.hpp>

namespace portfire::redis {

struct Endpoint {
  std::string host = "127.0.0.1";
  int port = 6379;

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

// `host:port`, `[::1]:port`.
std::string to_string(const Endpoint& endpoint);

struct Tls {
  bool enabled = false;
  std::string ca;  // file of trusted certificates; empty: those of the system
  std::string
      certificate;  // file of our own certificate and its chain, for servers that ask for it
  std::string key;  // file of its private key
  std::string server_name;  // expected in the server's certificate; empty: the host connected to
  bool verify = true;       // false: anybody may answer in the server's place
};

struct Settings {
  // Where: a socket file, or servers, or sentinels that know the server.
  std::string unix_socket = {};
  std::vector<Endpoint> endpoints = {};  // one; with `cluster`, any nodes of it
  bool cluster = false;
  std::string sentinel_master = {};  // the name under which the sentinels know the master
  std::vector<Endpoint> sentinels = {};
  std::string sentinel_user = {};
  std::string sentinel_password = {};

  // As whom.
  std::string user = {};  // empty with a password: the server's default user
  std::string password = {};
  int database = 0;
  Tls tls = {};  // of servers and sentinels

  std::string prefix = "portfire";
  int max_connections = 4;
  Duration connect_timeout = std::chrono::seconds{5};
  Duration answer_timeout = std::chrono::seconds{10};

  // How many replicas must have a change before it counts as made.
  int wait_replicas = 0;
  Duration wait_timeout = std::chrono::seconds{1};

  Eviction eviction = Eviction::refuse;

  bool listen = true;  // wake-ups by a subscription; otherwise those who wait look by themselves
  Duration poll_interval = std::chrono::milliseconds{500};

  std::shared_ptr<Runtime> runtime = {};
  std::shared_ptr<const TimeOffset> time_offset = {};
  // For tests that compare instants: the storage's clock stands at this one, plus the offset.
  std::optional<TimePoint> frozen_at = std::nullopt;

  // By which a storage knows the messages that it has sent by itself; filled in.
  std::string mark = {};

  // What all keys and channels of the installation begin with; in a cluster it puts them into one
  // slot: `{portfire}`.
  [[nodiscard]] std::string hash_tag() const { return '{' + prefix + '}'; }

  // How far the storage's clock is ahead.
  [[nodiscard]] Duration shift() const {
    return time_offset ? time_offset->get() : Duration::zero();
  }
};

// Throws `UsageError` for what breaks a rule; fills in what may be left out (the runtime).
void check(Settings& settings);

// For people, without secrets: `redis://host:6379/0?prefix=portfire`.
std::string place(const Settings& settings);

// Reads the URLs of all schemes (not checked beyond their form). `otherwise` counts where the URL
// says nothing. Throws `UsageError`.
//
//   redis://[user]:[password]@host:port/database?prefix=…     rediss:// with TLS
//   redis+unix:///path/of/socket?db=0
//   redis+sentinel://[user:password@]host:port,host:port/master/database
//   redis+cluster://[user:password@]host:port,host:port
Settings settings_of(const StorageUrl& url, Settings otherwise = {});

// The schemes above, each with an example.
struct Scheme {
  const char* name;
  const char* example;
};
const std::vector<Scheme>& schemes();

}  // namespace portfire::redis
