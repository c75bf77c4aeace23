#include "cli/exit_code.hpp"

#include <algorithm>
#include <array>

namespace portfire::cli {

namespace {

struct Row {
  ExitCode code;
  const char* meaning;
  int weight;
};

constexpr std::array<Row, 6> rows = {{
    {ExitCode::ok, "done", 0},
    {ExitCode::failed, "not done: refused, rejected, or the job did not end as Succeeded", 1},
    {ExitCode::usage, "the command line, the URL or a name is wrong; nothing was tried", 5},
    {ExitCode::storage, "the storage cannot be opened, read or written", 4},
    {ExitCode::not_found, "there is no such job", 3},
    {ExitCode::timed_out, "the wait timed out", 2},
}};

int weight_of(ExitCode code) {
  const auto row = std::ranges::find(rows, code, &Row::code);
  return row == rows.end() ? 0 : row->weight;
}

}  // namespace

std::string exit_codes_in_words() {
  std::string text = "Exit codes:\n";
  for (const Row& row : rows) {
    text += "  " + std::to_string(static_cast<int>(row.code)) + "  " + row.meaning + "\n";
  }
  return text;
}

ExitCode worse(ExitCode a, ExitCode b) { return weight_of(a) >= weight_of(b) ? a : b; }

}  // namespace portfire::cli
