// Who may come in, and as what.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/dashboard_access.hpp>
#include <portfire/error.hpp>

namespace portfire {
namespace {

using ::testing::HasSubstr;

HttpRequest from(const std::string& peer, HttpHeaders headers = {{"Host", "localhost"}}) {
  return {.headers = std::move(headers), .peer = peer};
}

struct Origin {
  const char* peer;
  const char* host;
  bool is_local;
};

class LocalOnly : public ::testing::TestWithParam<Origin> {};

TEST_P(LocalOnly, LooksAtPeerAndHost) {
  const auto& origin = GetParam();
  const Access access = local_requests_only()(from(origin.peer, {{"Host", origin.host}}));
  EXPECT_EQ(access.visitor.has_value(), origin.is_local);
  if (origin.is_local) {
    EXPECT_EQ(access.visitor->role, Role::admin);
  } else {
    EXPECT_FALSE(access.unauthenticated);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Origins, LocalOnly,
    ::testing::Values(Origin{"127.0.0.1", "localhost:8080", true},
                      Origin{"127.8.9.1", "127.0.0.1", true}, Origin{"::1", "[::1]:8080", true},
                      Origin{"::ffff:127.0.0.1", "LOCALHOST", true},
                      Origin{"192.168.1.7", "localhost", false}, Origin{"", "localhost", false},
                      Origin{"nonsense", "localhost", false}, Origin{"127.0.0.1", "", false},
                      // A page of another site that has its name point here.
                      Origin{"127.0.0.1", "evil.example", false},
                      Origin{"127.0.0.1", "localhost.evil.example", false},
                      Origin{"127.0.0.1", "127.0.0.1.evil.example", false},
                      Origin{"127.0.0.1", "[::1", false}, Origin{"::2", "localhost", false},
                      Origin{"::ffff:10.0.0.1", "localhost", false}));

TEST(LocalOnly, RefusesWhatCameThroughAProxy) {
  for (const char* name : {"X-Forwarded-For", "forwarded", "Via", "x-real-ip"}) {
    const Access access =
        local_requests_only()(from("127.0.0.1", {{"Host", "localhost"}, {name, "1.2.3.4"}}));
    EXPECT_FALSE(access.visitor) << name;
    EXPECT_THAT(access.message, HasSubstr("proxy"));
  }
}

TEST(LocalOnly, AnEmptyHeaderOfAProxyCountsAsOne) {
  // The proxy's own may stand behind it.
  EXPECT_FALSE(
      local_requests_only()(from("127.0.0.1", {{"Host", "localhost"}, {"X-Forwarded-For", ""}}))
          .visitor);
}

TEST(BasicAuthorization, KnowsNameAndPassword) {
  const auto authorization = basic_authorization({{"ann", hash_password("secret"), Role::operator_},
                                                  {"bob", hash_password("x:y"), Role::viewer}});
  const auto ask = [&](const char* credentials) {
    return authorization(from("10.0.0.1", {{"Authorization", credentials}}));
  };
  const Access ann = ask("Basic YW5uOnNlY3JldA==");
  ASSERT_TRUE(ann.visitor);
  EXPECT_EQ(ann.visitor->user, "ann");
  EXPECT_EQ(ann.visitor->role, Role::operator_);
  EXPECT_FALSE(ann.visitor->explicit_credentials);
  EXPECT_TRUE(ask("basic YW5uOnNlY3JldA==").visitor) << "remembered, in any case";
  EXPECT_TRUE(ask("Basic Ym9iOng6eQ==").visitor) << "a colon in the password";
  for (const char* wrong : {"Basic YW5uOnNlY3JldHg=", "Basic ZXZlOnNlY3JldA==", "Basic !!!",
                            "Basic YW5u", "Bearer YW5uOnNlY3JldA==", "Basic", ""}) {
    const Access access = ask(wrong);
    EXPECT_FALSE(access.visitor) << wrong;
    EXPECT_TRUE(access.unauthenticated);
    EXPECT_THAT(access.challenge, HasSubstr("Basic realm="));
  }
}

TEST(BasicAuthorization, RefusesUsersThatCannotBe) {
  const std::string hash = hash_password("secret");
  EXPECT_THROW(basic_authorization({}), UsageError);
  EXPECT_THROW(basic_authorization({{"", hash, Role::viewer}}), UsageError);
  EXPECT_THROW(basic_authorization({{"a:b", hash, Role::viewer}}), UsageError);
  EXPECT_THROW(basic_authorization({{"ann", "secret", Role::viewer}}), UsageError);
  EXPECT_THROW(basic_authorization({{"ann", hash, Role::viewer}, {"ann", hash, Role::admin}}),
               UsageError);
}

TEST(BearerAuthorization, KnowsTokens) {
  const auto authorization = bearer_authorization(
      {{"ci", "0123456789abcdef", Role::viewer}, {"deploy", "fedcba9876543210", Role::admin}});
  const auto ask = [&](const char* credentials) {
    return authorization(from("10.0.0.1", {{"authorization", credentials}}));
  };
  const Access access = ask("Bearer fedcba9876543210");
  ASSERT_TRUE(access.visitor);
  EXPECT_EQ(access.visitor->user, "deploy");
  EXPECT_EQ(access.visitor->role, Role::admin);
  EXPECT_TRUE(access.visitor->explicit_credentials);
  for (const char* wrong : {"Bearer fedcba987654321", "Bearer ", "Basic fedcba9876543210", ""}) {
    EXPECT_FALSE(ask(wrong).visitor) << wrong;
  }
  EXPECT_THROW(bearer_authorization({{"ci", "short", Role::viewer}}), UsageError);
  EXPECT_THROW(bearer_authorization({}), UsageError);
}

TEST(ProxyAuthorization, TrustsItsPeersAlone) {
  const auto authorization = proxy_authorization({.trusted_peers = {"10.0.0.5", "::1"},
                                                  .operator_groups = {"ops"},
                                                  .admin_groups = {"root", "platform"}});
  const auto ask = [&](const char* peer, const char* user, const char* groups) {
    HttpHeaders headers;
    if (*user != '\0') headers.emplace_back("X-Forwarded-User", user);
    headers.emplace_back("X-Forwarded-Groups", groups);
    return authorization(from(peer, headers));
  };
  EXPECT_EQ(ask("10.0.0.5", "ann", "").visitor->role, Role::viewer);
  EXPECT_EQ(ask("::ffff:10.0.0.5", "ann", "dev, ops").visitor->role, Role::operator_);
  EXPECT_EQ(ask("::1", "ann", "ops,platform").visitor->role, Role::admin);
  EXPECT_EQ(ask("::1", "ann", "").visitor->user, "ann");
  EXPECT_FALSE(ask("10.0.0.6", "ann", "root").visitor);
  const Access nobody = ask("::1", "", "root");
  EXPECT_FALSE(nobody.visitor);
  EXPECT_TRUE(nobody.unauthenticated);
  EXPECT_FALSE(
      authorization(from("::1", {{"X-Forwarded-User", "root"}, {"x-forwarded-user", "ann"}}))
          .visitor)
      << "one of them is the visitor's own";
  EXPECT_THROW(proxy_authorization({.trusted_peers = {"10.0.0.0/8"}}), UsageError);
  EXPECT_THROW(proxy_authorization({.user_header = ""}), UsageError);
  EXPECT_THROW(proxy_authorization({.trusted_peers = {}}), UsageError);
}

TEST(AnyOf, TakesTheFirstThatKnowsTheVisitor) {
  const auto authorization =
      any_of({bearer_authorization({{"ci", "0123456789abcdef", Role::viewer}}),
              basic_authorization({{"ann", hash_password("secret"), Role::admin}})});
  EXPECT_EQ(authorization(from("", {{"Authorization", "Bearer 0123456789abcdef"}})).visitor->user,
            "ci");
  EXPECT_EQ(authorization(from("", {{"Authorization", "Basic YW5uOnNlY3JldA=="}})).visitor->user,
            "ann");
  const Access nobody = authorization(from(""));
  EXPECT_FALSE(nobody.visitor);
  EXPECT_THAT(nobody.challenge, HasSubstr("Basic"));
  EXPECT_THROW(any_of({}), UsageError);
  // Who may sign in is asked to, although another way is closed.
  const Access closed = any_of({basic_authorization({{"ann", hash_password("x"), Role::admin}}),
                                local_requests_only()})(from("10.0.0.1"));
  EXPECT_TRUE(closed.unauthenticated);
  EXPECT_THAT(closed.challenge, HasSubstr("Basic"));
}

TEST(Roles, HaveNames) {
  for (const Role role : {Role::viewer, Role::operator_, Role::admin}) {
    EXPECT_EQ(parse_role(to_string(role)), role);
  }
  EXPECT_FALSE(parse_role("root"));
}

}  // namespace
}  // namespace portfire
