#include "stack_traces/throw_hook.hpp"

#include <array>
#include <atomic>
#include <mutex>

namespace portfire::tracing {

namespace {

// Exceptions in flight are few. One that finds its places taken takes that of the oldest, which
// then has no stack.
constexpr std::size_t places = 4;
constexpr std::size_t rows = 64;

struct Entry {
  std::atomic<const void*> object{nullptr};  // what it is noted for; changed under the mutex
  std::uint64_t age = 0;                     // guarded by the mutex
  crash::Stack stack;                        // guarded by the mutex
};

// Global, as the hooks are; shared by all threads, because exceptions move between them.
constinit std::array<std::array<Entry, places>, rows> table{};
constinit std::mutex mutex;
constinit std::uint64_t throws = 0;  // guarded by mutex

constinit thread_local const void* bottom_of_thread = nullptr;

std::array<Entry, places>& row_of(const void* object) {
  // They are aligned to 16 bytes.
  return table[(reinterpret_cast<std::uintptr_t>(object) >> 4) % rows];
}

Entry& entry_for(const void* object) {
  auto& row = row_of(object);
  Entry* oldest = row.data();
  for (Entry& entry : row) {
    const void* const present = entry.object.load(std::memory_order_relaxed);
    if (present == object || present == nullptr) return entry;
    if (entry.age < oldest->age) oldest = &entry;
  }
  return *oldest;
}

}  // namespace

void note_throws(const void* bottom) noexcept { bottom_of_thread = bottom; }

bool find_throw(const void* object, crash::Stack& stack) {
  const std::lock_guard lock{mutex};
  for (Entry& entry : row_of(object)) {
    if (object == nullptr || entry.object.load(std::memory_order_relaxed) != object) continue;
    stack = entry.stack;
    return true;
  }
  return false;
}

void note_throw(const void* object, const void* above) noexcept {
  const void* const bottom = bottom_of_thread;
  if (bottom == nullptr) return;
  crash::Stack stack;
  crash::capture(stack, above, bottom);
  const std::lock_guard lock{mutex};
  Entry& entry = entry_for(object);
  entry.object.store(object, std::memory_order_relaxed);
  entry.age = ++throws;
  entry.stack = stack;
}

// Its address may be another exception's next.
void forget_throw(const void* object) noexcept {
  for (Entry& entry : row_of(object)) {
    if (entry.object.load(std::memory_order_relaxed) != object) continue;
    const std::lock_guard lock{mutex};
    if (entry.object.load(std::memory_order_relaxed) == object) {
      entry.object.store(nullptr, std::memory_order_relaxed);
    }
  }
}

}  // namespace portfire::tracing
