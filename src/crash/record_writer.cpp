#include "crash/record_writer.hpp"

#include <ucontext.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "crash/module.hpp"

namespace portfire::crash {

namespace {

std::uint64_t magnitude(std::int64_t number) {
  return static_cast<std::uint64_t>(number < 0 ? -number : number);
}

}  // namespace

RecordWriter& RecordWriter::text(std::string_view text) {
  while (!text.empty()) {
    if (size_ == buffer_.size()) flush();
    const std::size_t size = std::min(text.size(), buffer_.size() - size_);
    std::memcpy(buffer_.data() + size_, text.data(), size);
    size_ += size;
    text.remove_prefix(size);
  }
  return *this;
}

// A line stays a line.
RecordWriter& RecordWriter::name(std::string_view text) {
  for (const char letter : text) {
    const char shown = static_cast<unsigned char>(letter) < ' ' ? '?' : letter;
    this->text({&shown, 1});
  }
  return *this;
}

RecordWriter& RecordWriter::number(std::uint64_t number, unsigned base, unsigned width) {
  std::array<char, 20> digits;
  std::size_t at = digits.size();
  for (; number != 0 || digits.size() - at < width; number /= base) {
    digits[--at] = "0123456789abcdef"[number % base];
  }
  return text({digits.data() + at, digits.size() - at});
}

RecordWriter& RecordWriter::id(std::uint64_t high, std::uint64_t low) {
  number(high >> 32, 16, 8).text("-").number(high >> 16 & 0xFFFF, 16, 4).text("-");
  number(high & 0xFFFF, 16, 4).text("-").number(low >> 48, 16, 4).text("-");
  return number(low & 0xFFFF'FFFF'FFFF, 16, 12);
}

void RecordWriter::flush() {
  std::size_t done = 0;
  while (done < size_) {
    const ssize_t written = write(descriptor_, buffer_.data() + done, size_ - done);
    if (written <= 0) break;
    done += static_cast<std::size_t>(written);
  }
  size_ = 0;
}

void RecordWriter::begin(int signal, const siginfo_t& information) {
  text("portfire crash 1\nsignal ").number(static_cast<std::uint64_t>(signal));
  text(information.si_code < 0 ? "\ncode -" : "\ncode ").number(magnitude(information.si_code));
  if (was_sent_from_outside(information)) {
    text("\nsender ").number(magnitude(information.si_pid));
  } else if (information.si_code > 0 && information.si_code != SI_KERNEL) {
    // The address is where a sender's number would stand, and of some faults the system knows none.
    text("\naddress 0x").number(reinterpret_cast<std::uintptr_t>(information.si_addr), 16);
  }
  text("\nprocess ").number(magnitude(getpid()));
  text("\ntime ").number(magnitude(std::time(nullptr))).text("\n");
}

void RecordWriter::running(const RunningExecution& execution, Part part) {
  text("running ").id(execution.server.high(), execution.server.low());
  text(" ").id(execution.job.high(), execution.job.low());
  text(" ").number(execution.epoch);
  text(" ").text(part_words[static_cast<std::size_t>(part)]).text(" ");
  name({execution.name.data(), strnlen(execution.name.data(), execution.name.size())});
  text("\n");
}

void RecordWriter::elsewhere() { text("elsewhere\n"); }

// What counts is in the file before anything looks at a stack that may be destroyed.
void RecordWriter::listed() {
  text("listed\n");
  flush();
}

void RecordWriter::frames(const Stack& stack) {
  for (const std::uintptr_t address : stack.frames()) {
    const auto module = module_of(address);
    text("frame 0x").number(module ? address - module->bias : address, 16).text(" ");
    if (!module || module->build_id.empty()) text("-");
    if (module) {
      for (const unsigned char byte : module->build_id) number(byte, 16, 2);
    }
    text(" ");
    if (module) name(module->path);
    text("\n");
  }
  text("end\n");
  flush();
}

bool was_sent_from_outside(const siginfo_t& information) {
  return information.si_code <= 0 && information.si_pid != getpid();
}

void capture_interrupted(Stack& stack, const void* context, const void* bottom) {
  const auto& machine = static_cast<const ucontext_t*>(context)->uc_mcontext;
#if defined(__x86_64__)
  const auto pc = static_cast<std::uintptr_t>(machine.gregs[REG_RIP]);
  const auto sp = static_cast<std::uintptr_t>(machine.gregs[REG_RSP]);
#elif defined(__aarch64__)
  const std::uintptr_t pc = machine.pc;
  const std::uintptr_t sp = machine.sp;
#else
  // Elsewhere the handler's own frames stand first.
  capture(stack, nullptr, bottom);
  return;
#endif
  capture_interrupted(stack, pc, sp, bottom);
}

}  // namespace portfire::crash
