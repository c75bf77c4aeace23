// Loaded before all others by a private server: while the file that $PORTFIRE_FULL_DISK names
// exists, no file below `base` or `pg_wal` grows, as on a disk that is full.

#include <dlfcn.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

bool is_full() {
  static const char* const flag = std::getenv("PORTFIRE_FULL_DISK");
  return flag != nullptr && ::access(flag, F_OK) == 0;
}

bool holds_data(int file) {
  std::array<char, 4096> path{};
  const std::string link = "/proc/self/fd/" + std::to_string(file);
  const ssize_t size = ::readlink(link.c_str(), path.data(), path.size());
  const std::string_view name{path.data(), size > 0 ? static_cast<std::size_t>(size) : 0};
  return name.find("/base/") != name.npos || name.find("/pg_wal/") != name.npos;
}

// What lies within a file has its place already.
bool has_no_room(int file, off_t end) {
  if (!is_full() || !holds_data(file)) return false;
  struct stat status{};
  return ::fstat(file, &status) == 0 && end > status.st_size;
}

off_t size_of(const iovec* parts, int count) {
  off_t size = 0;
  for (int i = 0; i < count; ++i) size += static_cast<off_t>(parts[i].iov_len);
  return size;
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(::dlsym(RTLD_NEXT, name));
}

int no_room() {
  errno = ENOSPC;
  return -1;
}

}  // namespace

extern "C" {

ssize_t pwrite(int file, const void* bytes, size_t size, off_t at) {
  static auto* const real = next<ssize_t(int, const void*, size_t, off_t)>("pwrite");
  if (has_no_room(file, at + static_cast<off_t>(size))) return no_room();
  return real(file, bytes, size, at);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t at) {
  return pwrite(file, bytes, size, at);
}

ssize_t pwritev(int file, const iovec* parts, int count, off_t at) {
  static auto* const real = next<ssize_t(int, const iovec*, int, off_t)>("pwritev");
  if (has_no_room(file, at + size_of(parts, count))) return no_room();
  return real(file, parts, count, at);
}

ssize_t pwritev64(int file, const iovec* parts, int count, off64_t at) {
  return pwritev(file, parts, count, at);
}

int posix_fallocate(int file, off_t at, off_t size) {
  static auto* const real = next<int(int, off_t, off_t)>("posix_fallocate");
  return has_no_room(file, at + size) ? ENOSPC : real(file, at, size);
}

int posix_fallocate64(int file, off64_t at, off64_t size) {
  return posix_fallocate(file, at, size);
}

}  // extern "C"
