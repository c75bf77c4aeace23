#pragma once

/// A request and a response of HTTP as plain values, so that a `Dashboard` can be mounted in any
/// HTTP server without its library being known here.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace portfire {

/// Names and values in the order in which they were sent; names in any case.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

/// The value of the first header of that name, in any case; empty when there is none.
std::string_view find_header(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
  std::string method = "GET";
  /// Path and query as they were sent, still percent-encoded: `/ops/jobs?state=Failed`.
  std::string target = "/";
  HttpHeaders headers = {};
  std::string body = {};
  /// The address at the other end of the connection, without port; empty where it is not known,
  /// which no rule takes for a local one.
  std::string peer = {};

  [[nodiscard]] std::string_view header(std::string_view name) const {
    return find_header(headers, name);
  }
};

/// A response that goes on for minutes, of server-sent events. One thread at a time.
class EventStream {
 public:
  virtual ~EventStream() = default;

  /// What is to be written now, which may be an empty text; absent: the response ends here, and the
  /// browser asks anew. To be called about once a second for as long as the connection lives.
  /// Throws `StorageError`, after which it may be called again.
  virtual std::optional<std::string> next() = 0;
};

struct HttpResponse {
  int status = 200;
  /// `Content-Type` among them; `Content-Length` and `Date` are the server's business.
  HttpHeaders headers = {};
  std::string body = {};
  /// Where given, the response goes on after `body`, with what this has to say.
  std::shared_ptr<EventStream> events = {};

  [[nodiscard]] std::string_view header(std::string_view name) const {
    return find_header(headers, name);
  }
};

}  // namespace portfire
