#include "server/isolation/child_process.hpp"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <array>
#include <system_error>

namespace portfire::server::isolation {

namespace {

void check(int error, const char* what) {
  if (error != 0) throw std::system_error{error, std::generic_category(), what};
}

struct Ends {
  Descriptor here;
  Descriptor there;
};

// The same above those that the child will have: none of them may be in the way of another.
Descriptor raised(const Descriptor& low) {
  const int high = fcntl(low.number(), F_DUPFD_CLOEXEC, 10);
  if (high < 0) check(errno, "fcntl");
  return Descriptor{high};
}

Ends socket_pair(int type) {
  std::array<int, 2> numbers{};
  if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, numbers.data()) != 0) check(errno, "socketpair");
  Ends ends{Descriptor{numbers[0]}, Descriptor{numbers[1]}};
  ends.there = raised(ends.there);
  return ends;
}

// In memory: gone with the last who has it open.
Descriptor nameless_file() {
  const Descriptor file{memfd_create("portfire-crash", MFD_CLOEXEC)};
  if (file.number() < 0) check(errno, "memfd_create");
  return raised(file);
}

// The descriptors of the child: nothing of its parent's but where it writes for people.
class FileActions {
 public:
  FileActions(const Descriptor& jobs, const Descriptor& control, const Descriptor& crash) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, jobs.number(), jobs_descriptor);
    posix_spawn_file_actions_adddup2(&actions_, control.number(), control_descriptor);
    posix_spawn_file_actions_adddup2(&actions_, crash.number(), crash_descriptor);
    posix_spawn_file_actions_addclosefrom_np(&actions_, crash_descriptor + 1);
  }
  ~FileActions() { posix_spawn_file_actions_destroy(&actions_); }
  FileActions(const FileActions&) = delete;
  FileActions& operator=(const FileActions&) = delete;

  [[nodiscard]] const posix_spawn_file_actions_t* get() const { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

// Signals as a program finds them, and a process group of its own: what a terminal sends to its
// parent, its parent deals with.
class Attributes {
 public:
  Attributes() {
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigfillset(&signals);
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(
        &attributes_, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~Attributes() { posix_spawnattr_destroy(&attributes_); }
  Attributes(const Attributes&) = delete;
  Attributes& operator=(const Attributes&) = delete;

  [[nodiscard]] const posix_spawnattr_t* get() const { return &attributes_; }

 private:
  posix_spawnattr_t attributes_{};
};

// Handlers of signals of the program's own interrupt calls.
template <class Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

Duration time_of(const timeval& time) {
  return std::chrono::seconds{time.tv_sec} + std::chrono::microseconds{time.tv_usec};
}

}  // namespace

ChildProcess::ChildProcess() : jobs_{Descriptor{}}, crash_file_{nameless_file()} {
  Ends jobs = socket_pair(SOCK_STREAM);
  Ends control = socket_pair(SOCK_SEQPACKET);
  std::string word = child_word;
  std::string parent = std::to_string(getpid());
  const std::array<char*, 4> arguments{program_invocation_name, word.data(), parent.data(),
                                       nullptr};
  // The file that runs, also when another has taken its name since.
  const int error =
      posix_spawn(&id_, "/proc/self/exe", FileActions{jobs.there, control.there, crash_file_}.get(),
                  Attributes{}.get(), arguments.data(), environ);
  if (error != 0) id_ = -1;
  check(error, "posix_spawn");
  process_ = open_process(id_);
  jobs_ = Channel{std::move(jobs.here)};
  control_ = std::move(control.here);
  if (process_.number() < 0) {
    const int refused = errno;
    ::kill(id_, SIGKILL);
    uninterrupted([this] { return waitpid(id_, nullptr, 0); });
    check(refused, "pidfd_open");
  }
}

ChildProcess::~ChildProcess() {
  if (id_ < 0) return;
  kill();
  bury();
}

void ChildProcess::tell(const StopRequest& request) const {
  static_cast<void>(
      ::send(control_.number(), &request, sizeof request, MSG_NOSIGNAL | MSG_DONTWAIT));
}

void ChildProcess::let_go() const { shutdown(jobs_.descriptor(), SHUT_WR); }

// By its descriptor: its number is somebody else's when others of this program have taken the news
// of its end.
void ChildProcess::kill() {
  was_killed_ = true;
  if (syscall(SYS_pidfd_send_signal, process_.number(), SIGKILL, nullptr, 0) != 0) return;
  ::kill(-id_, SIGKILL);
}

ProcessDied::Facts ChildProcess::bury() {
  constexpr Duration moment = std::chrono::seconds{1};
  if (!was_killed_ && !wait_readable(process_.number(), moment)) kill();
  // While it is a zombie its group cannot be anybody else's.
  siginfo_t ended{};
  const auto id = static_cast<id_t>(id_);
  if (uninterrupted([&] { return waitid(P_PID, id, &ended, WEXITED | WNOWAIT); }) == 0) {
    ::kill(-id_, SIGKILL);
  }
  ProcessDied::Facts facts{.process = id_, .killed = was_killed_, .earlier_jobs = jobs_begun};
  if (jobs_begun > 0) --facts.earlier_jobs;
  int status = 0;
  rusage usage{};
  const bool known = uninterrupted([&] { return wait4(id_, &status, 0, &usage); }) == id_;
  id_ = -1;
  // Somebody else of this program has taken the news.
  if (!known) return facts;
  if (WIFSIGNALED(status)) {
    facts.signal = WTERMSIG(status);
    facts.core_dumped = WCOREDUMP(status);
  } else {
    facts.exit_status = WEXITSTATUS(status);
  }
  // It may have been about to end by itself.
  facts.killed = was_killed_ && facts.signal == SIGKILL;
  facts.user_time = time_of(usage.ru_utime);
  facts.system_time = time_of(usage.ru_stime);
  const auto peak = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  // The system counts on from what the parent had: no more than that tells nothing.
  if (is_ready && peak > first_peak_bytes) facts.peak_memory_bytes = peak;
  return facts;
}

// The header of glibc 2.36 gives the function no name that C++ would find.
Descriptor open_process(pid_t process) {
  return Descriptor{static_cast<int>(syscall(SYS_pidfd_open, process, 0))};
}

bool wait_readable(int descriptor, Duration timeout) {
  pollfd one{.fd = descriptor, .events = POLLIN, .revents = 0};
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  const timespec longest{.tv_sec = seconds.count(),
                         .tv_nsec = std::chrono::nanoseconds{timeout - seconds}.count()};
  // A signal would look like the end of the time.
  sigset_t all_signals;
  sigfillset(&all_signals);
  return ppoll(&one, 1, &longest, &all_signals) > 0;
}

}  // namespace portfire::server::isolation
