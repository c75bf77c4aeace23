#pragma once

// Several who each do one small thing after another, for as long as it takes to know how fast.

#include <cstddef>
#include <functional>
#include <vector>

#include <portfire/runtime.hpp>

namespace portfire::bench {

// Calls each function on a task of its own, again and again, with the next number below `jobs`:
// until all numbers have been used or five seconds are over. Returns how many calls a second.
// Throws what a function has thrown, which ended its task.
double crowd_rate(Runtime& runtime, std::size_t jobs,
                  const std::vector<std::function<void(std::size_t number)>>& workers);

}  // namespace portfire::bench
