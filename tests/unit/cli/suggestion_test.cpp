// Help for fingers that slipped.

#include "cli/suggestion.hpp"

#include <gtest/gtest.h>

namespace portfire::cli {
namespace {

TEST(Suggestion, IsTheNearestName) {
  EXPECT_EQ(did_you_mean("lst", {"show", "list"}), "; did you mean \"list\"?");
  EXPECT_EQ(did_you_mean("--sate", {"--since", "--state"}), "; did you mean \"--state\"?");
}

TEST(Suggestion, IsNotMadeFarOff) {
  EXPECT_EQ(did_you_mean("publish", {"show", "list"}), "");
  EXPECT_EQ(did_you_mean("x", {}), "");
}

}  // namespace
}  // namespace portfire::cli
