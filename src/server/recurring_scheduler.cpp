#include "server/recurring_scheduler.hpp"

#include <algorithm>
#include <string>

#include <portfire/error.hpp>

#include "client/filter_chain.hpp"

namespace portfire::server {

namespace {

// Bounds one commit, and with it how long others wait for the storage.
constexpr std::size_t most_per_step = 500;

RecurringChange change_of(const RecurringRecord& from, RecurringRecord to) {
  return {.id = from.id, .expected_version = from.version, .record = std::move(to)};
}

// n² seconds, at most 5 minutes.
Duration back_off(std::uint64_t failures) {
  constexpr std::uint64_t longest = 300;
  const std::uint64_t some = std::min<std::uint64_t>(failures, longest);
  return std::chrono::seconds{std::min(some * some, longest)};
}

// The last `most`; whoever limits the runs of a definition wants no more of them at once, either.
void keep_last(std::vector<TimePoint>& occurrences, std::size_t most) {
  if (occurrences.size() <= most) return;
  occurrences.erase(occurrences.begin(), occurrences.end() - static_cast<std::ptrdiff_t>(most));
}

}  // namespace

Duration RecurringScheduler::run_once(ProcessContext& context) {
  if (job_names_.empty()) return poll_interval_;
  while (!context.stop.stop_requested()) {
    const RecurringDue due = context.storage.coordination().due_recurring(
        {.job_names = job_names_, .max = most_per_step});
    if (due.records.empty()) {
      return std::min(due.next_due_in.value_or(poll_interval_), poll_interval_);
    }
    // What could not be moved on now is not tried in a busy loop.
    if (fire_all(due, context) == 0) {
      return std::min<Duration>(std::chrono::seconds{1}, poll_interval_);
    }
  }
  return poll_interval_;
}

std::size_t RecurringScheduler::fire_all(const RecurringDue& due, ProcessContext& context) {
  std::vector<Step> steps;
  std::vector<Unit> units;
  for (const RecurringRecord& record : due.records) {
    if (auto step = step_or_delay(record, due.now, context)) {
      units.push_back(step->unit);
      steps.push_back(*std::move(step));
    }
  }
  const std::vector<CommitResult> results = context.storage.jobs().commit(units);

  std::size_t moved = 0;
  std::vector<Unit> left_out;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].status == CommitStatus::busy) continue;
    ++moved;
    if (results[i].rejection == Rejection::unique_key) {
      const RecurringChange& change = units[i].recurring.front();
      left_out.push_back({.id = ids_.next<UnitId>()});
      left_out.back().recurring.push_back({.id = change.id,
                                           .expected_version = change.expected_version,
                                           .record = std::move(steps[i].if_left_out)});
    } else {
      tell_created(steps[i], results[i]);
    }
  }
  if (!left_out.empty()) context.storage.jobs().commit(left_out);
  return moved;
}

std::optional<RecurringScheduler::Step> RecurringScheduler::step_or_delay(
    const RecurringRecord& record, TimePoint now, ProcessContext& context) const {
  const auto warn = [&](const std::string& why) {
    context.log(LogLevel::warning, "recurring job \"" + record.id + "\": " + why);
  };
  try {
    return step_of(record, now, context.storage);
  } catch (const StorageError&) {
    throw;
  } catch (const DecodeError& error) {
    warn(error.what());
    return std::nullopt;
  } catch (...) {
    const std::string why = current_exception_message();
    warn(why);
    return postponed(record, now, why);
  }
}

RecurringScheduler::Step RecurringScheduler::step_of(const RecurringRecord& record, TimePoint now,
                                                     Storage& storage) const {
  const RecurringDefinition definition = decode_definition(record.definition);
  const RecurringOptions& options = definition.options;
  RecurringProgress progress = decode_progress(record.progress);
  Firing firing = fire(
      occurrences_of(definition, record.id), jitter_of(definition, record.id),
      {.misfire = options.misfire, .most_made_up = static_cast<std::size_t>(options.most_made_up)},
      progress.next.value_or(now), now);
  if (options.most_runs > 0) {
    const std::uint64_t left = options.most_runs - std::min(options.most_runs, progress.runs);
    keep_last(firing.occurrences, left);
    if (firing.occurrences.size() == left) firing.next.reset();
  }
  // Of those that must not run beside each other, one is enough.
  const std::size_t all = firing.occurrences.size();
  if (options.overlap != Overlap::allow) keep_last(firing.occurrences, 1);

  Step step{.unit = {.id = ids_.next<UnitId>()}};
  create_jobs(step, definition, record.id, firing.occurrences);
  if (options.overlap == Overlap::cancel_previous && !step.unit.jobs.empty()) {
    cancel_previous(step.unit, progress.last_job, storage, filters_, default_retention);
  }
  progress.next = firing.next;
  progress.paused = false;
  progress.paused_until.reset();
  progress.error.clear();
  progress.failures = 0;
  RecurringProgress if_left_out = progress;
  if_left_out.skipped += all;
  step.if_left_out = record_of(record.id, definition, if_left_out);

  progress.skipped += all - firing.occurrences.size();
  progress.runs += step.unit.jobs.size();
  if (!firing.occurrences.empty()) progress.last = firing.occurrences.back();
  if (!step.unit.jobs.empty()) progress.last_job = step.unit.jobs.back().id;
  step.unit.recurring.push_back(change_of(record, record_of(record.id, definition, progress)));
  return step;
}

void RecurringScheduler::create_jobs(Step& step, const RecurringDefinition& definition,
                                     const std::string& id,
                                     const std::vector<TimePoint>& occurrences) const {
  for (const TimePoint occurrence : occurrences) {
    PreparedJob prepared = prepare_job(request_of(definition, id, occurrence, {}),
                                       ids_.next<JobId>(), filters_, default_retention);
    if (!prepared.vetoed) step.unit.jobs.push_back(prepared.job);
    step.prepared.push_back(std::move(prepared));
  }
}

RecurringScheduler::Step RecurringScheduler::postponed(const RecurringRecord& record, TimePoint now,
                                                       const std::string& why) const {
  RecurringProgress progress = decode_progress(record.progress);
  progress.error = why;
  ++progress.failures;
  RecurringRecord later = record;
  later.progress = encode(progress);
  later.due_at = now + back_off(progress.failures);
  Step step{.unit = {.id = ids_.next<UnitId>()}};
  step.unit.recurring.push_back(change_of(record, std::move(later)));
  return step;
}

void RecurringScheduler::tell_created(const Step& step, const CommitResult& result) const {
  if (filters_.empty()) return;
  for (const PreparedJob& prepared : step.prepared) {
    filters_.created({.job = prepared.job,
                      .vetoed = prepared.vetoed,
                      .result = prepared.vetoed ? nullptr : &result,
                      .error = nullptr});
  }
}

}  // namespace portfire::server
