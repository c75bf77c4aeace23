#pragma once

// What was really run, written down beside all storages: a file for each server process, a line for
// each step, each line by one write(2), so that a kill leaves whole lines alone.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <portfire/id.hpp>

namespace portfire::chaos {

enum class Step : char {
  begin = 'b',  // the handler was entered
  end = 'e',    // it is about to return
  fail = 'f',   // it is about to throw, as planned
};

struct LedgerLine {
  Step step = Step::begin;
  JobId job;
  std::uint64_t epoch = 0;
  std::int64_t number = 0;       // of the job
  std::int64_t nanoseconds = 0;  // on a clock that all processes share
};

// Writes one file. Threads: any.
class Ledger {
 public:
  explicit Ledger(const std::filesystem::path& file);
  ~Ledger();
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;

  // Ends the process where the line cannot be written: nothing may happen that stands nowhere.
  void write(Step step, JobId job, std::uint64_t epoch, std::int64_t number) const;

 private:
  const int file_;
};

// All files of a directory, as written there.
std::vector<LedgerLine> read_ledgers(const std::filesystem::path& directory);

}  // namespace portfire::chaos
