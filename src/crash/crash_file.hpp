#pragma once

// Files of crash records in a directory, `<server>.crash`. Each is locked as long as its process
// lives, and afterwards by who reads it, so that no two read the same one, and that a reader who
// dies leaves it to the next. The kernel lets go of the locks of those who die.

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/log.hpp>

#include "crash/record.hpp"

namespace portfire::crash {

// An open file under a lock. Owned by one at a time.
class LockedFile {
 public:
  LockedFile() = default;
  explicit LockedFile(int descriptor) : descriptor_{descriptor} {}
  ~LockedFile();
  LockedFile(LockedFile&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  LockedFile& operator=(LockedFile&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }

  [[nodiscard]] int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

// The file that waits for this server's crash; empty as long as there is none.
class CrashFile {
 public:
  // Makes the directory if it is not there. Throws `std::system_error` when that, or making the
  // file, fails.
  CrashFile(std::string directory, ServerId server);
  // Removes it: there was no crash.
  ~CrashFile();
  CrashFile(const CrashFile&) = delete;
  CrashFile& operator=(const CrashFile&) = delete;

  // The server goes on under another id.
  void rename(ServerId server);

  [[nodiscard]] int descriptor() const { return file_.descriptor(); }

 private:
  const std::string directory_;
  std::string path_;
  LockedFile file_;
};

// A record of a process that has died, kept from other readers.
struct FoundRecord {
  std::string path;
  ServerId server;  // nil when the name of the file does not tell
  LockedFile file;
  Record record;

  // It has been dealt with.
  void remove() const;
};

// All records in the directory that nobody else is reading. Files of dead processes that had no
// crash are removed; what cannot be read is renamed to `….unreadable`, with a warning. Never
// throws.
std::vector<FoundRecord> take_records(const std::string& directory, const LogSink& log);

// The server has a file here that is locked by somebody: the server, or who reads its record.
bool is_locked(const std::string& directory, ServerId server);

}  // namespace portfire::crash
