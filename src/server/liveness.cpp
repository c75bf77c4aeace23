#include "server/liveness.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <system_error>

namespace portfire::server {

namespace {

// One directory per user: nobody can lock or remove another user's files.
std::string directory() {
  std::error_code error;
  auto path = std::filesystem::temp_directory_path(error);
  if (error) return {};
  path /= "portfire-" + std::to_string(geteuid());
  if (mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return {};
  struct stat status{};
  const bool ours =
      lstat(path.c_str(), &status) == 0 && S_ISDIR(status.st_mode) && status.st_uid == geteuid();
  return ours ? path.string() : std::string{};
}

}  // namespace

LivenessFile::LivenessFile(ServerId server) {
  const std::string folder = directory();
  if (folder.empty()) return;
  const std::string path = folder + "/" + to_string(server) + ".alive";
  descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor_ < 0) return;
  if (flock(descriptor_, LOCK_EX | LOCK_NB) != 0) {
    close(descriptor_);
    descriptor_ = -1;
    unlink(path.c_str());
    return;
  }
  path_ = path;
}

LivenessFile::~LivenessFile() {
  if (descriptor_ < 0) return;
  unlink(path_.c_str());
  close(descriptor_);
}

std::string machine_identity() {
  std::ifstream file{"/proc/sys/kernel/random/boot_id"};
  std::string boot;
  std::getline(file, boot);
  return boot;
}

bool owner_is_dead(const std::string& path) {
  if (path.empty()) return false;
  const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW);
  if (descriptor < 0) return false;
  const bool dead = flock(descriptor, LOCK_EX | LOCK_NB) == 0;
  close(descriptor);
  return dead;
}

void remove_liveness_file(const std::string& path) { unlink(path.c_str()); }

}  // namespace portfire::server
