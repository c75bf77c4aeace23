#include <chrono>
#include <cstdint>
#include <deque>
#include <string>
#include <unordered_map>
#include <vector>

#include "bench/counting.hpp"
#include "bench/floor.hpp"
#include "bench/workload.hpp"

namespace portfire::bench {

namespace {

using Clock = std::chrono::steady_clock;

struct FloorJob {
  std::string name;
  std::string arguments;
  std::uint64_t epoch = 0;
  bool is_running = false;
  Clock::time_point finished_at;
};

class FloorQueue {
 public:
  void enqueue(std::uint64_t id) {
    jobs_.emplace(id, FloorJob{.name = std::string{no_op.name}, .arguments = ballast});
    ready_.push_back(id);
  }

  void run_one() {
    const std::uint64_t id = ready_.front();
    ready_.pop_front();
    FloorJob& claimed = jobs_.at(id);
    claimed.is_running = true;
    const std::uint64_t epoch = ++claimed.epoch;
    finish(id, epoch);
  }

  [[nodiscard]] bool empty() const { return ready_.empty(); }

 private:
  void finish(std::uint64_t id, std::uint64_t epoch) {
    FloorJob& job = jobs_.at(id);
    if (job.epoch != epoch || !job.is_running) return;
    job.is_running = false;
    job.finished_at = Clock::now();
    finished_by_time_.push_back(id);
  }

  std::unordered_map<std::uint64_t, FloorJob> jobs_;
  std::deque<std::uint64_t> ready_;
  std::deque<std::uint64_t> finished_by_time_;
};

}  // namespace

Floor memory_floor(const FloorPlan& plan) {
  Floor floor;
  FloorQueue queue;
  auto begin = Clock::now();
  for (std::uint64_t id = 1; id <= plan.jobs; ++id) queue.enqueue(id);
  floor.bulk_enqueue_per_s = rate_since(plan.jobs, begin);
  floor.enqueue_per_s = floor.bulk_enqueue_per_s;
  begin = Clock::now();
  while (!queue.empty()) queue.run_one();
  floor.drain_per_s = rate_since(plan.jobs, begin);
  return floor;
}

}  // namespace portfire::bench
