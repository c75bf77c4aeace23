#pragma once

// Proof of life among the processes of one machine: a file that the living process keeps locked.
// The kernel lets go of the lock when the process dies, however it dies.

#include <memory>
#include <string>

#include <portfire/id.hpp>

namespace portfire::server {

class LivenessFile {
 public:
  // Creates and locks a file for this server. On a machine where that does not work, `path()` is
  // empty and only the lease tells.
  explicit LivenessFile(ServerId server);
  // Removes it.
  ~LivenessFile();
  LivenessFile(const LivenessFile&) = delete;
  LivenessFile& operator=(const LivenessFile&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  std::string path_;
  int descriptor_ = -1;
};

// Names the running machine, from its boot to its shutdown; empty when that is unknown.
std::string machine_identity();

// Whether the process that locked the file has died. False also when the file is not there: it may
// lie in another container's file system.
bool owner_is_dead(const std::string& path);

// Removes what a dead owner left behind.
void remove_liveness_file(const std::string& path);

}  // namespace portfire::server
