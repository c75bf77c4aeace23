#include "storage/postgresql/claims.hpp"

#include <algorithm>
#include <utility>

namespace portfire::postgresql {

void Claims::add(std::span<const Execution> executions) {
  for (const Execution& execution : executions) {
    outstanding_[execution.ref.locator].insert_or_assign(execution.ref.job, execution.ref.epoch);
  }
}

bool Claims::is_latest(std::int64_t claim) const {
  return std::ranges::any_of(latest_, [&](const auto& one) { return one.second == claim; });
}

bool Claims::asks(ServerId server) {
  const std::scoped_lock guard{mutex_};
  return !unanswered_.insert(server).second;
}

void Claims::answered(const ClaimRequest& request, std::span<const Execution> executions) {
  const std::scoped_lock guard{mutex_};
  unanswered_.erase(request.server);
  if (executions.empty()) {
    std::uint64_t& token = empty_tokens_[request.server];
    token = std::max(token, request.token);
    return;
  }
  add(executions);
  const std::int64_t claim = executions.front().ref.locator;
  const std::int64_t former = std::exchange(latest_[request.server], claim);
  if (former != 0 && former != claim && !outstanding_.contains(former)) ended_.push_back(former);
}

void Claims::taken(std::span<const Execution> executions) {
  const std::scoped_lock guard{mutex_};
  add(executions);
}

bool Claims::took_nothing(const ClaimRequest& request) {
  if (request.token == 0) return true;  // tokens begin at 1
  const std::scoped_lock guard{mutex_};
  const auto found = empty_tokens_.find(request.server);
  return found != empty_tokens_.end() && request.token <= found->second;
}

void Claims::forget(ServerId server) {
  const std::scoped_lock guard{mutex_};
  empty_tokens_.erase(server);
  latest_.erase(server);
  unanswered_.erase(server);
}

void Claims::ended(const ExecutionRef& execution) {
  const std::scoped_lock guard{mutex_};
  const auto found = outstanding_.find(execution.locator);
  if (found == outstanding_.end()) return;
  auto& jobs = found->second;
  const auto job = jobs.find(execution.job);
  if (job == jobs.end() || job->second != execution.epoch) return;
  jobs.erase(job);
  if (!jobs.empty()) return;
  outstanding_.erase(found);
  if (!is_latest(execution.locator)) ended_.push_back(execution.locator);
}

std::vector<std::int64_t> Claims::take_ended() {
  const std::scoped_lock guard{mutex_};
  return std::exchange(ended_, {});
}

void Claims::put_back(const std::vector<std::int64_t>& claims) {
  const std::scoped_lock guard{mutex_};
  ended_.insert(ended_.end(), claims.begin(), claims.end());
}

}  // namespace portfire::postgresql
