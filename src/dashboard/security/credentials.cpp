// Who stands behind a request: passwords and tokens.

#include <algorithm>
#include <atomic>
#include <deque>
#include <memory>
#include <mutex>
#include <set>

#include <portfire/dashboard_access.hpp>
#include <portfire/error.hpp>

#include "dashboard/letters.hpp"
#include "dashboard/security/secrets.hpp"

namespace portfire {

namespace {

using dashboard::PasswordHash;

// The credentials of a header `Authorization` of that scheme, in any case; nothing for others.
std::optional<std::string_view> credentials_of(const HttpRequest& request,
                                               std::string_view scheme) {
  const std::string_view header = request.header("Authorization");
  if (header.size() <= scheme.size() || header[scheme.size()] != ' ') return std::nullopt;
  if (!dashboard::equal_in_any_case(header.substr(0, scheme.size()), scheme)) return std::nullopt;
  return header.substr(scheme.size() + 1);
}

// Browsers send the password with every request, and scrypt is slow on purpose: passwords that were
// right are remembered by a digest under a key of this process.
class Passwords {
 public:
  explicit Passwords(const std::vector<PasswordUser>& users) : key_{dashboard::random_bytes(32)} {
    std::set<std::string> names;
    for (const PasswordUser& user : users) {
      if (user.name.empty() || user.name.find(':') != std::string::npos) {
        throw UsageError{"PasswordUser::name is \"" + user.name +
                         "\": must not be empty or have a colon"};
      }
      if (!names.insert(user.name).second) {
        throw UsageError{"PasswordUser::name \"" + user.name + "\" is there twice"};
      }
      auto hash = PasswordHash::parse(user.password_hash);
      if (!hash) {
        throw UsageError{"PasswordUser::password_hash of \"" + user.name +
                         "\" was not made by hash_password"};
      }
      users_.push_back({user.name, std::move(*hash), user.role});
    }
    if (users_.empty()) throw UsageError{"basic_authorization was given no user"};
  }

  // Throws `Busy` when too many passwords are being looked at: each takes a processor for a while,
  // also those of strangers.
  struct Busy {};
  std::optional<Visitor> find(std::string_view name, std::string_view password) {
    const auto user = std::ranges::find(users_, name, &Known::name);
    // An unknown name costs as much as a known one, so that names cannot be found out.
    const Known& tried = user == users_.end() ? users_.front() : *user;
    const std::string digest =
        dashboard::keyed_digest(key_, std::string{name} + '\0' + std::string{password});
    const bool is_right = is_remembered(digest) || matches(tried.hash, password);
    if (user == users_.end() || !is_right) return std::nullopt;
    remember(digest);
    return Visitor{.user = user->name, .role = user->role};
  }

 private:
  struct Known {
    std::string name;
    PasswordHash hash;
    Role role;
  };

  bool matches(const PasswordHash& hash, std::string_view password) {
    constexpr int most_at_once = 2;
    const Attempt attempt{attempts_};
    if (attempt.others >= most_at_once) throw Busy{};
    return hash.matches(password);
  }

  bool is_remembered(const std::string& digest) {
    const std::scoped_lock lock{mutex_};
    return std::ranges::find(remembered_, digest) != remembered_.end();
  }

  void remember(const std::string& digest) {
    constexpr std::size_t most = 100;
    const std::scoped_lock lock{mutex_};
    if (std::ranges::find(remembered_, digest) != remembered_.end()) return;
    remembered_.push_back(digest);
    if (remembered_.size() > most) remembered_.pop_front();
  }

  struct Attempt {
    explicit Attempt(std::atomic<int>& all) : count{all}, others{all.fetch_add(1)} {}
    ~Attempt() { --count; }
    Attempt(const Attempt&) = delete;
    Attempt& operator=(const Attempt&) = delete;

    std::atomic<int>& count;
    const int others;
  };

  std::atomic<int> attempts_ = 0;  // that are being looked at
  std::vector<Known> users_;
  const std::string key_;
  std::mutex mutex_;
  std::deque<std::string> remembered_;
};

}  // namespace

Authorization basic_authorization(std::vector<PasswordUser> users) {
  const auto passwords = std::make_shared<Passwords>(users);
  return [passwords](const HttpRequest& request) {
    const std::string challenge = R"(Basic realm="Portfire", charset="UTF-8")";
    const auto credentials = credentials_of(request, "Basic");
    if (!credentials) return Access::sign_in(challenge);
    const auto pair = dashboard::from_base64(*credentials);
    const std::size_t colon = pair ? pair->find(':') : std::string::npos;
    if (colon != std::string::npos) {
      try {
        auto visitor = passwords->find(pair->substr(0, colon), pair->substr(colon + 1));
        if (visitor) return Access::grant(std::move(*visitor));
      } catch (const Passwords::Busy&) {
        return Access{.is_busy = true, .message = "Too many are signing in; try again in a second"};
      }
    }
    Access refused = Access::sign_in(challenge);
    refused.message = "Name or password is wrong";
    return refused;
  };
}

Authorization bearer_authorization(std::vector<AccessToken> tokens) {
  constexpr std::size_t shortest = 16;
  if (tokens.empty()) throw UsageError{"bearer_authorization was given no token"};
  // Compared by their digests, which are all of one length.
  const std::string key = dashboard::random_bytes(32);
  for (AccessToken& token : tokens) {
    if (token.token.size() < shortest) {
      throw UsageError{"AccessToken::token of \"" + token.name + "\" has " +
                       std::to_string(token.token.size()) + " bytes: must have 16 at least"};
    }
    token.token = dashboard::keyed_digest(key, token.token);
  }
  return [tokens = std::move(tokens), key](const HttpRequest& request) {
    const auto credentials = credentials_of(request, "Bearer");
    if (!credentials) return Access::sign_in(R"(Bearer realm="Portfire")");
    const std::string digest = dashboard::keyed_digest(key, *credentials);
    std::optional<Visitor> visitor;
    for (const AccessToken& token : tokens) {
      if (dashboard::equal_in_constant_time(token.token, digest)) {
        visitor = Visitor{.user = token.name, .role = token.role, .explicit_credentials = true};
      }
    }
    if (visitor) return Access::grant(std::move(*visitor));
    Access refused = Access::sign_in(R"(Bearer realm="Portfire", error="invalid_token")");
    refused.message = "The token is wrong";
    return refused;
  };
}

}  // namespace portfire
