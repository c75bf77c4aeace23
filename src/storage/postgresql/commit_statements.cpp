#include "storage/postgresql/commit_statements.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "storage/postgresql/unit_json.hpp"

namespace portfire::postgresql {

namespace {

bool is_plainly_ready(const State& state) {
  static const State plain = states::enqueued();
  return state == plain;
}

bool is_plainly_timed(const State& state) {
  return state.kind == StateKind::timed && state.name == state_names::scheduled &&
         state.ending == Ending::none && state.reason.empty() && state.data.empty();
}

bool is_plainly_begun(const NewJob& job) {
  return job.is_batch && job.state.reason.empty() && job.state.data.empty();
}

bool is_plain(const NewJob& job) {
  const bool has_plain_state =
      is_plainly_ready(job.state) || is_plainly_timed(job.state) || is_plainly_begun(job);
  return has_plain_state && job.elected_away.empty() && job.parents.empty() &&
         job.unique.key.empty() && job.limit.key.empty();
}

std::optional<std::int64_t> due_of(const State& state) {
  if (!state.due_at) return std::nullopt;
  return state.due_at->time_since_epoch().count();
}

std::optional<std::int64_t> delay_of(const State& state) {
  if (state.kind != StateKind::timed || state.due_at) return std::nullopt;
  return state.due_in.count();
}

bool is_plain_creation(const Unit& unit) {
  return !unit.jobs.empty() && unit.transitions.empty() && unit.recurring.empty() &&
         std::ranges::all_of(unit.jobs, is_plain);
}

bool is_plain_finish(const Unit& unit) {
  if (unit.transitions.size() != 1 || !unit.jobs.empty() || !unit.recurring.empty()) return false;
  const Transition& t = unit.transitions.front();
  return t.epoch && t.locator != 0 && t.expected_state.empty() && t.elected_away.empty() &&
         t.parameters.empty() && !t.attempt && !t.queue && !t.priority && !t.crashes &&
         t.state.kind == StateKind::final && t.state.reason.empty() && t.state.data.empty();
}

const Transition& transition_of(const Slot& slot) { return slot.unit->transitions.front(); }

// A job, and the position of its unit from 1, as SQL counts.
struct Created {
  const NewJob* job;
  int unit;
};

std::vector<Created> created_by(const Slots& slots) {
  std::vector<Created> created;
  int position = 0;
  for (const Slot& slot : slots) {
    ++position;
    for (const NewJob& job : slot.unit->jobs) created.push_back({&job, position});
  }
  return created;
}

std::optional<std::string> parameters_of(const NewJob& job) {
  if (job.parameters.empty()) return std::nullopt;
  return json_of_parameters(job.parameters);
}

// One job is created at half the price of a list of one.
bool is_one_job(const Slots& slots) {
  if (slots.size() != 1 || slots.front().unit->jobs.size() != 1) return false;
  const NewJob& job = slots.front().unit->jobs.front();
  return is_plainly_ready(job.state) && !job.batch;
}

// What they are members of, and the states of those that are batches; nothing where there are none,
// which is all that others pay for batches.
void add_batches(Parameters& values, const std::vector<Created>& created) {
  const bool has_members =
      std::ranges::any_of(created, [](const Created& one) { return one.job->batch != JobId{}; });
  const bool has_batches =
      std::ranges::any_of(created, [](const Created& one) { return one.job->is_batch; });
  const auto batch_of = [](const Created& one) {
    return one.job->batch ? std::optional{one.job->batch} : std::nullopt;
  };
  const auto states_of = [](const Created& one) {
    return one.job->is_batch ? std::optional{json_of_batch(*one.job)} : std::nullopt;
  };
  const std::vector<Created> nobody;
  values.add_array(has_members ? created : nobody, batch_of);
  values.add_array(has_batches ? created : nobody, states_of);
}

// The answer: positions from 1, as SQL counts.
Slots slots_at(Result& answer, const Slots& slots) {
  Slots chosen;
  while (answer.next()) {
    const auto position = answer.number<std::size_t>(0);
    if (position >= 1 && position <= slots.size()) chosen.push_back(slots[position - 1]);
  }
  return chosen;
}

}  // namespace

Way way_of(const Unit& unit) {
  if (is_plain_creation(unit)) return Way::creation;
  return is_plain_finish(unit) ? Way::finish : Way::any;
}

bool same_end(const Transition& a, const Transition& b) {
  return a.state.name == b.state.name && a.state.ending == b.state.ending &&
         a.state.retention == b.state.retention && a.release == b.release;
}

Statement creation_statement(Duration shift, const Slots& slots, Sent sent) {
  const bool are_new = sent != Sent::before && std::ranges::all_of(slots, [](const Slot& slot) {
                         return slot.unit->is_new;
                       });
  if (is_one_job(slots)) {
    const NewJob& job = slots.front().unit->jobs.front();
    return {are_new ? Query::create_new : Query::create_one,
            Parameters::of(Interval{shift}, job.id, job.name, job.arguments, job.queue,
                           job.priority, parameters_of(job))};
  }
  const std::vector<Created> created = created_by(slots);
  Statement statement{Query::create_many, {}};
  Parameters& values = statement.parameters;
  values.add(Interval{shift});
  values.add_array(created, [](const Created& one) { return one.unit; });
  values.add_array(created, [](const Created& one) { return one.job->id; });
  values.add_array(created, [](const Created& one) { return std::string_view{one.job->name}; });
  values.add_array(created,
                   [](const Created& one) { return std::string_view{one.job->arguments}; });
  values.add_array(created, [](const Created& one) { return std::string_view{one.job->queue}; });
  values.add_array(created, [](const Created& one) { return one.job->priority; });
  values.add_array(created, [](const Created& one) { return parameters_of(*one.job); });
  values.add_array(created, [](const Created& one) { return due_of(one.job->state); });
  values.add_array(created, [](const Created& one) { return delay_of(one.job->state); });
  add_batches(values, created);
  values.add(are_new);
  return statement;
}

void read_creation_answer(Result& answer, const Slots& slots, Slots& refused) {
  for (const Slot& slot : slots) *slot.result = {};
  if (is_one_job(slots)) {
    const bool existed = answer.next() && answer.flag(0);
    if (existed) slots.front().result->status = CommitStatus::already_applied;
    return;
  }
  while (answer.next()) {
    const auto position = answer.number<std::size_t>(0);
    if (position < 1 || position > slots.size()) continue;
    const Slot& slot = slots[position - 1];
    const bool existed = answer.flag(1);
    if (existed) {
      slot.result->status = CommitStatus::already_applied;
    } else {
      refused.push_back(slot);
    }
  }
}

Statement finish_statement(Duration shift, const Slots& slots,
                           const std::vector<std::int64_t>& ended_claims) {
  const Transition& end = transition_of(slots.front());
  const State& state = end.state;
  Statement statement{Query::finish_many, {}};
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
  values.add(end.release);
  values.add(ended_claims);
  return statement;
}

void read_finish_answer(Result& answer, const Slots& slots, Slots& refused) {
  for (const Slot& slot : slots) *slot.result = {};
  const Slots left = slots_at(answer, slots);
  refused.insert(refused.end(), left.begin(), left.end());
}

Statement commit_statement(Duration shift, const Slots& slots, Patience patience) {
  std::vector<const Unit*> units;
  units.reserve(slots.size());
  for (const Slot& slot : slots) units.push_back(slot.unit);
  const std::string json = json_of_units(units);
  const Query query =
      patience == Patience::endless ? Query::commit_units : Query::commit_units_soon;
  return {query, Parameters::of(Interval{shift}, Json{json})};
}

void read_commit_answer(Result& answer, const Slots& slots) {
  for (const Slot& slot : slots) {
    if (!answer.next()) return;
    *slot.result = {.status = static_cast<CommitStatus>(answer.number(0)),
                    .conflict = static_cast<Conflict>(answer.number(1)),
                    .rejection = static_cast<Rejection>(answer.number(2)),
                    .job = answer.id<JobId>(3),
                    .holder = answer.id<JobId>(4),
                    .existing = existing_of(answer.json(5))};
    CommitResult& result = *slot.result;
    if (result.conflict == Conflict::version) result.recurring = recurring_of(answer.json(5));
  }
}

}  // namespace portfire::postgresql
