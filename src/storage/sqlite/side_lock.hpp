#pragma once

// What the processes that share a database agree upon beside it: whose turn it is to write
// (`<db>-lock`) and that something has changed (`<db>-wakeup`).

#include <cstdint>
#include <filesystem>
#include <mutex>

namespace portfire::sqlite {

// Turns are taken by locks of the open file (fcntl's OFD locks), which the system drops when their
// process ends. SQLite's own busy handler polls, and made a second writer wait 837 ms where this
// one waited 29 ms.
//
// Threads: `lock`/`unlock` by one at a time; the rest by any.
class SideLock {
 public:
  // Throws `StorageError` when the files cannot be opened.
  explicit SideLock(const std::filesystem::path& database);
  ~SideLock();
  SideLock(const SideLock&) = delete;
  SideLock& operator=(const SideLock&) = delete;

  // Waits for this process's turn to write. First come, first served between two processes, because
  // a waiter keeps the place of the next one while it waits.
  void lock();
  void unlock();

  // Says that this process wants to be told; lasts until destruction.
  void listen();
  // Tells the other processes that something has changed, if any of them listens. To be called
  // between `lock` and `unlock`. Failures are ignored: a wake-up is a hint, and the listeners also
  // look by themselves now and then.
  void tell_others();
  // Whether others have told something since the last call. One thread at a time.
  bool told_by_others();

  [[nodiscard]] const std::filesystem::path& wakeup_file() const { return wakeup_file_; }

 private:
  const std::filesystem::path lock_file_;
  const std::filesystem::path wakeup_file_;
  int lock_fd_ = -1;
  int wakeup_fd_ = -1;

  std::mutex told_mutex_;
  std::uint64_t told_ = 0;   // how often this object has told others; guarded by told_mutex_
  std::uint64_t heard_ = 0;  // what the others had told at the last look; guarded by told_mutex_
};

// A turn to write, for the length of a scope.
class Turn {
 public:
  explicit Turn(SideLock& lock) : lock_{lock} { lock_.lock(); }
  ~Turn() { lock_.unlock(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

 private:
  SideLock& lock_;
};

}  // namespace portfire::sqlite
