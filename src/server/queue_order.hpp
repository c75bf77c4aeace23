#pragma once

// Which of a server's queues has its turn: the first as listed, or one drawn by weight.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include <portfire/runtime.hpp>

namespace portfire::server {

class QueueOrder {
 public:
  // Without weights: as listed. A queue without a weight of its own has 1.
  explicit QueueOrder(std::vector<std::string> queues,
                      const std::map<std::string, int>& weights = {});

  [[nodiscard]] const std::vector<std::string>& queues() const { return queues_; }

  // The position of the queue whose turn it is among those that qualify; their number when none
  // does.
  std::size_t pick(Runtime& runtime, const std::function<bool(std::size_t)>& qualifies) const;

  // All of them, in the order of their turns.
  [[nodiscard]] std::vector<std::string> draw(Runtime& runtime) const;

 private:
  const std::vector<std::string> queues_;
  std::vector<std::uint64_t> weights_;  // empty: as listed
};

}  // namespace portfire::server
