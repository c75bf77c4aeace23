#pragma once

// The job that all measurements create and run: it does nothing, with arguments of a common size.

#include <array>
#include <cinttypes>
#include <cstdint>
#include <cstdio>
#include <string>

#include <portfire/job.hpp>

namespace portfire::bench {

inline constexpr Job<void(std::int64_t, std::string)> no_op{"bench.no_op"};

inline const std::string ballast(32, 'x');

// As they are stored.
inline std::string stored_arguments() { return "[12345,\"" + ballast + "\"]"; }

// Ascending with time, as the ids of all systems that care are.
inline std::string id_text(std::uint64_t serial) {
  std::array<char, 41> text{};
  std::snprintf(text.data(), text.size(), "01900000-0000-7000-8000-%012" PRIx64, serial);
  return text.data();
}

// How many jobs a bulk creation takes at once.
inline constexpr std::size_t bulk_size = 1000;

}  // namespace portfire::bench
