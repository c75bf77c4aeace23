#include "chaos/ledger.hpp"

#include <fcntl.h>
#include <time.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace portfire::chaos {

namespace {

std::int64_t nanoseconds_now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  constexpr std::int64_t per_second = 1'000'000'000;
  return std::int64_t{time.tv_sec} * per_second + time.tv_nsec;
}

LedgerLine parse(const std::string& text) {
  std::istringstream words{text};
  char step = 0;
  std::string job;
  LedgerLine line;
  words >> step >> job >> line.epoch >> line.number >> line.nanoseconds;
  const auto id = parse_id<JobId>(job);
  if (!words || !id) throw std::runtime_error{"a ledger has the line '" + text + "'"};
  line.step = static_cast<Step>(step);
  line.job = *id;
  return line;
}

}  // namespace

Ledger::Ledger(const std::filesystem::path& file)
    : file_{::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)} {
  if (file_ < 0) throw std::runtime_error{"cannot open " + file.string()};
}

Ledger::~Ledger() { ::close(file_); }

void Ledger::write(Step step, JobId job, std::uint64_t epoch, std::int64_t number) const {
  const std::string line = std::string{static_cast<char>(step)} + ' ' + to_string(job) + ' ' +
                           std::to_string(epoch) + ' ' + std::to_string(number) + ' ' +
                           std::to_string(nanoseconds_now()) + '\n';
  const auto written = ::write(file_, line.data(), line.size());
  if (written != static_cast<ssize_t>(line.size())) std::quick_exit(3);
}

std::vector<LedgerLine> read_ledgers(const std::filesystem::path& directory) {
  std::vector<LedgerLine> lines;
  for (const auto& entry : std::filesystem::directory_iterator{directory}) {
    if (entry.path().extension() != ".ledger") continue;
    std::ifstream file{entry.path()};
    for (std::string text; std::getline(file, text);) lines.push_back(parse(text));
  }
  return lines;
}

}  // namespace portfire::chaos
