#pragma once

// Random operations that are the same for every storage they are done to.

#include <functional>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <portfire/storage/storage.hpp>
#include <portfire/testing/builders.hpp>
#include <portfire/testing/virtual_clock.hpp>

#include "model/random.hpp"

namespace portfire::model_test {

// One of the storages that are compared, with what only it knows.
struct Side {
  std::shared_ptr<Storage> storage;
  std::map<std::pair<JobId, std::uint64_t>, std::int64_t> locators = {};
  std::map<std::string, LockGrant> grants = {};

  // The execution as this storage knows it.
  [[nodiscard]] ExecutionRef localised(ExecutionRef execution) const;
  void remember(const Execution& execution);
};

// What is done, in words, and how; the answer as text.
struct Operation {
  std::string description;
  std::function<std::string(Side& side)> run;
};

// Makes operations from the seed and from what the model answered to the earlier ones.
class Generator {
 public:
  Generator(std::uint64_t seed, std::shared_ptr<testing::VirtualClock> clock);

  Operation next();

  // A storage was opened again. Claims that took nothing need not be remembered over that, so they
  // are not sent again.
  void opened_again() { not_to_repeat_ = known_->empty_handed; }

  // Every job that was ever to be created, every server that was ever announced.
  [[nodiscard]] const std::vector<JobId>& jobs() const { return jobs_; }
  [[nodiscard]] const std::vector<ServerId>& servers() const { return servers_; }
  [[nodiscard]] const std::vector<JobId>& batches() const { return batches_; }

 private:
  // The verbs.
  Operation commit();
  Operation commit_again();
  Operation claim();
  Operation finish();
  Operation release();
  Operation promote();
  Operation reclaim();
  Operation expire();
  Operation report();
  Operation revoked();
  Operation set_parameters();
  Operation announce();
  Operation heartbeat();
  Operation remove();
  Operation lock();
  Operation set_queue();
  Operation pass_time();

  // Their parts.
  Operation commit_of(std::vector<Unit> units);
  Unit unit();
  NewJob job();
  JobId batch();
  void make_unique(testing::JobBuilder& job);
  void make_limited(testing::JobBuilder& job);
  Transition transition();
  Transition end_of(const ExecutionRef& execution);
  State state();
  State next_state();
  Duration span();
  std::string queue();
  JobId any_job();
  ServerId any_server();
  ExecutionRef any_execution();

  Random random_;
  testing::TestIds ids_;
  const std::shared_ptr<testing::VirtualClock> clock_;
  std::vector<JobId> batches_;
  std::vector<JobId> jobs_;
  std::vector<ServerId> servers_;
  std::vector<ServerId> living_;  // announced and not yet removed
  std::map<ServerId, std::uint64_t> tokens_;
  std::set<ServerId> not_to_repeat_;
  struct Sent {
    Unit unit;
    TimePoint at;
  };
  std::vector<Sent> sent_;

  // What storages answered, added by the operations: operations want something to act upon.
  struct Known {
    std::vector<JobId> jobs;  // created indeed
    std::vector<ExecutionRef> executions;
    std::vector<ExecutionRef> begun;  // news of them were reported
    std::set<ServerId> empty_handed;  // whose last claim took nothing
    void add(const ExecutionRef& execution);
    void add(const Unit& unit);
  };
  const std::shared_ptr<Known> known_ = std::make_shared<Known>();
};

}  // namespace portfire::model_test
