#pragma once

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>
#include <string>
#include <vector>

#include "support/owned_process.hpp"

namespace portfire {

// This very program once more, as another process that does what its arguments say; killed at the
// end of its life, or of this process. The last two arguments are descriptors, to write to this
// process and to read from it. Errors: std::runtime_error. Threads: one.
class Child {
 public:
  explicit Child(std::vector<std::string> arguments) {
    std::array<int, 2> up{};
    std::array<int, 2> down{};
    if (::pipe2(up.data(), O_CLOEXEC) != 0 || ::pipe2(down.data(), O_CLOEXEC) != 0) {
      throw std::runtime_error{"pipe2 failed"};
    }
    arguments.insert(arguments.begin(), "child");
    for (const int descriptor : {up[1], down[0]}) arguments.push_back(std::to_string(descriptor));
    std::vector<char*> words;
    for (std::string& argument : arguments) words.push_back(argument.data());
    words.push_back(nullptr);
    const pid_t process = ::fork();
    if (process == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL);
      for (const int descriptor : {up[1], down[0]}) ::fcntl(descriptor, F_SETFD, 0);
      ::execv("/proc/self/exe", words.data());
      ::_exit(127);
    }
    ::close(up[1]);
    ::close(down[0]);
    if (process > 0) {
      reading_ = up[0];
      writing_ = down[1];
    } else {
      ::close(up[0]);
      ::close(down[1]);
    }
    process_ = OwnedProcess{process};
  }
  ~Child() {
    ::close(reading_);
    ::close(writing_);
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  // Waits for a letter from the child; 0 at its end.
  char hear() const {
    char letter = 0;
    return ::read(reading_, &letter, 1) == 1 ? letter : '\0';
  }
  // The same for a line, without its end; empty at the child's end.
  std::string hear_line() const {
    std::string line;
    for (char letter = hear(); letter != '\0' && letter != '\n'; letter = hear()) line += letter;
    return line;
  }
  void tell(char letter) const {
    if (::write(writing_, &letter, 1) != 1) throw std::runtime_error{"the child has gone"};
  }

  // -1 once it has been waited for; then no signal goes to anybody.
  [[nodiscard]] pid_t process() const { return process_.number(); }
  void signal(int number) const { process_.signal(number); }
  // Waits for its end, once; the status as `waitpid` gives it.
  int wait_status() { return process_.wait(); }

 private:
  OwnedProcess process_;
  int reading_ = -1;
  int writing_ = -1;
};

}  // namespace portfire
