#pragma once

/// A change is data, and the unit is its atom.
///
/// Everything that client, server and filters want to happen is written into a `Unit` of plain
/// values and handed to `JobStore::commit`. All of a unit happens, or nothing does. Memory storage
/// replays the same values that a database executes, which makes it the model in tests.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/state.hpp>
#include <portfire/storage/recurring.hpp>
#include <portfire/time.hpp>

namespace portfire {

/// What a continuation waits for in one parent.
enum class Condition : std::uint8_t {
  succeeded,  ///< met by `Ending::succeeded`; can no longer hold after `deleted` or `other`
  deleted,    ///< met by `Ending::deleted`; can no longer hold after `succeeded` or `other`
  failed,     ///< met by `Ending::failed`; can no longer hold after a final state
  finished,   ///< met by any final state
};

std::string_view to_string(Condition condition);
std::optional<Condition> parse_condition(std::string_view text);

struct Parent {
  JobId job;
  Condition on = Condition::succeeded;

  friend bool operator==(const Parent&, const Parent&) = default;
};

/// What happens to a creation whose unique key is held by another job.
enum class OnDuplicate : std::uint8_t {
  reject,        ///< the whole unit is rejected and names the holder
  use_existing,  ///< this job is not created; the result names the holder; the rest goes ahead
  /// As `use_existing`, and the holder becomes what this job would have been: arguments,
  /// parameters, queue, priority and first state are replaced, and its attempts begin anew. Only
  /// a holder of the same name, no batch, in a state of kind *ready*, *timed* or *waiting*; any
  /// other rejects the unit.
  replace,
};

/// A set of state kinds, one bit each.
class StateKinds {
 public:
  constexpr StateKinds() = default;
  constexpr StateKinds(std::initializer_list<StateKind> kinds) {
    for (const StateKind kind : kinds) bits_ |= bit(kind);
  }
  static constexpr StateKinds from_bits(std::uint8_t bits) {
    StateKinds kinds;
    kinds.bits_ = bits;
    return kinds;
  }
  [[nodiscard]] constexpr bool contains(StateKind kind) const { return (bits_ & bit(kind)) != 0; }
  [[nodiscard]] constexpr std::uint8_t bits() const { return bits_; }
  friend bool operator==(const StateKinds&, const StateKinds&) = default;

 private:
  static constexpr std::uint8_t bit(StateKind kind) {
    return static_cast<std::uint8_t>(1U << static_cast<unsigned>(kind));
  }
  std::uint8_t bits_ = 0;
};

/// At most one job holds a key at a time, in the whole storage.
struct UniqueKey {
  /// 1 to 200 bytes; empty means that the job has no key.
  std::string key = {};
  OnDuplicate on_duplicate = OnDuplicate::reject;

  /// The key is held while the job is in a state of one of these kinds …
  StateKinds held_while = {StateKind::ready, StateKind::timed, StateKind::waiting,
                           StateKind::running};
  /// … or, when not zero, for this long from its creation, whatever its state.
  Duration window = Duration::zero();

  friend bool operator==(const UniqueKey&, const UniqueKey&) = default;
};

/// So many jobs of one key at a time, in the whole storage.
///
/// A job that would enter a state of kind *ready* or *timed* in which it counts, and finds its key
/// used up, or others in line, stands in line instead: in the state `Awaiting`, first come, first
/// served. Once it is its turn it enters the state that it was on its way to, in the commit that
/// made room. It then counts until it enters a state in which it does not.
struct Limit {
  /// 1 to 200 bytes; empty means that the job is not limited.
  std::string key = {};
  /// How many jobs of the key may count at a time, from 1, in the eyes of this one: jobs of one key
  /// may say different numbers.
  std::uint32_t at_once = 1;
  /// The job counts while it is in a state of one of these kinds: *ready* and *running* at least,
  /// never *waiting* or *final*.
  StateKinds counts_while = {StateKind::ready, StateKind::running};

  friend bool operator==(const Limit&, const Limit&) = default;
};

/// A job to be created.
struct NewJob {
  JobId id;
  std::string name;
  std::string arguments = "[]";  ///< a JSON array as text
  std::string queue = "default";
  int priority = 0;  ///< −100 to 100, higher first

  /// Name → JSON text.
  std::map<std::string, std::string> parameters = {};

  /// The first state; of kind *waiting* exactly when there are parents.
  State state = states::enqueued();
  /// Candidates that election filters replaced; written to the history only.
  std::vector<State> elected_away = {};

  /// Kind *waiting*: what it waits for. Parents exist or are created earlier in the same unit.
  /// Every condition must be met; the first that can no longer hold decides against it.
  std::vector<Parent> parents = {};
  /// The state that it takes when all conditions are met (ready or timed, as a rule) …
  State when_met = states::enqueued();
  /// … and the one that it takes as soon as one of them can no longer be met.
  State when_unmet = states::deleted();

  /// A batch: a job that nobody runs. Its first state is of kind *waiting*, without parents: it
  /// waits for its members, those that name it as their `batch`. When all of them have ended it
  /// takes `when_met` if all succeeded and `when_unmet` otherwise; if one of them begins anew, it
  /// goes back to its first state.
  bool is_batch = false;
  /// The batch that it is a member of, if any: it exists or is created earlier in the same unit,
  /// and was not deleted. A batch may be a member of another one.
  JobId batch = {};

  /// With `OnDuplicate::replace` a job has neither parents nor a batch.
  UniqueKey unique = {};
  /// Not of a batch.
  Limit limit = {};
};

/// How those are let go who waited for a job that ends.
enum class Release : std::uint8_t {
  straight,  ///< they enter `when_met` / `when_unmet` inside this commit
  elect,     ///< inside this commit they fall due; `promote` hands them out for election
};

/// A change of state of one job, with everything that must commit with it.
struct Transition {
  JobId job;

  /// The driver's shortcut to the job, from `Execution::locator`; 0 where there is none.
  std::int64_t locator = 0;

  /// Guard: the job is held under this epoch. Required to end an execution.
  std::optional<std::uint64_t> epoch = std::nullopt;
  /// Guard: the job is in the state of this name; empty for any.
  std::string expected_state = {};

  State state;
  std::vector<State> elected_away = {};

  /// Name → new JSON text, or nothing to remove the parameter.
  std::map<std::string, std::optional<std::string>> parameters = {};
  /// The new number of attempts spent, where it changes.
  std::optional<std::uint32_t> attempt = std::nullopt;
  /// Moves the job to another queue.
  std::optional<std::string> queue = std::nullopt;
  /// Gives the job another priority.
  std::optional<int> priority = std::nullopt;

  /// With `epoch`: the handler's value as JSON text, empty for none …
  std::string result = {};
  /// … how long after its claim the handler was entered, and how long it ran.
  Duration start_delay = Duration::zero();
  Duration duration = Duration::zero();
  /// With `epoch`: the execution has ended in a crash of its server. The job is *suspect* from then
  /// on, with so many crashes blamed on it, where both marks are cleared otherwise.
  std::optional<std::uint32_t> crashes = std::nullopt;

  Release release = Release::straight;
};

/// The atom of change. Jobs are created first, in order, then transitions applied, in order, then
/// templates of recurring jobs changed.
struct Unit {
  UnitId id;
  std::vector<NewJob> jobs = {};
  std::vector<Transition> transitions = {};
  /// No template twice.
  std::vector<RecurringChange> recurring = {};

  /// Never sent to the storage before, and its ids are known to nobody: a storage need not look
  /// whether it has been done already. Whoever sends it again clears this.
  bool is_new = false;
};

enum class CommitStatus : std::uint8_t {
  applied,
  already_applied,  ///< an earlier call with the same unit did it; nothing was changed by this one
  busy,             ///< somebody else holds a row of it just now; send it again
  conflict,         ///< a guard did not hold; nothing of the unit was done
  rejected,         ///< the unit cannot be done as it is; nothing of it was done
};

enum class Conflict : std::uint8_t {
  none,
  not_found,  ///< the job does not exist (any more)
  state,      ///< the job is not in the expected state
  epoch,      ///< the job is not held under that epoch: the execution was taken away
  version,    ///< the template has another version, exists already or does not exist (any more)
  batch,      ///< the job is a batch, which enters no state of kind *ready* or *timed*
};

enum class Rejection : std::uint8_t {
  none,
  unique_key,      ///< the key of `job` is held by `holder`
  parent_missing,  ///< `job` names the parent `holder`, which does not exist
  batch_closed,    ///< `job` names the batch `holder`, which does not exist, is none or was deleted
};

/// The answer to one unit.
struct CommitResult {
  CommitStatus status = CommitStatus::applied;
  Conflict conflict = Conflict::none;
  Rejection rejection = Rejection::none;
  /// The job that the conflict or rejection is about.
  JobId job = {};
  JobId holder = {};
  /// The template that a conflict of versions is about.
  std::string recurring = {};

  struct Existing {
    JobId requested;
    JobId holder;
    friend bool operator==(const Existing&, const Existing&) = default;
  };
  /// Creations left out for `OnDuplicate::use_existing`, or that replaced what the holder was.
  std::vector<Existing> existing = {};

  [[nodiscard]] bool done() const {
    return status == CommitStatus::applied || status == CommitStatus::already_applied;
  }
};

std::string_view to_string(CommitStatus status);
std::string_view to_string(Conflict conflict);

}  // namespace portfire
