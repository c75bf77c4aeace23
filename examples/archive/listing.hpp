#pragma once

// Finds the files of a directory.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "jobs.hpp"

namespace archive {

// What was left out.
struct Omissions {
  std::uint64_t links = 0;              // symbolic ones, which are never followed
  std::uint64_t specials = 0;           // pipes, sockets, devices
  std::uint64_t folders = 0;            // of version control and of builds
  std::vector<std::string> complaints;  // what could not be looked into, and why
};

// Tells `on_file` of every file below `root`, in no particular order, without holding them all.
// Folders that can be made again are left out: version control, builds, and whatever carries the
// common mark for such, `CACHEDIR.TAG`; so is `output`.
Omissions list_files(const std::filesystem::path& root, const std::filesystem::path& output,
                     const std::function<void(File)>& on_file);

}  // namespace archive
