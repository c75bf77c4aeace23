#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/error.hpp>
#include <portfire/testing/builders.hpp>

#include "fault_cases/place.hpp"
#include "support/cuts.hpp"

namespace portfire::faults {

using namespace std::chrono_literals;

// Verbs, with the network cut at every place of what they send and receive.
class CutVerbs : public ::testing::Test {
 protected:
  void SetUp() override { announce(server_); }

  // Both ways, on a connection that is there and on new ones.
  template <class Body>
  void cut_everywhere(Body body) {
    using Way = TcpGate::Way;
    TcpGate& gate = place_->gate();
    for (const bool is_new : {false, true}) {
      const CutSteps steps = place_->cut_steps(is_new);
      const auto cut = [&](Way way, std::size_t step) {
        EXPECT_GE(cut_further_and_further(gate, way, is_new, step, body), 2U);
      };
      cut(Way::to_server, steps.to_server);
      cut(Way::to_client, steps.to_client);
    }
  }

  void announce(ServerId server) {
    near_->coordination().announce(
        {.id = server, .name = "test", .queues = {"default"}, .job_names = {"work"}, .lease = 1h});
  }
  testing::JobBuilder job() { return {ids_.next<JobId>(), "work"}; }
  testing::UnitBuilder unit() { return testing::UnitBuilder{ids_.next<UnitId>()}; }
  static CommitResult commit(Storage& storage, const Unit& unit) {
    return storage.jobs().commit({&unit, 1}).front();
  }
  Execution claimed(ServerId server) {
    auto result = near_->jobs().claim({server, ++token_, {"default"}, 1});
    EXPECT_THAT(result.executions, ::testing::SizeIs(1));
    return result.executions.at(0);
  }
  Execution new_execution() {
    commit(*near_, unit().create(job()));
    return claimed(server_);
  }
  std::string state_of(JobId job) {
    const auto found = near_->monitoring().job(job);
    return found ? found->state : "(none)";
  }
  std::uint64_t ever(const std::string& state) {
    const auto numbers = near_->monitoring().statistics().lifetime;
    const auto found = numbers.find(state);
    return found != numbers.end() ? found->second : 0;
  }
  // For verbs that are not repeated by themselves when nobody knows whether they were done. How
  // often that was so.
  template <class Body>
  int until_known(Body body) {
    for (int losses = 0;; ++losses) {
      try {
        body();
        return losses;
      } catch (const StorageError& error) {
        if (!error.connection_lost()) throw;
      }
    }
  }

  const std::unique_ptr<Place> place_ = Place::make();
  const std::shared_ptr<Storage> near_ = place_->open({.listens = false});
  const std::shared_ptr<Storage> far_ =
      place_->open_through_gate({.listens = false, .max_connections = 1});
  testing::TestIds ids_;
  const ServerId server_ = ids_.next<ServerId>();
  std::uint64_t token_ = 0;
};

}  // namespace portfire::faults
