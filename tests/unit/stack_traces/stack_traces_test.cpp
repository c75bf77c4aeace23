#include <portfire/stack_traces.hpp>

#include <future>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crash/module.hpp"
#include "stack_traces/throw_hook.hpp"
#include "unit/stack_traces/thrower.hpp"

namespace stack_traces_test {
namespace {

using portfire::CodeLocation;
using portfire::StackTracer;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Trouble : std::runtime_error {
  using std::runtime_error::runtime_error;
};

[[gnu::noinline]] void throw_trouble(int depth) {
  if (depth > 0) throw_trouble(depth - 1);
  throw Trouble{"deep"};
}

[[gnu::noinline]] void throw_around() {
  try {
    throw_trouble(0);
  } catch (...) {
    std::throw_with_nested(std::logic_error{"outer"});
  }
}

// The exception of a call on a thread that runs a job.
template <class Call>
std::exception_ptr caught_in_job(StackTracer& tracer, Call call) {
  std::exception_ptr error;
  tracer.enter(__builtin_frame_address(0));
  try {
    call();
  } catch (...) {
    error = std::current_exception();
  }
  tracer.leave();
  return error;
}

std::string text_of(const std::vector<std::string>& frames) {
  std::string text;
  for (const std::string& frame : frames) text += frame + "\n";
  return text;
}

class StackTraces : public ::testing::Test {
 protected:
  std::vector<std::string> stack_of(const std::exception_ptr& error) {
    return tracer_->stack_of(error);
  }
  const std::shared_ptr<StackTracer> tracer_ = portfire::stack_traces();
};

TEST_F(StackTraces, NameFunctionFileAndLine) {
  const auto error = caught_in_job(*tracer_, [] { throw_trouble(2); });
  const auto stack = stack_of(error);
  ASSERT_GE(stack.size(), 3U);
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(stack[static_cast<std::size_t>(i)],
                AllOf(HasSubstr("throw_trouble(int)"), HasSubstr("stack_traces_test.cpp:")));
  }
  EXPECT_THAT(text_of(stack), Not(HasSubstr("__cxa_throw")));
  EXPECT_THAT(text_of(stack), Not(HasSubstr("testing::Test::Run")));
}

TEST_F(StackTraces, AThrowOutsideAJobIsNotNoted) {
  std::exception_ptr error;
  try {
    throw_trouble(0);
  } catch (...) {
    error = std::current_exception();
  }
  EXPECT_THAT(stack_of(error), IsEmpty());
  EXPECT_THAT(stack_of(nullptr), IsEmpty());
}

TEST_F(StackTraces, ARethrowKeepsTheFirst) {
  const auto error = caught_in_job(*tracer_, [] {
    try {
      throw_trouble(0);
    } catch (const Trouble&) {
      throw;
    }
  });
  const auto again = caught_in_job(*tracer_, [&] { std::rethrow_exception(error); });
  EXPECT_THAT(stack_of(again).front(), HasSubstr("throw_trouble"));
}

TEST_F(StackTraces, OfNestedExceptionsEachHasItsOwn) {
  const auto error = caught_in_job(*tracer_, [] { throw_around(); });
  EXPECT_THAT(stack_of(error).front(), HasSubstr("throw_around"));
  try {
    std::rethrow_exception(error);
  } catch (const std::nested_exception& outer) {
    EXPECT_THAT(stack_of(outer.nested_ptr()).front(), HasSubstr("throw_trouble"));
  }
}

TEST_F(StackTraces, WhatTheLibraryThrowsIsShownWhereItWasAsked) {
  const auto error = caught_in_job(*tracer_, [] { std::vector<int>{}.at(7); });
  EXPECT_THAT(stack_of(error).front(), HasSubstr("std::vector<int"));
}

TEST_F(StackTraces, MoveWithTheirExceptionToOtherThreads) {
  const auto error = caught_in_job(*tracer_, [] { throw_trouble(0); });
  std::vector<std::string> stack;
  std::thread{[&] { stack = stack_of(error); }}.join();
  EXPECT_THAT(stack.front(), HasSubstr("throw_trouble"));
}

TEST_F(StackTraces, AreForgottenWithTheirException) {
  const void* object = nullptr;
  const auto error = caught_in_job(*tracer_, [&] {
    try {
      throw_trouble(0);
    } catch (const Trouble& trouble) {
      object = &trouble;
    }
  });
  EXPECT_EQ(error, nullptr);
  portfire::crash::Stack stack;
  ASSERT_NE(object, nullptr);
  EXPECT_FALSE(portfire::tracing::find_throw(object, stack));
}

// More than there are places for: some lose their stack, and none gets another one's.
TEST_F(StackTraces, ManyAtATimeAreNotMistakenForEachOther) {
  std::vector<std::exception_ptr> errors;
  for (int i = 0; i < 2000; ++i) {
    errors.push_back(i % 2 == 0 ? caught_in_job(*tracer_, [] { throw_trouble(0); })
                                : caught_in_job(*tracer_, [] { throw_around(); }));
  }
  std::size_t found = 0;
  for (std::size_t i = 0; i < errors.size(); ++i) {
    const auto stack = stack_of(errors[i]);
    if (stack.empty()) continue;
    ++found;
    ASSERT_THAT(stack.front(), HasSubstr(i % 2 == 0 ? "throw_trouble" : "throw_around"));
  }
  EXPECT_GT(found, 0U);
}

TEST_F(StackTraces, ThrowsOfManyThreadsAreKeptApart) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 500; ++round) {
        const auto error = caught_in_job(*tracer_, [] { throw_trouble(0); });
        ASSERT_THAT(stack_of(error).front(), HasSubstr("throw_trouble"));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

#ifdef PORTFIRE_SHARED_THROWER
TEST_F(StackTraces, ASharedLibraryIsLookedIntoToo) {
  const auto error = caught_in_job(*tracer_, [] { throw_from_a_library(); });
  EXPECT_THAT(stack_of(error).front(),
              AllOf(HasSubstr("throw_from_a_library()"), HasSubstr("thrower.cpp:")));
}
#endif

TEST_F(StackTraces, OfAModuleThatIsNotThereTheOffsetIsLeft) {
  const CodeLocation gone{.module = "/nowhere/libacme.so", .offset = 0x12, .build_id = "ab"};
  EXPECT_THAT(tracer_->describe({&gone, 1}), ::testing::ElementsAre("libacme.so+0x12"));
}

TEST_F(StackTraces, OfAModuleThatWasReplacedTheOffsetIsLeft) {
  CodeLocation location =
      portfire::crash::location_of(reinterpret_cast<std::uintptr_t>(&throw_trouble));
  EXPECT_THAT(tracer_->describe({&location, 1}).front(), HasSubstr("throw_trouble"));
  location.build_id.front() = location.build_id.front() == '0' ? '1' : '0';
  EXPECT_THAT(tracer_->describe({&location, 1}).front(), HasSubstr("+0x"));
}

}  // namespace
}  // namespace stack_traces_test
