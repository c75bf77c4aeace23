#include "server/queue_order.hpp"

#include <utility>

namespace portfire::server {

QueueOrder::QueueOrder(std::vector<std::string> queues, const std::map<std::string, int>& weights)
    : queues_{std::move(queues)} {
  if (weights.empty()) return;
  for (const std::string& queue : queues_) {
    const auto own = weights.find(queue);
    weights_.push_back(own == weights.end() ? 1 : static_cast<std::uint64_t>(own->second));
  }
}

std::size_t QueueOrder::pick(Runtime& runtime,
                             const std::function<bool(std::size_t)>& qualifies) const {
  std::vector<std::size_t> candidates;
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < queues_.size(); ++i) {
    if (!qualifies(i)) continue;
    if (weights_.empty()) return i;
    candidates.push_back(i);
    total += weights_[i];
  }
  if (candidates.empty()) return queues_.size();
  std::uint64_t lot = runtime.random() % total;
  for (const std::size_t candidate : candidates) {
    if (lot < weights_[candidate]) return candidate;
    lot -= weights_[candidate];
  }
  return candidates.back();
}

std::vector<std::string> QueueOrder::draw(Runtime& runtime) const {
  if (weights_.empty()) return queues_;
  std::vector<std::string> order;
  std::vector<bool> drawn(queues_.size());
  while (order.size() < queues_.size()) {
    const std::size_t next = pick(runtime, [&](std::size_t i) { return !drawn[i]; });
    drawn[next] = true;
    order.push_back(queues_[next]);
  }
  return order;
}

}  // namespace portfire::server
