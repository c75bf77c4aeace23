#pragma once

// Stacks as addresses, taken where nothing may be allocated.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace portfire::crash {

inline constexpr std::size_t most_frames = 64;

// Addresses within the calling instructions, innermost first.
struct Stack {
  std::array<std::uintptr_t, most_frames> addresses;
  std::size_t size = 0;

  [[nodiscard]] std::span<const std::uintptr_t> frames() const { return {addresses.data(), size}; }
  void add(std::uintptr_t address) {
    if (size < most_frames) addresses[size++] = address;
  }
};

// The frames of this thread between the addresses `above` (exclusive, further in) and `bottom`
// (inclusive, further out; null for all). Async-signal-safe.
void capture(Stack& stack, const void* above, const void* bottom);

// The frames that a signal handler has interrupted at the instruction `pc` with the stack pointer
// `sp`. Async-signal-safe once `capture` has been called.
void capture_interrupted(Stack& stack, std::uintptr_t pc, std::uintptr_t sp, const void* bottom);

}  // namespace portfire::crash
