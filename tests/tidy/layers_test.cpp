#include <gtest/gtest.h>

#include "tidy/samples.hpp"

namespace portfire::tidy {
namespace {

// One file that includes another; both exist.
std::vector<Finding> including(const std::string& from, const std::string& line,
                               const std::string& target) {
  return check_includes({{from, "#pragma once\n" + line + "\n"}, {target, "#pragma once\n"}});
}

struct Edge {
  std::string from;
  std::string line;
  std::string target;

  friend std::ostream& operator<<(std::ostream& out, const Edge& edge) {
    return out << edge.from << " " << edge.line;
  }
};

class WrongEdge : public testing::TestWithParam<Edge> {};

TEST_P(WrongEdge, IsFound) {
  const auto& [from, line, target] = GetParam();
  EXPECT_EQ(places(including(from, line, target)), (Places{{from, 2}}));
}

INSTANTIATE_TEST_SUITE_P(
    Layers, WrongEdge,
    testing::Values(
        Edge{"src/model/a.cpp", "#include \"client/b.hpp\"", "src/client/b.hpp"},
        Edge{"src/model/a.cpp", "#include <portfire/storage/storage.hpp>",
             "include/portfire/storage/storage.hpp"},
        Edge{"src/client/a.cpp", "#include \"server/b.hpp\"", "src/server/b.hpp"},
        Edge{"src/client/a.cpp", "#include <portfire/sqlite.hpp>", "include/portfire/sqlite.hpp"},
        Edge{"src/server/a.cpp", "#include <portfire/memory.hpp>", "include/portfire/memory.hpp"},
        Edge{"src/server/a.cpp", "#include \"storage/sqlite/b.hpp\"", "src/storage/sqlite/b.hpp"},
        Edge{"src/storage/memory/a.cpp", "#include \"storage/sqlite/b.hpp\"",
             "src/storage/sqlite/b.hpp"},
        Edge{"src/storage/sqlite/a.cpp", "#include \"../memory/b.hpp\"",
             "src/storage/memory/b.hpp"},
        Edge{"src/storage/sqlite/a.cpp", "#include <portfire/client.hpp>",
             "include/portfire/client.hpp"},
        Edge{"src/storage/common/a.cpp", "# include \"storage/memory/b.hpp\"",
             "src/storage/memory/b.hpp"},
        Edge{"include/portfire/storage/a.hpp", "#include <portfire/client.hpp>",
             "include/portfire/client.hpp"},
        Edge{"include/portfire/client.hpp", "#include <portfire/server.hpp>",
             "include/portfire/server.hpp"},
        Edge{"include/portfire/portfire.hpp", "#include <portfire/sqlite.hpp>",
             "include/portfire/sqlite.hpp"},
        Edge{"src/cli/a.cpp", "#include \"storage/sqlite/b.hpp\"", "src/storage/sqlite/b.hpp"},
        Edge{"examples/a.cpp", "#include \"client/b.hpp\"", "src/client/b.hpp"},
        Edge{"src/testing/a.cpp", "#include \"server/b.hpp\"", "src/server/b.hpp"}));

class RightEdge : public testing::TestWithParam<Edge> {};

TEST_P(RightEdge, IsAccepted) {
  const auto& [from, line, target] = GetParam();
  EXPECT_EQ(places(including(from, line, target)), Places{});
}

INSTANTIATE_TEST_SUITE_P(
    Layers, RightEdge,
    testing::Values(
        Edge{"src/model/a.cpp", "#include <portfire/id.hpp>", "include/portfire/id.hpp"},
        Edge{"src/client/a.cpp", "#include \"model/b.hpp\"", "src/model/b.hpp"},
        Edge{"src/server/a.cpp", "#include \"client/b.hpp\"", "src/client/b.hpp"},
        Edge{"src/server/a.cpp", "#include \"b.hpp\"", "src/server/b.hpp"},
        Edge{"src/storage/sqlite/a.cpp", "#include \"storage/common/b.hpp\"",
             "src/storage/common/b.hpp"},
        Edge{"src/storage/sqlite/a.cpp", "#include <sys/inotify.h>", "src/model/b.hpp"},
        Edge{"src/storage/sqlite/a.cpp", "#include <sqlite3.h>", "src/model/b.hpp"},
        Edge{"src/model/a.cpp", "// #include \"client/b.hpp\"", "src/client/b.hpp"},
        Edge{"tests/unit/a.cpp", "#include \"storage/memory/b.hpp\"", "src/storage/memory/b.hpp"},
        Edge{"examples/a.cpp", "#include <portfire/sqlite.hpp>", "include/portfire/sqlite.hpp"}));

struct ForeignHeader {
  std::string from;
  std::string header;

  friend std::ostream& operator<<(std::ostream& out, const ForeignHeader& edge) {
    return out << edge.from << " " << edge.header;
  }
};

class WrongForeignHeader : public testing::TestWithParam<ForeignHeader> {};

TEST_P(WrongForeignHeader, IsFound) {
  const auto& [from, header] = GetParam();
  EXPECT_EQ(places(check_includes({{from, "#include <" + header + ">\n"}})), (Places{{from, 1}}));
}

INSTANTIATE_TEST_SUITE_P(
    Layers, WrongForeignHeader,
    testing::Values(ForeignHeader{"include/portfire/sqlite.hpp", "sqlite3.h"},
                    ForeignHeader{"include/portfire/log.hpp", "spdlog/spdlog.h"},
                    ForeignHeader{"include/portfire/client.hpp", "gtest/gtest.h"},
                    ForeignHeader{"include/portfire/client.hpp", "unistd.h"},
                    ForeignHeader{"include/portfire/storage/storage.hpp", "nlohmann/json.hpp"},
                    ForeignHeader{"include/portfire/testing/virtual_clock.hpp", "gtest/gtest.h"},
                    ForeignHeader{"src/model/a.cpp", "nlohmann/json.hpp"},
                    ForeignHeader{"src/model/a.cpp", "unistd.h"},
                    ForeignHeader{"src/client/a.cpp", "spdlog/spdlog.h"},
                    ForeignHeader{"src/storage/memory/a.cpp", "sqlite3.h"}));

TEST(Layers, AFileOutsideEveryLayerIsFound) {
  EXPECT_EQ(places(check_includes({{"stray/a.cpp", "#include <vector>\n"}})),
            (Places{{"stray/a.cpp", 1}}));
}

TEST(Layers, AnIncludeOfNothingIsFound) {
  EXPECT_EQ(places(check_includes({{"src/model/a.cpp", "#include \"gone.hpp\"\n"}})),
            (Places{{"src/model/a.cpp", 1}}));
}

TEST(IncludeGuards, AHeaderWithoutOneIsFound) {
  EXPECT_EQ(places(check_include_guards({{"include/portfire/a.hpp", "// #pragma once\nint f();\n"},
                                         {"include/portfire/b.hpp", "#pragma once\nint f();\n"},
                                         {"src/a.cpp", "int f();\n"}})),
            (Places{{"include/portfire/a.hpp", 1}}));
}

}  // namespace
}  // namespace portfire::tidy
