#include "storage/memory/moves.hpp"

#include "storage/memory/history.hpp"
#include "storage/memory/indexes.hpp"

namespace portfire::memory {
namespace {

void count(Call& call, StateName& name) {
  ++name.entered;
  call.data.hours.add(call.now, name);
  if (call.undo != nullptr) call.undo->counted.push_back(&name);
}

bool is_next_due(const Data& data, const Job& job) {
  const DueTurn turn{job.due_at, job.number, job.slot};
  for (const StateName& name : data.state_names.all()) {
    if (!name.timed.empty() && *name.timed.begin() < turn) return false;
  }
  return true;
}

void tell(Call& call, const Job& job) {
  if (job.present.kind == StateKind::ready) call.news.queue(*job.queue);
  if (job.present.kind == StateKind::timed && is_next_due(call.data, job)) call.news.due();
  const StateKind kind = job.present.kind;
  const bool rests = kind == StateKind::parked || kind == StateKind::final;
  if (rests || job.present.ending != Ending::none) call.news.job(job.id);
}

StateRecord record_of(Call& call, const State& state) {
  StateRecord record{.name = &call.data.state_names.of(state.name),
                     .since = call.now,
                     .kind = state.kind,
                     .ending = state.ending};
  if (!state.reason.empty() || !state.data.empty()) {
    record.words.make() = {state.reason, state.data};
  }
  return record;
}

void set_times(Call& call, Job& job, const State& state) {
  job.step = ++call.data.steps;
  switch (state.kind) {
    case StateKind::ready:
      job.position = job.step;
      job.ready_at = call.now;
      job.no_handler = false;
      return;
    case StateKind::timed:
      job.due_at = state.due_at ? *state.due_at : later(call.now, state.due_in);
      return;
    case StateKind::parked:
    case StateKind::final:
      if (state.retention) job.expires_at = later(call.now, *state.retention);
      return;
    case StateKind::waiting:
    case StateKind::running: return;
  }
}

}  // namespace

void leave(Call& call, Job& job) {
  touch(call, job);
  detach(call.data, job);
  if (job.present.kind == StateKind::running) {
    job.run_unwritten = true;
    job.holder = nullptr;
  } else {
    write_out_with_present(job);
  }
  if (job.present.kind == StateKind::waiting && job.extra->waiting) forget_parents(call, job);
  if (job.extra) job.extra->candidate.reset();
  job.due_at = never;
  job.expires_at = never;
  job.present = {};
}

void arrive(Call& call, Job& job, const State& state, std::span<const State> elected_away) {
  if (!elected_away.empty()) write_out(job);
  for (const State& candidate : elected_away) write_elected_away(job, candidate, call.now);
  const std::optional<State> instead = stand_in_line(call, job, state);
  const State& entered = instead ? *instead : state;
  job.present = record_of(call, entered);
  set_times(call, job, entered);
  attach(call.data, job);
  if (entered.kind == StateKind::parked || entered.kind == StateKind::final) {
    count(call, *job.present.name);
  }
  count_as_member(call, job);
  note_deleted_batch(call, job);
  tell(call, job);
}

void move(Call& call, Job& job, const State& state) {
  leave(call, job);
  arrive(call, job, state);
  settle(call, job, state.ending, Release::straight);
}

void hold(Call& call, Job& job, Server& server) {
  if (job.present.name != nullptr) detach(call.data, job);
  write_out(job);
  if (job.run.server) job.extra.make().run_before = job.run;
  job.waited = std::move(job.present);
  job.present = {.name = &call.data.processing, .since = call.now, .kind = StateKind::running};
  job.run = {.server = server.info.id, .claimed_at = call.now};
  job.holder = &server;
  job.step = ++call.data.steps;
  ++job.epoch;
  attach(call.data, job);
}

void undo_claim(Call& call, Job& job, bool no_handler) {
  detach(call.data, job);
  job.present = std::move(job.waited);
  job.waited = {};
  job.run = job.extra ? job.extra->run_before : Run{};
  job.holder = nullptr;
  job.step = job.position;
  ++job.epoch;
  if (no_handler) job.no_handler = true;
  attach(call.data, job);
  tell(call, job);
}

void take_away(Call& call, Job& job) {
  job.extra.make().stopping = Stopping{.server = job.run.server, .epoch = job.epoch};
  job.holder->stopping.insert(job.id);
  call.news.server(job.run.server);
  ++job.epoch;
}

void requeue(Call& call, Job& job, std::string_view reason) {
  leave(call, job);
  ++job.epoch;
  arrive(call, job, states::enqueued(std::string{reason}));
}

void begin(Call& call, Job& job, const NewJob& description) {
  count(call, call.data.created);
  if (description.is_batch) become_batch(call, job, description);
  if (description.batch) join_batch(call, job, description.batch);
  if (!description.limit.key.empty()) job.extra.make().limited.make().limit = description.limit;
  arrive(call, job, description.state, description.elected_away);
}

void forget_parents(Call& call, Job& job) {
  for (const auto& [index, parent] : job.extra->waiting->parents) {
    Job& waited_for = *call.data.jobs.find(parent.job);
    touch(call, waited_for);
    waited_for.extra->children.erase({job.number, index});
  }
  job.extra->waiting.reset();
}

void remove_job(Call& call, Job& job) {
  detach(call.data, job);
  call.data.by_number.remove(job.number);
  forget_membership(call, job);
  forget_limit(call, job);
  if (job.extra) {
    if (job.extra->waiting) forget_parents(call, job);
    if (!job.extra->unique_key.empty()) {
      call.data.keys.forget_holder(job.extra->unique_key, job.id);
    }
    if (job.extra->stopping) clear_stopping(call.data, job, job.extra->stopping->epoch);
  }
  call.data.jobs.remove(job);
}

void clear_stopping(Data& data, Job& job, std::uint64_t epoch) {
  if (!job.extra || !job.extra->stopping || job.extra->stopping->epoch != epoch) return;
  Server* server = data.server(job.extra->stopping->server);
  if (server != nullptr) server->stopping.erase(job.id);
  job.extra->stopping.reset();
}

ExecutionRef ref_of(const Job& job) {
  return {.job = job.id, .epoch = job.epoch, .locator = static_cast<std::int64_t>(job.slot)};
}

Execution execution_of(const Job& job) {
  return {.ref = ref_of(job),
          .name = job.name,
          .arguments = job.arguments,
          .queue = job.queue->name,
          .priority = job.priority,
          .attempt = job.attempt,
          .parameters = job.extra ? job.extra->parameters : std::map<std::string, std::string>{},
          .batch = job.batch,
          .created_at = job.created_at,
          .ready_at = job.ready_at,
          .claimed_at = job.run.claimed_at,
          .suspect = job.suspect,
          .crashes = job.crashes};
}

TimePoint later(TimePoint instant, Duration span) {
  const Duration room = TimePoint::max() - std::max(instant, TimePoint{});
  return span >= room ? never : instant + span;
}

}  // namespace portfire::memory
