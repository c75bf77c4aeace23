// A whole system with servers that crash is in tests/scenarios.

#include "crash/recorder.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <memory>

#include <gtest/gtest.h>

#include "crash/record.hpp"

namespace portfire::crash::recorder_test {
namespace {

class RecorderTest : public ::testing::Test {
 protected:
  ~RecorderTest() override { std::fclose(file_); }
  int descriptor() const { return fileno(file_); }
  std::string content() const {
    std::string text(static_cast<std::size_t>(lseek(descriptor(), 0, SEEK_END)), '\0');
    return pread(descriptor(), text.data(), text.size(), 0) < 0 ? std::string{} : text;
  }
  // A process that does this and then gets the signal.
  template <class Prepare>
  void end_with_signal(int number, Prepare prepare) {
    const pid_t child = fork();
    if (child == 0) {
      const rlimit none{0, 0};
      setrlimit(RLIMIT_CORE, &none);
      prepare();
      std::raise(number);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "it has survived";
  }

  std::FILE* const file_ = std::tmpfile();
};

TEST_F(RecorderTest, LeavesARecord) {
  for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
    end_with_signal(number, [&] {
      // Lives until the process ends.
      auto* const recorder = std::make_unique<Recorder>(descriptor(), 2).release();
      recorder->slot(1).show({ServerId{1, 2}, {.ref = {.job = {3, 4}, .epoch = 5}, .name = "work"}},
                             nullptr);
    });
    const auto record = read_record(content());
    ASSERT_TRUE(record) << content();
    EXPECT_EQ(record->signal, number);
    EXPECT_EQ(record->sender, std::nullopt);
    ASSERT_EQ(record->running.size(), 1U);
    EXPECT_EQ(record->running[0].part, Part::crashed);
    EXPECT_EQ(record->running[0].name, "work");
    EXPECT_FALSE(record->stack.empty());
  }
}

TEST_F(RecorderTest, AForkedProcessLeavesNone) {
  const Recorder recorder{descriptor(), 1};
  end_with_signal(SIGSEGV, [] {});
  EXPECT_EQ(content(), "");
}

TEST_F(RecorderTest, AnIgnoredSignalStaysIgnored) {
  const auto before = std::signal(SIGFPE, SIG_IGN);
  {
    const Recorder recorder{descriptor(), 1};
    std::raise(SIGFPE);
    EXPECT_EQ(content(), "");
  }
  EXPECT_EQ(std::signal(SIGFPE, before), SIG_IGN);
}

TEST_F(RecorderTest, TakesItsHandlersAwayAgain) {
  struct sigaction before{};
  sigaction(SIGSEGV, nullptr, &before);
  {
    const Recorder first{descriptor(), 1};
    const Recorder second{descriptor(), 1};
    struct sigaction during{};
    sigaction(SIGSEGV, nullptr, &during);
    EXPECT_NE(during.sa_sigaction, before.sa_sigaction);
  }
  struct sigaction after{};
  sigaction(SIGSEGV, nullptr, &after);
  EXPECT_EQ(after.sa_sigaction, before.sa_sigaction);
}

}  // namespace
}  // namespace portfire::crash::recorder_test
