#pragma once

/// Who may see a dashboard, and who may steer.
///
/// An `Authorization` looks at a request and says who stands behind it. The ready-made ones below
/// cover local use, passwords, tokens and proxies that have signed the user in already; any
/// function of that shape does as well:
///
///     options.authorization = [&](const portfire::HttpRequest& request) -> portfire::Access {
///       const auto user = my_session_of(request.header("Cookie"));
///       if (!user) return portfire::Access::sign_in();
///       return portfire::Access::grant({user->name, portfire::Role::operator_});
///     };
///
/// Values. Threads: an `Authorization` is called by several threads at the same time.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <portfire/http.hpp>

namespace portfire {

/// What a visitor may do; each role includes those before it.
enum class Role : unsigned char {
  viewer,     ///< sees everything
  operator_,  ///< requeues, deletes, moves, pauses, triggers, reads the audit log
  admin,      ///< changes schedules, runs jobs with other arguments, stops servers
};

std::string_view to_string(Role role);

/// Reads `viewer`, `operator` or `admin`. Returns nothing for any other text.
std::optional<Role> parse_role(std::string_view text);

struct Visitor {
  /// Written to the audit log; empty for nobody in particular.
  std::string user = {};
  Role role = Role::viewer;
  /// The credentials are not of the kind that browsers send along by themselves, so that no other
  /// site can make a browser act in this visitor's name.
  bool explicit_credentials = false;
};

/// What an `Authorization` says about a request.
struct Access {
  std::optional<Visitor> visitor = std::nullopt;
  /// Without a visitor: whether credentials are missing or wrong (401), or do not suffice (403).
  bool unauthenticated = true;
  /// Without a visitor: too many are signing in at this moment (503).
  bool is_busy = false;
  /// Without a visitor: what to say, for people …
  std::string message = {};
  /// … and the header `WWW-Authenticate`, or empty.
  std::string challenge = {};

  static Access grant(Visitor visitor) { return {.visitor = std::move(visitor)}; }
  static Access sign_in(std::string challenge = {}) {
    return {.message = "Sign in first", .challenge = std::move(challenge)};
  }
  static Access forbid(std::string message) {
    return {.unauthenticated = false, .message = std::move(message)};
  }
};

using Authorization = std::function<Access(const HttpRequest&)>;

/// Everybody on this machine, as `admin`: the peer is a loopback address, no header says that the
/// request was forwarded, and `Host` is `localhost` or a loopback address, so that no page of
/// another site can reach it by a name of its own.
///
/// **Not behind a proxy on the same machine** unless that sets one of the headers `Forwarded`,
/// `X-Forwarded-For`, `X-Real-IP` or `Via`: without them its requests look like local ones. Use
/// `proxy_authorization` there.
Authorization local_requests_only();

/// Everybody. For networks in which everybody who can reach the dashboard may use it. Set
/// `DashboardOptions::hosts` as well: otherwise a page of another site that has its name point here
/// can act for whoever opens it.
Authorization open_to_all(Role role);

/// A user with a password, for `basic_authorization`.
struct PasswordUser {
  std::string name;
  std::string password_hash;  ///< from `hash_password`
  Role role = Role::viewer;
};

/// Asks the browser for name and password (RFC 7617). To be used over TLS, or on one machine.
/// Throws `UsageError` for a name with a colon, an empty or repeated one, and for a hash that
/// `hash_password` has not made.
Authorization basic_authorization(std::vector<PasswordUser> users);

/// `scrypt$16384$8$1$SALT$KEY`, salt and key in hexadecimal (RFC 7914). Takes some 50 ms and 16 MiB
/// on purpose.
std::string hash_password(std::string_view password);

/// A token for programs, for `bearer_authorization`.
struct AccessToken {
  std::string name;   ///< stands in the audit log
  std::string token;  ///< at least 16 bytes
  Role role = Role::viewer;
};

/// `Authorization: Bearer TOKEN` (RFC 6750). Throws `UsageError` for a token that is too short.
Authorization bearer_authorization(std::vector<AccessToken> tokens);

/// A proxy in front that has signed the user in.
struct ProxyOptions {
  /// The header in which it names the user. The proxy must remove it from what it receives.
  std::string user_header = "X-Forwarded-User";
  /// The header with the user's groups or roles, separated by commas; empty: none. The proxy must
  /// remove this one as well.
  std::string groups_header = "X-Forwarded-Groups";
  /// Addresses that the proxy connects from, no networks; requests of other peers are refused.
  std::vector<std::string> trusted_peers = {"127.0.0.1", "::1"};
  /// The groups that make somebody an operator, or an admin …
  std::vector<std::string> operator_groups = {};
  std::vector<std::string> admin_groups = {};
  /// … and what the others are.
  Role others = Role::viewer;
};

Authorization proxy_authorization(ProxyOptions options);

/// The first that knows the visitor decides; when none does, the last answer stands.
Authorization any_of(std::vector<Authorization> authorizations);

}  // namespace portfire
