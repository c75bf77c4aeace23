#include "bench/machine.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <fstream>
#include <sstream>
#include <string_view>
#include <system_error>
#include <vector>

#include <portfire/error.hpp>

namespace portfire::bench {

namespace {

constexpr double bytes_per_mib = 1024.0 * 1024.0;

rusage usage() {
  rusage used{};
  getrusage(RUSAGE_SELF, &used);
  return used;
}

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

// mountinfo writes blanks and the like as three octal digits.
std::string without_octal(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 3 < text.size()) {
      plain += static_cast<char>(std::stoi(text.substr(i + 1, 3), nullptr, 8));
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

bool is_below(const std::string& path, const std::string& mount) {
  return mount == "/" || path == mount || path.starts_with(mount + "/");
}

class ScratchFile {
 public:
  explicit ScratchFile(const std::filesystem::path& directory) {
    std::string path = directory / "fsync-XXXXXX";
    descriptor_ = mkstemp(path.data());
    if (descriptor_ < 0) {
      const int code = errno;
      throw StorageError{
          "cannot write in " + directory.string() + ": " + std::generic_category().message(code),
          {.operation = "bench", .native_code = code}};
    }
    unlink(path.c_str());
  }
  ~ScratchFile() { close(descriptor_); }
  ScratchFile(const ScratchFile&) = delete;
  ScratchFile& operator=(const ScratchFile&) = delete;

  bool append_and_sync() const {
    static constexpr std::array<char, 4096> block{};
    return write(descriptor_, block.data(), block.size()) == static_cast<ssize_t>(block.size()) &&
           fsync(descriptor_) == 0;
  }

 private:
  int descriptor_ = -1;
};

}  // namespace

double cpu_seconds() {
  const rusage used = usage();
  return seconds_of(used.ru_utime) + seconds_of(used.ru_stime);
}

double peak_rss_mib() {
  std::ifstream file{"/proc/self/status"};
  std::string line;
  constexpr std::string_view key = "VmHWM:";
  while (std::getline(file, line)) {
    if (line.starts_with(key)) return std::stod(line.substr(key.size())) / 1024.0;
  }
  return static_cast<double>(usage().ru_maxrss) / 1024.0;
}

void forget_peak_rss() { std::ofstream{"/proc/self/clear_refs"} << "5"; }

double rss_mib() {
  std::ifstream file{"/proc/self/statm"};
  long total = 0;
  long resident = 0;
  file >> total >> resident;
  return static_cast<double>(resident) * static_cast<double>(sysconf(_SC_PAGESIZE)) / bytes_per_mib;
}

std::string filesystem_type(const std::filesystem::path& directory) {
  std::error_code ignored;
  const std::string path = std::filesystem::weakly_canonical(directory, ignored).string();
  std::ifstream mounts{"/proc/self/mountinfo"};
  std::string line;
  std::string longest;
  std::string type = "unknown";
  while (std::getline(mounts, line)) {
    // Five fields up to the mount point, optional ones, a dash, the type.
    std::istringstream fields{line};
    std::string skipped;
    std::string mount;
    fields >> skipped >> skipped >> skipped >> skipped >> mount;
    while (fields >> skipped && skipped != "-") continue;
    std::string found;
    fields >> found;
    mount = without_octal(mount);
    // A later mount hides an earlier one at the same place.
    if (found.empty() || !is_below(path, mount) || mount.size() < longest.size()) continue;
    longest = mount;
    type = found;
  }
  return type;
}

double fsync_us_p50(const std::filesystem::path& directory) {
  constexpr std::size_t rounds = 200;
  const ScratchFile file{directory};
  std::vector<double> microseconds;
  microseconds.reserve(rounds);
  for (std::size_t i = 0; i < rounds; ++i) {
    const auto begin = std::chrono::steady_clock::now();
    if (!file.append_and_sync()) {
      const int code = errno;
      throw StorageError{
          "cannot fsync in " + directory.string() + ": " + std::generic_category().message(code),
          {.operation = "bench", .native_code = code}};
    }
    const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - begin;
    microseconds.push_back(took.count());
  }
  std::ranges::nth_element(microseconds, microseconds.begin() + rounds / 2);
  return microseconds[rounds / 2];
}

}  // namespace portfire::bench
