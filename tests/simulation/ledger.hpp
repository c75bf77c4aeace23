#pragma once

// Books kept outside the storage: what was created, claimed, run and ended, as it passed over the
// wire. Each entry is checked against those before it, so that the first wrong step is the one that
// is reported. Independent of the storage's own bookkeeping; knows its contract alone.

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include <portfire/storage/storage.hpp>

#include "simulation/journal.hpp"

namespace portfire::simulation {

class Process;

struct Holder {
  std::uint64_t epoch = 0;
  ServerId server;
};

// What is known of one job.
struct JobEntry {
  std::uint32_t number = 0;  // for people: the n-th job of the run
  std::string name;
  std::vector<Parent> parents;
  JobId batch;
  bool is_batch = false;
  Limit limit;
  std::string unique_key;

  std::optional<Holder> holder;
  std::uint64_t highest_epoch = 0;
  std::uint32_t attempt = 0;
  std::string state;                           // by the last direct change; empty after none
  StateKind kind = StateKind::ready;           // of that one
  std::map<std::uint64_t, ServerId> issued;    // by epoch: to whom
  std::set<std::uint64_t> started;             // epochs whose handler was entered …
  std::set<std::uint64_t> returned;            // … and came back without an exception
  std::set<std::uint64_t> ended;               // epochs whose outcome was accepted
  std::map<std::string, std::uint64_t> times;  // by state: how often it was entered directly
  bool ever_succeeded = false;
  bool ever_deleted = false;  // directly; the storage may delete jobs itself
  bool ever_failed = false;
  bool changed_by_hand = false;
  int ends = 0;  // final or parked outcomes that were accepted
};

struct Outage {
  SteadyPoint begin;
  SteadyPoint end;
};

struct ServerEntry {
  const Process* process = nullptr;
  Duration lease{};
  std::vector<SteadyPoint> beats;  // when they took effect
  bool gone = false;
};

class Ledger {
 public:
  Ledger(Scheduler& scheduler, Journal& journal) : scheduler_{scheduler}, journal_{journal} {}

  // What the verbs did, told in the step in which they did it.
  void committed(Process& process, std::span<const Unit> units,
                 const std::vector<CommitResult>& results);
  void claimed(Process& process, const ClaimRequest& request, const ClaimResult& result);
  void released(std::span<const Released> executions, const ReleaseResult& result);
  void reclaimed(Process& process, const ReclaimRequest& request, const ReclaimResult& result);
  // Members of deleted batches are deleted by the way, running ones too.
  void promoted(Storage& truth);
  void announced(const Process& process, const ServerInfo& info);
  void beat(ServerId server, const HeartbeatResult& result);
  void removed(ServerId server);

  // For so long nobody could reach the storage; called in the order of the beginnings.
  void outage(SteadyPoint begin, SteadyPoint end) { outages_.push_back({begin, end}); }
  void outages_end() {
    for (Outage& each : outages_) each.end = std::min(each.end, scheduler_.now());
  }

  // What handlers and clients say.
  void entered(const Process& process, JobId job, std::uint64_t epoch);
  void returned(JobId job, std::uint64_t epoch);
  void promised(JobId job) { promised_.insert(job); }

  [[nodiscard]] const std::unordered_map<JobId, JobEntry>& jobs() const { return jobs_; }
  [[nodiscard]] const std::vector<JobId>& order() const { return order_; }
  [[nodiscard]] const std::set<JobId>& promises() const { return promised_; }
  [[nodiscard]] const std::map<std::string, std::set<std::string>>& occurrences() const {
    return occurrences_;
  }
  [[nodiscard]] const std::map<JobId, std::vector<JobId>>& members() const { return members_; }
  // That the process has announced and that is still there; nil when there is none.
  [[nodiscard]] ServerId server_of(const Process& process) const;
  [[nodiscard]] std::uint64_t executions() const { return executions_; }
  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  [[nodiscard]] std::string name_of(JobId job) const;

 private:
  void created(const NewJob& job);
  void ended(const Transition& transition, const CommitResult& result, bool has_jobs);
  void changed_by_hand(const Transition& transition);
  void issue(const Process& process, ServerId server, const Execution& execution, bool again);
  void lose(ServerId server);
  void check_silence(const ServerEntry& server);
  void check_outages(const ServerEntry& server, SteadyPoint heard_at, SteadyPoint looked_at);
  void enter(JobEntry& job, const Transition& transition);
  void conclude(JobId batch);
  void change_definition(const RecurringChange& change);
  void check_conflict(const Unit& unit, const CommitResult& result);
  void check_parents(const JobEntry& job, JobId id);
  void check_limit(const JobEntry& job);
  [[nodiscard]] bool is_met(const Parent& parent) const;
  void violation(std::string what) { journal_.violation(std::move(what)); }
  JobEntry* find(JobId id, const char* verb);

  Scheduler& scheduler_;
  Journal& journal_;
  std::unordered_map<JobId, JobEntry> jobs_;
  std::vector<JobId> order_;
  std::map<JobId, std::vector<JobId>> members_;
  std::map<ServerId, ServerEntry> servers_;
  std::map<const Fibre*, SteadyPoint> last_look_;  // when that fibre last read everybody's beats
  std::map<ServerId, std::uint64_t> last_token_;
  std::vector<Outage> outages_;
  std::map<std::string, int> held_of_limit_;
  std::map<std::string, std::set<std::string>> occurrences_;  // by definition
  std::map<std::string, std::uint64_t> versions_;             // of definitions
  std::map<std::string, TimePoint> due_;                      // of definitions
  std::set<UnitId> applied_units_;
  std::set<JobId> promised_;
  std::uint64_t executions_ = 0;
  std::uint64_t accepted_ = 0;
};

}  // namespace portfire::simulation
