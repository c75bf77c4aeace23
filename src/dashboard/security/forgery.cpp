#include "dashboard/security/forgery.hpp"

#include "dashboard/refusal.hpp"
#include "dashboard/security/secrets.hpp"

namespace portfire::dashboard {

namespace {

// `https://example.com:8443` → `example.com:8443`; empty for `null` and the like.
std::string_view host_of(std::string_view origin) {
  const std::size_t scheme = origin.find("://");
  return scheme == std::string_view::npos ? std::string_view{} : origin.substr(scheme + 3);
}

// Behind a proxy the browser's own host is the one that the proxy says.
bool is_own_origin(const HttpRequest& request, std::string_view origin) {
  const std::string_view host = host_of(origin);
  if (host.empty()) return false;
  const std::string_view forwarded = request.header("X-Forwarded-Host");
  return host == request.header("Host") || (!forwarded.empty() && host == forwarded);
}

}  // namespace

ForgeryGuard::ForgeryGuard() : key_{random_bytes(32)} {}

std::string ForgeryGuard::token_for(const Visitor& visitor) const {
  return to_hex(keyed_digest(key_, "changes by " + visitor.user));
}

void ForgeryGuard::check(const HttpRequest& request, const Visitor& visitor) const {
  const std::string_view origin = request.header("Origin");
  if (!origin.empty() && !is_own_origin(request, origin)) {
    throw Refusal{403, "The request comes from a page of another site (" + std::string{origin} +
                           "); open the dashboard itself"};
  }
  if (request.header("Sec-Fetch-Site") == "cross-site") {
    throw Refusal{403, "The request comes from a page of another site; open the dashboard itself"};
  }
  if (visitor.explicit_credentials) return;
  if (!equal_in_constant_time(request.header(token_header), token_for(visitor))) {
    throw Refusal{403, "The header " + std::string{token_header} +
                           " is missing or out of date; load the page again (programs: see "
                           "`token` in GET api/v1/session)"};
  }
}

}  // namespace portfire::dashboard
