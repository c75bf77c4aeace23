// Several processes on one file: crashes, kills and signals.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <stdexcept>

#include <sys/wait.h>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/portfire.hpp>
#include <portfire/sqlite.hpp>

#include "support/child.hpp"

namespace portfire {
namespace {

using namespace std::chrono_literals;

constexpr Job<void()> work{"work"};

class Processes : public ::testing::Test {
 protected:
  Processes() {
    auto pattern = (std::filesystem::temp_directory_path() / "portfire-processes-XXXXXX").string();
    if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
    directory_ = pattern;
    storage_ = sqlite::open(file());
    client_.emplace(storage_, ClientOptions{.log = silent_sink()});
  }
  ~Processes() override {
    client_.reset();
    storage_.reset();
    std::filesystem::remove_all(directory_);
  }

  std::filesystem::path file() const { return directory_ / "jobs.db"; }
  Client& client() { return *client_; }
  std::string rest(JobId id) {
    const Waited waited = client().wait(id, 1min);
    return waited.ended ? waited.job->state : "(not ended)";
  }

  std::filesystem::path directory_;
  std::shared_ptr<Storage> storage_;
  std::optional<Client> client_;
};

// With the longest lease there is: nobody waits for it.
ServerOptions patient() { return {.workers = 1, .lease = 1h, .log = silent_sink()}; }

TEST_F(Processes, TheJobsOfAKilledServerAreTakenBackAtOnce) {
  const JobId id = client().enqueue(work);
  Child child{{file(), "hang"}};
  ASSERT_EQ(child.hear(), 'b');
  child.signal(SIGKILL);
  child.wait_status();
  Handlers handlers;
  handlers.on(work, [] {});
  Server server{storage_, handlers, patient()};
  server.start();
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_TRUE(client().find(id).has_value());
  EXPECT_EQ(storage_->monitoring().servers().size(), 1U);
}

TEST_F(Processes, AJobThatCrashesItsServersIsPoisonAndEndsFailed) {
  const JobId poison = client().enqueue(work);
  // The first crash blames nobody; three are blamed.
  for (int crash = 1; crash <= 4; ++crash) {
    Child child{{file(), "crash"}};
    ASSERT_EQ(child.hear(), 'b') << "run " << crash;
    EXPECT_TRUE(WIFSIGNALED(child.wait_status()));
    EXPECT_EQ(client().find(poison)->state, "Processing");
  }
  const Child child{{file(), "crash"}};
  EXPECT_EQ(rest(poison), "Failed");
  EXPECT_EQ(client().find(poison)->reason, "It was running in 3 servers when they crashed");
}

TEST_F(Processes, AServerInRunEndsInOrderOnATerminationSignal) {
  for (const int number : {SIGTERM, SIGINT}) {
    const JobId id = client().enqueue(work);
    Child child{{file(), "stop"}};
    ASSERT_EQ(child.hear(), 'b');
    child.signal(number);
    const int status = child.wait_status();
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_EQ(client().find(id)->state, "Enqueued") << "its job was given back";
    EXPECT_FALSE(client().find(id)->suspect);
    EXPECT_TRUE(storage_->monitoring().servers().empty());
    client().delete_job(id);
  }
}

TEST_F(Processes, AServerInRunEndsInOrderWhenItIsAskedTo) {
  const JobId id = client().enqueue(work);
  Child child{{file(), "stop"}};
  ASSERT_EQ(child.hear(), 'b');
  // Its lease is an hour: it hears of this by a wake-up.
  EXPECT_TRUE(storage_->coordination().ask_to_stop(storage_->monitoring().servers().at(0).info.id));
  const int status = child.wait_status();
  ASSERT_TRUE(WIFEXITED(status));
  EXPECT_EQ(WEXITSTATUS(status), 0);
  EXPECT_EQ(client().find(id)->state, "Enqueued") << "its job was given back";
  EXPECT_TRUE(storage_->monitoring().servers().empty());
}

TEST_F(Processes, ASecondSignalEndsTheProcessAtOnce) {
  client().enqueue(work);
  Child child{{file(), "stubborn"}};
  ASSERT_EQ(child.hear(), 'b');
  child.signal(SIGTERM);
  ASSERT_EQ(child.hear(), 's') << "the first one stops the server";
  child.signal(SIGTERM);
  const int status = child.wait_status();
  ASSERT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGTERM);
}

TEST_F(Processes, AnEnqueueWakesAServerOfAnotherProcess) {
  Child child{{file(), "echo"}};
  ASSERT_EQ(child.hear(), 'r') << "it is running";
  EXPECT_EQ(rest(client().enqueue(work)), "Succeeded");
  child.signal(SIGTERM);
  child.wait_status();
}

// The child's side.
int serve(const std::filesystem::path& file, const std::string& role, int descriptor) {
  const auto tell = [descriptor](char letter) {
    if (write(descriptor, &letter, 1) != 1) _exit(3);
  };
  Handlers handlers;
  handlers.on(work, [&](std::stop_token stop) {
    if (role != "echo") tell('b');
    if (role == "crash") std::abort();
    if (role == "echo") return;
    const auto event = thread_runtime()->make_event();
    if (role == "stop") {
      event->wait(stop);
      throw std::runtime_error{"interrupted"};
    }
    if (role == "stubborn") {
      event->wait(stop);
      tell('s');
    }
    event->wait({});
  });
  ServerOptions options = patient();
  options.stop_timeout = 0s;
  options.shutdown_timeout = 1min;
  // An hour: only a wake-up can bring the job in time.
  options.poll_interval = 1h;
  options.log = [&](LogLevel, std::string_view line) {
    if (role == "echo" && line.starts_with("server ") && line.find("workers=") != line.npos) {
      tell('r');
    }
  };
  Server server{sqlite::open(file), handlers, options};
  server.run();
  return 0;
}

}  // namespace
}  // namespace portfire

int main(int count, char** values) {
  if (std::string_view{values[0]} == "child") {
    return portfire::serve(values[1], values[2], std::atoi(values[3]));
  }
  ::testing::InitGoogleTest(&count, values);
  return RUN_ALL_TESTS();
}
