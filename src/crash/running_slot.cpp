#include "crash/running_slot.hpp"

#include <algorithm>
#include <cstring>

#include "model/clip.hpp"

namespace portfire::crash {

namespace {

// A signal handler may not be the first to touch a thread's variables, unless they lie in the block
// that every thread begins with.
[[gnu::tls_model("initial-exec")]] constinit thread_local const RunningSlot* slot_of_thread =
    nullptr;
[[gnu::tls_model("initial-exec")]] constinit thread_local const void* bottom_of_thread = nullptr;

}  // namespace

RunningExecution::RunningExecution(ServerId by, const Execution& execution)
    : server{by}, job{execution.ref.job}, epoch{execution.ref.epoch} {
  std::ranges::copy(clip(execution.name, name.size() - 1), name.begin());
}

void RunningSlot::write(const RunningExecution& execution) noexcept {
  std::array<std::uint64_t, words> text;
  std::memcpy(text.data(), &execution, sizeof execution);
  const std::uint64_t version = version_.load(std::memory_order_relaxed);
  version_.store(version + 1, std::memory_order_relaxed);
  // Whoever sees one of these words sees that the version has changed.
  for (std::size_t i = 0; i < words; ++i) words_[i].store(text[i], std::memory_order_release);
  occupied_.store(true, std::memory_order_relaxed);
  version_.store(version + 2, std::memory_order_release);
}

void RunningSlot::show(const RunningExecution& execution, const void* bottom) noexcept {
  write(execution);
  bottom_of_thread = bottom;
  slot_of_thread = this;
}

void RunningSlot::hide() noexcept {
  slot_of_thread = nullptr;
  occupied_.store(false, std::memory_order_release);
}

void RunningSlot::set_apart(bool apart) noexcept {
  slot_of_thread = apart ? nullptr : this;
  RunningExecution execution;
  if (!read(execution)) return;
  execution.apart = apart;
  write(execution);
}

bool RunningSlot::read(RunningExecution& execution) const noexcept {
  constexpr int most_tries = 1000;
  std::array<std::uint64_t, words> text;
  for (int tries = 0; tries < most_tries; ++tries) {
    const std::uint64_t before = version_.load(std::memory_order_acquire);
    const bool occupied = occupied_.load(std::memory_order_relaxed);
    for (std::size_t i = 0; i < words; ++i) text[i] = words_[i].load(std::memory_order_acquire);
    if (before % 2 != 0 || version_.load(std::memory_order_relaxed) != before) continue;
    if (occupied) std::memcpy(static_cast<void*>(&execution), text.data(), sizeof execution);
    return occupied;
  }
  return false;
}

const RunningSlot* RunningSlot::current() noexcept { return slot_of_thread; }
const void* RunningSlot::current_bottom() noexcept { return bottom_of_thread; }

}  // namespace portfire::crash
