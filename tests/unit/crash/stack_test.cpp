#include "crash/stack.hpp"

#include <dlfcn.h>
#include <signal.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "crash/module.hpp"
#include "crash/names.hpp"

namespace portfire::crash::stack_test {
namespace {

using ::testing::EndsWith;

// Not a tail call, which would leave no frame.
[[gnu::noinline]] std::size_t depth(int more, const void* above, const void* bottom) {
  if (more > 0) {
    const volatile std::size_t below = depth(more - 1, above, bottom);
    return below;
  }
  Stack stack;
  capture(stack, above, bottom);
  return stack.size;
}

TEST(Stack, EndsAtItsBottom) {
  const void* const bottom = __builtin_frame_address(0);
  const std::size_t flat = depth(0, nullptr, bottom);
  EXPECT_EQ(depth(5, nullptr, bottom), flat + 5);
  EXPECT_GT(depth(0, nullptr, nullptr), flat);
}

TEST(Stack, HasBounds) { EXPECT_EQ(depth(1000, nullptr, nullptr), most_frames); }

TEST(Stack, BeginsBeyondTheFrameThatIsNamed) {
  Stack stack;
  capture(stack, __builtin_frame_address(0), nullptr);
  Stack all;
  capture(all, nullptr, nullptr);
  EXPECT_LT(stack.size, all.size);
}

TEST(Stack, ABottomOnAnotherStackIsNone) {
  static const int elsewhere = 0;
  EXPECT_GT(depth(0, nullptr, &elsewhere), 1U);
}

TEST(Module, IsFoundByAddress) {
  const auto here = reinterpret_cast<std::uintptr_t>(&most_frames);
  const CodeLocation program = location_of(here);
  EXPECT_THAT(program.module, EndsWith("unit_crash"));
  EXPECT_EQ(program.build_id.size(), 40U);
  void* const function = dlsym(RTLD_DEFAULT, "qsort");
  ASSERT_NE(function, nullptr);
  EXPECT_THAT(location_of(reinterpret_cast<std::uintptr_t>(function)).module,
              ::testing::HasSubstr("libc.so"));
}

TEST(Module, OfNoneTheAddressIsLeft) {
  EXPECT_EQ(location_of(0x10), (CodeLocation{.offset = 0x10}));
  EXPECT_EQ(plain_frame({.offset = 0x10}), "0x10");
  EXPECT_EQ(plain_frame({.module = "/usr/lib/libacme.so", .offset = 0x1a2b}), "libacme.so+0x1a2b");
}

TEST(Names, OfSignals) {
  EXPECT_EQ(signal_name(SIGSEGV), "SIGSEGV");
  EXPECT_EQ(signal_name(64), "signal 64");
}

}  // namespace
}  // namespace portfire::crash::stack_test
