#include "crash/crash_file.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

namespace portfire::crash {

namespace {

constexpr std::string_view ending = ".crash";

std::string path_of(const std::string& directory, ServerId server) {
  return directory + "/" + to_string(server) + std::string{ending};
}

[[noreturn]] void fail(const std::string& what) {
  throw std::system_error{errno, std::generic_category(), what};
}

// Nothing when it is locked by somebody, cannot be opened, or is gone.
std::optional<Descriptor> lock(const std::string& path) {
  Descriptor file{open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)};
  if (file.number() < 0 || flock(file.number(), LOCK_EX | LOCK_NB) != 0) {
    return std::nullopt;
  }
  // Another reader may have removed it between the two calls.
  struct stat status{};
  const bool is_there =
      fstat(file.number(), &status) == 0 && status.st_nlink > 0 && S_ISREG(status.st_mode);
  return is_there ? std::optional{std::move(file)} : std::nullopt;
}

bool is_empty(const Descriptor& file) {
  struct stat status{};
  return fstat(file.number(), &status) == 0 && status.st_size == 0;
}

void put_aside(const std::string& path, const LogSink& log) {
  const std::string aside = path + ".unreadable";
  const bool moved = ::rename(path.c_str(), aside.c_str()) == 0;
  log(LogLevel::warning, path + " is no crash record that can be read; it " +
                             (moved ? "is now " + aside : "could not be renamed"));
}

std::vector<std::string> paths_in(const std::string& directory) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator each{directory, error}, end; !error && each != end;
       each.increment(error)) {
    if (each->path().extension() == ending) paths.push_back(each->path().string());
  }
  return paths;
}

}  // namespace

CrashFile::CrashFile(std::string directory, ServerId server) : directory_{std::move(directory)} {
  std::error_code error;
  std::filesystem::create_directories(directory_, error);
  if (error) throw std::system_error{error, directory_};
  // Under a name that no reader looks at, until it is locked.
  path_ = path_of(directory_, server);
  const std::string first = path_ + ".new";
  file_ = Descriptor{open(first.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)};
  if (file_.number() < 0) fail(first);
  const bool ready =
      flock(file_.number(), LOCK_EX | LOCK_NB) == 0 && ::rename(first.c_str(), path_.c_str()) == 0;
  if (ready) return;
  const int error_number = errno;
  unlink(first.c_str());
  errno = error_number;
  fail(path_);
}

CrashFile::~CrashFile() { unlink(path_.c_str()); }

void CrashFile::rename(ServerId server) {
  std::string path = path_of(directory_, server);
  if (::rename(path_.c_str(), path.c_str()) == 0) path_ = std::move(path);
}

void FoundRecord::remove() const { unlink(path.c_str()); }

std::vector<FoundRecord> take_records(const std::string& directory, const LogSink& log) {
  std::vector<FoundRecord> found;
  for (std::string& path : paths_in(directory)) {
    auto file = lock(path);
    if (!file) continue;
    if (is_empty(*file)) {
      unlink(path.c_str());
    } else if (auto record = read_record(file->number())) {
      const auto server = parse_id<ServerId>(std::filesystem::path{path}.stem().string());
      found.push_back({.path = std::move(path),
                       .server = server.value_or(ServerId{}),
                       .file = std::move(*file),
                       .record = std::move(*record)});
    } else {
      put_aside(path, log);
    }
  }
  return found;
}

bool has_file(const std::string& directory, ServerId server) {
  return access(path_of(directory, server).c_str(), R_OK | W_OK) == 0;
}

}  // namespace portfire::crash
