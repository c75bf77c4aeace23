// Command lines, a word a line. The commands find no storage that they may use, so that all there
// is to do is to read them.

#include <sstream>
#include <string>
#include <vector>

#include "cli/command_line.hpp"
#include "fuzz/fuzz.hpp"

namespace portfire::fuzz {
namespace {

// Without those that make something.
void declare(cli::CommandLine& line) {
  add_enqueue(line);
  add_jobs(line);
  add_queues(line);
  add_recurring(line);
  add_servers(line);
  add_stats(line);
  add_audit(line);
  add_cron(line);
}

}  // namespace
}  // namespace portfire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace portfire::fuzz;
  std::vector<std::string> words{"portfire"};
  for (Input input{bytes, size}; !input.is_empty();) {
    words.push_back(input.line());
    // They would be read, and opened.
    if (words.back().find("sqlite:") != std::string::npos) return 0;
  }
  std::vector<char*> values;
  for (std::string& word : words) values.push_back(word.data());
  values.push_back(nullptr);
  std::ostringstream out;
  std::ostringstream err;
  portfire::cli::Session session{out, err};
  portfire::cli::CommandLine line{session};
  declare(line);
  const auto code = line.run(static_cast<int>(words.size()), values.data());
  expect(code == portfire::cli::ExitCode{} || !err.str().empty(), "a failure is explained");
  return 0;
}
