#include "crash/alternate_stack.hpp"

#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>

namespace portfire::crash {

AlternateStack::AlternateStack() {
  stack_t present{};
  if (sigaltstack(nullptr, &present) != 0 || (present.ss_flags & SS_DISABLE) == 0) return;
  const auto page = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  constexpr long least = 65'536;
  const auto wanted = static_cast<std::size_t>(std::max(sysconf(_SC_SIGSTKSZ), least));
  // A page that cannot be written lies at its end.
  size_ = (wanted + page - 1) / page * page + page;
  void* memory =
      mmap(nullptr, size_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0);
  if (memory == MAP_FAILED) return;
  memory_ = memory;
  mprotect(memory_, page, PROT_NONE);
  stack_t own{};
  own.ss_sp = static_cast<char*>(memory_) + page;
  own.ss_size = size_ - page;
  sigaltstack(&own, nullptr);
}

AlternateStack::~AlternateStack() {
  if (memory_ == nullptr) return;
  stack_t none{};
  none.ss_flags = SS_DISABLE;
  sigaltstack(&none, nullptr);
  munmap(memory_, size_);
}

}  // namespace portfire::crash
