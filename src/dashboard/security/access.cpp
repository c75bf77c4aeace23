// Who stands behind a request: rules that need no secrets.

#include <algorithm>
#include <array>

#include <portfire/dashboard_access.hpp>
#include <portfire/error.hpp>

#include "dashboard/letters.hpp"
#include "dashboard/security/addresses.hpp"

namespace portfire {

namespace {

constexpr std::array<std::string_view, 6> forwarding_headers = {
    "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"};

// An empty header counts as well: what a proxy adds may stand behind it.
std::ptrdiff_t count_of(const HttpRequest& request, std::string_view name) {
  return std::ranges::count_if(request.headers, [&](const auto& header) {
    return dashboard::equal_in_any_case(header.first, name);
  });
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> items;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view item = text.substr(0, comma);
    while (item.starts_with(' ')) item.remove_prefix(1);
    while (item.ends_with(' ')) item.remove_suffix(1);
    if (!item.empty()) items.emplace_back(item);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return items;
}

bool share_one(const std::vector<std::string>& some, const std::vector<std::string>& others) {
  return std::ranges::any_of(
      some, [&](const std::string& one) { return std::ranges::find(others, one) != others.end(); });
}

Role role_of(const ProxyOptions& options, const HttpRequest& request) {
  if (options.groups_header.empty()) return options.others;
  const auto groups = split_list(request.header(options.groups_header));
  if (share_one(groups, options.admin_groups)) return Role::admin;
  if (share_one(groups, options.operator_groups)) return Role::operator_;
  return options.others;
}

}  // namespace

std::string_view to_string(Role role) {
  switch (role) {
    case Role::viewer: return "viewer";
    case Role::operator_: return "operator";
    case Role::admin: return "admin";
  }
  return "viewer";
}

std::optional<Role> parse_role(std::string_view text) {
  for (const Role role : {Role::viewer, Role::operator_, Role::admin}) {
    if (to_string(role) == text) return role;
  }
  return std::nullopt;
}

Authorization local_requests_only() {
  return [](const HttpRequest& request) {
    const std::string only = "This dashboard answers requests from its own machine only; ";
    if (!dashboard::is_loopback(request.peer)) {
      return Access::forbid(only + "the program that serves it can open it to others");
    }
    for (const std::string_view name : forwarding_headers) {
      if (count_of(request, name) > 0) {
        return Access::forbid(only + "this one came through a proxy, as its header " +
                              std::string{name} + " says");
      }
    }
    if (!dashboard::is_local_host(request.header("Host"))) {
      return Access::forbid(only + "open it by the name localhost");
    }
    return Access::grant({.user = "local", .role = Role::admin});
  };
}

Authorization open_to_all(Role role) {
  return [role](const HttpRequest&) { return Access::grant({.role = role}); };
}

Authorization proxy_authorization(ProxyOptions options) {
  if (options.user_header.empty()) {
    throw UsageError{"ProxyOptions::user_header is empty: name the header with the user"};
  }
  if (options.trusted_peers.empty()) {
    throw UsageError{"ProxyOptions::trusted_peers is empty: nobody could come through"};
  }
  for (const std::string& peer : options.trusted_peers) {
    if (!dashboard::is_address(peer)) {
      throw UsageError{"ProxyOptions::trusted_peers has \"" + peer +
                       "\": must be an address such as 10.0.0.5"};
    }
  }
  return [options = std::move(options)](const HttpRequest& request) {
    if (!dashboard::is_among(request.peer, options.trusted_peers)) {
      return Access::forbid("This dashboard is reached through its proxy only");
    }
    // Twice: one of them is the visitor's own.
    if (count_of(request, options.user_header) > 1 ||
        count_of(request, options.groups_header) > 1) {
      return Access::forbid("The headers that the proxy sets are there twice");
    }
    const std::string_view user = request.header(options.user_header);
    if (user.empty()) return Access::sign_in();
    return Access::grant({.user = std::string{user}, .role = role_of(options, request)});
  };
}

Authorization any_of(std::vector<Authorization> authorizations) {
  if (authorizations.empty()) throw UsageError{"any_of was given no authorization: name one"};
  return [all = std::move(authorizations)](const HttpRequest& request) {
    // Who may sign in somewhere is asked to, whatever the others say.
    Access refusal = Access::forbid({});
    for (const Authorization& one : all) {
      Access access = one(request);
      if (access.visitor || access.is_busy) return access;
      const bool asks_first = access.unauthenticated && !refusal.unauthenticated;
      // Browsers know how to ask for a name and a password, and only for that.
      const bool knows_how = !access.challenge.empty() && !refusal.challenge.starts_with("Basic");
      if (refusal.message.empty() || asks_first || knows_how) refusal = std::move(access);
    }
    return refusal;
  };
}

}  // namespace portfire
