#pragma once

// What the machine says about itself and about this process.

#include <cstdint>
#include <filesystem>
#include <string>

namespace portfire::bench {

/// User and system time of this process so far.
double cpu_seconds();

/// The most memory that this process has had resident, and what it has now.
double peak_rss_mib();
double rss_mib();

/// Lets the peak begin anew; where the system does not allow it, the peak goes on.
void forget_peak_rss();

/// The type of the file system that holds a directory, such as `ext4`; `unknown` if nobody says.
std::string filesystem_type(const std::filesystem::path& directory);

/// The median of what a write of 4 KiB and an fsync take in a directory, in microseconds. Leaves
/// nothing behind. Throws `StorageError` when the directory cannot be written.
double fsync_us_p50(const std::filesystem::path& directory);

}  // namespace portfire::bench
