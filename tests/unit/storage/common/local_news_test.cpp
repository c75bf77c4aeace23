#include "storage/common/local_news.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <portfire/testing/builders.hpp>

namespace portfire {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using testing::JobBuilder;
using testing::moving;
using testing::UnitBuilder;

class LocalNewsTest : public ::testing::Test {
 protected:
  // Which of the topics are told when this has become of the unit.
  std::vector<std::string> told(const Unit& unit, CommitResult result,
                                const std::vector<std::string>& topics) {
    std::vector<std::unique_ptr<Subscription>> subscriptions;
    for (const std::string& topic : topics) subscriptions.push_back(hub_.subscribe({topic}));
    tell_here(hub_, {&unit, 1}, {&result, 1});
    std::vector<std::string> all;
    for (std::size_t i = 0; i < topics.size(); ++i) {
      if (subscriptions[i]->wait_until(SteadyPoint{}, {})) all.push_back(topics[i]);
    }
    return all;
  }
  UnitBuilder unit() { return UnitBuilder{ids_.next<UnitId>()}; }
  JobBuilder job() { return {ids_.next<JobId>(), "work"}; }

  testing::TestIds ids_;
  WakeupHub hub_{thread_runtime()};
};

TEST_F(LocalNewsTest, NewJobsAreToldOfInTheirQueues) {
  const std::vector<std::string> topics{"queue/default", "queue/mail", "queue/other", "due"};
  EXPECT_THAT(told(unit().create(job()).create(job().queue("mail")), {}, topics),
              ElementsAre("queue/default", "queue/mail"));
  EXPECT_THAT(told(unit().create(job().scheduled(1h)), {}, topics), ElementsAre("due"));
}

TEST_F(LocalNewsTest, JobsThatCameToRestAreToldOf) {
  const JobId id = ids_.next<JobId>();
  const std::vector<std::string> topics{topics::job(id), topics::job(ids_.next<JobId>())};
  EXPECT_THAT(told(unit().move(moving(id, states::succeeded())), {}, topics),
              ElementsAre(topics::job(id)));
  EXPECT_THAT(told(unit().move(moving(id, states::enqueued())), {}, topics), IsEmpty());
}

TEST_F(LocalNewsTest, WhatAnEarlierCallDidIsToldAndWhatWasRefusedIsNot) {
  const std::vector<std::string> topics{"queue/default"};
  const Unit one = unit().create(job());
  EXPECT_THAT(told(one, {.status = CommitStatus::already_applied}, topics),
              ElementsAre("queue/default"));
  EXPECT_THAT(told(one, {.status = CommitStatus::conflict}, topics), IsEmpty());
  EXPECT_THAT(told(one, {.status = CommitStatus::rejected}, topics), IsEmpty());
}

}  // namespace
}  // namespace portfire
