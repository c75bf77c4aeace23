// Aligned columns.

#include "cli/table.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace portfire::cli {
namespace {

std::string printed(const Table& table) {
  std::ostringstream out;
  table.print(out);
  return out.str();
}

TEST(Table, AlignsItsColumns) {
  Table table{{{"NAME"}, {"COUNT", Table::Align::right}, {"NOTE"}}};
  table.add({"a", "1", "x"});
  table.add({"longer", "1,000", ""});
  EXPECT_EQ(printed(table),
            "NAME    COUNT  NOTE\n"
            "a           1  x\n"
            "longer  1,000\n");
}

TEST(Table, MayHaveNoTitles) {
  Table table{{{""}, {""}}};
  table.add({"key", "value"});
  EXPECT_EQ(printed(table), "key  value\n");
}

TEST(Table, CountsCharactersInsteadOfBytes) {
  Table table{{{""}, {""}}};
  table.add({"äö", "1"});
  table.add({"abc", "2"});
  EXPECT_EQ(printed(table), "äö   1\nabc  2\n");
}

}  // namespace
}  // namespace portfire::cli
