#include "storage/sqlite/side_lock.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "storage/sqlite/errors.hpp"

namespace portfire::sqlite {

namespace {

// Bytes of the lock file. Whoever wants to write takes `next`, then `turn`, then lets `next` go: so
// a process that writes without pause cannot overtake one that waits.
constexpr off_t next_byte = 0;
constexpr off_t turn_byte = 1;
// Held shared by all who want to be told of changes.
constexpr off_t listener_byte = 2;

struct flock byte_lock(short type, off_t byte) {
  struct flock lock{};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  lock.l_start = byte;
  lock.l_len = 1;
  return lock;
}

int open_beside(const std::filesystem::path& file) {
  const int fd = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (fd >= 0) return fd;
  const int code = errno;
  throw_unusable(file, "open",
                 std::string{"cannot be opened for writing: "} + std::strerror(code) +
                     "; the database needs a directory that exists and that this user may write to",
                 code);
}

std::filesystem::path beside(std::filesystem::path database, const char* suffix) {
  database += suffix;
  return database;
}

}  // namespace

SideLock::SideLock(const std::filesystem::path& database)
    : lock_file_{beside(database, "-lock")}, wakeup_file_{beside(database, "-wakeup")} {
  lock_fd_ = open_beside(lock_file_);
  try {
    wakeup_fd_ = open_beside(wakeup_file_);
  } catch (...) {
    ::close(lock_fd_);
    throw;
  }
}

SideLock::~SideLock() {
  ::close(wakeup_fd_);
  ::close(lock_fd_);
}

void SideLock::lock() {
  for (const off_t byte : {next_byte, turn_byte}) {
    struct flock lock = byte_lock(F_WRLCK, byte);
    while (::fcntl(lock_fd_, F_OFD_SETLKW, &lock) != 0) {
      if (errno != EINTR) {
        const int code = errno;
        unlock();
        throw_unusable(lock_file_, "lock",
                       std::string{"cannot be locked: "} + std::strerror(code) +
                           "; the database needs a local file system",
                       code);
      }
    }
  }
  struct flock lock = byte_lock(F_UNLCK, next_byte);
  ::fcntl(lock_fd_, F_OFD_SETLK, &lock);
}

void SideLock::unlock() {
  struct flock lock = byte_lock(F_UNLCK, next_byte);
  lock.l_len = 2;
  ::fcntl(lock_fd_, F_OFD_SETLK, &lock);
}

void SideLock::listen() {
  told_by_others();  // what was said before does not count
  struct flock lock = byte_lock(F_RDLCK, listener_byte);
  ::fcntl(lock_fd_, F_OFD_SETLK, &lock);
}

void SideLock::tell_others() {
  // Locks of the same open file do not show here: only others that listen.
  struct flock lock = byte_lock(F_WRLCK, listener_byte);
  if (::fcntl(lock_fd_, F_OFD_GETLK, &lock) == 0 && lock.l_type == F_UNLCK) return;

  const std::scoped_lock guard{told_mutex_};
  std::uint64_t total = 0;
  if (::pread(wakeup_fd_, &total, sizeof total, 0) < 0) return;
  ++total;
  if (::pwrite(wakeup_fd_, &total, sizeof total, 0) == sizeof total) ++told_;
}

bool SideLock::told_by_others() {
  const std::scoped_lock guard{told_mutex_};
  std::uint64_t total = 0;
  if (::pread(wakeup_fd_, &total, sizeof total, 0) < 0) return true;
  const std::uint64_t others = total - told_;
  const bool news = others != heard_;
  heard_ = others;
  return news;
}

}  // namespace portfire::sqlite
