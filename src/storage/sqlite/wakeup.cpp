#include "storage/sqlite/wakeup.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cstdint>

namespace portfire::sqlite {

namespace {

constexpr auto polling_interval = std::chrono::milliseconds{25};

int watch_file(const std::filesystem::path& file) {
  const int fd = ::inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
  if (fd < 0) return -1;
  if (::inotify_add_watch(fd, file.c_str(), IN_MODIFY) >= 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

Watcher::Watcher(Runtime& runtime, SideLock& lock, WakeupHub& hub)
    : runtime_{runtime}, lock_{lock}, hub_{hub}, never_{runtime.make_event()} {
  stop_fd_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (stop_fd_ >= 0) inotify_fd_ = watch_file(lock_.wakeup_file());
  // Only now are others asked to write to the file: whatever they tell is seen.
  lock_.listen();
  task_ = runtime_.spawn("portfire-watch", [this] {
    if (inotify_fd_ >= 0) {
      watch();
    } else {
      poll_now_and_then();
    }
  });
}

Watcher::~Watcher() {
  stop_.request_stop();
  const std::uint64_t one = 1;
  // Cannot fail: the counter is far from full.
  [[maybe_unused]] const auto written = ::write(stop_fd_, &one, sizeof one);
  task_->join();
  if (inotify_fd_ >= 0) ::close(inotify_fd_);
  if (stop_fd_ >= 0) ::close(stop_fd_);
}

void Watcher::watch() {
  std::array<pollfd, 2> sources{pollfd{inotify_fd_, POLLIN, 0}, pollfd{stop_fd_, POLLIN, 0}};
  while (!stop_.stop_requested()) {
    if (::poll(sources.data(), sources.size(), -1) <= 0) continue;
    if (sources[0].revents == 0) continue;
    // What the events say does not matter; that there were some does.
    alignas(inotify_event) std::array<char, 4096> events;
    while (::read(inotify_fd_, events.data(), events.size()) > 0) {
    }
    pass_on();
  }
}

void Watcher::poll_now_and_then() {
  while (!stop_.stop_requested()) {
    never_->wait_until(runtime_.steady_now() + polling_interval, stop_.get_token());
    pass_on();
  }
}

void Watcher::pass_on() {
  if (lock_.told_by_others()) hub_.notify_all();
}

std::unique_ptr<Subscription> SqliteWakeup::subscribe(std::vector<std::string> topics) {
  // First the interest, then the ear: nothing falls between.
  std::unique_ptr<Subscription> subscription = hub_.subscribe(std::move(topics));
  const std::scoped_lock guard{mutex_};
  if (!watcher_) watcher_ = std::make_unique<Watcher>(*runtime_, lock_, hub_);
  return subscription;
}

void SqliteWakeup::notify(std::span<const std::string> topics) {
  hub_.notify(topics);
  writer_.tell_others();
}

}  // namespace portfire::sqlite
