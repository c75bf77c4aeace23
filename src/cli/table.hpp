#pragma once

// Aligned columns.

#include <iosfwd>
#include <string>
#include <vector>

namespace portfire::cli {

class Table {
 public:
  enum class Align : unsigned char { left, right };
  struct Column {
    std::string title;
    Align align = Align::left;
  };

  explicit Table(std::vector<Column> columns) : columns_{std::move(columns)} {}

  // One text per column.
  void add(std::vector<std::string> row) { rows_.push_back(std::move(row)); }

  [[nodiscard]] bool empty() const { return rows_.empty(); }

  // Titles, if any column has one, and rows; nothing behind the last column.
  void print(std::ostream& out) const;

 private:
  void print_row(std::ostream& out, const std::vector<std::string>& row,
                 const std::vector<std::size_t>& widths) const;

  const std::vector<Column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace portfire::cli
