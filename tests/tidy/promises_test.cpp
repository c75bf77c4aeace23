#include <gtest/gtest.h>

#include "tidy/rules.hpp"

namespace portfire::tidy {
namespace {

const std::string document = "docs/reference/guarantees.md";

TEST(Promises, NameTestsThatExist) {
  const std::string test = std::string{"TE"} + "ST_P(Network, Holds) {}\n";
  const Tree good{{document, "It holds.\n`Network.Holds`, `memory.hpp`"}, {"tests/a.cpp", test}};
  EXPECT_EQ(check_promises(good), std::vector<Finding>{});
}

TEST(Promises, AreFoundWhenTheirTestIsGone) {
  const Tree bad{{document, "It holds.\n`Network.Holds`"}, {"tests/a.cpp", "int a;"}};
  EXPECT_EQ(
      check_promises(bad),
      (std::vector<Finding>{{document, 2, "names the test Network.Holds, which is not there"}}));
  EXPECT_EQ(check_promises({}), (std::vector<Finding>{{document, 1, "is missing"}}));
}

}  // namespace
}  // namespace portfire::tidy
