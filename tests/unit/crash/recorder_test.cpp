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
  // A process that does this and then gets the signal, of which it ends.
  template <class Prepare>
  void end_with_signal(int number, Prepare prepare) {
    const pid_t child = fork();
    if (child == 0) {
      const rlimit none{0, 0};
      setrlimit(RLIMIT_CORE, &none);
      // One that spins ends, too.
      const rlimit seconds{10, 10};
      setrlimit(RLIMIT_CPU, &seconds);
      prepare();
      std::raise(number);
      _exit(0);
    }
    ASSERT_GT(child, 0);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status)) << "it has survived";
    EXPECT_EQ(WTERMSIG(status), number);
  }
  // Lives until the process ends.
  Recorder& install() const { return *std::make_unique<Recorder>(descriptor(), 2).release(); }

  std::FILE* const file_ = std::tmpfile();
};

TEST_F(RecorderTest, LeavesARecord) {
  for (const int number : {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT}) {
    end_with_signal(number, [&] {
      install().slot(1).show({ServerId{1, 2}, {.ref = {.job = {3, 4}, .epoch = 5}, .name = "work"}},
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

TEST_F(RecorderTest, AJobInAnotherProcessIsNotWhatCrashed) {
  end_with_signal(SIGSEGV, [&] {
    RunningSlot& slot = install().slot(0);
    slot.show({ServerId{1, 2}, {.ref = {.job = {3, 4}, .epoch = 5}, .name = "work"}}, nullptr);
    slot.set_apart(true);
  });
  const auto record = read_record(content());
  ASSERT_TRUE(record) << content();
  ASSERT_EQ(record->running.size(), 1U);
  EXPECT_EQ(record->running[0].part, Part::apart);
  EXPECT_FALSE(record->elsewhere);
}

void handle_once(int number, void (*handler)(int)) {
  struct sigaction once{};
  once.sa_handler = handler;
  once.sa_flags = static_cast<int>(SA_RESETHAND);
  sigaction(number, &once, nullptr);
}

void write_to_nowhere() {
  static volatile int* volatile nowhere = nullptr;
  *nowhere = 7;
}

TEST_F(RecorderTest, AnEarlierHandlerThatIsToBeCalledOnceIsCalledOnce) {
  static int calls = 0;
  end_with_signal(SIGSEGV, [&] {
    handle_once(SIGSEGV, [](int) {
      if (++calls > 1) _exit(1);
    });
    install();
    write_to_nowhere();
  });
  const auto record = read_record(content());
  ASSERT_TRUE(record) << content();
  EXPECT_EQ(record->address, std::uint64_t{0});
}

TEST_F(RecorderTest, AnEarlierHandlerMaySendTheSignalAgain) {
  for (const int number : {SIGSEGV, SIGABRT}) {
    end_with_signal(number, [&] {
      handle_once(number, [](int signal) { std::raise(signal); });
      install();
    });
    EXPECT_TRUE(read_record(content())) << content();
  }
}

TEST_F(RecorderTest, WhatAnEarlierHandlerLetsPassIsNoCrash) {
  static int recorded = -1;
  recorded = descriptor();
  end_with_signal(SIGFPE, [&] {
    handle_once(SIGFPE, [](int) {});
    install();
    std::raise(SIGFPE);
    if (lseek(recorded, 0, SEEK_END) != 0) _exit(2);
  });
  EXPECT_TRUE(read_record(content())) << "the next one is: " << content();
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
