#pragma once

// The fixture of tests that look at the tables behind the verbs: an installation, a storage whose
// time is moved by hand, one server, and short words for what they do.

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <portfire/testing/builders.hpp>

#include "unit/storage/postgresql/blocker.hpp"
#include "unit/storage/postgresql/installation.hpp"

namespace portfire::postgresql {

class OneServer : public ::testing::Test {
 protected:
  OneServer() {
    storage_->coordination().announce({.id = server_, .name = "test", .job_names = {"work"}});
  }

  JobStore& jobs() { return storage_->jobs(); }
  testing::JobBuilder job() { return {ids_.next<JobId>(), "work"}; }
  testing::UnitBuilder unit() { return testing::UnitBuilder{ids_.next<UnitId>()}; }
  CommitResult commit(const Unit& unit) { return jobs().commit({&unit, 1}).front(); }
  // It must be possible.
  JobId create(const testing::JobBuilder& job) {
    EXPECT_EQ(commit(unit().create(job)).status, CommitStatus::applied);
    return job.id();
  }
  void move(JobId id, const State& state) {
    EXPECT_EQ(commit(unit().move(testing::moving(id, state))).status, CommitStatus::applied);
  }
  std::vector<Execution> claim(std::size_t max = 10) {
    return jobs().claim({server_, ++token_, {"default"}, max}).executions;
  }
  // Claims so many; the units that end them.
  std::vector<Unit> ends(std::size_t max) {
    std::vector<Unit> units;
    for (const Execution& execution : claim(max)) {
      units.push_back(unit().move(testing::ending(execution)));
    }
    return units;
  }

  std::string state_of(JobId id) { return storage_->monitoring().job(id)->state; }
  // Rows of a table.
  std::string count(const std::string& table) {
    return installation_.execute("SELECT count(*) FROM :schema." + table);
  }
  // Lets the retention of everything pass, and removes it: one day's jobs at each look.
  void expire_everything() {
    offset_->advance(default_batch_retention + std::chrono::hours{72});
    for (int look = 0; look < 5; ++look) {
      offset_->advance(std::chrono::minutes{2});
      jobs().expire(1000);
    }
  }
  // Somebody else's transaction, which is open until this is gone.
  [[nodiscard]] Blocker somebody(const std::string& statement) const {
    return Blocker{"SET search_path = " + installation_.schema() + ";" + statement};
  }

  const Installation installation_;
  testing::TestIds ids_;
  const std::shared_ptr<TimeOffset> offset_ = std::make_shared<TimeOffset>();
  const std::shared_ptr<Storage> storage_ = installation_.open({.time_offset = offset_});
  const ServerId server_ = ids_.next<ServerId>();
  std::uint64_t token_ = 0;
};

}  // namespace portfire::postgresql
