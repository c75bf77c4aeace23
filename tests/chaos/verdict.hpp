#pragma once

// When everything has ended: whether what should have happened did, exactly once.

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <portfire/portfire.hpp>

#include "chaos/ledger.hpp"
#include "chaos/record.hpp"

namespace portfire::chaos {

struct Figures {
  std::size_t jobs = 0;      // those that exist, without batches
  std::size_t unknown = 0;   // calls whose fate their caller does not know …
  std::size_t made = 0;      // … and those of them that were made
  std::size_t repeated = 0;  // executions beyond those that were needed
  std::size_t lost = 0;      // accepted jobs that are not there, or have not succeeded
};

// Threads: one.
class Verdict {
 public:
  Verdict(Storage& storage, std::vector<Call> calls, const std::vector<LedgerLine>& ledger);

  // Checks everything.
  void reach();

  [[nodiscard]] const Figures& figures() const { return figures_; }
  // What is wrong, a line each; empty: nothing.
  [[nodiscard]] const std::vector<std::string>& complaints() const { return complaints_; }

 private:
  // A job as the storage has it.
  struct Found {
    JobId id;
    std::string state;
    std::optional<JobId> batch;
    int failures = 0;
    int children = 0;
    std::uint64_t epoch = 0;  // once it has succeeded: of the execution whose outcome was accepted
    std::ptrdiff_t successes = 0;
  };
  // What the ledgers say about one.
  struct Ran {
    std::set<JobId> jobs;
    std::size_t begins = 0;
    std::size_t fails = 0;
    std::int64_t first_begin = 0;
    std::map<std::uint64_t, std::int64_t> ends;  // by epoch
  };

  void read_ledger(const std::vector<LedgerLine>& ledger);
  void read_jobs();
  void note(const JobSummary& job);
  void judge_calls();
  void judge_call(const Call& call);
  void judge_accepted(const Call& call);
  void judge_order(Number later, Number earlier);
  void judge_batches();
  void judge_batch(JobId id, std::size_t members);
  void judge_jobs();
  void judge_job(Number number, const Found& job);
  void judge_runs(Number number, const Found& job);
  void judge_parent(Number child);
  void judge_ledger();
  void judge_statistics();
  // When the execution that was accepted was over.
  [[nodiscard]] std::optional<std::int64_t> end_of(Number number) const;
  void complain(const std::string& about, const std::string& what);

  Storage& storage_;
  const std::vector<Call> calls_;
  std::map<Number, Found> jobs_;
  std::map<Number, Ran> runs_;
  std::set<JobId> batches_;
  std::map<JobId, std::size_t> members_;                               // by batch
  std::map<std::pair<std::string, std::string>, std::uint64_t> live_;  // queue, state
  Figures figures_;
  std::vector<std::string> complaints_;
};

}  // namespace portfire::chaos
