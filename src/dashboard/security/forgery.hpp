#pragma once

// Against requests that another site makes a browser send in the visitor's name.

#include <string>

#include <portfire/dashboard_access.hpp>
#include <portfire/http.hpp>

namespace portfire::dashboard {

// The header that carries the token.
inline constexpr std::string_view token_header = "X-Portfire-Token";

class ForgeryGuard {
 public:
  ForgeryGuard();

  // What a visitor's pages send back with every change. Another site can make a browser send
  // requests, but neither read this nor set the header.
  [[nodiscard]] std::string token_for(const Visitor& visitor) const;

  // Throws `Refusal` 403 for a change that does not come from a page of ours.
  void check(const HttpRequest& request, const Visitor& visitor) const;

 private:
  const std::string key_;
};

}  // namespace portfire::dashboard
