#include "crash/record.hpp"

#include <unistd.h>

#include <cstdio>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crash/module.hpp"
#include "crash/record_writer.hpp"

namespace portfire::crash::record_test {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr ServerId server{0x0193'0f3c'8e4b'7c21, 0x9a55'0123'4567'89ab};

RunningExecution running(std::uint64_t number, std::string name) {
  return {server, {.ref = {.job = {7, number}, .epoch = number}, .name = std::move(name)}};
}

std::string repeated(std::string_view text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

siginfo_t fault_at(std::uintptr_t address) {
  siginfo_t information{};
  information.si_code = SEGV_MAPERR;
  information.si_addr = reinterpret_cast<void*>(address);
  return information;
}

// What a writer has written.
template <class Write>
std::string written(Write write) {
  std::FILE* const file = std::tmpfile();
  {
    RecordWriter writer{fileno(file)};
    write(writer);
  }
  std::string text(static_cast<std::size_t>(lseek(fileno(file), 0, SEEK_END)), '\0');
  if (pread(fileno(file), text.data(), text.size(), 0) < 0) text.clear();
  std::fclose(file);
  return text;
}

std::string whole() {
  prepare_modules();
  return written([](RecordWriter& writer) {
    Stack stack;
    capture(stack, __builtin_frame_address(0), nullptr);
    writer.begin(SIGSEGV, fault_at(0x10));
    writer.running(running(3, "beside"), Part::beside);
    writer.running(running(4, "the job\nthat crashed"), Part::crashed);
    writer.running(running(5, "far away"), Part::apart);
    writer.listed();
    writer.frames(stack);
  });
}

TEST(CrashRecord, WhatIsWrittenIsRead) {
  const auto record = read_record(whole());
  ASSERT_TRUE(record);
  EXPECT_EQ(record->signal, SIGSEGV);
  EXPECT_EQ(record->code, SEGV_MAPERR);
  EXPECT_EQ(record->address, std::uint64_t{0x10});
  EXPECT_EQ(record->sender, std::nullopt);
  EXPECT_EQ(record->process, getpid());
  EXPECT_GT(record->time, 0);
  EXPECT_FALSE(record->elsewhere);
  ASSERT_THAT(record->running, SizeIs(3));
  const RecordedExecution& crashed = record->running[1];
  EXPECT_EQ(crashed.part, Part::crashed);
  EXPECT_EQ(record->running[0].part, Part::beside);
  EXPECT_EQ(record->running[2].part, Part::apart);
  EXPECT_EQ(crashed.server, server);
  EXPECT_EQ(crashed.job, (JobId{7, 4}));
  EXPECT_EQ(crashed.epoch, 4U);
  EXPECT_EQ(crashed.name, "the job?that crashed");
  ASSERT_FALSE(record->stack.empty());
  // This program is linked with a build id, as all are in Debian.
  EXPECT_THAT(record->stack[0].module, ::testing::HasSubstr("unit_crash"));
  EXPECT_THAT(record->stack[0].build_id, SizeIs(40));
}

TEST(CrashRecord, LongNamesAreCut) {
  const auto record = read_record(written([](RecordWriter& writer) {
    writer.begin(SIGBUS, fault_at(0));
    writer.running(running(1, std::string(10'000, 'x')), Part::beside);
    writer.running(running(2, "x" + repeated("é", 100)), Part::beside);
    writer.running(running(3, "xx" + repeated("é", 100)), Part::beside);
    writer.running(running(4, "xx" + repeated("é", 58)), Part::beside);
    writer.listed();
  }));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->running[0].name, std::string(118, 'x'));
  EXPECT_EQ(record->running[1].name, "x" + repeated("é", 58)) << "between characters";
  EXPECT_EQ(record->running[2].name, "xx" + repeated("é", 58));
  EXPECT_EQ(record->running[3].name, "xx" + repeated("é", 58)) << "whole";
}

// Of a general protection fault, for one: zero stands in its place.
TEST(CrashRecord, AnAddressThatTheSystemDoesNotKnowIsLeftOut) {
  for (const int code : {static_cast<int>(SI_KERNEL), static_cast<int>(SI_TKILL)}) {
    siginfo_t information{};
    information.si_code = code;
    information.si_pid = getpid();
    const auto record = read_record(written([&](RecordWriter& writer) {
      writer.begin(SIGSEGV, information);
      writer.listed();
    }));
    ASSERT_TRUE(record);
    EXPECT_EQ(record->address, std::nullopt);
  }
}

TEST(CrashRecord, ASignalOfAnotherProcessIsToldByItsSender) {
  siginfo_t information{};
  information.si_code = SI_USER;
  information.si_pid = getpid() + 1;
  const auto record = read_record(written([&](RecordWriter& writer) {
    writer.begin(SIGABRT, information);
    writer.elsewhere();
    writer.listed();
  }));
  ASSERT_TRUE(record);
  EXPECT_EQ(record->sender, getpid() + 1);
  EXPECT_TRUE(record->elsewhere);
  EXPECT_TRUE(was_sent_from_outside(information));
  information.si_pid = getpid();
  EXPECT_FALSE(was_sent_from_outside(information));
}

TEST(CrashRecord, ACutRecordIsNoneUntilAllThatRanIsListed) {
  const std::string text = whole();
  const std::size_t listed = text.find("listed\n") + 7;
  for (std::size_t size = 0; size < listed; ++size) {
    EXPECT_FALSE(read_record(text.substr(0, size))) << size;
  }
  const std::size_t frames = read_record(text)->stack.size();
  for (std::size_t size = listed; size <= text.size(); ++size) {
    const auto record = read_record(text.substr(0, size));
    ASSERT_TRUE(record) << size;
    EXPECT_THAT(record->running, SizeIs(3));
    EXPECT_LE(record->stack.size(), frames);
  }
}

TEST(CrashRecord, WhatIsNoneIsRefused) {
  for (const char* text :
       {"", "\n", "portfire crash 1\n", "portfire crash 2\nsignal 11\nlisted\n", "listed\n",
        "portfire crash 1\nlisted\n", "portfire crash 1\nsignal many\nlisted\n",
        "portfire crash 1\nsignal 11\nrunning a b 1 beside x\nlisted\n",
        "portfire crash 1\nsignal 11\nrumours\nlisted\n"}) {
    EXPECT_FALSE(read_record(text)) << text;
  }
  EXPECT_FALSE(read_record(std::string_view{"\0\1\2\xff", 4}));
  EXPECT_TRUE(read_record("portfire crash 1\nsignal 11\nlisted\n"));
}

TEST(CrashRecord, BadFramesEndTheStack) {
  const auto record = read_record(
      "portfire crash 1\nsignal 11\nlisted\nframe 0x12 ab /a b/c\nframe 0x1 - \nframe x - y\n"
      "frame 0x2 - z\n");
  ASSERT_TRUE(record);
  EXPECT_THAT(record->stack,
              ElementsAre(CodeLocation{.module = "/a b/c", .offset = 0x12, .build_id = "ab"},
                          CodeLocation{.module = "", .offset = 1, .build_id = ""}));
}

}  // namespace
}  // namespace portfire::crash::record_test
