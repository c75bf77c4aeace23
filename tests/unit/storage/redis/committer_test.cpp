// Whose commits travel together, and that nobody's trouble is another's.

#include "storage/redis/committer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <memory>
#include <semaphore>
#include <string>
#include <thread>
#include <vector>

#include <portfire/error.hpp>
#include <portfire/redis.hpp>
#include <portfire/testing/builders.hpp>

#include "unit/storage/redis/installation.hpp"
#include "unit/storage/redis/watched_gateway.hpp"

namespace portfire::redis {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using testing::JobBuilder;
using testing::UnitBuilder;

constexpr Scene scene{"here", "commit"};

class CommitterTest : public ::testing::Test {
 protected:
  // What became of a caller's units.
  struct Outcome {
    std::vector<CommitStatus> statuses;
    std::string error;
    bool connection_lost = false;
  };

  Unit creation(const std::string& queue = "default") {
    Unit unit = UnitBuilder{ids_.next<UnitId>()}.create(
        JobBuilder{ids_.next<JobId>(), "work"}.queue(queue));
    unit.is_new = true;
    return unit;
  }

  Outcome commit(const std::vector<Unit>& units) {
    Outcome outcome;
    try {
      for (const CommitResult& result : committer_.commit(units)) {
        outcome.statuses.push_back(result.status);
      }
    } catch (const StorageError& error) {
      outcome.error = error.what();
      outcome.connection_lost = error.connection_lost();
    } catch (const UsageError& error) {
      outcome.error = error.what();
    }
    return outcome;
  }

  // Each by a thread of its own, while as many calls of others are under way as there may be: they
  // travel together in the third.
  std::vector<Outcome> commit_together(const std::vector<std::vector<Unit>>& all) {
    constexpr int others = 2;
    std::counting_semaphore<> reached{0};
    std::latch may_go_on{1};
    const auto fate = gateway_.before;
    gateway_.before = [&, fate](int number) {
      if (number <= others) {
        reached.release();
        may_go_on.wait();
      }
      fate(number);
    };
    std::vector<Outcome> outcomes(all.size());
    std::vector<std::jthread> callers;
    for (int i = 0; i < others; ++i) {
      callers.emplace_back([&, one = creation()] { commit({one}); });
      reached.acquire();
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      callers.emplace_back([&, i] { outcomes[i] = commit(all[i]); });
      while (committer_.waiting() < i + 1) std::this_thread::yield();
    }
    may_go_on.count_down();
    callers.clear();
    return outcomes;
  }

  std::uint64_t created() { return storage_->monitoring().statistics().lifetime.at("Created"); }

  const RedisPlace place_;
  const std::shared_ptr<Storage> storage_ = open(place_.url());
  const Door door_{place_.url()};
  WatchedGateway gateway_{*door_.gateway};
  Committer committer_{door_.settings, gateway_};
  testing::TestIds ids_;
};

constexpr auto applied = CommitStatus::applied;
constexpr auto already_applied = CommitStatus::already_applied;

TEST_F(CommitterTest, WhatGathersMeanwhileIsOneCall) {
  const auto outcomes = commit_together({{creation()}, {creation(), creation("other")}});
  EXPECT_THAT(outcomes[0].statuses, ElementsAre(applied));
  EXPECT_THAT(outcomes[1].statuses, ElementsAre(applied, applied));
  EXPECT_EQ(gateway_.calls, 3);
  EXPECT_EQ(created(), 5U);
}

TEST_F(CommitterTest, EachIsAnsweredForItsOwnUnits) {
  const Unit sent = creation();
  commit({sent});
  gateway_.calls = 0;
  const auto outcomes = commit_together({{creation()}, {creation(), sent}, {creation()}});
  EXPECT_THAT(outcomes[0].statuses, ElementsAre(applied));
  EXPECT_THAT(outcomes[1].statuses, ElementsAre(applied, already_applied));
  EXPECT_THAT(outcomes[2].statuses, ElementsAre(applied));
  EXPECT_EQ(created(), 6U);
}

TEST_F(CommitterTest, ALargeCommitWaitsForNobody) {
  std::vector<Unit> many;
  for (int i = 0; i < 200; ++i) many.push_back(creation());
  std::promise<void> reached;
  std::promise<void> may_go_on;
  gateway_.before = [&](int number) {
    if (number != 1) return;
    reached.set_value();
    may_go_on.get_future().wait();
  };
  std::jthread small{[&] { commit({creation()}); }};
  reached.get_future().wait();
  EXPECT_THAT(commit(many).statuses, Each(applied));
  may_go_on.set_value();
}

TEST_F(CommitterTest, WhatCannotBeStoredIsItsCallersTroubleAlone) {
  const auto outcomes =
      commit_together({{creation()}, {creation(std::string(300, 'q'))}, {creation()}});
  EXPECT_THAT(outcomes[0].statuses, ElementsAre(applied));
  EXPECT_THAT(outcomes[1].error, ::testing::HasSubstr("at most 255"));
  EXPECT_THAT(outcomes[2].statuses, ElementsAre(applied));
  EXPECT_EQ(created(), 4U);
}

TEST_F(CommitterTest, WhatTheServerRefusesOfAllIsTriedForEach) {
  gateway_.before = [](int number) {
    if (number == 3 || number == 5) throw_error_reply(scene, "OOM command not allowed");
  };
  const auto outcomes = commit_together({{creation()}, {creation()}, {creation()}});
  EXPECT_THAT(outcomes[0].statuses, ElementsAre(applied));
  EXPECT_THAT(outcomes[1].error, ::testing::HasSubstr("memory is full"));
  EXPECT_THAT(outcomes[2].statuses, ElementsAre(applied));
}

TEST_F(CommitterTest, AFullMemoryRefusesNewJobsAndNothingElse) {
  const Unit one = creation();
  const Unit two = creation();
  storage_->jobs().commit(std::vector{one, two});
  const auto removal_of = [&](const Unit& unit) -> Unit {
    return UnitBuilder{ids_.next<UnitId>()}.move(
        testing::moving(unit.jobs[0].id, states::deleted()));
  };
  const auto limit_memory = [&](const std::string& bytes) {
    place_.server().execute({"CONFIG", "SET", "maxmemory", bytes});
  };
  std::latch others_are_done{2};
  gateway_.after = [&](int number) {
    if (number <= 2) others_are_done.count_down();
  };
  gateway_.before = [&](int number) {
    if (number != 3) return;
    others_are_done.wait();
    limit_memory("1");
  };
  const auto outcomes = commit_together({{removal_of(one)}, {creation()}, {removal_of(two)}});
  limit_memory("0");
  EXPECT_THAT(outcomes[0].statuses, ElementsAre(applied));
  EXPECT_THAT(outcomes[1].error, ::testing::HasSubstr("memory is full"));
  EXPECT_THAT(outcomes[2].statuses, ElementsAre(applied));
  EXPECT_EQ(created(), 4U);
}

TEST_F(CommitterTest, AServerThatIsGoneIsGoneForAll) {
  gateway_.before = [](int number) {
    if (number == 3) throw_no_master(scene, "nobody there");
  };
  const auto outcomes = commit_together({{creation()}, {creation()}});
  for (const Outcome& outcome : outcomes) {
    EXPECT_THAT(outcome.error, ::testing::HasSubstr("nobody there"));
    EXPECT_FALSE(outcome.connection_lost);
  }
  EXPECT_EQ(gateway_.calls, 3);
}

TEST_F(CommitterTest, AfterALostAnswerAllIsSentAgainAndRecognised) {
  gateway_.after = [](int number) {
    if (number != 3) return;
    throw_stream_error(scene, {}, {StreamError::Kind::lost, "cut"}, Sent::perhaps);
  };
  const auto outcomes = commit_together({{creation()}, {creation()}});
  EXPECT_THAT(outcomes[0].statuses, ElementsAre(already_applied));
  EXPECT_THAT(outcomes[1].statuses, ElementsAre(already_applied));
  EXPECT_EQ(created(), 4U);
}

}  // namespace
}  // namespace portfire::redis
