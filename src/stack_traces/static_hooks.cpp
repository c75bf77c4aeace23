// The hooks for programs that contain the C++ library. Linked with --wrap, calls of these two
// functions reach what stands here, and `__real_…` is the library's.

#include "stack_traces/throw_hook.hpp"

extern "C" {

// NOLINTBEGIN: names that the linker makes
[[noreturn]] void __real___cxa_throw(void* object, void* type, void (*destroy)(void*));
void __real___cxa_free_exception(void* object) noexcept;

[[noreturn]] void __wrap___cxa_throw(void* object, void* type, void (*destroy)(void*)) {
  portfire::tracing::note_throw(object, __builtin_frame_address(0));
  __real___cxa_throw(object, type, destroy);
}

void __wrap___cxa_free_exception(void* object) noexcept {
  portfire::tracing::forget_throw(object);
  __real___cxa_free_exception(object);
}
// NOLINTEND

}  // extern "C"

void portfire::tracing::link_hooks() noexcept {}
