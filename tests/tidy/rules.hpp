#pragma once

// The house's rules as functions of a tree of files, so that each can be shown to fire on a bad
// sample.

#include <cstddef>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace portfire::tidy {

/// Text by path; paths are relative to the root and use forward slashes.
using Tree = std::map<std::string, std::string>;

/// The tracked files of a repository (and new ones that it does not ignore), or all files below
/// `root` outside build and hidden directories when git cannot tell.
Tree read_tree(const std::filesystem::path& root);

struct Finding {
  std::string path;
  std::size_t line = 0;
  std::string message;

  bool operator==(const Finding&) const = default;
};

/// `path:line: message`, as compilers write it.
std::string to_string(const Finding& finding);

/// Every include goes along an allowed edge between layers, and foreign libraries stay where they
/// belong. The table is in layers.cpp.
std::vector<Finding> check_includes(const Tree& tree);

/// Public headers, and all others, start with `#pragma once`.
std::vector<Finding> check_include_guards(const Tree& tree);

/// Threads, clocks, sleeping and chance are named behind the `Runtime` seam only.
std::vector<Finding> check_runtime_seam(const Tree& tree);

/// The library neither prints nor ends the process.
std::vector<Finding> check_library_manners(const Tree& tree);

/// Length of files, functions and lines; no blanks at line ends.
std::vector<Finding> check_budgets(const Tree& tree);

/// Every C++ and SQL file stands in the list of a CMakeLists.txt in its directory or above.
std::vector<Finding> check_build_lists(const Tree& tree);

/// Marks of unfinished work, paths of a developer's machine, spelling.
std::vector<Finding> check_words(const Tree& tree);

/// The tests that docs/reference/guarantees.md names exist, and every promise names one.
std::vector<Finding> check_promises(const Tree& tree);

}  // namespace portfire::tidy
