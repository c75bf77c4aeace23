#pragma once

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace portfire {

// A child of this process, from its start until it has been waited for; killed at the end of the
// object's life if that comes first.
//
// Its number is used in between alone, and by its parent alone: before, as -1, a signal would go to
// everybody, and after it to whoever has the number next. Threads: one.
class OwnedProcess {
 public:
  // None.
  OwnedProcess() = default;
  // What `fork`, or a function like it, has just answered to the parent. Throws std::system_error
  // where that is no child.
  explicit OwnedProcess(pid_t number) : number_{number}, parent_{::getpid()} {
    if (number > 0) return;
    number_ = -1;
    throw std::system_error{errno, std::generic_category(), "a process cannot be started"};
  }
  ~OwnedProcess() { kill(); }
  OwnedProcess(OwnedProcess&& other) noexcept
      : number_{std::exchange(other.number_, -1)}, parent_{other.parent_} {}
  OwnedProcess& operator=(OwnedProcess&& other) noexcept {
    if (this == &other) return *this;
    kill();
    number_ = std::exchange(other.number_, -1);
    parent_ = other.parent_;
    return *this;
  }

  // Whether there is one that has not been waited for; it may have ended.
  [[nodiscard]] explicit operator bool() const { return number_ > 0 && parent_ == ::getpid(); }
  // -1 for none.
  [[nodiscard]] pid_t number() const { return *this ? number_ : -1; }

  // Whether there was somebody to send it to.
  bool signal(int signal_number) const { return *this && ::kill(number_, signal_number) == 0; }

  // Whether it ends within so long, or there is none. It still has to be waited for.
  [[nodiscard]] bool has_ended(std::chrono::milliseconds within) const {
    if (!*this) return true;
    // glibc 2.36 declares pidfd_open for C alone.
    const int handle = static_cast<int>(::syscall(SYS_pidfd_open, number_, 0));
    if (handle < 0) throw std::system_error{errno, std::generic_category(), "pidfd_open"};
    pollfd end{.fd = handle, .events = POLLIN, .revents = 0};
    ::poll(&end, 1, static_cast<int>(within.count()));
    ::close(handle);
    return is_waitable(WEXITED | WNOHANG);
  }
  // Waits until it has come to stand still after SIGSTOP, or has ended. Whether it stands still.
  [[nodiscard]] bool wait_until_stopped() const {
    siginfo_t news{};
    return *this && look(WSTOPPED | WEXITED, news) && news.si_code == CLD_STOPPED;
  }

  // Waits for its end; the status as `waitpid` gives it. Throws std::logic_error where there is
  // none to wait for.
  int wait() {
    if (!*this) throw std::logic_error{"there is no process to wait for"};
    const pid_t number = std::exchange(number_, -1);
    int status = 0;
    while (::waitpid(number, &status, 0) != number) {
      if (errno != EINTR) throw std::system_error{errno, std::generic_category(), "waitpid"};
    }
    return status;
  }

  // Ends it by SIGKILL. Does nothing where there is none.
  void kill() noexcept {
    if (!*this) return;
    ::kill(number_, SIGKILL);
    while (::waitpid(number_, nullptr, 0) < 0 && errno == EINTR) {
    }
    number_ = -1;
  }

 private:
  // Leaves it to be waited for, so that its number stays its own.
  [[nodiscard]] bool look(int what, siginfo_t& news) const {
    while (::waitid(P_PID, static_cast<id_t>(number_), &news, what | WNOWAIT) != 0) {
      if (errno != EINTR) throw std::system_error{errno, std::generic_category(), "waitid"};
    }
    return news.si_pid == number_;
  }
  [[nodiscard]] bool is_waitable(int what) const {
    siginfo_t news{};
    return look(what, news);
  }

  pid_t number_ = -1;
  pid_t parent_ = -1;  // a copy of this process by `fork` has a copy of the object
};

}  // namespace portfire
