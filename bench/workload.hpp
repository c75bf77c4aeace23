#pragma once

// The job that all measurements create and run: it does nothing, with arguments of a common size.

#include <cstdint>
#include <string>

#include <portfire/job.hpp>

namespace portfire::bench {

inline constexpr Job<void(std::int64_t, std::string)> no_op{"bench.no_op"};

inline const std::string ballast(32, 'x');

// How many jobs a bulk creation takes at once.
inline constexpr std::size_t bulk_size = 1000;

}  // namespace portfire::bench
