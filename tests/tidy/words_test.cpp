#include <gtest/gtest.h>

#include "tidy/samples.hpp"

namespace portfire::tidy {
namespace {

TEST(Words, MarksOfUnfinishedWorkAreFoundInEveryFile) {
  const Tree tree{{"a.sh",
                   "# TO"
                   "DO later\n"},
                  {"b.md",
                   "ok\nFIX"
                   "ME\n"},
                  {"c.cpp",
                   "// X"
                   "XX\n"}};
  EXPECT_EQ(places(check_words(tree)), (Places{{"a.sh", 1}, {"b.md", 2}, {"c.cpp", 1}}));
}

TEST(Words, PathsOfOneMachineAreFound) {
  const Tree tree{{"a.md",
                   "see /wo"
                   "rk/main\n"},
                  {"b.cmake",
                   "set(x /tmp/bu"
                   "ild-x)\n"},
                  {"c.cpp",
                   "f(\"/ro"
                   "ot/x\");\n"},
                  {"d.md", "as in framework/ and network/\n"}};
  EXPECT_EQ(places(check_words(tree)), (Places{{"a.md", 1}, {"b.cmake", 1}, {"c.cpp", 1}}));
}

TEST(Words, ProseIsBritish) {
  const Tree tree{{"a.md",
                   "The behav"
                   "ior.\n"},
                  {"b.hpp",
                   "/// Col"
                   "or of the bar.\nint col"
                   "or;\n"},
                  {"c.cpp",
                   "auto x = initial"
                   "ize();  // `initial"
                   "ize` is its name\n"}};
  EXPECT_EQ(places(check_words(tree)), (Places{{"a.md", 1}, {"b.hpp", 1}}));
}

TEST(Words, TheLicenceIsLeftAlone) {
  EXPECT_TRUE(check_words({{"LICENSE",
                            "col"
                            "or\n"}})
                  .empty());
}

}  // namespace
}  // namespace portfire::tidy
