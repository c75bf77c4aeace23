#pragma once

// Wake-ups: within the process by the hub, from other processes through the file `<db>-wakeup`.

#include <atomic>
#include <memory>
#include <mutex>
#include <span>
#include <stop_token>
#include <string>
#include <vector>

#include <portfire/runtime.hpp>
#include <portfire/storage/wakeup.hpp>

#include "storage/common/wakeup_hub.hpp"
#include "storage/sqlite/side_lock.hpp"
#include "storage/sqlite/writer.hpp"

namespace portfire::sqlite {

// Wakes everybody in this process when another process has changed something, until destroyed.
class Watcher {
 public:
  Watcher(Runtime& runtime, SideLock& lock, WakeupHub& hub);
  ~Watcher();
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;

 private:
  void watch();
  void poll_now_and_then();
  void pass_on();

  Runtime& runtime_;
  SideLock& lock_;
  WakeupHub& hub_;
  std::stop_source stop_;
  const std::unique_ptr<Event> never_;
  int inotify_fd_ = -1;  // -1: the system gives none, so the file is looked at now and then
  int stop_fd_ = -1;
  std::unique_ptr<Task> task_;
};

// Threads: any. A process that only enqueues never starts a watcher.
class SqliteWakeup final : public Wakeup {
 public:
  SqliteWakeup(std::shared_ptr<Runtime> runtime, SideLock& lock, WakeupHub& hub, Writer& writer)
      : runtime_{std::move(runtime)}, lock_{lock}, hub_{hub}, writer_{writer} {}

  std::unique_ptr<Subscription> subscribe(std::vector<std::string> topics) override;
  void notify(std::span<const std::string> topics) override;

 private:
  const std::shared_ptr<Runtime> runtime_;
  SideLock& lock_;
  WakeupHub& hub_;
  Writer& writer_;
  std::mutex mutex_;
  std::unique_ptr<Watcher> watcher_;  // guarded by mutex_
};

}  // namespace portfire::sqlite
