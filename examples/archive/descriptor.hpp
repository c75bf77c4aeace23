#pragma once

// An open file that closes itself, and errors with their reason.

#include <cerrno>
#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

namespace archive {

[[noreturn]] inline void throw_errno(const std::string& what, const std::filesystem::path& path) {
  throw std::system_error{errno, std::generic_category(), what + " " + path.string()};
}

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags, mode_t mode = 0)
      : number_{open(path.c_str(), flags | O_CLOEXEC, mode)} {
    if (number_ < 0) throw_errno("cannot open", path);
  }
  ~Descriptor() { close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  [[nodiscard]] int get() const { return number_; }

 private:
  const int number_;
};

}  // namespace archive
