#include "atomic_file.hpp"

#include <array>
#include <cstdio>

#include <sys/stat.h>

namespace archive {

AtomicFile::AtomicFile(std::filesystem::path temporary)
    : temporary_{std::move(temporary)},
      descriptor_{temporary_, O_WRONLY | O_CREAT | O_TRUNC, 0666} {}

AtomicFile::~AtomicFile() {
  if (!published_) unlink(temporary_.c_str());
}

void AtomicFile::write(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(descriptor_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw_errno("cannot write", temporary_);
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

void AtomicFile::set_modified(const timespec& instant) {
  const std::array<timespec, 2> accessed_and_modified{instant, instant};
  if (futimens(descriptor_.get(), accessed_and_modified.data()) != 0) {
    throw_errno("cannot date", temporary_);
  }
}

void AtomicFile::publish(const std::filesystem::path& name) {
  // The content must be on the disk before the name is: after a power failure some file systems
  // would otherwise show the new name with nothing in it.
  if (fsync(descriptor_.get()) != 0) throw_errno("cannot write", temporary_);
  std::filesystem::create_directories(name.parent_path());
  if (rename(temporary_.c_str(), name.c_str()) != 0) throw_errno("cannot create", name);
  published_ = true;
}

}  // namespace archive
