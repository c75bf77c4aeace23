#include "support/private_postgres.hpp"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>

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

TEST(PrivatePostgresLifeTest, NothingIsLeftBehind) {
  std::filesystem::path directory;
  pid_t server = -1;
  {
    const PrivatePostgres own;
    directory = own.directory();
    server = own.pid();
    ASSERT_TRUE(std::filesystem::exists(directory));
  }
  EXPECT_FALSE(std::filesystem::exists(directory));
  EXPECT_NE(::kill(server, 0), 0);
}

// Waits until a directory is removed.
void wait_until_removed(const std::filesystem::path& directory) {
  const int events = ::inotify_init1(IN_CLOEXEC);
  // An entry that is gone already cannot be watched.
  if (::inotify_add_watch(events, directory.c_str(), IN_DELETE_SELF) >= 0) {
    alignas(inotify_event) std::array<char, 4096> event{};
    EXPECT_GT(::read(events, event.data(), event.size()), 0);
  }
  ::close(events);
}

TEST(PrivatePostgresLifeTest, ServerAndDirectoryGoWithAKilledProgram) {
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const pid_t program = ::fork();
  if (program == 0) {
    const PrivatePostgres own;
    const std::string line = own.directory().string() + " " + std::to_string(own.pid()) + "\n";
    if (::write(ends[1], line.data(), line.size()) < 0) ::_exit(1);
    while (true) ::pause();
  }
  ::close(ends[1]);
  FILE* told = ::fdopen(ends[0], "r");
  std::array<char, 200> directory{};
  pid_t server = -1;
  ASSERT_EQ(std::fscanf(told, "%199s %d", directory.data(), &server), 2);
  std::fclose(told);
  ASSERT_EQ(::kill(server, 0), 0);
  ::kill(program, SIGKILL);
  ::waitpid(program, nullptr, 0);
  wait_until_removed(directory.data());
  EXPECT_FALSE(std::filesystem::exists(directory.data()));
  EXPECT_FALSE(std::filesystem::exists("/proc/" + std::to_string(server) + "/cwd/."));
}

}  // namespace
}  // namespace portfire
