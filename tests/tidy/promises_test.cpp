#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "tidy/rules.hpp"

namespace portfire::tidy {
namespace {

const std::string document = "docs/reference/guarantees.md";

TEST(Promises, NameTestsThatExist) {
  const Tree good{{document, "It holds.\n`Network.Holds`, `memory.hpp`"},
                  {"tests/a.cpp", "TEST_P(Network, Holds) {}\n"}};
  EXPECT_EQ(check_promises(good), std::vector<Finding>{});
}

TEST(Promises, AreFoundWhenTheirTestIsGone) {
  const Tree bad{{document, "It holds.\n`Network.Holds`"}, {"tests/a.cpp", "int a;"}};
  EXPECT_EQ(
      check_promises(bad),
      (std::vector<Finding>{{document, 2, "names the test Network.Holds, which is not there"}}));
  EXPECT_EQ(check_promises({}), (std::vector<Finding>{{document, 1, "is missing"}}));
}

TEST(Promises, AreNotShownByATestInACommentOrALiteral) {
  const Tree bad{
      {document, "`Network.Holds`"},
      {"tests/a.cpp", "// TEST(Network, Holds) {}\nauto a = \"TEST(Network, Holds)\";\n"}};
  EXPECT_EQ(
      check_promises(bad),
      (std::vector<Finding>{{document, 1, "names the test Network.Holds, which is not there"}}));
}

TEST(Promises, NameATestInEachRow) {
  const std::string rows = "| | shown by |\n|---|---|\n| It holds | `Network.Holds` |\n";
  const std::pair<const std::string, std::string> tests{"tests/a.cpp", "TEST(Network, Holds) {}\n"};
  EXPECT_EQ(check_promises({{document, rows}, tests}), std::vector<Finding>{});
  const Finding unshown{document, 4, "promises something and names no test that shows it"};
  EXPECT_EQ(check_promises({{document, rows + "| It lasts | the suite |\n"}, tests}),
            std::vector<Finding>{unshown});
  const std::string columns = "| | one | two |\n|---|---|---|\n| a loss | all | none |\n";
  EXPECT_EQ(check_promises({{document, columns + "| shown by | | `Network.Holds` |\n"}, tests}),
            std::vector<Finding>{});
  EXPECT_EQ(
      check_promises({{document, columns + "| shown by | some | `Network.Holds` |\n"}, tests}),
      std::vector<Finding>{unshown});
}

}  // namespace
}  // namespace portfire::tidy
