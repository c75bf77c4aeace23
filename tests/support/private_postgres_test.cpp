#include "support/private_postgres.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/types.h>

#include <stdexcept>
#include <string>

#include "support/private_server_life.hpp"

namespace portfire {
namespace {

TEST(PrivatePostgresTest, ANewDatabaseIsEmpty) {
  PrivatePostgres& server = PrivatePostgres::shared();
  const std::string first = server.new_database();
  const std::string second = server.new_database();
  server.execute(first, "CREATE TABLE only_here (x int)");
  EXPECT_THROW(server.execute(second, "SELECT * FROM only_here"), std::runtime_error);
}

TEST(PrivatePostgresTest, NobodyListensOnTcpUnlessAsked) {
  PrivatePostgres& server = PrivatePostgres::shared();
  EXPECT_EQ(server.execute(server.url("postgres"), "SHOW listen_addresses"), "");
}

TEST(PrivatePostgresTest, SettingsAndTcp) {
  PrivatePostgres server{{.tcp = true, .settings = {{"synchronous_commit", "off"}}}};
  const std::string url = server.tcp_url("postgres");
  EXPECT_EQ(server.execute(url, "SELECT inet_server_port()"), std::to_string(server.port()));
  EXPECT_EQ(server.execute(url, "SHOW synchronous_commit"), "off");
}

class PrivatePostgresEndTest : public ::testing::Test {
 protected:
  PrivatePostgresEndTest() {
    server_.execute(url_, "CREATE TABLE kept (x int); INSERT INTO kept VALUES (7)");
  }
  std::string kept() { return server_.execute(url_, "SELECT x FROM kept"); }

  PrivatePostgres& server_ = PrivatePostgres::shared();
  const std::string url_ = server_.new_database();
};

TEST_F(PrivatePostgresEndTest, DatabasesOutliveARestart) {
  const pid_t before = server_.pid();
  server_.restart();
  EXPECT_NE(server_.pid(), before);
  EXPECT_EQ(kept(), "7");
}

TEST_F(PrivatePostgresEndTest, DatabasesOutliveACrash) {
  server_.crash();
  EXPECT_THROW(kept(), std::runtime_error);
  server_.start();
  EXPECT_EQ(kept(), "7");
}

TEST_F(PrivatePostgresEndTest, DatabasesOutliveAKill) {
  server_.kill();
  server_.start();
  EXPECT_EQ(kept(), "7");
}

// Whoever looks whether it stands still must not take the news of its end away: its number would be
// free for another process, which the next signal would then hit.
TEST_F(PrivatePostgresEndTest, AServerThatHasEndedByItselfKeepsItsNumberWhileItIsFrozen) {
  const pid_t server = server_.pid();
  ASSERT_GT(server, 0);
  ASSERT_EQ(::kill(server, SIGKILL), 0);
  server_.freeze();
  EXPECT_EQ(::kill(server, 0), 0);
  server_.thaw();
  server_.start();
  EXPECT_EQ(kept(), "7");
}

INSTANTIATE_TYPED_TEST_SUITE_P(Postgres, PrivateServerLifeTest, PrivatePostgres);

}  // namespace
}  // namespace portfire
