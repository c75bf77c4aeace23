#include <portfire/dashboard.hpp>

#include <algorithm>
#include <mutex>

#include <portfire/error.hpp>

#include "dashboard/assets.hpp"
#include "dashboard/kept.hpp"
#include "dashboard/letters.hpp"
#include "dashboard/metrics.hpp"
#include "dashboard/refusal.hpp"
#include "dashboard/router.hpp"
#include "dashboard/security/addresses.hpp"
#include "dashboard/server/http_server.hpp"

namespace portfire {

namespace {

using namespace dashboard;

// Nothing from elsewhere, nothing inline, no frame around it.
constexpr const char* content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; base-uri 'self'; form-action 'self'; "
    "frame-ancestors 'none'";

void add_security_headers(HttpResponse& response) {
  const auto add = [&](const char* name, const char* value) {
    if (response.header(name).empty()) response.headers.emplace_back(name, value);
  };
  add("Content-Security-Policy", content_policy);
  add("X-Content-Type-Options", "nosniff");
  add("X-Frame-Options", "DENY");
  add("Referrer-Policy", "no-referrer");
  add("Cross-Origin-Opener-Policy", "same-origin");
  add("Cross-Origin-Resource-Policy", "same-origin");
  add("Cache-Control", "no-store");
}

Access ask(const Authorization& authorization, const HttpRequest& request) {
  Access access = authorization(request);
  if (!access.visitor && access.message.empty()) access.message = "You may not see this dashboard";
  return access;
}

HttpResponse refused(const Access& access) {
  if (access.is_busy) {
    HttpResponse response = problem(503, access.message);
    response.headers.emplace_back("Retry-After", "1");
    return response;
  }
  HttpResponse response = problem(access.unauthenticated ? 401 : 403, access.message);
  if (access.unauthenticated && !access.challenge.empty()) {
    response.headers.emplace_back("WWW-Authenticate", access.challenge);
  }
  return response;
}

}  // namespace

std::string_view find_header(const HttpHeaders& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (equal_in_any_case(key, name)) return value;
  }
  return {};
}

class Dashboard::Implementation {
 public:
  Implementation(std::shared_ptr<Storage> storage, DashboardOptions options)
      : site{std::move(storage), std::move(options)}, router{api_routes()} {}

  HttpResponse handle(const HttpRequest& request) {
    HttpResponse response = answer_or_explain(request);
    add_security_headers(response);
    if (request.method == "HEAD") {
      response.body.clear();
      response.events.reset();
    }
    return response;
  }

  Site site;
  const Router router;
  Kept<bool> answers{std::chrono::seconds{1}};
  std::mutex listening;
  std::unique_ptr<HttpServer> server;

 private:
  HttpResponse answer_or_explain(const HttpRequest& request) {
    try {
      return answer(request);
    } catch (const Refusal& refusal) {
      return problem(refusal.status(), site.redactor.shown(refusal.detail()));
    } catch (const UsageError& error) {
      return problem(400, site.redactor.shown(error.what()));
    } catch (const DecodeError& error) {
      // Written by another version, as a rule.
      return problem(409, site.redactor.shown(error.what()));
    } catch (const StorageError& error) {
      site.options.log(LogLevel::warning, "dashboard: " + std::string{error.what()});
      return problem(503, error.what());
    } catch (const std::exception& error) {
      return unexpected(request, error.what());
    } catch (...) {
      return unexpected(request, "an exception of unknown type");
    }
  }

  HttpResponse unexpected(const HttpRequest& request, const std::string& what) {
    constexpr std::size_t shown = 200;
    site.options.log(LogLevel::error, "dashboard: " + request.method + " " +
                                          request.target.substr(0, shown) + ": " + what);
    return problem(500,
                   "Something went wrong here; the log of the program that serves the dashboard "
                   "says what");
  }

  void check_host(const HttpRequest& request) const {
    if (site.options.hosts.empty() || is_host_among(request.header("Host"), site.options.hosts)) {
      return;
    }
    throw Refusal{403, "This dashboard is not known by the name that was asked for"};
  }

  HttpResponse answer(const HttpRequest& request) {
    const auto target = read_target(request.target, site.options.path_prefix);
    if (!target) throw Refusal{404, "The dashboard is at " + site.options.path_prefix + "/"};
    const auto& path = target->path;
    if (path.size() == 1 && path[0] == "healthz") return health_response();
    check_host(request);
    const Access access = ask(site.options.authorization, request);
    if (!access.visitor) return refused(access);
    if (path.size() > 2 && path[0] == "api" && path[1] == "v1") {
      return router.answer(site, request, *access.visitor, {path.begin() + 2, path.end()},
                           target->query);
    }
    if (path.size() == 2 && path[0] == "pages") return own_page(request, *access.visitor, path[1]);
    if (request.method != "GET" && request.method != "HEAD") {
      throw Refusal{405, request.method + " is not possible here; GET is"};
    }
    if (path.size() == 1 && path[0] == "metrics") {
      return text_response(200, "text/plain; version=0.0.4; charset=utf-8", metrics_text(site));
    }
    if (path.size() == 1 && path[0] == "custom.css") {
      return text_response(200, "text/css; charset=utf-8", site.options.style_sheet);
    }
    return page_or_file(request, path);
  }

  // Without signing in: whoever watches over programs has no account. So it tells nothing, and asks
  // the storage once a second at most.
  HttpResponse health_response() {
    if (is_healthy()) return text_response(200, "application/json", R"({"status":"ok"})");
    return problem(503, "The storage does not answer");
  }

  bool is_healthy() {
    try {
      return answers.get(*site.storage->runtime(), [&] {
        site.monitoring().queues();
        return true;
      });
    } catch (const StorageError&) {
      return false;
    }
  }

  HttpResponse own_page(const HttpRequest& request, const Visitor& visitor,
                        const std::string& path) {
    const auto page = std::ranges::find(site.options.pages, path, &DashboardPage::path);
    if (page == site.options.pages.end()) throw Refusal{404, "There is no page \"" + path + "\""};
    if (request.method != "GET" && request.method != "HEAD") {
      if (site.options.read_only) throw Refusal{403, "This dashboard is read-only"};
      site.forgery.check(request, visitor);
    }
    return page->handle(request, visitor);
  }

  // A path with a dot in its last part is a file; all others are pages of the user interface.
  HttpResponse page_or_file(const HttpRequest& request, const std::vector<std::string>& path) {
    const bool is_api = !path.empty() && path[0] == "api";
    if (is_api) throw Refusal{404, "There is nothing here; see api/v1/openapi.json"};
    const bool is_file = !path.empty() && path.back().find('.') != std::string::npos;
    if (!is_file || (path.size() == 1 && path[0] == "index.html")) {
      return index_response(site.options.path_prefix);
    }
    std::string joined;
    for (const std::string& part : path) joined += (joined.empty() ? "" : "/") + part;
    return asset_response(request, joined);
  }
};

Dashboard::Dashboard(std::shared_ptr<Storage> storage, DashboardOptions options)
    : implementation_{std::make_unique<Implementation>(std::move(storage), std::move(options))} {}

Dashboard::~Dashboard() { stop(); }

HttpResponse Dashboard::handle(const HttpRequest& request) {
  return implementation_->handle(request);
}

void Dashboard::listen(const std::string& address, std::uint16_t port) {
  listen({.address = address, .port = port});
}

void Dashboard::listen(const ListenOptions& options) {
  const std::scoped_lock lock{implementation_->listening};
  if (implementation_->server) {
    throw UsageError{"the dashboard listens already, on " + implementation_->server->url()};
  }
  implementation_->server = std::make_unique<HttpServer>(
      options, implementation_->site.options.path_prefix, implementation_->site.options.log,
      [this](const HttpRequest& request) { return implementation_->handle(request); });
}

std::string Dashboard::url() const {
  const std::scoped_lock lock{implementation_->listening};
  return implementation_->server ? implementation_->server->url() : std::string{};
}

void Dashboard::stop() {
  std::unique_ptr<HttpServer> server;
  {
    const std::scoped_lock lock{implementation_->listening};
    server = std::move(implementation_->server);
  }
  // Requests that are being answered meanwhile may ask for the address.
}

}  // namespace portfire
