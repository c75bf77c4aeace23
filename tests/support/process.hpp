#pragma once

// Programs that tests start beside themselves: servers, poolers and their tools.

#include <filesystem>
#include <string>
#include <vector>

#include "support/owned_process.hpp"

namespace portfire {

using Command = std::vector<std::string>;

// Starts a program in the root directory: standard input from `in`, output and errors to `out`.
// Throws std::runtime_error.
OwnedProcess spawn_process(const Command& command, int in, int out);
// The same with nothing to read, and output added to a file.
OwnedProcess spawn_process(const Command& command, const std::filesystem::path& log);

// Starts a program and waits for its end; the status as `waitpid` gives it.
int run(const Command& command, const std::filesystem::path& log);

// A file that the object has open.
class File {
 public:
  File(const std::filesystem::path& path, int flags);
  ~File();
  File(const File&) = delete;
  File& operator=(const File&) = delete;

  [[nodiscard]] int number() const { return number_; }

 private:
  const int number_;
};

// The end of a log, for messages.
std::string last_lines(const std::filesystem::path& file);

// What goes before a command that refuses to run as root: nothing, unless this program does.
Command as_other_user();
// Makes it that user's, with all in it.
void give_to_other_user(const std::filesystem::path& path);

// A TCP port of 127.0.0.1 that nobody has at this moment.
int free_port();

}  // namespace portfire
