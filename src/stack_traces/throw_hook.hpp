#pragma once

// Notes where exceptions are thrown. The hooks themselves stand in front of two functions of the
// C++ library that every throw and every end of an exception passes: see the two files of hooks, of
// which a program gets one.

#include "crash/stack.hpp"

namespace portfire::tracing {

// From now on, and until it is called with null, what this thread throws is noted, up to `bottom`.
void note_throws(const void* bottom) noexcept;

// The stack of the throw of this exception object; false when it was not noted.
bool find_throw(const void* object, crash::Stack& stack);

// For the hooks. `above` is the frame of the hook.
void note_throw(const void* object, const void* above) noexcept;
void forget_throw(const void* object) noexcept;

// Makes a program that uses this library get the hooks.
void link_hooks() noexcept;

}  // namespace portfire::tracing
