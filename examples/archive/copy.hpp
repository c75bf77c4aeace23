#pragma once

// One file, read once: hashed and compressed on the way, whatever its size.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <stdexcept>

#include "atomic_file.hpp"
#include "jobs.hpp"

namespace archive {

// The file cannot be read (any more): nothing that a retry would cure.
class Unreadable : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Writes `source`, compressed by zstd, into `copy`, which is not published yet; gives it the
// source's date. `on_bytes` hears of every piece read and may throw to give up. Throws
// `Unreadable`, or `std::system_error` when the copy cannot be written.
Archived copy_file(const std::filesystem::path& source, AtomicFile& copy,
                   const std::function<void(std::uint64_t bytes)>& on_bytes);

}  // namespace archive
