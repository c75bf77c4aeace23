// A shared library that throws.

#include "unit/stack_traces/thrower.hpp"

#include <stdexcept>

void throw_from_a_library() { throw std::runtime_error{"from a library"}; }
