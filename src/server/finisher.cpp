#include "server/finisher.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include <portfire/error.hpp>

#include "client/filter_chain.hpp"

namespace portfire::server {

namespace {

constexpr std::size_t most_per_commit = 1000;
constexpr Duration first_busy_pause = std::chrono::milliseconds{2};
constexpr Duration longest_busy_pause = std::chrono::milliseconds{500};

// An outcome that is stored, or given up, leaves nothing of its unit.
bool is_unsettled(const Completion& completion) { return !completion.unit.transitions.empty(); }

}  // namespace

Finisher::Finisher(Storage& storage, Runtime& runtime, const Performer& performer,
                   const LogSink& log)
    : storage_{storage},
      runtime_{runtime},
      performer_{performer},
      log_{log},
      event_{runtime.make_event()},
      pause_{runtime.make_event()},
      trouble_{log, "storing outcomes"},
      busy_pause_{first_busy_pause} {}

Finisher::~Finisher() { stop(SteadyPoint{}); }

void Finisher::start() {
  task_ = runtime_.spawn("finisher", [this] { loop(); });
}

void Finisher::add(Completion completion) {
  bool first = false;
  ++pending_;
  {
    const std::lock_guard lock{mutex_};
    first = gathered_.empty();
    gathered_.push_back(std::move(completion));
  }
  if (first) event_->set();
}

void Finisher::add(Report report) {
  {
    const std::lock_guard lock{mutex_};
    reports_.push_back(std::move(report));
  }
  event_->set();
}

void Finisher::stop(SteadyPoint deadline) {
  if (task_ == nullptr) return;
  deadline_ = deadline;
  stop_.request_stop();
  event_->set();
  pause_->set();
  task_->join();
  task_.reset();
}

void Finisher::loop() {
  for (;;) {
    // Asked before the look: whatever was added before the stop is still stored.
    const bool stopping = stop_.stop_requested();
    std::vector<Completion> completions;
    std::vector<Report> reports;
    {
      const std::lock_guard lock{mutex_};
      completions.swap(gathered_);
      reports.swap(reports_);
    }
    // Log lines and progress must arrive before the end, which drops what comes later.
    for (Completion& completion : completions) {
      if (completion.report) reports.push_back(std::move(*completion.report));
    }
    report(std::move(reports));
    try_busy_again();
    if (!completions.empty()) {
      flush(std::move(completions));
    } else if (!busy_.empty()) {
      if (stopping && give_up_busy()) return;
      event_->wait_until(busy_until_, {});
    } else {
      if (stopping) return;
      event_->wait({});
    }
  }
}

void Finisher::flush(std::vector<Completion> completions) {
  const std::size_t pending_before = completions.size() + busy_.size();
  const bool suspects =
      std::any_of(completions.begin(), completions.end(),
                  [](const Completion& each) { return each.claimed.execution.suspect; });
  const auto rest = std::partition(completions.begin(), completions.end(),
                                   [](const Completion& each) { return !each.give_back; });
  std::vector<Completion> given_back(std::make_move_iterator(rest),
                                     std::make_move_iterator(completions.end()));
  completions.erase(rest, completions.end());
  give_back(given_back);
  for (std::size_t begin = 0; begin < completions.size(); begin += most_per_commit) {
    const std::size_t size = std::min(most_per_commit, completions.size() - begin);
    commit(std::span{completions}.subspan(begin, size));
  }
  put_off_busy(completions);
  pending_ -= pending_before - busy_.size();
  Subscription* waiting = suspect_ended_.load();
  if (suspects && waiting != nullptr) waiting->poke();
  if (Event* event = flushed_event_.load()) event->set();
}

void Finisher::put_off_busy(std::vector<Completion>& completions) {
  const bool others_wait = !busy_.empty();
  for (Completion& completion : completions) {
    if (is_unsettled(completion)) busy_.push_back(std::move(completion));
  }
  if (busy_.empty()) {
    busy_pause_ = first_busy_pause;
  } else if (!others_wait) {
    busy_until_ = runtime_.steady_now() + busy_pause_;
    busy_pause_ = std::min(2 * busy_pause_, longest_busy_pause);
  }
}

// Apart from the others, which would have to wait for what these wait for.
void Finisher::try_busy_again() {
  if (busy_.empty() || runtime_.steady_now() < busy_until_) return;
  std::vector<Completion> again = std::exchange(busy_, {});
  flush(std::move(again));
}

bool Finisher::give_up_busy() {
  if (runtime_.steady_now() <= deadline_.load()) return false;
  log_lost();
  pending_ -= busy_.size();
  busy_.clear();
  return true;
}

void Finisher::give_back(std::vector<Completion>& completions) {
  if (completions.empty()) return;
  std::vector<Released> released;
  for (const Completion& completion : completions) {
    released.push_back({completion.claimed.execution.ref, ReleaseReason::shutdown});
  }
  for (;;) {
    try {
      storage_.jobs().release(released);
      trouble_.succeeded(runtime_.steady_now());
      return;
    } catch (const StorageError& error) {
      if (!wait_to_retry(error.what())) return;
    }
  }
}

void Finisher::report(std::vector<Report> reports) {
  while (!reports.empty()) {
    try {
      storage_.jobs().report(reports);
      return;
    } catch (const StorageError& error) {
      const bool may_pass = error.retryable() || error.connection_lost();
      if (may_pass && wait_to_retry(error.what())) continue;
      log_(LogLevel::warning, std::string{"log lines of jobs were lost: "} + error.what());
      return;
    }
  }
}

// Those that are busy are left as they are.
void Finisher::commit(std::span<Completion> completions) {
  for (;;) {
    try {
      if (commit_once(completions)) return;
    } catch (const StorageError& error) {
      const bool may_pass = error.retryable() || error.connection_lost();
      if (!may_pass && completions.size() > 1) {
        // One of them is refused for good: halve until it stands alone.
        commit(completions.first(completions.size() / 2));
        commit(completions.subspan(completions.size() / 2));
        return;
      }
      if (!may_pass && store_failure(completions.front(), error.what())) return;
      if (wait_to_retry(error.what())) continue;
      for (Completion& completion : completions) completion.unit.transitions.clear();
      return;
    }
  }
}

// Nothing of the unit was done; what it should be in the light of that.
Unit Finisher::without_refused(const Completion& completion, Unit unit,
                               const CommitResult& result) const {
  const std::string holder = to_string(result.holder);
  switch (result.rejection) {
    case Rejection::unique_key:
      // Asked to replace a job that has begun: as with any key that is taken, it may go on.
      for (NewJob& job : unit.jobs) {
        if (job.id == result.job) job.unique.on_duplicate = OnDuplicate::use_existing;
      }
      return unit;
    case Rejection::batch_closed:
      return plain_failure(completion, "a job enqueued by the handler names the batch " + holder +
                                           ", which takes no members");
    default:
      return plain_failure(completion, "a job enqueued by the handler names the parent " + holder +
                                           ", which does not exist");
  }
}

// Returns whether nothing has to be sent again at once.
bool Finisher::commit_once(std::span<Completion> completions) {
  std::vector<Unit> units;
  std::vector<Completion*> sent;
  units.reserve(completions.size());
  for (Completion& completion : completions) {
    if (!is_unsettled(completion)) continue;
    sent.push_back(&completion);
    units.push_back(std::move(completion.unit));
    completion.unit.transitions.clear();
  }
  const auto restore = [&] {
    for (std::size_t i = 0; i < sent.size(); ++i) sent[i]->unit = std::move(units[i]);
  };
  std::vector<CommitResult> results;
  try {
    results = storage_.jobs().commit(units);
  } catch (...) {
    restore();
    throw;
  }
  trouble_.succeeded(runtime_.steady_now());
  bool all_sent = true;
  for (std::size_t i = 0; i < sent.size(); ++i) {
    if (results[i].status == CommitStatus::busy) {
      sent[i]->unit = std::move(units[i]);
    } else if (results[i].status == CommitStatus::rejected) {
      sent[i]->unit = without_refused(*sent[i], std::move(units[i]), results[i]);
      all_sent = false;
    } else {
      settle(*sent[i], units[i], results[i]);
    }
  }
  return all_sent;
}

void Finisher::settle(const Completion& completion, const Unit& unit, const CommitResult& result) {
  const Execution& execution = completion.claimed.execution;
  if (result.status == CommitStatus::conflict) {
    log_(LogLevel::debug, "the outcome of job " + to_string(execution.ref.job) +
                              " was refused: the job was taken from this execution");
  }
  performer_.tell_created(unit, result);
  performer_.tell_applied(completion.claimed, unit, result);
}

Unit Finisher::plain_failure(const Completion& completion, const std::string& message) const {
  log_(LogLevel::error, "the outcome of job " + to_string(completion.claimed.execution.ref.job) +
                            " cannot be stored: " + message);
  return performer_.end_unstorable(completion.claimed, message);
}

// The storage will not take this outcome however often it is sent: the job fails instead, plainly.
// False when even that is refused: then it is the storage that is in trouble, not the outcome.
bool Finisher::store_failure(Completion& completion, const std::string& message) {
  const Unit failure = plain_failure(completion, message);
  try {
    const CommitResult result = storage_.jobs().commit({&failure, 1}).front();
    if (result.status == CommitStatus::busy) return false;
    settle(completion, failure, result);
  } catch (const StorageError&) {
    return false;
  }
  completion.unit.transitions.clear();
  return true;
}

// Waits before the next attempt; false when there shall be none.
bool Finisher::wait_to_retry(std::string_view message) {
  constexpr std::chrono::seconds longest{5};
  const SteadyPoint now = runtime_.steady_now();
  const Duration pause = std::min<Duration>(trouble_.failed(message, now), longest);
  if (stop_.stop_requested() && now + pause > deadline_.load()) {
    log_lost();
    return false;
  }
  pause_->wait_until(now + pause, {});
  return true;
}

void Finisher::log_lost() const {
  log_(LogLevel::error, "outcomes were lost at shutdown; their jobs will run again");
}

}  // namespace portfire::server
