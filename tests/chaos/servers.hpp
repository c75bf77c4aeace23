#pragma once

// The server processes, each at a place of its own, where others take the place of those killed.

#include <array>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "support/child.hpp"

namespace portfire::chaos {

// Threads: one, the one that made it: its processes end with it.
class Servers {
 public:
  static constexpr std::size_t count = 4;

  // On the storage at that address; ledgers and logs go to the directory.
  Servers(std::vector<std::string> address, std::filesystem::path directory);

  // Does nothing where one is.
  void start(std::size_t place, bool is_alone);
  // By SIGKILL, also one that is stopped. Whether there was one.
  bool kill(std::size_t place);
  // By SIGSTOP, and on by SIGCONT. Nothing happens where none is.
  bool stop(std::size_t place);
  void go_on(std::size_t place);

  [[nodiscard]] std::vector<pid_t> processes() const;

  // Ends all by SIGTERM.
  void end_all();

  // What they did that nobody had asked for, a line each.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  void note_end(std::size_t place, int status, int expected);

  const std::vector<std::string> address_;
  const std::filesystem::path directory_;
  std::array<std::unique_ptr<Child>, count> children_;
  std::size_t started_ = 0;
  std::vector<std::string> complaints_;
};

}  // namespace portfire::chaos
