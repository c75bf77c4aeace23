#include "crash/stack.hpp"

#include <sys/uio.h>
#include <unistd.h>
#include <unwind.h>

#include "crash/module.hpp"

namespace portfire::crash {

namespace {

struct Walk {
  Stack& stack;
  std::uintptr_t above;
  std::uintptr_t bottom;
  std::uintptr_t start;  // the interrupted instruction; 0 when none was
  bool started = false;
};

_Unwind_Reason_Code visit(_Unwind_Context* context, void* argument) {
  Walk& walk = *static_cast<Walk*>(argument);
  int is_exact = 0;
  const std::uintptr_t address = _Unwind_GetIPInfo(context, &is_exact);
  // Of the frame's own stack, the end that is further in.
  const std::uintptr_t place = _Unwind_GetCFA(context);
  if (!walk.started) {
    walk.started = walk.start != 0 ? is_exact != 0 && address == walk.start : place > walk.above;
    if (!walk.started) return _URC_NO_REASON;
    // A stack of its own, as coroutines have.
    if (place > walk.bottom) walk.bottom = UINTPTR_MAX;
  }
  if (address == 0 || place > walk.bottom) return _URC_END_OF_STACK;
  walk.stack.add(is_exact != 0 ? address : address - 1);
  return walk.stack.size == most_frames ? _URC_END_OF_STACK : _URC_NO_REASON;
}

std::uintptr_t limit_of(const void* bottom) {
  return bottom == nullptr ? UINTPTR_MAX : reinterpret_cast<std::uintptr_t>(bottom);
}

}  // namespace

void capture(Stack& stack, const void* above, const void* bottom) {
  Walk walk{.stack = stack,
            .above = reinterpret_cast<std::uintptr_t>(above),
            .bottom = limit_of(bottom),
            .start = 0};
  _Unwind_Backtrace(&visit, &walk);
}

void capture_interrupted(Stack& stack, std::uintptr_t pc, std::uintptr_t sp, const void* bottom) {
  Walk walk{.stack = stack, .above = 0, .bottom = limit_of(bottom), .start = pc};
  if (pc != 0) _Unwind_Backtrace(&visit, &walk);
  if (stack.size > 1 || module_of(pc)) return;
  // A jump to where no code is. Who jumped is still on the stack, if there is one.
  if (!walk.started) stack.add(pc);
  std::uintptr_t caller = 0;
  const iovec to{&caller, sizeof caller};
  const iovec from{reinterpret_cast<void*>(sp), sizeof caller};  // NOLINT: an address is a number
  const bool was_read = process_vm_readv(getpid(), &to, 1, &from, 1, 0) == sizeof caller;
  if (was_read && caller != 0) stack.add(caller - 1);
}

}  // namespace portfire::crash
