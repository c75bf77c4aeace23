#include "storage/common/requests.hpp"

#include <algorithm>
#include <set>

#include <nlohmann/json.hpp>

#include <portfire/error.hpp>

namespace portfire {

namespace {

// Of unique keys, keys of limits and names of locks.
constexpr std::size_t longest_key = 200;

void refuse_running(const State& state) {
  if (state.kind != StateKind::running) return;
  throw UsageError{"state '" + state.name + "': only a server's claim makes a job run"};
}

void check_batch(const NewJob& job) {
  if (!job.is_batch) return;
  if (job.state.kind != StateKind::waiting || !job.parents.empty()) {
    throw UsageError{"batch '" + job.name + "': it waits for its members alone; state '" +
                     job.state.name + "', or its parents, do not fit"};
  }
  for (const State* end : {&job.when_met, &job.when_unmet}) {
    if (end->kind == StateKind::ready || end->kind == StateKind::timed) {
      throw UsageError{"batch '" + job.name + "': nobody runs it, so it cannot end in state '" +
                       end->name + "'"};
    }
  }
}

void check_unique(const NewJob& job) {
  const UniqueKey& unique = job.unique;
  if (unique.key.size() > longest_key) {
    throw UsageError{"unique key '" + unique.key.substr(0, longest_key) +
                     "…': must have at most 200 bytes"};
  }
  if (unique.key.empty() || unique.on_duplicate != OnDuplicate::replace) return;
  if (job.is_batch || job.batch || !job.parents.empty()) {
    throw UsageError{"unique key '" + unique.key +
                     "': a batch, a member of one or a continuation cannot replace another job"};
  }
}

void check_limit(const NewJob& job) {
  const Limit& limit = job.limit;
  if (limit.key.empty()) return;
  const auto refuse = [&](const std::string& why) {
    throw UsageError{"limit '" + limit.key.substr(0, longest_key) + "': " + why};
  };
  if (limit.key.size() > longest_key) refuse("a key must have at most 200 bytes");
  if (limit.at_once == 0) refuse("at least one job at a time must be allowed");
  if (job.is_batch) refuse("a batch is not run, so it cannot be limited");
  const StateKinds kinds = limit.counts_while;
  if (!kinds.contains(StateKind::ready) || !kinds.contains(StateKind::running) ||
      kinds.contains(StateKind::waiting) || kinds.contains(StateKind::final)) {
    refuse("jobs count while ready and running at least, and never while waiting or final");
  }
}

void check_templates(const std::vector<RecurringChange>& changes) {
  constexpr std::size_t longest = 150;
  std::set<std::string_view> seen;
  for (const RecurringChange& change : changes) {
    if (change.id.empty() || change.id.size() > longest) {
      throw UsageError{"recurring job '" + change.id.substr(0, longest) +
                       "': an id must have 1 to 150 bytes"};
    }
    if (!seen.insert(change.id).second) {
      throw UsageError{"recurring job '" + change.id + "': a unit changes it at most once"};
    }
  }
}

}  // namespace

void check_units(std::span<const Unit> units) {
  for (const Unit& unit : units) {
    for (const NewJob& job : unit.jobs) {
      refuse_running(job.state);
      refuse_running(job.when_met);
      refuse_running(job.when_unmet);
      check_batch(job);
      check_unique(job);
      check_limit(job);
    }
    for (const Transition& transition : unit.transitions) refuse_running(transition.state);
    check_templates(unit.recurring);
  }
}

void check_lock_name(const std::string& name) {
  if (!name.empty() && name.size() <= longest_key) return;
  throw UsageError{"lock name '" + name.substr(0, longest_key) + "': must have 1 to 200 bytes"};
}

bool has_tag(const std::map<std::string, std::string>& parameters, std::string_view tag) {
  const auto tags = parameters.find(std::string{tags_parameter});
  if (tags == parameters.end()) return false;
  const nlohmann::json all = nlohmann::json::parse(tags->second, nullptr, false);
  return all.is_array() && std::ranges::find(all, nlohmann::json(tag)) != all.end();
}

std::uint64_t log_number(std::uint64_t epoch, const ReportLine& line) {
  constexpr int bits_of_a_line = 32;
  return (epoch << bits_of_a_line) + line.number;
}

void throw_partly_done(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const StorageError& failure) {
    throw StorageError{failure.what(),
                       {.operation = failure.operation(),
                        .native_code = failure.native_code(),
                        .retryable = failure.retryable(),
                        .connection_lost = true}};
  }
}

}  // namespace portfire
