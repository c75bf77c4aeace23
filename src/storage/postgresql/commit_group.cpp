#include "storage/postgresql/commit_group.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>

#include "storage/postgresql/claims.hpp"
#include "storage/postgresql/errors.hpp"

namespace portfire::postgresql {

namespace {

// A caller whose units need more of them gets the rest in one statement that keeps their order.
constexpr std::size_t most_rounds = 4;

// Whether the body came to its end; not when a row is locked by somebody else.
template <class Body>
bool unless_locked(Body&& body) {
  constexpr std::string_view lock_not_available = "55P03";
  try {
    body();
    return true;
  } catch (const DatabaseError& error) {
    if (error.sqlstate() != lock_not_available) throw;
    return false;
  }
}

// Batches that the units so far create. A unit sees those before it: what it adds to such a batch
// must find it settled, and one statement settles once.
class CreatedBatches {
 public:
  // Whether the unit adds to one of an earlier unit. Notes its own.
  bool are_added_to_by(const Unit& unit) {
    const bool adds = std::ranges::any_of(
        unit.jobs, [this](const NewJob& job) { return job.batch && ids_.contains(job.batch); });
    for (const NewJob& job : unit.jobs) {
      if (job.is_batch) ids_.insert(job.id);
    }
    return adds;
  }

 private:
  std::set<JobId> ids_;
};

}  // namespace

void CommitGroup::put(Round& round, Way way, Slot slot) {
  if (way == Way::creation) return round.creations.push_back(slot);
  if (way == Way::any) return round.others.push_back(slot);
  const auto end_of = [](const Slot& one) -> const Transition& {
    return one.unit->transitions.front();
  };
  const auto found = std::ranges::find_if(round.finishes, [&](const Slots& alike) {
    return same_end(end_of(alike.front()), end_of(slot));
  });
  if (found != round.finishes.end()) return found->push_back(slot);
  round.finishes.push_back({slot});
}

void CommitGroup::add(std::span<const Unit> units, std::span<CommitResult> results) {
  std::size_t round = 0;
  std::optional<Way> latest;
  CreatedBatches created;
  for (std::size_t i = 0; i < units.size(); ++i) {
    Way way = created.are_added_to_by(units[i]) ? Way::any : way_of(units[i]);
    if (latest && *latest != way && round + 1 < most_rounds) ++round;
    if (round + 1 == most_rounds) way = Way::any;
    latest = way;
    if (rounds_.size() <= round) rounds_.emplace_back();
    put(rounds_[round], way, {&units[i], &results[i]});
  }
}

void CommitGroup::run(Connection& connection) {
  try {
    run_once(connection);
  } catch (...) {
    // Nobody knows how far it came.
    sent_ = Sent::before;
    throw;
  }
}

void CommitGroup::run_once(Connection& connection) {
  // Somebody may hold one of the rows. Then the finishes go unit by unit, which tells whose it is;
  // and where it is a row behind that one, each unit in a transaction of its own.
  const bool done = unless_locked([&] { run_rounds(connection, true); }) ||
                    (has_plain_finishes() && unless_locked([&] { run_rounds(connection, false); }));
  if (!done) {
    for (const Round& round : rounds_) {
      run_each(connection, round.creations);
      run_each(connection, without_plain_finishes(round).others);
    }
  }
  note_ended();
}

bool CommitGroup::has_plain_finishes() const {
  return std::ranges::any_of(rounds_, [](const Round& round) { return !round.finishes.empty(); });
}

// In transactions of their own.
void CommitGroup::run_each(Connection& connection, const Slots& slots) {
  for (const Slot& slot : slots) {
    const bool is_done = unless_locked([&] { run_units(connection, {slot}); });
    if (!is_done) *slot.result = {.status = CommitStatus::busy};
  }
}

void CommitGroup::run_rounds(Connection& connection, bool finishes_are_plain) {
  std::optional<Transaction> transaction;
  if (rounds_.size() > 1) transaction.emplace(connection);
  for (const Round& round : rounds_) {
    const Slots refused =
        run_round(connection, finishes_are_plain ? round : without_plain_finishes(round));
    if (refused.empty()) continue;
    if (transaction) {
      run_units(connection, refused);
    } else if (!unless_locked([&] { run_units(connection, refused); })) {
      run_each(connection, refused);
    }
  }
  if (transaction) transaction->commit();
}

CommitGroup::Round CommitGroup::without_plain_finishes(const Round& round) {
  Round changed{.creations = round.creations, .finishes = {}, .others = round.others};
  for (const Slots& alike : round.finishes) {
    changed.others.insert(changed.others.end(), alike.begin(), alike.end());
  }
  return changed;
}

// Answers with what was not so plain after all.
Slots CommitGroup::run_round(Connection& connection, const Round& round) {
  const Duration shift = connection.settings().shift();
  std::vector<std::int64_t> ended;
  if (!round.finishes.empty()) ended = claims_.take_ended();
  std::vector<Statement> statements;
  if (!round.creations.empty()) {
    statements.push_back(creation_statement(shift, round.creations, sent_));
  }
  for (const Slots& alike : round.finishes) {
    statements.push_back(finish_statement(shift, alike, ended));
  }
  if (!round.others.empty()) statements.push_back(commit_statement(shift, round.others));

  std::vector<Result> answers;
  try {
    if (statements.size() == 1) {
      answers.push_back(connection.run(statements.front()));
    } else {
      answers = connection.run_together(statements);
    }
  } catch (...) {
    claims_.put_back(ended);
    throw;
  }

  Slots refused;
  auto answer = answers.begin();
  if (!round.creations.empty()) read_creation_answer(*answer++, round.creations, refused);
  for (const Slots& alike : round.finishes) read_finish_answer(*answer++, alike, refused);
  if (!round.others.empty()) read_commit_answer(*answer, round.others);
  return refused;
}

void CommitGroup::run_units(Connection& connection, const Slots& slots) {
  Result answer = connection.run(commit_statement(connection.settings().shift(), slots));
  read_commit_answer(answer, slots);
}

// Only now: as long as something of a claim could be refused its row is needed. Where the answer
// does not say how it stands with an execution, it counts as held.
void CommitGroup::note_ended() {
  const auto note = [&](const Slot& slot) {
    const CommitResult& result = *slot.result;
    const bool is_lost =
        result.conflict == Conflict::epoch || result.conflict == Conflict::not_found;
    const auto& transitions = slot.unit->transitions;
    const bool all_ended =
        result.status == CommitStatus::applied || (result.done() && transitions.size() == 1);
    for (const Transition& transition : transitions) {
      if (!transition.epoch || transition.locator == 0) continue;
      if (!all_ended && !(is_lost && result.job == transition.job)) continue;
      claims_.ended({transition.job, *transition.epoch, transition.locator});
    }
  };
  for (const Round& round : rounds_) {
    for (const Slots& alike : round.finishes) std::ranges::for_each(alike, note);
    std::ranges::for_each(round.others, note);
  }
}

}  // namespace portfire::postgresql
