#pragma once

// Files of crash records in a directory, `<server>.crash`. Each is locked as long as its process
// lives, and afterwards by who reads it, so that no two read the same one, and that a reader who
// dies leaves it to the next. The kernel lets go of the locks of those who die.

#include <functional>
#include <string>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/log.hpp>

#include "crash/record.hpp"
#include "runtime/descriptor.hpp"

namespace portfire::crash {

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

  [[nodiscard]] int descriptor() const { return file_.number(); }

 private:
  const std::string directory_;
  std::string path_;
  Descriptor file_;  // locked
};

// A record of a process that has died, kept from other readers.
struct FoundRecord {
  std::string path;
  ServerId server;  // nil when the name of the file does not tell
  Descriptor file;  // locked
  Record record;

  // It has been dealt with.
  void remove() const;
};

// All records in the directory that nobody else is reading. Files of dead processes that had no
// crash are removed; what cannot be read is renamed to `….unreadable`, with a warning. Never
// throws.
std::vector<FoundRecord> take_records(const std::string& directory, const LogSink& log);

// The server has a file here, which this process may read: it is alive, or its record has still to
// be dealt with.
bool has_file(const std::string& directory, ServerId server);

}  // namespace portfire::crash
