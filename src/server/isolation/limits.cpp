#include "server/isolation/limits.hpp"

#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace portfire::server::isolation {

namespace {

// Data of this process, as the system counts them for its limit: the sixth number.
std::uint64_t data_bytes() {
  std::ifstream file{"/proc/self/statm"};
  std::uint64_t pages = 0;
  for (int i = 0; i < 6; ++i) file >> pages;
  return pages * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE));
}

rlim_t processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  // The rest of the present second is the job's: never less than it was promised.
  const auto whole = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
  const auto micro = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
  return static_cast<rlim_t>(whole + (micro + 999'999) / 1'000'000);
}

}  // namespace

AppliedLimits::AppliedLimits(const ProcessLimits& limits) {
  if (limits.memory_bytes > 0) apply(RLIMIT_DATA, data_bytes() + limits.memory_bytes);
  if (limits.processor_time > Duration::zero()) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(limits.processor_time);
    apply(RLIMIT_CPU, processor_seconds() + static_cast<rlim_t>(seconds.count()));
  }
  if (limits.open_files > 0) apply(RLIMIT_NOFILE, static_cast<rlim_t>(limits.open_files));
}

AppliedLimits::~AppliedLimits() {
  for (const Before& before : before_) setrlimit(before.resource, &before.limit);
}

// The soft limit alone: it can be raised again for the next job.
void AppliedLimits::apply(int resource, rlim_t value) {
  rlimit limit{};
  if (getrlimit(resource, &limit) != 0) return;
  const Before before{resource, limit};
  limit.rlim_cur = std::min(value, limit.rlim_max);
  if (setrlimit(resource, &limit) == 0) before_.push_back(before);
}

}  // namespace portfire::server::isolation
