#include "dashboard/bulk_runner.hpp"

#include <algorithm>
#include <map>

#include <portfire/error.hpp>

#include "dashboard/audit_trail.hpp"
#include "dashboard/refusal.hpp"

namespace portfire::dashboard {

namespace {

constexpr std::size_t most_kept = 100;
constexpr std::size_t most_running = 4;
constexpr std::size_t portion = 500;
constexpr std::size_t work_per_portion = 20000;

}  // namespace

class BulkRunner::Run {
 public:
  Run(std::string id, std::shared_ptr<Storage> storage, Client client, const Redactor& redactor,
      BulkRequest request, Visitor visitor)
      : storage_{std::move(storage)},
        client_{std::move(client)},
        redactor_{redactor},
        request_{std::move(request)},
        visitor_{std::move(visitor)},
        began_{storage_->monitoring().now()} {
    progress_ = {.id = std::move(id),
                 .action = request_.action,
                 .dry_run = request_.dry_run,
                 .actor = visitor_.user,
                 .started_at = began_};
    if (!request_.filter) progress_.total = request_.ids.size();
  }

  void start() {
    task_ = storage_->runtime()->spawn("bulk", [this] { work(); });
  }
  void stop() { stop_.request_stop(); }
  void join() { task_->join(); }

  BulkProgress progress() {
    const std::scoped_lock lock{mutex_};
    return progress_;
  }
  bool is_running() { return progress().state == BulkProgress::State::running; }

 private:
  using State = BulkProgress::State;

  void work() {
    State state = State::done;
    std::string error;
    try {
      // Counting changes nothing, so the log need not know.
      std::optional<AuditedChange> audited;
      if (!request_.dry_run) {
        audited.emplace(storage_->coordination(), visitor_, "bulk." + request_.action, target(),
                        request_.reason);
      }
      try {
        change_all();
        if (stop_.stop_requested()) state = State::cancelled;
      } catch (const std::exception& exception) {
        state = State::failed;
        error = exception.what();
      }
      if (audited) audited->conclude(outcome(state, error));
    } catch (const std::exception& exception) {
      state = State::failed;
      error = exception.what();
    }
    const auto ended_at = storage_->runtime()->now();
    const std::scoped_lock lock{mutex_};
    progress_.state = state;
    progress_.error = std::move(error);
    progress_.ended_at = ended_at;
    if (state == State::done) progress_.total = progress_.found;
  }

  // For the audit log: which jobs were meant.
  std::string target() {
    return request_.filter ? request_.filter->text
                           : std::to_string(request_.ids.size()) + " selected jobs";
  }

  std::string outcome(State state, const std::string& error) {
    const BulkProgress end = progress();
    const std::string counts =
        std::to_string(end.changed) + " changed, " + std::to_string(end.skipped) + " skipped";
    if (state == State::failed) return "failed after " + counts + ": " + error;
    return (state == State::done ? "done: " : "cancelled: ") + counts;
  }

  void change_all() {
    if (request_.filter) {
      change_all_that_pass();
    } else {
      change_listed();
    }
  }

  void change_listed() {
    for (std::size_t at = 0; at < request_.ids.size() && !stop_.stop_requested(); at += portion) {
      const auto end = std::min(at + portion, request_.ids.size());
      const std::vector<JobId> ids{request_.ids.begin() + static_cast<std::ptrdiff_t>(at),
                                   request_.ids.begin() + static_cast<std::ptrdiff_t>(end)};
      change_portion({{std::string{}, ids}}, ids.size());
    }
  }

  // Only jobs that have been as they are since before: those that this changes, or that end up so
  // meanwhile, are not met again.
  void change_all_that_pass() {
    JobSearch filter = *request_.filter;
    filter.query.since_before = std::min(filter.query.since_before.value_or(began_), began_);
    std::string cursor;
    do {
      const JobPage page =
          list_jobs(storage_->monitoring(), redactor_, filter, cursor, portion, work_per_portion);
      ByState jobs;
      for (const JobSummary& job : page.jobs) jobs[job.state].push_back(job.id);
      change_portion(jobs, page.examined);
      cursor = page.next;
    } while (!cursor.empty() && !stop_.stop_requested());
  }

  // Jobs by the state in which they were met, which they must still be in; empty: in any.
  using ByState = std::map<std::string, std::vector<JobId>>;

  void change_portion(const ByState& jobs, std::size_t examined) {
    std::uint64_t found = 0;
    std::uint64_t changed = 0;
    for (const auto& [state, ids] : jobs) {
      found += ids.size();
      if (request_.dry_run) continue;
      const ChangeOptions options{.from = state,
                                  .reason = history_reason(visitor_, request_.reason)};
      for (const Change& change : apply_change(client_, ids, request_.change, options)) {
        if (change || change.status == Change::Status::redirected) ++changed;
      }
    }
    const std::scoped_lock lock{mutex_};
    progress_.examined += examined;
    progress_.found += found;
    progress_.changed += changed;
    if (!request_.dry_run) progress_.skipped += found - changed;
  }

  const std::shared_ptr<Storage> storage_;
  Client client_;
  const Redactor& redactor_;
  const BulkRequest request_;
  const Visitor visitor_;
  const TimePoint began_;
  std::stop_source stop_;
  std::mutex mutex_;
  BulkProgress progress_;
  std::unique_ptr<Task> task_;
};

BulkRunner::BulkRunner(std::shared_ptr<Storage> storage, Client client, const Redactor& redactor)
    : storage_{std::move(storage)}, client_{std::move(client)}, redactor_{redactor} {}

BulkRunner::~BulkRunner() {
  for (const auto& run : runs_) run->stop();
  for (const auto& run : runs_) run->join();
}

BulkProgress BulkRunner::start(BulkRequest request, const Visitor& visitor) {
  // Made first, because it asks the storage, which nobody else has to wait for.
  const auto run = std::make_shared<Run>(std::to_string(++last_number_), storage_, client_,
                                         redactor_, std::move(request), visitor);
  const std::scoped_lock lock{mutex_};
  const auto running = std::ranges::count_if(runs_, [](auto& one) { return one->is_running(); });
  if (static_cast<std::size_t>(running) >= most_running) {
    throw Refusal{429, std::to_string(running) +
                           " bulk changes are running already; wait for one, or cancel it"};
  }
  run->start();
  runs_.push_front(run);
  while (runs_.size() > most_kept && !runs_.back()->is_running()) {
    runs_.back()->join();
    runs_.pop_back();
  }
  return run->progress();
}

std::vector<BulkProgress> BulkRunner::list() {
  const std::scoped_lock lock{mutex_};
  std::vector<BulkProgress> all;
  for (const auto& run : runs_) all.push_back(run->progress());
  return all;
}

std::shared_ptr<BulkRunner::Run> BulkRunner::run_of(const std::string& id) {
  const std::scoped_lock lock{mutex_};
  const auto found =
      std::ranges::find_if(runs_, [&](auto& run) { return run->progress().id == id; });
  return found == runs_.end() ? nullptr : *found;
}

std::optional<BulkProgress> BulkRunner::find(const std::string& id) {
  const auto run = run_of(id);
  return run ? std::optional{run->progress()} : std::nullopt;
}

std::optional<BulkProgress> BulkRunner::cancel(const std::string& id) {
  const auto run = run_of(id);
  if (!run) return std::nullopt;
  run->stop();
  return run->progress();
}

}  // namespace portfire::dashboard
