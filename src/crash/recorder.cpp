#include "crash/recorder.hpp"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <functional>
#include <mutex>

#include "crash/module.hpp"
#include "crash/record_writer.hpp"

namespace portfire::crash {

namespace {

constexpr std::array signals = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT};

// A signal handler has nothing but global variables.
constexpr std::size_t most_recorders = 64;
constinit std::array<std::atomic<const Recorder*>, most_recorders> recorders{};
constinit std::array<struct sigaction, signals.size()> previous{};
constinit std::array<bool, signals.size()> installed{};
constinit std::atomic<pid_t> crashing_thread{0};
constinit std::mutex installing;
constinit std::size_t users = 0;  // guarded by installing

pid_t this_thread() { return static_cast<pid_t>(syscall(SYS_gettid)); }

std::size_t index_of(int signal) {
  std::size_t i = 0;
  while (i + 1 < signals.size() && signals[i] != signal) ++i;
  return i;
}

template <class Visit>
void for_each_recorder(Visit visit) {
  for (const auto& each : recorders) {
    if (const Recorder* recorder = each.load(std::memory_order_acquire)) visit(*recorder);
  }
}

void send_to_this_thread(int signal) { syscall(SYS_tgkill, getpid(), this_thread(), signal); }

void handle(int signal, siginfo_t* information, void* context);

struct sigaction our_action() {
  struct sigaction ours{};
  ours.sa_sigaction = &handle;
  ours.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&ours.sa_mask);
  for (const int signal : signals) sigaddset(&ours.sa_mask, signal);
  return ours;
}

struct sigaction action_of(int signal) {
  struct sigaction now{};
  sigaction(signal, nullptr, &now);
  return now;
}

bool is_ours(const struct sigaction& action) {
  return (action.sa_flags & SA_SIGINFO) != 0 && action.sa_sigaction == &handle;
}

bool is_plain(const struct sigaction& action, void (*handler)(int)) {
  return (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == handler;
}

void make_default(int signal) {
  struct sigaction standard{};
  standard.sa_handler = SIG_DFL;
  sigaction(signal, &standard, nullptr);
}

bool is_pending(int signal) {
  sigset_t pending;
  sigemptyset(&pending);
  return sigpending(&pending) == 0 && sigismember(&pending, signal) == 1;
}

// The signal is blocked until the handler returns; then it takes its default course, at the very
// instruction if it was that which raised it.
void let_end(int signal, const siginfo_t& information) {
  make_default(signal);
  if (information.si_code <= 0) send_to_this_thread(signal);
}

// Whether the process goes on after what was installed before: it has mended what was wrong, as
// garbage collectors do, or the signal comes again.
bool pass_on(int signal, siginfo_t* information, void* context) {
  struct sigaction& earlier = previous[index_of(signal)];
  const struct sigaction before = earlier;
  if (is_plain(before, SIG_DFL) || is_plain(before, SIG_IGN)) {
    let_end(signal, *information);
    return false;
  }
  // What the system does for a handler that is to be called once.
  constexpr auto once = static_cast<int>(SA_RESETHAND);
  if ((before.sa_flags & once) != 0) make_default(signal);
  if ((before.sa_flags & SA_SIGINFO) != 0) {
    before.sa_sigaction(signal, information, context);
  } else {
    before.sa_handler(signal);
  }
  // Nothing mends abort.
  if (signal == SIGABRT) return false;
  const struct sigaction now = action_of(signal);
  if (is_ours(now)) return true;
  // A fault comes again, and so does a signal that the handler has sent: that is the end.
  if (information->si_code > 0 || is_pending(signal)) return false;
  if (is_plain(now, SIG_DFL)) {
    earlier = now;
    const struct sigaction ours = our_action();
    sigaction(signal, &ours, nullptr);
  }
  return true;
}

// Whether this thread is the first. Another one waits until the process has ended, or until it is
// known that it does not.
bool begin_crash(pid_t self) {
  constexpr int most_milliseconds = 10'000;
  for (int waited = 0; waited < most_milliseconds; ++waited) {
    pid_t nobody = 0;
    if (crashing_thread.compare_exchange_strong(nobody, self)) return true;
    if (nobody == self) return false;
    poll(nullptr, 0, 1);
  }
  return false;
}

void handle(int signal, siginfo_t* information, void* context) {
  const int error = errno;
  if (!begin_crash(this_thread())) {
    let_end(signal, *information);
    return;
  }
  for_each_recorder(
      [&](const Recorder& recorder) { recorder.record(signal, *information, context); });
  if (pass_on(signal, information, context)) {
    for_each_recorder([](const Recorder& recorder) { recorder.discard(); });
    crashing_thread.store(0);
  }
  errno = error;
}

void install() {
  prepare_modules();
  Stack stack;
  capture(stack, nullptr, nullptr);  // what the unwinder does once, it does here
  const struct sigaction ours = our_action();
  for (std::size_t i = 0; i < signals.size(); ++i) {
    const struct sigaction now = action_of(signals[i]);
    if (is_plain(now, SIG_IGN) || is_ours(now)) continue;
    previous[i] = now;
    installed[i] = sigaction(signals[i], &ours, nullptr) == 0;
  }
}

// A handler that came later, and calls ours, keeps it.
void uninstall() {
  for (std::size_t i = 0; i < signals.size(); ++i) {
    if (installed[i] && is_ours(action_of(signals[i])))
      sigaction(signals[i], &previous[i], nullptr);
    installed[i] = false;
  }
}

}  // namespace

Recorder::Recorder(int descriptor, std::size_t workers)
    : descriptor_{descriptor},
      process_{getpid()},
      workers_{workers},
      slots_{std::make_unique<RunningSlot[]>(workers)} {
  const std::lock_guard lock{installing};
  if (users++ == 0) install();
  for (auto& place : recorders) {
    const Recorder* nobody = nullptr;
    if (place.compare_exchange_strong(nobody, this)) return;
  }
}

Recorder::~Recorder() {
  const std::lock_guard lock{installing};
  for (auto& place : recorders) {
    const Recorder* self = this;
    if (place.compare_exchange_strong(self, nullptr)) break;
  }
  if (--users == 0) uninstall();
}

bool Recorder::owns(const RunningSlot* slot) const {
  const std::less<> before;
  return !before(slot, slots_.get()) && before(slot, slots_.get() + workers_);
}

void Recorder::record(int signal, const siginfo_t& information,
                      const void* context) const noexcept {
  if (getpid() != process_) return;
  discard();
  const bool from_outside = was_sent_from_outside(information);
  const RunningSlot* crashed = from_outside ? nullptr : RunningSlot::current();
  RecordWriter writer{descriptor_};
  writer.begin(signal, information);
  for (std::size_t i = 0; i < workers_; ++i) {
    RunningExecution execution;
    if (!slots_[i].read(execution)) continue;
    const Part here = &slots_[i] == crashed ? Part::crashed : Part::beside;
    writer.running(execution, execution.apart ? Part::apart : here);
  }
  if (crashed != nullptr && !owns(crashed)) writer.elsewhere();
  writer.listed();
  Stack stack;
  if (!from_outside) capture_interrupted(stack, context, RunningSlot::current_bottom());
  writer.frames(stack);
}

void Recorder::discard() const noexcept {
  if (getpid() == process_ && ftruncate(descriptor_, 0) == 0) lseek(descriptor_, 0, SEEK_SET);
}

}  // namespace portfire::crash
