#include <array>

#include <portfire/batch.hpp>
#include <portfire/error.hpp>

#include "simulation/ledger.hpp"
#include "simulation/workload.hpp"

namespace portfire::simulation {

using std::chrono::milliseconds;
using std::chrono::seconds;

ClientProgram::ClientProgram(Process& process, KnownJobs& known, std::uint64_t seed,
                             std::uint64_t stream)
    : process_{process},
      known_{known},
      chance_{seed, stream},
      client_{process.storage(), {.resends = chance_.between(0, 4), .log = silent_sink()}},
      recurring_{process.storage(), {.log = silent_sink()}} {}

void ClientProgram::run(int operations) {
  for (int i = 0; i < operations; ++i) {
    try {
      operate();
    } catch (const StorageError& error) {
      process_.universe().journal.note(process_.name(),
                                       [&] { return std::string{"gives up: "} + error.what(); });
    }
    process_.universe().scheduler.rest(chance_.between(milliseconds{0}, milliseconds{300}));
  }
}

void ClientProgram::operate() {
  using Operation = void (ClientProgram::*)();
  static constexpr std::array<Operation, 16> operations = {&ClientProgram::enqueue,
                                                           &ClientProgram::enqueue,
                                                           &ClientProgram::enqueue_with_options,
                                                           &ClientProgram::enqueue_with_options,
                                                           &ClientProgram::enqueue_with_options,
                                                           &ClientProgram::enqueue_many,
                                                           &ClientProgram::continue_some,
                                                           &ClientProgram::continue_some,
                                                           &ClientProgram::continue_some,
                                                           &ClientProgram::batch,
                                                           &ClientProgram::batch,
                                                           &ClientProgram::join_batch,
                                                           &ClientProgram::steer,
                                                           &ClientProgram::recur,
                                                           &ClientProgram::pause_queue,
                                                           &ClientProgram::wait};
  (this->*operations.at(chance_.index(operations.size())))();
}

// A call that has returned is a promise.
Creation ClientProgram::keep(Creation creation) {
  if (creation.created()) {
    process_.universe().ledger.promised(creation.id);
    known_.push_back(creation.id);
  }
  return creation;
}

std::string ClientProgram::behaviour() {
  static const std::vector<std::string> all = {"quick",  "quick", "quick",  "nap",    "nap",
                                               "deaf",   "flaky", "flaky",  "doomed", "again",
                                               "cancel", "spawn", "snooze", "relay",  "crash"};
  return chance_.pick(all);
}

JobId ClientProgram::some_job() { return known_.empty() ? JobId{} : chance_.pick(known_); }

void ClientProgram::note(const char* what) const {
  process_.universe().journal.note(process_.name(), [&] { return std::string{what}; });
}

void ClientProgram::enqueue() {
  note("enqueues");
  keep(client_.enqueue(act, behaviour(), amount()));
}

void ClientProgram::enqueue_with_options() {
  note("enqueues with options");
  CallOptions options;
  if (chance_.percent(30)) options.queue = "bulk";
  if (chance_.percent(30)) options.priority = chance_.between(-2, 2);
  if (chance_.percent(20)) options.attempts = chance_.between(0, 2);
  if (chance_.percent(20)) options.timeout = milliseconds{chance_.between(20, 200)};
  if (chance_.percent(10)) options.start_within = milliseconds{chance_.between(20, 500)};
  if (chance_.percent(25)) {
    options.unique = {.key = "key " + std::to_string(chance_.between(1, 2))};
    if (chance_.percent(50)) options.unique.on_duplicate = OnDuplicate::use_existing;
  }
  if (chance_.percent(20)) {
    options.limit = {.key = "limit", .at_once = 2};
  } else if (chance_.percent(20)) {
    options.sequence = {.key = "sequence", .past_failures = chance_.percent(50)};
  }
  auto scoped = client_.with(options);
  if (chance_.percent(40)) {
    keep(scoped.schedule(act, milliseconds{amount()}, behaviour(), amount()));
  } else {
    keep(scoped.enqueue(act, behaviour(), amount()));
  }
}

void ClientProgram::enqueue_many() {
  note("enqueues many");
  std::vector<std::tuple<std::string, int>> calls;
  const int count = chance_.between(2, 4);
  for (int i = 0; i < count; ++i) calls.emplace_back(behaviour(), amount());
  const Bulk bulk = chance_.percent(50) ? Bulk::each : Bulk::all_or_nothing;
  for (const Creation& each : client_.enqueue_all(act, calls, bulk)) keep(each);
}

void ClientProgram::continue_some() {
  const JobId parent = some_job();
  if (!parent) return enqueue();
  note("continues");
  static const std::vector<Condition> conditions = {Condition::succeeded, Condition::succeeded,
                                                    Condition::finished, Condition::deleted,
                                                    Condition::failed};
  Parents parents{chance_.pick(conditions), {parent}};
  if (const JobId other = some_job(); other != parent && chance_.percent(30)) {
    parents = parents & Parents{chance_.pick(conditions), {other}};
  }
  keep(client_.continue_with(act, parents, behaviour(), amount()));
}

void ClientProgram::batch() {
  note("makes a batch");
  std::vector<JobId> members;
  BatchOptions options{.description = "some"};
  if (const JobId parent = some_job(); parent && chance_.percent(20)) options.after = parent;
  const int count = chance_.between(0, 3);
  const bool is_nested = chance_.percent(20);
  const Creation batch = keep(client_.batch(options, [&](Batch& filled) {
    for (int i = 0; i < count; ++i) {
      members.push_back(filled.enqueue(act, behaviour(), amount()));
    }
    if (!is_nested) return;
    filled.batch("inner", [&](Batch& inner) {
      members.push_back(inner.enqueue(act, behaviour(), amount()));
    });
  }));
  if (!batch.created()) return;
  for (const JobId member : members) known_.push_back(member);
  if (chance_.percent(60)) keep(client_.continue_with(act, batch.id, behaviour(), amount()));
  if (chance_.percent(30)) {
    keep(client_.continue_with(act, on_finished(batch.id), behaviour(), amount()));
  }
}

void ClientProgram::join_batch() {
  const JobId job = some_job();
  if (!job) return enqueue();
  note("joins a batch");
  // Of a job that is no batch, the answer is no.
  keep(client_.with({.batch = job}).enqueue(act, behaviour(), amount()));
}

void ClientProgram::steer() {
  const JobId job = some_job();
  if (!job) return enqueue();
  switch (chance_.index(5)) {
    case 0:
      note("deletes");
      client_.delete_job(job);
      return;
    case 1:
      note("requeues");
      client_.requeue(job);
      return;
    case 2:
      note("reschedules");
      client_.reschedule(job, milliseconds{amount()});
      return;
    case 3:
      note("moves");
      client_.move_to_queue(job, chance_.percent(50) ? "bulk" : "default");
      return;
    default:
      note("deletes many");
      client_.delete_all({job, some_job()});
      return;
  }
}

void ClientProgram::recur() {
  note("defines a recurring job");
  const std::string id = chance_.percent(50) ? gapless_definition : other_definition;
  if (chance_.percent(20)) {
    recurring_.trigger(id);
    return;
  }
  static const std::vector<Overlap> overlaps = {Overlap::allow, Overlap::skip, Overlap::queue_one,
                                                Overlap::cancel_previous};
  RecurringOptions options{.misfire = Misfire::strict};
  if (id == other_definition) {
    options.misfire = chance_.percent(50) ? Misfire::strict : Misfire::relaxed;
    options.overlap = chance_.pick(overlaps);
  }
  recurring_.add_or_update(act, id, every(seconds{1}), options, behaviour(), amount());
}

void ClientProgram::pause_queue() {
  note("pauses a queue");
  client_.pause_queue("bulk");
  process_.universe().scheduler.rest(milliseconds{amount()});
  client_.resume_queue("bulk");
}

void ClientProgram::wait() {
  const JobId job = some_job();
  if (!job) return enqueue();
  note("waits");
  client_.wait(job, milliseconds{3 * amount()});
}

}  // namespace portfire::simulation
