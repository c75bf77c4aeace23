#include "server/fetcher.hpp"

#include <algorithm>

#include <portfire/error.hpp>

namespace portfire::server {

namespace {

std::vector<std::string> topics_of(const std::vector<std::string>& queues) {
  std::vector<std::string> topics;
  for (const std::string& queue : queues) topics.push_back(topics::queue(queue));
  return topics;
}

}  // namespace

std::size_t prefetch_for(std::size_t workers, std::size_t most, std::chrono::nanoseconds round_trip,
                         std::optional<std::chrono::nanoseconds> mean_job_time) {
  if (!mean_job_time) return std::min(most, workers);
  const auto job = std::max<std::int64_t>(mean_job_time->count(), 1);
  const double jobs_ahead = 2.0 * static_cast<double>(round_trip.count()) *
                            static_cast<double>(workers) / static_cast<double>(job);
  return static_cast<std::size_t>(std::min(jobs_ahead, static_cast<double>(most)));
}

Fetcher::Fetcher(Storage& storage, Runtime& runtime, const Identity& identity, const Lease& lease,
                 const HandlerTable& handlers, Dispatcher& dispatcher, Finisher& finisher,
                 const MeanTime& job_time, FetcherOptions options, const LogSink& log)
    : storage_{storage},
      runtime_{runtime},
      identity_{identity},
      lease_{lease},
      handlers_{handlers},
      dispatcher_{dispatcher},
      finisher_{finisher},
      job_time_{job_time},
      options_{std::move(options)},
      log_{log},
      event_{runtime.make_event()},
      trouble_{log, "claiming jobs"},
      deputies_{runtime, dispatcher, [this] { return step_in_place(); }} {}

Fetcher::~Fetcher() { stop(); }

void Fetcher::start() {
  subscription_ = storage_.wakeup().subscribe(topics_of(options_.queues.queues()));
  news_are_forwarded_ = subscription_->forward_to([this] { deputies_.tell(); });
  finisher_.notify_when_flushed(*event_);
  finisher_.poke_when_suspect_ends(*subscription_);
  task_ = runtime_.spawn("fetcher", [this] { loop(stop_.get_token()); });
}

void Fetcher::stop() {
  if (task_ == nullptr) return;
  stop_.request_stop();
  task_->join();
  task_.reset();
}

void Fetcher::loop(std::stop_token stop) {
  while (!stop.stop_requested()) {
    const Then then = step();
    if (then == Then::wait_for_room) wait_for_room(stop);
    if (then == Then::rest) rest(stop);
    // Also after an error of a worker that acted in this task's place.
    if (retry_at_ > runtime_.steady_now()) wait_for_news(retry_at_, stop);
    retry_at_ = {};
  }
  give_back();
}

Fetcher::Then Fetcher::step() {
  collect_stale();
  if (!give_back()) return Then::wait_after_error;
  const std::size_t want = unanswered_.value_or(wanted());
  if (want == 0) return Then::wait_for_room;
  const auto got = claim(want);
  if (!got) return Then::wait_after_error;
  // Fewer than asked for: the queues are empty. Whatever has come since is news.
  return *got < want && owed_.empty() ? Then::rest : Then::claim_on;
}

// By a worker. What it leaves for the others begins at once, or else the task has to watch it.
bool Fetcher::step_in_place() {
  if (stop_.stop_requested() || step() != Then::rest) return false;
  if (dispatcher_.size() > dispatcher_.idle_workers() || !held_up_.empty()) return false;
  subscription_->await_more();
  return true;
}

void Fetcher::rest(const std::stop_token& stop) {
  const SteadyPoint deadline = next_look();
  if (news_are_forwarded_) {
    subscription_->await_more();
    deputies_.rest_until(deadline, stop);
  } else {
    subscription_->wait_until(deadline, stop);
  }
}

void Fetcher::wait_for_news(SteadyPoint deadline, const std::stop_token& stop) {
  if (news_are_forwarded_) {
    deputies_.wait_until(deadline, stop);
  } else {
    subscription_->wait_until(deadline, stop);
  }
}

std::size_t Fetcher::prefetch() const {
  if (holding_back_) return 0;
  return prefetch_for(options_.workers, options_.most_prefetched, round_trip_, job_time_.get());
}

std::size_t Fetcher::wanted() const {
  if (!lease_.may_start(runtime_.steady_now())) return 0;
  const std::size_t ahead = prefetch();
  const std::size_t target = dispatcher_.idle_workers() + ahead;
  const std::size_t have = dispatcher_.size();
  // Outcomes that cannot be stored fast enough hold the claims up, not the memory.
  if (finisher_.pending() > 4 * (options_.workers + ahead)) return 0;
  // In halves, so that claims stay large.
  return have * 2 > target ? 0 : target - have;
}

void Fetcher::wait_for_room(const std::stop_token& stop) {
  const std::size_t ahead = prefetch();
  const bool backlog = finisher_.pending() > 4 * (options_.workers + ahead);
  const bool suspended = !lease_.may_start(runtime_.steady_now());
  SteadyPoint deadline = next_look();
  if (suspended) {
    deadline = runtime_.steady_now() + lease_.length() / 20;
  } else if (!backlog) {
    dispatcher_.notify_when_low(*event_, ahead == 0 ? 0 : ahead / 2 + 1);
  }
  event_->wait_until(deadline, stop);
}

// Until then, or until there are news: a storage that works again often has some.
void Fetcher::note_error(std::string_view message) {
  const SteadyPoint now = runtime_.steady_now();
  retry_at_ = now + trouble_.failed(message, now);
}

std::optional<std::size_t> Fetcher::claim(std::size_t max) {
  const ServerId server = identity_.id();
  if (server != server_) {
    server_ = server;
    token_ = 0;
    unanswered_.reset();
  }
  // The same token until an answer comes: a lost answer is given again.
  if (!unanswered_) ++token_;
  unanswered_ = max;
  const SteadyPoint sent_at = runtime_.steady_now();
  try {
    auto result = storage_.jobs().claim(
        {.server = server_, .token = token_, .queues = options_.queues.draw(runtime_), .max = max});
    unanswered_.reset();
    const SteadyPoint answered_at = runtime_.steady_now();
    round_trip_ += (answered_at - sent_at - round_trip_) / 8;
    trouble_.succeeded(answered_at);
    return take_over(std::move(result.executions), answered_at);
  } catch (const StorageError& error) {
    note_error(error.what());
    return std::nullopt;
  }
}

std::size_t Fetcher::take_over(std::vector<Execution> executions, SteadyPoint answered_at) {
  const std::size_t count = executions.size();
  std::vector<Claimed> known;
  std::vector<Claimed> unknown;
  known.reserve(count);
  for (Execution& execution : executions) {
    const BoundHandler* handler = handlers_.find(execution.name);
    auto& list = handler == nullptr ? unknown : known;
    list.push_back({std::move(execution), handler, answered_at, server_});
  }
  if (!unknown.empty()) {
    log_(LogLevel::warning,
         "no handler for the job \"" + unknown.front().execution.name + "\" on this server" +
             (unknown.size() > 1 ? " and others of " + std::to_string(unknown.size()) : "") +
             "; it waits for a server that has one");
    owe(unknown, ReleaseReason::no_handler);
  }
  dispatcher_.push(std::move(known));
  // Claimed under an id that has been lost meanwhile: others have these jobs.
  if (identity_.id() != server_) {
    dispatcher_.take_if([this](const Claimed& each) { return each.server == server_; });
  }
  return count;
}

// Jobs that no worker has begun in time go back, so that other servers may run them. Jobs take
// longer than they used to: claim no further ahead until a worker is free.
void Fetcher::collect_stale() {
  const bool busy = dispatcher_.idle_workers() == 0;
  if (!busy) holding_back_ = false;
  if (!busy || dispatcher_.size() == 0) return;
  const SteadyPoint limit = runtime_.steady_now() - stale_after();
  const auto stale =
      dispatcher_.take_if([&](const Claimed& claimed) { return claimed.claimed_at <= limit; });
  if (!stale.empty()) holding_back_ = true;
  owe(stale, ReleaseReason::unstarted);
}

void Fetcher::owe(const std::vector<Claimed>& claimed, ReleaseReason reason) {
  for (const Claimed& each : claimed) owed_.push_back({each.execution.ref, reason});
}

// Returns whether nothing is owed any more that could be given back now.
bool Fetcher::give_back() {
  constexpr Duration held_up_pause = std::chrono::milliseconds{100};
  const SteadyPoint now = runtime_.steady_now();
  if (now >= held_up_until_) {
    owed_.insert(owed_.end(), held_up_.begin(), held_up_.end());
    held_up_.clear();
  }
  if (owed_.empty()) return true;
  try {
    const ReleaseResult result = storage_.jobs().release(owed_);
    owed_.clear();
    if (result.busy.empty()) return true;
    held_up_.insert(held_up_.end(), result.busy.begin(), result.busy.end());
    held_up_until_ = now + held_up_pause;
    return true;
  } catch (const StorageError& error) {
    note_error(error.what());
    return false;
  }
}

Duration Fetcher::stale_after() const {
  constexpr Duration least = std::chrono::milliseconds{50};
  return std::max(least, std::chrono::ceil<Duration>(2 * round_trip_));
}

SteadyPoint Fetcher::next_look() const {
  const SteadyPoint now = runtime_.steady_now();
  SteadyPoint poll = now + options_.poll_interval;
  if (!held_up_.empty()) poll = std::min(poll, std::max(now, held_up_until_));
  const auto oldest = dispatcher_.oldest();
  return oldest
             ? std::min(poll, std::max(now + std::chrono::milliseconds{1}, *oldest + stale_after()))
             : poll;
}

}  // namespace portfire::server
