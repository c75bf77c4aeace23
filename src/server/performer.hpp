#pragma once

// Runs one execution and decides what becomes of the job: filters, handler, election.

#include <optional>

#include "server/active_jobs.hpp"
#include "server/crash_watch.hpp"
#include "server/isolation/isolator.hpp"
#include "server/running_job.hpp"

namespace portfire::server {

// An execution that has ended, on its way to the storage.
struct Completion {
  Claimed claimed;
  // What commits: the transition that ends the execution, and what the handler enqueued.
  Unit unit;
  // Given back instead, its attempt not spent: the server's own fault, not the job's.
  bool give_back = false;
  std::optional<Report> report;
};

struct PerformerOptions {
  Duration retention;         // of Succeeded and Deleted jobs
  Duration failed_retention;  // of Failed ones; zero for ever
  std::size_t error_limit;
  bool elects_released_jobs;  // some filter of this server wants to see them
};

// Threads: any; one call per worker at a time.
class Performer {
 public:
  // `isolator` may be null: then all handlers run here.
  Performer(const Surroundings& surroundings, ActiveJobs& active, const CrashWatch& crash_watch,
            PerformerOptions options, isolation::Isolator* isolator = nullptr)
      : surroundings_{surroundings},
        active_{active},
        crash_watch_{crash_watch},
        options_{options},
        isolator_{isolator} {}

  Completion perform(Claimed claimed, std::size_t worker) const;

  // The end of an execution in that very state, without an election.
  Completion end(Claimed claimed, State state) const;

  // The end of an execution whose outcome the storage will never take: a plain failure.
  [[nodiscard]] Unit end_unstorable(const Claimed& claimed, const std::string& message) const;

  // The end of an execution that has crashed its server, which had this many crashes blamed on it
  // then: an election decides what becomes of it, as for any other failure.
  [[nodiscard]] Unit end_crashed(const Claimed& claimed, State failed, std::uint32_t crashes) const;

  // Tells the filters how the creation of the unit's jobs, and the end of the execution, went.
  void tell_created(const Unit& unit, const CommitResult& result) const;
  void tell_applied(const Claimed& claimed, const Unit& unit, const CommitResult& result) const;

 private:
  struct Ended;
  Ended run(RunningJob& running, const FilterChain& filters, std::size_t worker) const;
  Outcome call(RunningJob& running, Context& context, std::size_t worker) const;
  Ended judge(RunningJob& running, const FilterChain& filters, Performed& performed,
              Outcome outcome) const;
  Ended commit_apart(RunningJob& running, const Claimed& claimed, Ended ended) const;
  void report_at_once(RunningJob& running) const;
  Completion complete(Claimed claimed, Ended ended) const;
  [[nodiscard]] Unit unit_of(const Claimed& claimed, Ended& ended) const;
  void set_retention(State& state, const Claimed& claimed) const;
  [[nodiscard]] Release release() const;

  const Surroundings& surroundings_;
  ActiveJobs& active_;
  const CrashWatch& crash_watch_;
  const PerformerOptions options_;
  isolation::Isolator* const isolator_;
};

}  // namespace portfire::server
