#include <cstdio>
#include <fstream>
#include <iterator>
#include <memory>

#include "tidy/rules.hpp"

namespace portfire::tidy {
namespace {

namespace fs = std::filesystem;

std::string read_file(const fs::path& file) {
  std::ifstream stream{file, std::ios::binary};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe{popen(command.c_str(), "r"), pclose};
  std::string output;
  for (int next = 0; pipe && (next = std::fgetc(pipe.get())) != EOF;) {
    output += static_cast<char>(next);
  }
  return output;
}

std::vector<std::string> paths_from_git(const fs::path& root) {
  const auto output = output_of("git -C '" + root.string() +
                                "' ls-files -z --cached --others --exclude-standard 2>/dev/null");
  std::vector<std::string> paths;
  for (std::size_t at = 0; at < output.size();) {
    const auto end = output.find('\0', at);
    paths.push_back(output.substr(at, end - at));
    at = end + 1;
  }
  return paths;
}

std::vector<std::string> paths_by_walking(const fs::path& root) {
  std::vector<std::string> paths;
  for (auto at = fs::recursive_directory_iterator{root}; at != fs::end(at); ++at) {
    const auto name = at->path().filename().string();
    if (at->is_directory() && (name.starts_with(".") || name.starts_with("build"))) {
      at.disable_recursion_pending();
    } else if (at->is_regular_file()) {
      paths.push_back(fs::relative(at->path(), root).generic_string());
    }
  }
  return paths;
}

}  // namespace

Tree read_tree(const fs::path& root) {
  auto paths = paths_from_git(root);
  if (paths.empty()) paths = paths_by_walking(root);
  Tree tree;
  for (const auto& path : paths) {
    // A deleted file stays in git's index until its deletion is committed.
    if (!fs::is_regular_file(root / path)) continue;
    // Whatever they look like, they are bytes that somebody may send.
    if (path.starts_with("tests/fuzz/corpus/")) continue;
    auto text = read_file(root / path);
    const bool is_binary = text.find('\0') != std::string::npos;
    if (!is_binary) tree.emplace(path, std::move(text));
  }
  return tree;
}

std::string to_string(const Finding& finding) {
  return finding.path + ":" + std::to_string(finding.line) + ": " + finding.message;
}

}  // namespace portfire::tidy
