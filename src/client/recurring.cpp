#include <portfire/recurring.hpp>

#include <portfire/error.hpp>

#include "client/committer.hpp"
#include "client/creation.hpp"
#include "client/recurring_definition.hpp"
#include "model/rules.hpp"

namespace portfire {

class RecurringJobs::Implementation {
 public:
  Implementation(std::shared_ptr<Storage> opened, ClientOptions options)
      : storage{std::move(opened)},
        ids{storage->runtime()},
        filters{std::move(options.filters), options.log},
        retention{options.retention},
        committer{storage, options.resends} {}

  Update add_or_update(const std::string& id, const RecurringDefinition& definition);
  bool remove(const std::string& id);
  Creation trigger(const std::string& id);
  bool pause(const std::string& id, const PauseOptions& options);
  bool resume(const std::string& id);

  const std::shared_ptr<Storage> storage;

 private:
  std::optional<RecurringRecord> find(const std::string& id) {
    return storage->coordination().recurring(id);
  }
  // Throws where the storage stayed busy.
  CommitResult commit(Unit unit);
  CommitResult change(const std::string& id, std::uint64_t version,
                      std::optional<RecurringRecord> record);

  IdSource ids;
  const FilterChain filters;
  const Duration retention;
  Committer committer;
};

CommitResult RecurringJobs::Implementation::commit(Unit unit) {
  CommitResult result = committer.commit({&unit, 1}).front();
  if (result.status == CommitStatus::busy) {
    throw StorageError{"the storage stayed busy; the recurring job was not changed",
                       {.operation = "commit", .retryable = true}};
  }
  return result;
}

CommitResult RecurringJobs::Implementation::change(const std::string& id, std::uint64_t version,
                                                   std::optional<RecurringRecord> record) {
  Unit unit{.id = ids.next<UnitId>()};
  unit.recurring.push_back({.id = id, .expected_version = version, .record = std::move(record)});
  return commit(std::move(unit));
}

RecurringJobs::Update RecurringJobs::Implementation::add_or_update(
    const std::string& id, const RecurringDefinition& definition) {
  const std::string text = encode(definition);
  // Somebody else may be at it: then it is looked at again.
  for (;;) {
    const std::optional<RecurringRecord> present = find(id);
    if (present && present->definition == text) return Update::unchanged;
    RecurringProgress progress;
    bool keeps_next = false;
    if (present) {
      progress = decode_progress(present->progress);
      const RecurringDefinition before = decode_definition(present->definition);
      // Where the runs were used up, a new limit begins anew.
      keeps_next = progress.error.empty() && same_schedule(before, definition) &&
                   before.options.most_runs == definition.options.most_runs;
      progress.error.clear();
      progress.failures = 0;
    }
    if (!keeps_next) {
      const TimePoint now = storage->monitoring().now();
      const TimePoint from = std::max(now, progress.paused_until.value_or(now));
      const bool is_stopped = progress.paused && !progress.paused_until;
      progress.next.reset();
      if (!is_stopped) progress.next = occurrences_of(definition, id).at_or_after(from);
    }
    const CommitResult result =
        change(id, present ? present->version : 0, record_of(id, definition, progress));
    if (result.done()) return present ? Update::changed : Update::added;
  }
}

bool RecurringJobs::Implementation::remove(const std::string& id) {
  for (;;) {
    const std::optional<RecurringRecord> present = find(id);
    if (!present) return false;
    if (change(id, present->version, std::nullopt).done()) return true;
  }
}

Creation RecurringJobs::Implementation::trigger(const std::string& id) {
  const JobId job_id = ids.next<JobId>();
  for (;;) {
    const std::optional<RecurringRecord> present = find(id);
    if (!present) {
      return {.status = Creation::Status::rejected,
              .reason = "there is no recurring job \"" + id + "\""};
    }
    const RecurringDefinition definition = decode_definition(present->definition);
    RecurringProgress progress = decode_progress(present->progress);
    PreparedJob prepared =
        prepare_job(request_of(definition, id, storage->monitoring().now(), "Triggered by hand"),
                    job_id, filters, retention);
    CommitResult result;
    if (!prepared.vetoed) {
      Unit unit{.id = ids.next<UnitId>(), .jobs = {prepared.job}};
      if (definition.options.overlap == Overlap::cancel_previous) {
        cancel_previous(unit, progress.last_job, *storage, filters, retention);
      }
      progress.last_job = job_id;
      RecurringRecord record = record_of(id, definition, progress);
      record.due_at = present->due_at;
      unit.recurring.push_back(
          {.id = id, .expected_version = present->version, .record = std::move(record)});
      result = commit(std::move(unit));
      if (result.status == CommitStatus::conflict) continue;
    }
    if (!filters.empty()) {
      filters.created({.job = prepared.job,
                       .vetoed = prepared.vetoed,
                       .result = prepared.vetoed ? nullptr : &result,
                       .error = nullptr});
    }
    return creation_result(prepared, result);
  }
}

bool RecurringJobs::Implementation::pause(const std::string& id, const PauseOptions& options) {
  for (;;) {
    const std::optional<RecurringRecord> present = find(id);
    if (!present) return false;
    const RecurringDefinition definition = decode_definition(present->definition);
    RecurringProgress progress = decode_progress(present->progress);
    progress.paused = true;
    progress.paused_by = options.by;
    progress.pause_reason = options.reason;
    progress.paused_until = options.until;
    progress.next.reset();
    if (options.until) {
      progress.next = occurrences_of(definition, id).at_or_after(*options.until);
    }
    if (change(id, present->version, record_of(id, definition, progress)).done()) return true;
  }
}

bool RecurringJobs::Implementation::resume(const std::string& id) {
  for (;;) {
    const std::optional<RecurringRecord> present = find(id);
    if (!present) return false;
    const RecurringDefinition definition = decode_definition(present->definition);
    RecurringProgress progress = decode_progress(present->progress);
    if (!progress.paused) return true;
    progress.paused = false;
    progress.paused_until.reset();
    // Those that have passed meanwhile were not missed.
    progress.next = occurrences_of(definition, id).at_or_after(storage->monitoring().now());
    if (change(id, present->version, record_of(id, definition, progress)).done()) return true;
  }
}

namespace {

RecurringJob described(const RecurringRecord& record) {
  RecurringJob job{.id = record.id,
                   .job_name = record.job_name,
                   .created_at = record.created_at,
                   .version = record.version};
  try {
    RecurringDefinition definition = decode_definition(record.definition);
    RecurringProgress progress = decode_progress(record.progress);
    job.schedule = definition.schedule;
    job.options = std::move(definition.options);
    job.arguments = std::move(definition.arguments);
    job.next = progress.next;
    job.last = progress.last;
    job.last_job = progress.last_job;
    job.runs = progress.runs;
    job.skipped = progress.skipped;
    job.paused = progress.paused;
    job.paused_by = std::move(progress.paused_by);
    job.pause_reason = std::move(progress.pause_reason);
    job.paused_until = progress.paused_until;
    job.error = std::move(progress.error);
  } catch (const DecodeError& error) {
    // Written by a newer version: one of them must not hide the others.
    job.error = error.what();
  }
  return job;
}

}  // namespace

RecurringJobs::RecurringJobs(std::shared_ptr<Storage> storage, ClientOptions options) {
  if (storage == nullptr) {
    throw UsageError{"the recurring jobs were given no storage (a null pointer)"};
  }
  implementation_ = std::make_shared<Implementation>(std::move(storage), std::move(options));
}

RecurringJobs::Update RecurringJobs::add_or_update(const std::string& id, const Schedule& schedule,
                                                   const RecurringOptions& options,
                                                   JobRequest request) {
  RecurringDefinition definition{.schedule = schedule,
                                 .options = options,
                                 .job_name = std::move(request.name),
                                 .arguments = std::move(request.arguments)};
  // The defaults of the kind of job are known here, and perhaps not where it is fired.
  CallOptions& call = definition.options.job;
  const Limit limit = limit_of(call, definition.job_name, request.defaults);
  if (call.sequence.key.empty()) call.limit = limit;
  if (call.display_name.empty()) call.display_name = request.defaults.display_name;
  if (call.queue.empty()) call.queue = request.defaults.queue;
  if (call.priority == unset) call.priority = request.defaults.priority;
  check(definition);
  return implementation_->add_or_update(id, definition);
}

RecurringJobs::Update RecurringJobs::add_or_update_raw(const std::string& id,
                                                       const Schedule& schedule,
                                                       const RecurringOptions& options,
                                                       std::string job_name,
                                                       std::string_view arguments) {
  return add_or_update(id, schedule, options, raw_request(std::move(job_name), arguments));
}

bool RecurringJobs::remove(const std::string& id) { return implementation_->remove(id); }

Creation RecurringJobs::trigger(const std::string& id) { return implementation_->trigger(id); }

bool RecurringJobs::pause(const std::string& id, const PauseOptions& options) {
  return implementation_->pause(id, options);
}

bool RecurringJobs::resume(const std::string& id) { return implementation_->resume(id); }

std::optional<RecurringJob> RecurringJobs::find(const std::string& id) {
  const auto record = implementation_->storage->coordination().recurring(id);
  if (!record) return std::nullopt;
  return described(*record);
}

std::vector<RecurringJob> RecurringJobs::list(const RecurringQuery& query) {
  std::vector<RecurringJob> all;
  for (const auto& record : implementation_->storage->coordination().list_recurring(query)) {
    all.push_back(described(record));
  }
  return all;
}

}  // namespace portfire
