#include <gtest/gtest.h>

#include "tidy/samples.hpp"

namespace portfire::tidy {
namespace {

class OutsideTheSeam : public testing::TestWithParam<std::string> {};

TEST_P(OutsideTheSeam, IsFoundInEveryLayerOfTheLibrary) {
  for (const std::string path :
       {"src/model/a.cpp", "src/client/a.cpp", "src/server/a.hpp", "src/storage/memory/a.cpp",
        "src/runtime/log.cpp", "include/portfire/a.hpp", "src/cli/a.cpp"}) {
    EXPECT_EQ(places(check_runtime_seam({{path, "void f() {\n  " + GetParam() + ";\n}\n"}})),
              (Places{{path, 2}}));
  }
}

INSTANTIATE_TEST_SUITE_P(
    Seam, OutsideTheSeam,
    testing::Values("std::thread t{g}", "std::jthread t{g}", "std::condition_variable c",
                    "std::condition_variable_any c", "std::this_thread::yield()", "sleep_for(1s)",
                    "auto t = std::chrono::system_clock::now()", "auto t = steady_clock::now()",
                    "std::random_device d", "clock_gettime(id, &t)", "usleep(5)",
                    "std::binary_semaphore s{0}", "auto f = std::async(g)"));

TEST(Seam, ThreadRuntimeIsTheOnePlace) {
  EXPECT_TRUE(check_runtime_seam({{"src/runtime/thread_runtime.cpp", "std::thread t;\n"}}).empty());
}

TEST(Seam, TestsMayNameThreadsButNeverSleep) {
  const Tree tree{{"tests/unit/a_test.cpp", "std::thread t;\nstd::this_thread::sleep_for(1s);\n"},
                  {"tests/unit/b_test.cpp", "std::this_thread::sleep_until(t);\n"},
                  {"bench/a.cpp", "std::thread t;\n"}};
  EXPECT_EQ(places(check_runtime_seam(tree)),
            (Places{{"tests/unit/a_test.cpp", 2}, {"tests/unit/b_test.cpp", 1}}));
}

TEST(Seam, CommentsAndStringsMaySayAnything) {
  EXPECT_TRUE(
      check_runtime_seam({{"src/client/a.cpp", "// std::thread\nf(\"std::thread\");\n"}}).empty());
}

class BadManners : public testing::TestWithParam<std::string> {};

TEST_P(BadManners, AreFoundInTheLibrary) {
  const auto text = "void f() {\n  " + GetParam() + ";\n}\n";
  const Tree tree{
      {"include/portfire/a.hpp", text}, {"src/cli/main.cpp", text}, {"src/server/a.cpp", text}};
  EXPECT_EQ(places(check_library_manners(tree)),
            (Places{{"include/portfire/a.hpp", 2}, {"src/server/a.cpp", 2}}));
}

INSTANTIATE_TEST_SUITE_P(Manners, BadManners,
                         testing::Values("std::cout << 1", "std::cerr << 1", "std::printf(\"x\")",
                                         "fprintf(stderr, \"x\")", "std::abort()", "abort()",
                                         "exit(1)", "std::terminate()"));

TEST(Manners, MembersOfTheSameNameAreNotMeant) {
  EXPECT_TRUE(
      check_library_manners({{"src/server/a.cpp", "process.exit(); unit->abort();\n"}}).empty());
}

}  // namespace
}  // namespace portfire::tidy
