#pragma once

// A file that appears under its name whole or not at all, however the process ends.

#include <ctime>
#include <filesystem>
#include <string_view>

#include "descriptor.hpp"

namespace archive {

class AtomicFile {
 public:
  // Begins under a temporary name, which must lie in the same file system as the final one.
  explicit AtomicFile(std::filesystem::path temporary);
  // Removes what was not published.
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  void write(std::string_view bytes);
  void set_modified(const timespec& instant);

  // Takes the final name, replacing what had it; makes the folders on the way.
  void publish(const std::filesystem::path& name);

 private:
  const std::filesystem::path temporary_;
  const Descriptor descriptor_;
  bool published_ = false;
};

}  // namespace archive
