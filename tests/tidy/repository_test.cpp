// The rules applied to this very repository.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "tidy/rules.hpp"

namespace portfire::tidy {
namespace {

struct Rule {
  const char* name;
  std::vector<Finding> (*check)(const Tree&);

  friend std::ostream& operator<<(std::ostream& out, const Rule& rule) { return out << rule.name; }
};

const Tree& repository() {
  static const Tree tree = read_tree(PORTFIRE_REPOSITORY);
  return tree;
}

class Repository : public testing::TestWithParam<Rule> {};

TEST_P(Repository, Keeps) {
  // An empty tree would keep every rule.
  ASSERT_TRUE(repository().contains("CMakeLists.txt"));
  ASSERT_GT(repository().size(), 50U);
  for (const auto& finding : GetParam().check(repository())) ADD_FAILURE() << to_string(finding);
}

INSTANTIATE_TEST_SUITE_P(
    Tidy, Repository,
    testing::Values(Rule{"includes", check_includes}, Rule{"include_guards", check_include_guards},
                    Rule{"runtime_seam", check_runtime_seam},
                    Rule{"library_manners", check_library_manners}, Rule{"budgets", check_budgets},
                    Rule{"build_lists", check_build_lists}, Rule{"words", check_words},
                    Rule{"promises", check_promises}),
    [](const auto& instance) { return instance.param.name; });

TEST(ReadTree, FindsFilesWithoutGitToo) {
  const auto root = std::filesystem::path{testing::TempDir()} / "tidy_tree";
  std::filesystem::remove_all(root);
  std::filesystem::create_directories(root / "src");
  std::filesystem::create_directories(root / "build");
  std::filesystem::create_directories(root / ".hidden");
  for (const auto* file : {"src/a.cpp", "build/b.cpp", ".hidden/c.cpp"}) {
    std::ofstream{root / file} << "int a;\n";
  }
  EXPECT_EQ(read_tree(root), (Tree{{"src/a.cpp", "int a;\n"}}));
  std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace portfire::tidy
