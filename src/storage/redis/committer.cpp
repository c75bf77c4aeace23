#include "storage/redis/committer.hpp"

#include <algorithm>

#include "storage/common/requests.hpp"
#include "storage/redis/errors.hpp"

namespace portfire::redis {

namespace {

// What is larger has little to gain from company, and others would have to wait for it.
constexpr std::size_t largest_shared = 50;

// One is served while the other is put together: a fifth more than one alone.
constexpr std::size_t most_leaders = 2;

std::size_t weight_of(std::span<const Unit> units) {
  std::size_t weight = 0;
  for (const Unit& unit : units) {
    weight += unit.jobs.size() + unit.transitions.size() + unit.recurring.size();
  }
  return weight;
}

// Whether somebody's units have met with what others need not meet with: those that bring nothing
// but new jobs are refused when the memory is full.
bool may_ail_one(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const RedisError& failure) {
    const bool is_refused = failure.remedy() == Remedy::none || failure.code() == "OOM";
    return is_refused && !failure.connection_lost();
  } catch (...) {
    return true;
  }
}

}  // namespace

Committer::UnitsCall::UnitsCall(std::span<const Unit> units, std::span<CommitResult> results)
    : Call{weight_of(units)} {
  slots.reserve(units.size());
  for (std::size_t i = 0; i < units.size(); ++i) slots.push_back({&units[i], &results[i]});
}

Committer::Committer(const Settings& settings, Gateway& gateway)
    : Combiner{settings.runtime, most_leaders}, settings_{settings}, gateway_{gateway} {}

std::vector<CommitResult> Committer::commit(std::span<const Unit> units) {
  std::vector<CommitResult> results(units.size());
  UnitsCall call{units, results};
  if (weight_of(units) > largest_shared) {
    perform_alone(call, LooksBack::where_needed);
  } else {
    submit(call);
  }
  if (call.error && call.decided > 0) throw_partly_done(call.error);
  if (call.error) std::rethrow_exception(call.error);
  return results;
}

void Committer::lead() {
  std::vector<Call*> calls = take(largest_call);
  // A change ahead of it would let a creation pass that a full memory has no room for.
  std::ranges::stable_partition(calls, [](Call* call) {
    return std::ranges::all_of(units_call(call).slots,
                               [](const Slot& slot) { return slot.unit->transitions.empty(); });
  });
  if (calls.size() == 1) {
    perform_alone(units_call(calls.front()), LooksBack::where_needed);
  } else if (!perform_together(calls)) {
    // Alone they can spoil only their own.
    for (Call* call : calls) {
      UnitsCall& one = units_call(call);
      if (one.decided < one.slots.size()) perform_alone(one, LooksBack::everywhere);
    }
  }
  finish(calls);
}

void Committer::perform_alone(UnitsCall& call, LooksBack looks_back) {
  try {
    perform(std::span{call.slots}.subspan(call.decided), looks_back, call.decided);
  } catch (...) {
    call.error = std::current_exception();
  }
}

// False when those that are not decided may come further without the others.
bool Committer::perform_together(std::span<Call* const> calls) {
  std::vector<Slot> slots;
  for (Call* call : calls) {
    const std::vector<Slot>& its = units_call(call).slots;
    slots.insert(slots.end(), its.begin(), its.end());
  }
  std::size_t decided = 0;
  std::exception_ptr error;
  try {
    perform(slots, LooksBack::where_needed, decided);
  } catch (...) {
    error = std::current_exception();
  }
  const bool is_over = !error || !may_ail_one(error);
  for (Call* call : calls) {
    UnitsCall& one = units_call(call);
    one.decided = std::min(decided, one.slots.size());
    decided -= one.decided;
    if (is_over && one.decided < one.slots.size()) one.error = error;
  }
  return is_over;
}

// Counts up `decided`.
void Committer::perform(std::span<const Slot> slots, LooksBack looks_back, std::size_t& decided) {
  while (!slots.empty()) {
    const UnitCall call{settings_, slots, looks_back};
    try {
      const Reply answer = gateway_.run(call.script_call());
      const std::size_t more = call.read(answer);
      // What it stopped at has been created before, or a part of it.
      looks_back = more < call.size() ? LooksBack::at_first : LooksBack::where_needed;
      decided += more;
      slots = slots.subspan(more);
    } catch (const StorageError& error) {
      if (!error.connection_lost() || call.script_call().repeatable) throw;
      // The answer was lost: now it has been sent before, and may be as often as need be.
      looks_back = LooksBack::everywhere;
    }
  }
}

}  // namespace portfire::redis
