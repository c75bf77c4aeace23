#pragma once

// Where everything of an archive lies.

#include <filesystem>

#include "jobs.hpp"

namespace archive {

struct Places {
  std::filesystem::path source;
  std::filesystem::path archive;

  [[nodiscard]] std::filesystem::path manifest() const { return archive / "manifest.txt"; }
  // Files that are being written. Whatever is in it when a run begins was left by a killed one.
  [[nodiscard]] std::filesystem::path partial() const { return archive / "partial"; }
  [[nodiscard]] std::filesystem::path copy_of(const File& file) const;

  // Whether the copy of a file stands and is of this version of it.
  [[nodiscard]] bool has_copy_of(const File& file) const;
};

// In nanoseconds since 1970.
std::int64_t count_ns(const timespec& instant);

}  // namespace archive
