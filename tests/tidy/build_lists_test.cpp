#include <gtest/gtest.h>

#include "tidy/samples.hpp"

namespace portfire::tidy {
namespace {

TEST(BuildLists, AForgottenSourceIsFound) {
  const Tree tree{{"src/model/CMakeLists.txt", "target_sources(x PRIVATE\n  id.cpp)\n"},
                  {"src/model/id.cpp", ""},
                  {"src/model/forgotten.cpp", ""}};
  EXPECT_EQ(places(check_build_lists(tree)), (Places{{"src/model/forgotten.cpp", 1}}));
}

TEST(BuildLists, AForgottenTestAndAForgottenStatementAreFound) {
  const Tree tree{{"tests/unit/CMakeLists.txt", "portfire_test(x SOURCES model/id_test.cpp)\n"},
                  {"tests/unit/model/id_test.cpp", ""},
                  {"tests/unit/model/time_test.cpp", ""},
                  {"src/storage/sqlite/queries/claim.sql", ""}};
  EXPECT_EQ(places(check_build_lists(tree)), (Places{{"src/storage/sqlite/queries/claim.sql", 1},
                                                     {"tests/unit/model/time_test.cpp", 1}}));
}

TEST(BuildLists, AnEntryInACommentDoesNotCount) {
  const Tree tree{{"src/CMakeLists.txt", "target_sources(x PRIVATE\n  # a.cpp\n  )\n"},
                  {"src/a.cpp", ""}};
  EXPECT_EQ(places(check_build_lists(tree)), (Places{{"src/a.cpp", 1}}));
}

TEST(BuildLists, TheSameNameElsewhereDoesNotCount) {
  const Tree tree{{"src/model/CMakeLists.txt", "target_sources(x PRIVATE id.cpp)\n"},
                  {"src/model/id.cpp", ""},
                  {"src/client/id.cpp", ""}};
  EXPECT_EQ(places(check_build_lists(tree)), (Places{{"src/client/id.cpp", 1}}));
}

TEST(BuildLists, FullPathsAreUnderstood) {
  const Tree tree{
      {"tests/CMakeLists.txt", "add_library(x ${CMAKE_CURRENT_SOURCE_DIR}/a.cpp ../src/b.cpp)\n"},
      {"tests/a.cpp", ""},
      {"src/b.cpp", ""}};
  EXPECT_EQ(places(check_build_lists(tree)), Places{});
}

}  // namespace
}  // namespace portfire::tidy
