#pragma once

/// The dashboard: everything about a storage to be seen and steered, in a browser or by its API.
///
///     portfire::Dashboard dashboard{storage};
///     dashboard.listen("127.0.0.1", 8080);              // a server of its own …
///     auto response = dashboard.handle(request);        // … or inside yours
///
/// By default only requests from this machine are answered; see `<portfire/dashboard_access.hpp>`
/// for passwords, tokens and proxies. The API under `api/v1/` is described by `api/v1/openapi.json`
/// and knows the same permissions.
///
/// Ownership: the dashboard keeps its storage open. Threads: every member may be called from any
/// thread at the same time; functions among the options are called by several threads at once.
/// Errors: the constructor and `listen` throw `UsageError`; `handle` throws nothing, a failing
/// storage is a response as well.

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <portfire/client.hpp>
#include <portfire/dashboard_access.hpp>
#include <portfire/http.hpp>
#include <portfire/log.hpp>
#include <portfire/storage/storage.hpp>

namespace portfire {

/// A number of the embedding program, shown as a tile on the overview.
struct DashboardMetric {
  std::string name;   ///< identifies it
  std::string title;  ///< for people
  /// Asked about once a second while somebody watches. Quick, and without a call to the dashboard.
  std::function<std::string()> value;
  std::string url = {};  ///< where a click leads, or empty
};

/// A page of the embedding program under `pages/<path>`, shown in the navigation.
struct DashboardPage {
  std::string title;
  std::string path;  ///< `[a-z0-9_-]+`
  /// Called for visitors who may see the dashboard. Its response gets the same security headers.
  /// What is not GET reaches it with the header `X-Portfire-Token` only, which a script sets to the
  /// `token` of `api/v1/session`; a plain form cannot.
  std::function<HttpResponse(const HttpRequest&, const Visitor&)> handle;
};

/// A part of the page of a job, below what is known of all of them.
struct DashboardSection {
  std::string title;
  std::string text;  ///< shown as it is, line by line
};

struct DashboardOptions {
  std::string title = "Portfire";
  /// Where "back to the application" leads; empty hides the link.
  std::string app_url = {};
  /// Under which path it is mounted, as the browser sees it: `/ops/jobs`; empty for the root.
  std::string path_prefix = {};

  Authorization authorization = local_requests_only();
  /// The names by which browsers know it, without ports: requests with another `Host` are refused.
  /// Empty: any.
  std::vector<std::string> hosts = {};
  /// Nobody can change anything, whatever their role.
  bool read_only = false;

  /// Regular expressions (of Perl). What they find in arguments, results, parameters, log lines and
  /// messages of errors is not shown; of one with a group, the group alone:
  /// `"password"\s*:\s*"((?:[^"\\]|\\.)*)"`. Those who see such a dashboard cannot search arguments
  /// and reasons either.
  std::vector<std::string> redact = {};

  std::vector<DashboardMetric> metrics = {};
  std::vector<DashboardPage> pages = {};
  /// What the embedding program has to say about a job; called each time one is shown.
  std::function<std::vector<DashboardSection>(const JobDetails&)> sections = {};
  /// CSS text, loaded after the dashboard's own.
  std::string style_sheet = {};

  /// For the changes that are made through it: filters see them as any other.
  ClientOptions client = {};
  LogSink log = spdlog_sink();
};

/// Of the built-in server.
struct ListenOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;  ///< 0: any that is free

  /// Files in PEM; both given: HTTPS (TLS 1.2 or 1.3).
  std::string certificate_file = {};
  std::string private_key_file = {};

  /// Connections beyond this are refused; those that say nothing for `idle_timeout` are closed.
  std::size_t most_connections = 2000;
  Duration idle_timeout = std::chrono::seconds{60};
  /// A request must have arrived whole within this time of its first byte.
  Duration request_timeout = std::chrono::seconds{15};
  std::size_t most_header_bytes = std::size_t{16} * 1024;
  std::size_t most_body_bytes = std::size_t{1024} * 1024;
  /// Threads that answer requests; one more moves the bytes.
  int threads = 4;
};

class Dashboard {
 public:
  explicit Dashboard(std::shared_ptr<Storage> storage, DashboardOptions options = {});

  /// Stops the built-in server, as `stop` does.
  ~Dashboard();

  Dashboard(const Dashboard&) = delete;
  Dashboard& operator=(const Dashboard&) = delete;

  /// Answers one request. May take as long as the storage does.
  HttpResponse handle(const HttpRequest& request);

  /// Starts the built-in server and returns; once at a time. Throws `UsageError` when the address
  /// cannot be listened on or the certificate not be read, with the reason.
  void listen(const std::string& address, std::uint16_t port);
  void listen(const ListenOptions& options);

  /// `http://127.0.0.1:8080/`, with the port that was found; empty while it does not listen.
  [[nodiscard]] std::string url() const;

  /// Takes no more requests, lets those being answered end for a few seconds, closes all
  /// connections. Does nothing when it does not listen. Not to be called by what it calls.
  void stop();

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace portfire
