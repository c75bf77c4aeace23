#include "storage/postgresql/batch.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

#include "storage/postgresql/claims.hpp"
#include "storage/postgresql/errors.hpp"
#include "storage/postgresql/unit_json.hpp"

namespace portfire::postgresql {

namespace {

// A caller whose units need more of them gets the rest in one statement that keeps their order.
constexpr std::size_t most_rounds = 4;
constexpr std::string_view lock_not_available = "55P03";

bool is_plain_creation(const Unit& unit) {
  if (unit.jobs.size() != 1 || !unit.transitions.empty()) return false;
  static const State plain = states::enqueued();
  const NewJob& job = unit.jobs.front();
  return job.state == plain && job.elected_away.empty() && job.parents.empty() &&
         job.unique.key.empty();
}

bool is_plain_finish(const Unit& unit) {
  if (unit.transitions.size() != 1 || !unit.jobs.empty()) return false;
  const Transition& t = unit.transitions.front();
  return t.epoch && t.locator != 0 && t.expected_state.empty() && t.elected_away.empty() &&
         t.parameters.empty() && !t.attempt && !t.queue && !t.priority &&
         t.state.kind == StateKind::final && t.state.reason.empty() && t.state.data.empty();
}

bool same_end(const State& a, const State& b) {
  return a.name == b.name && a.ending == b.ending && a.retention == b.retention;
}

const Transition& transition_of(const Slot& slot) { return slot.unit->transitions.front(); }
const NewJob& job_of(const Slot& slot) { return slot.unit->jobs.front(); }

Statement create_statement(Duration shift, const std::vector<Slot>& slots) {
  Statement statement{Query::create_plain, {}};
  Parameters& values = statement.parameters;
  values.add(Interval{shift});
  values.add_array(slots, [](const Slot& slot) { return job_of(slot).id; });
  values.add_array(slots, [](const Slot& slot) { return std::string_view{job_of(slot).name}; });
  values.add_array(slots,
                   [](const Slot& slot) { return std::string_view{job_of(slot).arguments}; });
  values.add_array(slots, [](const Slot& slot) { return std::string_view{job_of(slot).queue}; });
  values.add_array(slots, [](const Slot& slot) { return job_of(slot).priority; });
  values.add_array(slots, [](const Slot& slot) -> std::optional<std::string> {
    if (job_of(slot).parameters.empty()) return std::nullopt;
    return json_of_parameters(job_of(slot).parameters);
  });
  return statement;
}

Statement finish_statement(Duration shift, const State& state, const std::vector<Slot>& slots,
                           const std::vector<std::int64_t>& ended_claims) {
  Statement statement{Query::finish_plain, {}};
  Parameters& values = statement.parameters;
  values.add(Interval{shift});
  values.add_array(slots, [](const Slot& slot) { return transition_of(slot).job; });
  values.add_array(slots, [](const Slot& slot) { return *transition_of(slot).epoch; });
  values.add_array(slots, [](const Slot& slot) { return transition_of(slot).locator; });
  values.add_array(slots, [](const Slot& slot) { return transition_of(slot).start_delay; });
  values.add_array(slots, [](const Slot& slot) { return transition_of(slot).duration; });
  values.add_array(slots, [](const Slot& slot) -> std::optional<std::string_view> {
    if (transition_of(slot).result.empty()) return std::nullopt;
    return transition_of(slot).result;
  });
  values.add(std::string_view{state.name});
  values.add(state.kind);
  values.add(state.ending);
  values.add(state.retention);
  values.add(ended_claims);
  return statement;
}

// Positions from 1, as SQL counts.
std::vector<Slot> slots_at(Result& positions, const std::vector<Slot>& slots) {
  std::vector<Slot> chosen;
  while (positions.next()) {
    const auto position = positions.number<std::size_t>(0);
    if (position >= 1 && position <= slots.size()) chosen.push_back(slots[position - 1]);
  }
  return chosen;
}

}  // namespace

Statement commit_statement(Duration shift, std::span<const Slot> slots) {
  std::vector<const Unit*> units;
  units.reserve(slots.size());
  for (const Slot& slot : slots) units.push_back(slot.unit);
  const std::string json = json_of_units(units);
  return {Query::commit_units, Parameters::of(Interval{shift}, Json{json})};
}

void read_commit_answer(Result& answer, std::span<const Slot> slots) {
  for (const Slot& slot : slots) {
    if (!answer.next()) return;
    *slot.result = {.status = static_cast<CommitStatus>(answer.number(0)),
                    .conflict = static_cast<Conflict>(answer.number(1)),
                    .rejection = static_cast<Rejection>(answer.number(2)),
                    .job = answer.id<JobId>(3),
                    .holder = answer.id<JobId>(4),
                    .existing = existing_of(answer.json(5))};
  }
}

Batch::Way Batch::way_of(const Unit& unit) {
  if (is_plain_creation(unit)) return Way::creation;
  return is_plain_finish(unit) ? Way::finish : Way::any;
}

void Batch::put(Round& round, Way way, Slot slot) {
  if (way == Way::creation) return round.creations.push_back(slot);
  if (way == Way::any) return round.others.push_back(slot);
  const State& state = transition_of(slot).state;
  const auto found = std::ranges::find_if(
      round.finishes, [&](const Finishes& one) { return same_end(*one.state, state); });
  if (found != round.finishes.end()) return found->slots.push_back(slot);
  round.finishes.push_back({&state, {slot}});
}

void Batch::add(std::span<const Unit> units, std::span<CommitResult> results) {
  std::size_t round = 0;
  std::optional<Way> latest;
  for (std::size_t i = 0; i < units.size(); ++i) {
    Way way = way_of(units[i]);
    if (round + 1 == most_rounds) way = Way::any;
    if (latest && *latest != way) {
      ++round;
      if (round + 1 == most_rounds) way = Way::any;
    }
    latest = way;
    if (rounds_.size() <= round) rounds_.emplace_back();
    put(rounds_[round], way, {&units[i], &results[i]});
  }
  units_ += units.size();
}

void Batch::run(Connection& connection) {
  try {
    run_rounds(connection, true);
  } catch (const DatabaseError& error) {
    if (error.sqlstate() != lock_not_available) throw;
    // Somebody holds one of the rows. Unit by unit the others go ahead, and that one is *busy*.
    run_rounds(connection, false);
  }
  note_ended();
}

void Batch::run_rounds(Connection& connection, bool finishes_are_plain) {
  std::optional<Transaction> transaction;
  if (rounds_.size() > 1) transaction.emplace(connection);
  for (const Round& round : rounds_) {
    const std::vector<Slot> refused = run_round(connection, round, finishes_are_plain);
    if (!refused.empty()) run_units(connection, refused);
  }
  if (transaction) transaction->commit();
}

// Answers with the finishes that were not so plain after all.
std::vector<Slot> Batch::run_round(Connection& connection, const Round& round,
                                   bool finishes_are_plain) {
  const Duration shift = connection.settings().shift();
  std::vector<Slot> refused;
  std::vector<Statement> statements;
  std::vector<std::int64_t> ended;
  if (!round.creations.empty()) statements.push_back(create_statement(shift, round.creations));
  if (finishes_are_plain && !round.finishes.empty()) ended = claims_.take_ended();
  for (const Finishes& finishes : round.finishes) {
    if (finishes_are_plain) {
      const bool is_first = &finishes == round.finishes.data();
      statements.push_back(finish_statement(shift, *finishes.state, finishes.slots,
                                            is_first ? ended : std::vector<std::int64_t>{}));
    } else {
      refused.insert(refused.end(), finishes.slots.begin(), finishes.slots.end());
    }
  }
  if (!round.others.empty()) statements.push_back(commit_statement(shift, round.others));
  std::vector<Result> answers;
  try {
    if (statements.size() == 1) {
      answers.push_back(connection.run(statements.front()));
    } else if (!statements.empty()) {
      answers = connection.run_together(statements);
    }
  } catch (...) {
    claims_.put_back(ended);
    throw;
  }

  auto answer = answers.begin();
  if (!round.creations.empty()) {
    for (const Slot& slot : round.creations) *slot.result = {};
    for (const Slot& slot : slots_at(*answer++, round.creations)) {
      slot.result->status = CommitStatus::already_applied;
    }
  }
  if (finishes_are_plain) {
    for (const Finishes& finishes : round.finishes) {
      for (const Slot& slot : finishes.slots) *slot.result = {};
      const std::vector<Slot> left = slots_at(*answer++, finishes.slots);
      refused.insert(refused.end(), left.begin(), left.end());
    }
  }
  if (!round.others.empty()) read_commit_answer(*answer, round.others);
  return refused;
}

void Batch::run_units(Connection& connection, std::span<const Slot> slots) {
  Result answer = connection.run(commit_statement(connection.settings().shift(), slots));
  read_commit_answer(answer, slots);
}

// Only now: as long as something of a claim could be refused its row is needed.
void Batch::note_ended() {
  const auto note = [&](const Slot& slot) {
    if (!slot.result->done() && slot.result->conflict == Conflict::none) return;
    for (const Transition& transition : slot.unit->transitions) {
      if (!transition.epoch || transition.locator == 0) continue;
      claims_.ended({transition.job, *transition.epoch, transition.locator});
    }
  };
  for (const Round& round : rounds_) {
    for (const Finishes& finishes : round.finishes) std::ranges::for_each(finishes.slots, note);
    std::ranges::for_each(round.others, note);
  }
}

}  // namespace portfire::postgresql
