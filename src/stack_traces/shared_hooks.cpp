// The hooks for programs whose C++ library is shared: these functions are found before those of the
// same name in the library, by the program and by all of its libraries.

#include <dlfcn.h>

#include <atomic>

#include "stack_traces/throw_hook.hpp"

namespace {

// As the compiler itself declares it, for `throw`.
using Throw = void (*)(void*, void*, void (*)(void*));
using Free = void (*)(void*);

template <class Function>
Function next(std::atomic<Function>& known, const char* name) {
  Function function = known.load(std::memory_order_relaxed);
  if (function == nullptr) {
    function = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
    known.store(function, std::memory_order_relaxed);
  }
  return function;
}

constinit std::atomic<Throw> next_throw{nullptr};
constinit std::atomic<Free> next_free{nullptr};

}  // namespace

extern "C" {

[[gnu::visibility("default")]] void __cxa_throw(void* object, void* type, void (*destroy)(void*)) {
  portfire::tracing::note_throw(object, __builtin_frame_address(0));
  next(next_throw, "__cxa_throw")(object, type, destroy);
  __builtin_unreachable();
}

[[gnu::visibility("default")]] void __cxa_free_exception(void* object) noexcept {
  portfire::tracing::forget_throw(object);
  next(next_free, "__cxa_free_exception")(object);
}

}  // extern "C"

void portfire::tracing::link_hooks() noexcept {
  next(next_throw, "__cxa_throw");
  next(next_free, "__cxa_free_exception");
}
