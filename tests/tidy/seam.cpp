// Which names code may not use, and where.

#include <array>
#include <string_view>

#include "tidy/rules.hpp"
#include "tidy/source_text.hpp"

namespace portfire::tidy {
namespace {

constexpr std::array threads_and_chance = {
    "std::thread",
    "std::jthread",
    "std::this_thread",
    "std::async",
    "std::promise",
    "std::future",
    "std::latch",
    "std::barrier",
    "std::counting_semaphore",
    "std::binary_semaphore",
    "std::condition_variable",
    "std::condition_variable_any",
    "std::random_device",
    "pthread_create",
    "pthread_cond_wait",
    "clock_gettime",
    "gettimeofday",
    "system_clock::now",
    "steady_clock::now",
    "high_resolution_clock::now",
};

constexpr std::array sleeping = {"sleep_for",       "sleep_until", "nanosleep",
                                 "clock_nanosleep", "usleep",      "::sleep"};

constexpr std::array bad_manners = {
    "std::cout", "std::cerr", "std::clog", "printf", "fprintf",    "puts",           "fputs",
    "putchar",   "abort",     "exit",      "_exit",  "quick_exit", "std::terminate",
};

constexpr std::string_view the_seam_itself = "src/runtime/thread_runtime.cpp";

bool is_library(std::string_view path) {
  return path.starts_with("include/") ||
         (path.starts_with("src/") && !path.starts_with("src/cli/"));
}

template <class Names>
void find_names(const std::string& path, std::string_view code, const Names& names,
                std::string_view why, std::vector<Finding>& findings) {
  for (const std::string_view name : names) {
    for (const auto at : find_word(code, name)) {
      // `process.exit` is somebody's member, not the function meant here.
      const bool is_member = at > 0 && (code[at - 1] == '.' || code.substr(0, at).ends_with("->"));
      if (is_member) continue;
      findings.push_back(
          {path, line_at(code, at), "`" + std::string{name} + "` " + std::string{why}});
    }
  }
}

}  // namespace

std::vector<Finding> check_runtime_seam(const Tree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path) || path == the_seam_itself) continue;
    const auto code = code_of(text);
    find_names(path, code, sleeping, "waits for time; wait for an event", findings);
    const bool may_name_threads =
        path.starts_with("tests/") || path.starts_with("bench/") || path.starts_with("examples/");
    if (may_name_threads) continue;
    find_names(path, code, threads_and_chance, "belongs behind the Runtime seam", findings);
  }
  return findings;
}

std::vector<Finding> check_library_manners(const Tree& tree) {
  std::vector<Finding> findings;
  for (const auto& [path, text] : tree) {
    if (!is_cpp(path) || !is_library(path)) continue;
    find_names(path, code_of(text), bad_manners,
               "has no place in a library: throw, return or use the log sink", findings);
  }
  return findings;
}

}  // namespace portfire::tidy
