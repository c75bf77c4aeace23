#include "allocation/failing_new.hpp"

#include <cstdlib>
#include <new>

namespace portfire {

namespace {

// Of this thread: how many allocations succeed before the one that fails; -1: none is to fail.
thread_local std::ptrdiff_t left = -1;
thread_local bool failed = false;

bool fails_now() {
  if (left < 0 || left-- > 0) return false;
  failed = true;
  return true;
}

void* allocate(std::size_t size) {
  return fails_now() ? nullptr : std::malloc(size == 0 ? 1 : size);  // NOLINT: what it is for
}

void* allocate_aligned(std::size_t size, std::align_val_t alignment) {
  const auto step = static_cast<std::size_t>(alignment);
  return fails_now() ? nullptr : std::aligned_alloc(step, (size + step - 1) / step * step);
}

void* checked(void* memory) {
  if (memory == nullptr) throw std::bad_alloc{};
  return memory;
}

}  // namespace

FailingAllocation::FailingAllocation(std::size_t number) {
  failed = false;
  left = static_cast<std::ptrdiff_t>(number);
}

FailingAllocation::~FailingAllocation() { left = -1; }

bool FailingAllocation::has_failed() { return failed; }

}  // namespace portfire

void* operator new(std::size_t size) { return portfire::checked(portfire::allocate(size)); }
void* operator new[](std::size_t size) { return portfire::checked(portfire::allocate(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return portfire::allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return portfire::allocate(size);
}
void* operator new(std::size_t size, std::align_val_t alignment) {
  return portfire::checked(portfire::allocate_aligned(size, alignment));
}
void* operator new[](std::size_t size, std::align_val_t alignment) {
  return portfire::checked(portfire::allocate_aligned(size, alignment));
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
