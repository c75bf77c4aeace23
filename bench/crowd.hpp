#pragma once

// Several who each do one small thing after another, for as long as it takes to know how fast.

#include <cstddef>
#include <functional>
#include <vector>

#include <portfire/runtime.hpp>

namespace portfire::bench {

using Workers = std::vector<std::function<void(std::size_t number)>>;

// Calls each function on a task of its own, again and again, with the next number below `jobs`:
// until all numbers have been used or five seconds are over. Returns how many calls a second.
// Throws what a function has thrown, which ended its task.
double crowd_rate(Runtime& runtime, std::size_t jobs, const Workers& workers);

// The same until all numbers have been used, however long that takes.
void crowd_through(Runtime& runtime, std::size_t jobs, const Workers& workers);

}  // namespace portfire::bench
