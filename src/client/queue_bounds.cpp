#include "client/queue_bounds.hpp"

#include "model/rules.hpp"

namespace portfire {

namespace {

constexpr std::chrono::seconds longest_trust{1};
constexpr std::chrono::milliseconds pause{100};
constexpr long long longest_of_all = 1'000'000'000'000;

void veto(PreparedJob& job, const std::string& reason) {
  if (job.vetoed) return;
  job.vetoed = true;
  job.veto_status = Creation::Status::full;
  job.veto_reason = reason;
}

}  // namespace

QueueBounds::QueueBounds(std::shared_ptr<Storage> storage, std::map<std::string, QueueBound> bounds)
    : storage_{std::move(storage)} {
  for (auto& [name, bound] : bounds) {
    rules::check_queue_name("a queue of queue_bounds", name);
    const std::string field = "queue_bounds of \"" + name + "\": ";
    rules::check_range(field + "longest", static_cast<long long>(bound.longest), 1, longest_of_all);
    rules::check_span(field + "patience", bound.patience, Duration::zero(), std::chrono::days{1});
    queues_[name].bound = bound;
  }
}

void QueueBounds::admit(std::vector<PreparedJob>& jobs, Bulk bulk) {
  if (queues_.empty()) return;
  std::map<std::string, std::uint64_t> counts;
  const auto is_bound = [&](const PreparedJob& job) {
    return !job.vetoed && job.job.state.kind == StateKind::ready && queues_.contains(job.job.queue);
  };
  for (const PreparedJob& job : jobs) {
    if (is_bound(job)) ++counts[job.job.queue];
  }
  for (const auto& [name, count] : counts) {
    if (has_room_in_time(name, count)) continue;
    const std::string reason = "queue \"" + name + "\" has reached its bound of " +
                               std::to_string(queues_.at(name).bound.longest) + " ready jobs";
    for (PreparedJob& job : jobs) {
      if (bulk == Bulk::all_or_nothing || (is_bound(job) && job.job.queue == name)) {
        veto(job, reason);
      }
    }
    if (bulk == Bulk::all_or_nothing) return;
  }
}

bool QueueBounds::has_room_in_time(const std::string& name, std::uint64_t count) {
  if (has_room(name, count)) return true;
  const QueueBound bound = queues_.at(name).bound;
  if (bound.when_full == QueueBound::WhenFull::reject) return false;
  Runtime& runtime = *storage_->runtime();
  const SteadyPoint deadline = runtime.steady_now() + bound.patience;
  const auto never_set = runtime.make_event();
  while (runtime.steady_now() < deadline) {
    never_set->wait_until(std::min(deadline, runtime.steady_now() + pause), {});
    if (has_room(name, count)) return true;
  }
  return false;
}

bool QueueBounds::has_room(const std::string& name, std::uint64_t count) {
  if (is_time_to_look(name)) look();
  const std::lock_guard lock{mutex_};
  Queue& queue = queues_.at(name);
  if (queue.length >= queue.bound.longest) return false;
  queue.length += count;
  return true;
}

// Gives one thread the turn; the others go on with what is known.
bool QueueBounds::is_time_to_look(const std::string& name) {
  const SteadyPoint now = storage_->runtime()->steady_now();
  const std::lock_guard lock{mutex_};
  const Queue& queue = queues_.at(name);
  const bool is_full = queue.length >= queue.bound.longest;
  const Duration trust = is_full ? Duration{pause} : Duration{longest_trust};
  if (looked_at_ && now - *looked_at_ < trust) return false;
  looked_at_ = now;
  return true;
}

void QueueBounds::look() {
  const auto found = storage_->monitoring().queues();
  const std::lock_guard lock{mutex_};
  for (auto& [name, queue] : queues_) queue.length = 0;
  for (const QueueSummary& summary : found) {
    const auto queue = queues_.find(summary.name);
    if (queue != queues_.end()) queue->second.length = summary.ready;
  }
}

}  // namespace portfire
