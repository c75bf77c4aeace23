#include <gtest/gtest.h>

#include "tidy/samples.hpp"

namespace portfire::tidy {
namespace {

TEST(FileBudget, FiveHundredLinesPassAndOneMoreDoesNot) {
  const Tree tree{{"src/a.cpp", repeat("int a;\n", 500)},
                  {"src/b.cpp", repeat("int a;\n", 501)},
                  {"docs/long.md", repeat("text\n", 900)}};
  EXPECT_EQ(places(check_budgets(tree)), (Places{{"src/b.cpp", 501}}));
}

TEST(LineBudget, HundredColumnsPassAndOneMoreDoesNot) {
  const Tree tree{{"src/a.cpp", repeat("x", 100) + "\n" + repeat("x", 101) + "\n"},
                  {"src/umlauts.cpp", "// " + repeat("ä", 97) + "\n"},
                  {"docs/table.md", repeat("x", 300) + "\n"}};
  EXPECT_EQ(places(check_budgets(tree)), (Places{{"src/a.cpp", 2}}));
}

TEST(LineBudget, TrailingBlanksAreFoundInEveryFile) {
  const Tree tree{{"docs/a.md", "text \n"}, {"src/a.cpp", "int a;\n\t\nint b;\r\n"}};
  EXPECT_EQ(places(check_budgets(tree)),
            (Places{{"docs/a.md", 1}, {"src/a.cpp", 2}, {"src/a.cpp", 3}}));
}

// A function whose braces span `lines` lines.
std::string function_of(const std::string& head, std::size_t lines) {
  return head + " {\n" + repeat("  g();\n", lines - 2) + "}\n";
}

class FunctionHead : public testing::TestWithParam<std::string> {};

TEST_P(FunctionHead, OpensAMeasuredFunction) {
  EXPECT_EQ(places(check_budgets({{"src/a.cpp", function_of(GetParam(), 70)}})), Places{});
  EXPECT_EQ(places(check_budgets({{"src/a.cpp", function_of(GetParam(), 71)}})),
            (Places{{"src/a.cpp", 1}}));
}

INSTANTIATE_TEST_SUITE_P(FunctionBudget, FunctionHead,
                         testing::Values("void f()", "TEST(Suite, Name)",
                                         "auto X::f() const -> int",
                                         "X::X(int a) : a_{a}, b_(a), c_{}",
                                         "namespace n { void f()", "struct S { void f() noexcept",
                                         "template <class T> bool operator==(const T& t)"));

TEST(FunctionBudget, ClassesAndNamespacesAreNoFunctions) {
  const auto members = repeat("  void f() { g(); }\n", 100);
  for (const std::string head :
       {"class X {\n", "namespace n {\n", "struct alignas(8) X final : Y {\n",
        "template <class T> requires(true) struct X {\n", "int table[] = {\n"}) {
    EXPECT_EQ(places(check_budgets({{"src/a.cpp", head + members + "};\n"}})), Places{}) << head;
  }
}

TEST(FunctionBudget, EachFunctionIsMeasuredByItself) {
  const auto text =
      function_of("void f()", 60) + function_of("void g()", 80) + function_of("void h()", 60);
  EXPECT_EQ(places(check_budgets({{"src/a.cpp", text}})), (Places{{"src/a.cpp", 61}}));
}

TEST(FunctionBudget, BracesInLiteralsAndDirectivesDoNotCount) {
  const auto text =
      "#define OPEN {\nvoid f() {\n  g('{', \"{{\");\n}\n" + function_of("void h()", 71);
  EXPECT_EQ(places(check_budgets({{"src/a.cpp", text}})), (Places{{"src/a.cpp", 5}}));
}

}  // namespace
}  // namespace portfire::tidy
