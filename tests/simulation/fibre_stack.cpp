#include "simulation/fibre_stack.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <new>
#include <vector>

namespace portfire::simulation {
namespace {

constexpr std::size_t stack_bytes = std::size_t{256} * 1024;

std::vector<void*>& spare_stacks() {
  static thread_local std::vector<void*> spare;
  return spare;
}

void* new_stack() {
  void* memory = mmap(nullptr, stack_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc{};
  mprotect(memory, static_cast<std::size_t>(getpagesize()), PROT_NONE);
  return memory;
}

}  // namespace

boost::context::stack_context FibreStacks::allocate() {
  auto& spare = spare_stacks();
  void* memory = nullptr;
  if (spare.empty()) {
    memory = new_stack();
  } else {
    memory = spare.back();
    spare.pop_back();
  }
  boost::context::stack_context stack;
  stack.size = stack_bytes;
  stack.sp = static_cast<char*>(memory) + stack_bytes;
  return stack;
}

void FibreStacks::deallocate(boost::context::stack_context& stack) {
  spare_stacks().push_back(static_cast<char*>(stack.sp) - stack.size);
}

}  // namespace portfire::simulation
