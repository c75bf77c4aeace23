#pragma once

// The built-in server: moves bytes between sockets and a function. HTTP/1.1, optionally over TLS.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <portfire/dashboard.hpp>

namespace portfire::dashboard {

using RequestHandler = std::function<HttpResponse(const HttpRequest&)>;

class HttpServer {
 public:
  // Listens when it returns. `prefix` is only for `url`. Throws `UsageError`.
  HttpServer(const ListenOptions& options, const std::string& prefix, LogSink log,
             RequestHandler handler);

  // Lets requests that are being answered end, for some seconds, and closes all connections.
  ~HttpServer();

  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  [[nodiscard]] const std::string& url() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

}  // namespace portfire::dashboard
