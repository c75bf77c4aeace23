#pragma once

// One stored job.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/state.hpp>
#include <portfire/storage/job_store.hpp>
#include <portfire/storage/monitoring.hpp>
#include <portfire/storage/unit.hpp>
#include <portfire/time.hpp>

#include "storage/memory/batches.hpp"
#include "storage/memory/limits.hpp"
#include "storage/memory/line.hpp"

namespace portfire::memory {

struct Queue;
struct Server;
struct StateName;

inline constexpr TimePoint never = TimePoint::max();

// A value that most jobs do not have: one pointer where it is absent, copied with its owner.
template <class Value>
class Rare {
 public:
  Rare() = default;
  ~Rare() = default;
  Rare(Rare&&) noexcept = default;
  Rare& operator=(Rare&&) noexcept = default;
  Rare(const Rare& other) : value_{other ? std::make_unique<Value>(*other) : nullptr} {}
  Rare& operator=(const Rare& other) {
    if (this != &other) value_ = other ? std::make_unique<Value>(*other) : nullptr;
    return *this;
  }

  explicit operator bool() const { return value_ != nullptr; }
  Value& operator*() { return *value_; }
  const Value& operator*() const { return *value_; }
  Value* operator->() { return value_.get(); }
  const Value* operator->() const { return value_.get(); }

  // The value, made now if it was absent.
  Value& make() {
    if (!value_) value_ = std::make_unique<Value>();
    return *value_;
  }
  void reset() { value_.reset(); }

 private:
  std::unique_ptr<Value> value_;
};

// What a state carries besides its name.
struct Words {
  std::string reason;
  std::string data;
};

// A state that the job is in, or was in before the present claim.
struct StateRecord {
  StateName* name = nullptr;  // absent: no state
  TimePoint since;
  Rare<Words> words;
  StateKind kind = StateKind::ready;
  Ending ending = Ending::none;

  [[nodiscard]] std::string reason() const { return words ? words->reason : std::string{}; }
  [[nodiscard]] std::string data() const { return words ? words->data : std::string{}; }
};

// The present or the last run.
struct Run {
  ServerId server;  // nil: there was none
  TimePoint claimed_at;
  std::optional<Duration> start_delay;
  std::optional<double> progress;
};

// What a continuation waits for. Parents are counted as they were given, so that one job may be a
// parent twice, under different conditions.
struct Waiting {
  std::map<std::uint32_t, Parent> parents;
  State when_met;
  State when_unmet;
};

// One continuation of a job: the child's number, then which of the child's parents the job is. In
// this order: children are decided in the order of their creation.
struct ChildKey {
  std::uint64_t child_number = 0;
  std::uint32_t parent_index = 0;
  friend auto operator<=>(const ChildKey&, const ChildKey&) = default;
};

struct Stopping {
  ServerId server;
  std::uint64_t epoch = 0;
};

// What few jobs have.
struct Extra {
  std::map<std::string, std::string> parameters;
  std::vector<HistoryEntry> steps;  // history before the implicit part, see `history_of`
  Rare<Waiting> waiting;
  std::map<ChildKey, Slot> children;
  Rare<State> candidate;  // what a timed job becomes, where that is not Enqueued
  std::string unique_key;
  Rare<Limited> limited;
  std::vector<LogEntry> log;
  std::optional<Stopping> stopping;
  Run run_before;         // the last run before the present claim
  Rare<Members> members;  // of a batch
  bool swept = false;     // a deleted batch whose members are seen to
};

// The history of the usual life is implicit: `waited`, then the run, then `present`. Only what does
// not fit into that is written to `Extra::steps`.
struct Job {
  JobId id;
  std::uint64_t number = 0;  // counts creations
  Slot slot = 0;

  int priority = 0;
  std::uint64_t epoch = 0;
  std::uint64_t step = 0;      // counts entries into states; the present one's
  std::uint64_t position = 0;  // the step at which it last became ready: its place in the queue
  Queue* queue = nullptr;
  Server* holder = nullptr;  // while running

  StateRecord present;
  StateRecord waited;          // the ready state that the last claim ended, not written out yet
  bool run_unwritten = false;  // the last run is over and not written out yet
  bool suspect = false;
  bool no_handler = false;               // its lane is `queue#name`
  Ending counted_ending = Ending::none;  // how its batch counts it; none: as outstanding
  std::uint32_t crashes = 0;
  std::uint32_t attempt = 0;

  TimePoint created_at;
  TimePoint ready_at;
  TimePoint due_at = never;      // kind timed
  TimePoint expires_at = never;  // kinds parked and final
  Run run;
  std::optional<Duration> duration;

  std::string name;
  std::string arguments;
  std::string result;
  JobId batch;  // that it is a member of
  Rare<Extra> extra;

  [[nodiscard]] bool held_under(std::uint64_t wanted_epoch) const {
    return present.kind == StateKind::running && epoch == wanted_epoch;
  }
};

}  // namespace portfire::memory
