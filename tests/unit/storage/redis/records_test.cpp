// What the scripts store, where this driver has ways of its own: plain creations and ends,
// arguments apart, names of states, logs; and that nothing stays behind.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include <portfire/error.hpp>
#include <portfire/redis.hpp>
#include <portfire/testing/builders.hpp>

#include "support/redis_place.hpp"

namespace portfire::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using testing::ending;
using testing::moving;
using ::testing::SizeIs;
using JobBuilder = testing::JobBuilder;
using UnitBuilder = testing::UnitBuilder;

class Records : public ::testing::Test {
 protected:
  Records() { storage_->coordination().announce(server_); }

  JobStore& jobs() { return storage_->jobs(); }
  Monitoring& monitoring() { return storage_->monitoring(); }

  JobBuilder job(std::string name = "work") { return {ids_.next<JobId>(), std::move(name)}; }
  UnitBuilder unit() { return UnitBuilder{ids_.next<UnitId>()}; }
  // One that says that it was never sent before.
  Unit new_unit(UnitBuilder builder) {
    Unit made = builder;
    made.is_new = true;
    return made;
  }
  CommitResult commit(const Unit& one) { return jobs().commit({&one, 1}).at(0); }
  std::vector<CommitStatus> commit_all(const std::vector<Unit>& units) {
    std::vector<CommitStatus> all;
    for (const CommitResult& result : jobs().commit(units)) all.push_back(result.status);
    return all;
  }
  std::vector<Execution> claim(std::size_t max) {
    return jobs()
        .claim({.server = server_.id, .token = ++token_, .queues = {"default"}, .max = max})
        .executions;
  }

  // What is stored under the prefix, without the prefix.
  [[nodiscard]] std::vector<std::string> keys() const {
    const std::string tag = "{" + place_.prefix() + "}";
    std::istringstream lines{place_.server().execute({"KEYS", tag + "*"})};
    std::vector<std::string> all;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with(tag)) all.push_back(line.substr(tag.size()));
    }
    std::ranges::sort(all);
    return all;
  }

  const RedisPlace place_;
  const std::shared_ptr<TimeOffset> offset_ = std::make_shared<TimeOffset>();
  const std::shared_ptr<Storage> storage_ = open(place_.url(), {.time_offset = offset_});
  testing::TestIds ids_;
  const ServerInfo server_{.id = ServerId{7, 7}, .name = "test", .job_names = {"work"}};
  std::uint64_t token_ = 0;
};

State kept_for(State state, Duration retention) {
  state.retention = retention;
  return state;
}

TEST_F(Records, PlainCreationsSentAgainAreRecognised) {
  const Unit same = new_unit(unit().create(job()).create(job()));
  EXPECT_EQ(commit(same).status, CommitStatus::applied);
  EXPECT_EQ(commit(same).status, CommitStatus::already_applied);
  EXPECT_THAT(claim(10), SizeIs(2));
  EXPECT_EQ(monitoring().statistics().lifetime.at("Created"), 2U);
}

TEST_F(Records, UnitsAroundOneThatWasSentBeforeAreDecidedInTheirOrder) {
  const Unit first = new_unit(unit().create(job()));
  const Unit sent = new_unit(unit().create(job()));
  const Unit last = new_unit(unit().create(job()));
  commit(sent);
  const Unit moves = unit().move(moving(last.jobs[0].id, states::deleted()));
  EXPECT_THAT(commit_all({first, sent, last, moves}),
              ElementsAre(CommitStatus::applied, CommitStatus::already_applied,
                          CommitStatus::applied, CommitStatus::applied));
  EXPECT_EQ(monitoring().job(last.jobs[0].id)->state, "Deleted");
}

TEST_F(Records, TheSamePlainCreationTwiceInOneCallIsMadeOnce) {
  const Unit same = new_unit(unit().create(job()));
  EXPECT_THAT(commit_all({same, same}),
              ElementsAre(CommitStatus::applied, CommitStatus::already_applied));
  EXPECT_THAT(claim(10), SizeIs(1));
}

TEST_F(Records, AUnitIsNeverSplitHoweverLargeItIs) {
  constexpr std::size_t count = 9000;
  UnitBuilder all = unit();
  for (std::size_t made = 0; made < count; ++made) all.create(job());
  const Unit large = new_unit(all);
  EXPECT_EQ(commit(large).status, CommitStatus::applied);
  EXPECT_EQ(commit(large).status, CommitStatus::already_applied);
  EXPECT_EQ(monitoring().statistics().lifetime.at("Created"), count);
  EXPECT_EQ(claim(1).at(0).ref.job, large.jobs[0].id);
  // One that cannot be done as a whole is not done in part.
  UnitBuilder refused = unit();
  for (std::size_t made = 0; made < count; ++made) refused.create(job());
  refused.create(JobBuilder{large.jobs[5].id, "work"});
  EXPECT_EQ(commit(new_unit(refused)).status, CommitStatus::already_applied);
  EXPECT_EQ(monitoring().statistics().lifetime.at("Created"), count);
}

TEST_F(Records, PlainCreationsInAStateOfTheUsersOwnAreToldInFull) {
  const JobBuilder warm = job().state({.name = "Warm", .kind = StateKind::ready});
  commit(new_unit(unit().create(warm)));
  EXPECT_EQ(monitoring().job(warm.id())->state, "Warm");
  const Execution execution = claim(1).at(0);
  EXPECT_EQ(monitoring().statistics().live,
            (std::vector<StateCount>{{"default", "Processing", 1}}));
  commit(unit().move(ending(execution)));
  const JobDetails stored = *monitoring().job(warm.id());
  ASSERT_THAT(stored.history, SizeIs(3));
  EXPECT_EQ(stored.history[0].state, "Warm");
  EXPECT_EQ(stored.history[1].state, "Processing");
}

TEST_F(Records, ResultsAndArgumentsOfAnySizeAreKept) {
  const std::string large = "[\"" + std::string(50'000, 'a') + "\"]";
  const JobBuilder one = job().arguments(large);
  commit(new_unit(unit().create(one)));
  const Execution execution = claim(1).at(0);
  EXPECT_EQ(execution.arguments, large);
  commit(unit().move(ending(execution).result(large).took(1ms, 2ms)));
  EXPECT_EQ(monitoring().job(one.id())->arguments, large);
  EXPECT_EQ(monitoring().job(one.id())->result, large);
  EXPECT_EQ(monitoring().list({}).jobs.at(0).arguments, large);
}

TEST_F(Records, PlainEndsAndOthersInOneCallAreAnsweredEachForItself) {
  const JobBuilder plain = job();
  const JobBuilder with_key = job().unique("k");
  const JobBuilder with_child = job();
  const JobBuilder taken = job();
  commit(unit().create(plain).create(with_key).create(with_child).create(taken));
  const JobBuilder child = job().queue("children").after(with_child.id());
  commit(unit().create(child));
  std::vector<Unit> ends;
  for (const Execution& execution : claim(10)) ends.push_back(unit().move(ending(execution)));
  commit(unit().move(moving(taken.id(), states::deleted())));
  ends.push_back(ends[0]);
  EXPECT_THAT(commit_all(ends),
              ElementsAre(CommitStatus::applied, CommitStatus::applied, CommitStatus::applied,
                          CommitStatus::conflict, CommitStatus::already_applied));
  EXPECT_EQ(monitoring().job(child.id())->state, "Enqueued");
  EXPECT_EQ(monitoring().statistics().lifetime.at("Succeeded"), 3U);
}

TEST_F(Records, AnEndThatIsNotPlainHappensBetweenUnitsThatAreNotEither) {
  const JobBuilder with_key = job().unique("k");
  commit(unit().create(with_key));
  const Execution execution = claim(1).at(0);
  const JobBuilder before = job().unique("before");
  const JobBuilder after = job().unique("k");
  EXPECT_THAT(commit_all({unit().create(before), unit().move(ending(execution)),
                          unit().create(after), new_unit(unit().create(job()))}),
              ElementsAre(CommitStatus::applied, CommitStatus::applied, CommitStatus::applied,
                          CommitStatus::applied));
  EXPECT_EQ(monitoring().job(with_key.id())->state, "Succeeded");
  EXPECT_EQ(monitoring().job(after.id())->unique_key, "k");
  EXPECT_THAT(claim(10), SizeIs(3));
}

TEST_F(Records, OfALogTheLatestLinesAreKeptUnderTheirNumbers) {
  constexpr std::size_t kept = 10'000;
  const JobBuilder one = job();
  commit(unit().create(one));
  Report report{.execution = claim(1).at(0).ref};
  for (std::size_t line = 1; line <= kept + 5; ++line) {
    report.lines.push_back({.text = std::to_string(line), .number = line});
  }
  jobs().report({&report, 1});
  report.lines = {{.text = "the last", .number = kept + 6}};
  jobs().report({&report, 1});
  const std::vector<LogEntry> first = monitoring().log(one.id(), 0, 2);
  ASSERT_THAT(first, SizeIs(2));
  EXPECT_EQ(first[0].text, "7");
  EXPECT_EQ(first[1].number, first[0].number + 1);
  const std::vector<LogEntry> last = monitoring().log(one.id(), first[0].number + kept - 2, 10);
  ASSERT_THAT(last, SizeIs(1));
  EXPECT_EQ(last[0].number, first[0].number + kept - 1);
  EXPECT_EQ(last[0].text, "the last");
}

TEST_F(Records, InstantsAndSpansWithoutEndAreKept) {
  const TimePoint far = *parse_time("9999-12-31T23:59:59Z");
  const JobBuilder late = job().scheduled(far);
  const JobBuilder never = job().scheduled(Duration::max());
  const JobBuilder kept = job().state(kept_for(states::succeeded(), Duration::max()));
  commit(unit().create(late).create(never).create(kept));
  EXPECT_LE(abs(*monitoring().job(late.id())->due_at - far), 32us);
  EXPECT_GT(*monitoring().job(never.id())->due_at, far);
  EXPECT_FALSE(monitoring().job(kept.id())->expires_at);
  EXPECT_EQ(jobs().promote({}).promoted, 0U);
}

TEST_F(Records, NamesThatCannotBeStoredAreRefused) {
  const Unit unusable = unit().create(job().queue(std::string(256, 'q')));
  EXPECT_THROW(commit(unusable), UsageError);
  EXPECT_THAT(claim(1), SizeIs(0));
}

// With its members, whose results are as they were given.
TEST_F(Records, APlainBatchIsToldInFull) {
  constexpr std::size_t count = 2500;
  const JobBuilder before = job();
  commit(new_unit(unit().create(before)));
  const JobBuilder batch = job().as_batch();
  UnitBuilder all = unit().create(batch);
  for (std::size_t made = 0; made < count; ++made) all.create(job().in(batch.id()));
  const Unit same = new_unit(all);
  EXPECT_EQ(commit(same).status, CommitStatus::applied);
  EXPECT_EQ(commit(same).status, CommitStatus::already_applied);
  const JobBuilder late = job().in(batch.id());
  EXPECT_EQ(commit(new_unit(unit().create(late))).status, CommitStatus::applied);
  EXPECT_EQ(monitoring().job(batch.id())->members,
            (MemberCounts{.total = count + 1, .outstanding = count + 1}));
  std::vector<JobId> listed;
  for (const JobSummary& one : monitoring().list({.limit = 10'000}).jobs) listed.push_back(one.id);
  EXPECT_EQ(listed.front(), late.id());
  EXPECT_EQ(listed[listed.size() - 2], batch.id());
  EXPECT_EQ(monitoring().list({.batch = batch.id(), .limit = 10'000}).jobs.size(), count + 1);
  std::vector<Unit> ends;
  for (const Execution& execution : claim(count + 2)) {
    ends.push_back(unit().move(ending(execution).result(ends.size() % 2 == 0 ? "" : "[1]")));
  }
  EXPECT_EQ(ends.size(), count + 2);
  EXPECT_THAT(commit_all(ends), ::testing::Each(CommitStatus::applied));
  EXPECT_EQ(monitoring().job(batch.id())->state, "BatchSucceeded");
  EXPECT_EQ(monitoring().job(batch.id())->members,
            (MemberCounts{.total = count + 1, .outstanding = 0, .succeeded = count + 1}));
  EXPECT_EQ(monitoring().job(same.jobs[1].id)->result, "[1]");
  EXPECT_EQ(monitoring().job(same.jobs[1].id)->batch, batch.id());
  EXPECT_EQ(commit(new_unit(unit().create(job().in(batch.id())))).status, CommitStatus::applied);
  EXPECT_EQ(monitoring().job(batch.id())->state, "BatchStarted");
}

TEST_F(Records, APlainMemberOfNoBatchIsRejectedAlone) {
  const JobBuilder lost = job().in(ids_.next<JobId>());
  EXPECT_THAT(commit_all({new_unit(unit().create(job())), new_unit(unit().create(lost)),
                          new_unit(unit().create(job()))}),
              ElementsAre(CommitStatus::applied, CommitStatus::rejected, CommitStatus::applied));
}

// What is let go when others expire enters the chunk that is being looked through.
TEST_F(Records, WhatEntersTheStateOfThoseThatExpireExpiresAsWell) {
  State failed = kept_for(states::failed(), 1h);
  const JobBuilder parent = job().state(failed);
  const JobBuilder child = job().after(parent.id()).when_unmet(failed);
  commit(unit().create(parent).create(child));
  for (int round = 0; round < 2; ++round) {
    offset_->advance(2h);
    EXPECT_EQ(jobs().expire(10).removed, 1U);
  }
}

TEST_F(Records, NothingStaysBehindOfBatchesAndTheirMembers) {
  for (const bool members_last : {true, false}) {
    const JobBuilder outer = job().as_batch();
    const JobBuilder inner = job().as_batch().in(outer.id());
    UnitBuilder all = unit().create(outer).create(inner);
    const State over = kept_for(states::succeeded(), members_last ? 24h * 30 : 1h);
    for (int made = 0; made < 100; ++made) all.create(job().in(inner.id()).state(over));
    all.create(job().in(outer.id()).scheduled(1h));
    commit(all);
    commit(unit().move(moving(outer.id(), kept_for(states::deleted(), 2h))));
    while (jobs().promote({.max = 10}).next_due_in == Duration::zero()) {
    }
    for (int round = 0; round < 3; ++round) {
      offset_->advance(24h * 15);
      while (jobs().expire(50).more) {
      }
    }
    storage_->coordination().remove(server_.id);
    EXPECT_THAT(keys(), ElementsAre("", ":lifetime"));
  }
}

TEST_F(Records, ArgumentsThatStandApartAreReplacedWithAllElse) {
  const auto replacing = [&](const std::string& arguments) {
    return job().arguments(arguments).unique("k", OnDuplicate::replace).parameter("a", "1");
  };
  const auto apart = [](const std::string& name) { return name.starts_with('a'); };
  const std::string large = "[\"" + std::string(5000, 'a') + "\"]";
  const JobBuilder holder = replacing("[1]");
  commit(unit().create(holder));
  for (const std::string& arguments : {large, std::string{"[2]"}, large, "[3]" + large}) {
    commit(unit().create(replacing(arguments)));
    EXPECT_EQ(monitoring().job(holder.id())->arguments, arguments);
    EXPECT_EQ(std::ranges::count_if(keys(), apart), arguments.size() > 1000 ? 1 : 0);
  }
  commit_all({unit().create(replacing("[4]")).create(replacing(large)),
              unit().create(replacing("[5]")), unit().create(replacing("[6]" + large))});
  EXPECT_EQ(claim(10).at(0).arguments, "[6]" + large);
}

// However those who stand in line leave it.
TEST_F(Records, NothingStaysBehindOfLimits) {
  const State over = kept_for(states::succeeded(), 1h);
  const auto limits = [&] {
    std::vector<std::string> found = keys();
    std::erase_if(found, [](const std::string& name) {
      return !name.starts_with(":limits") && !name.starts_with(":line:");
    });
    return found;
  };
  const JobBuilder batch = job().as_batch().state(states::awaiting());
  UnitBuilder all = unit().create(batch);
  std::vector<JobId> ids;
  for (int made = 0; made < 30; ++made) {
    JobBuilder one = job().limited(made % 2 == 0 ? "even" : "odd", 2);
    if (made % 5 == 0) one.in(batch.id());
    if (made % 7 == 0) one.unique("k" + std::to_string(made));
    ids.push_back(one.id());
    all.create(one);
  }
  commit(all);
  EXPECT_THAT(limits(), ElementsAre(":limits", ":line:even", ":line:odd"));
  commit(unit().create(job().unique("k7", OnDuplicate::replace)));
  commit(unit().create(job().unique("k14", OnDuplicate::replace).state(over)));
  commit(unit().move(moving(ids[20], kept_for(states::deleted(), 1h))));
  commit(unit().move(moving(batch.id(), kept_for(states::deleted(), 1h))));
  while (jobs().promote({.max = 10}).next_due_in == Duration::zero()) {
  }
  for (auto taken = claim(10); !taken.empty(); taken = claim(10)) {
    EXPECT_LE(taken.size(), 4U);
    std::vector<Unit> ends;
    for (const Execution& execution : taken) {
      ends.push_back(unit().move(ending(execution, over)));
    }
    commit_all(ends);
  }
  EXPECT_THAT(limits(), ElementsAre());
  EXPECT_EQ(monitoring().statistics().live.size(), 2U) << "all have ended";
  offset_->advance(2h);
  while (jobs().expire(50).more) {
  }
  offset_->advance(33 * 24h);
  jobs().expire(1);
  storage_->coordination().remove(server_.id);
  EXPECT_THAT(keys(), ElementsAre("", ":lifetime"));
}

TEST_F(Records, NothingStaysBehindOfJobsThatHaveExpired) {
  const Duration retention = 2h;
  const State failed = kept_for(states::failed("badly", R"({"error":1})"), retention);
  const State over = kept_for(states::succeeded(), retention);
  UnitBuilder all = unit();
  for (int made = 0; made < 100; ++made) all.create(job());
  const JobBuilder parent = job().arguments("[\"" + std::string(5000, 'a') + "\"]");
  all.create(parent);
  all.create(job().unique("state").after(parent.id(), Condition::finished).when_met(over));
  all.create(job().after(parent.id(), Condition::failed).when_unmet(over));
  all.create(job().unique("window").held_for(1h).parameter("a", "1").state(failed));
  all.create(job().scheduled(1h).instead_of(states::enqueued()));
  all.create(job("rare"));
  commit(all);
  // Through retries, reports, a lane of its own, a crash and a job taken away.
  const auto executions = claim(200);
  for (std::size_t at = 0; at < executions.size(); ++at) {
    const Execution& execution = executions[at];
    const Report report{.execution = execution.ref, .progress = 0.5, .lines = {{.text = "line"}}};
    if (at % 3 == 0) jobs().report({&report, 1});
    if (execution.name == "rare") {
      const Released back{execution.ref, ReleaseReason::no_handler};
      jobs().release({&back, 1});
    } else if (at % 7 == 1) {
      commit(unit().move(ending(execution, states::scheduled(1min)).attempt(1)));
    } else if (at % 7 == 2) {
      commit(unit().move(moving(execution.ref.job, kept_for(states::deleted(), retention))));
    } else if (at % 7 != 3) {
      commit(unit().move(ending(execution, at % 7 == 4 ? failed : over).result("1")));
    }
  }
  jobs().reclaim({.servers = {server_.id}, .by = ServerId{8, 8}});
  offset_->advance(1h);
  jobs().promote({});
  storage_->coordination().announce({.id = ServerId{9, 9}, .job_names = {"work", "rare"}});
  std::uint64_t token = 0;
  for (;;) {
    const auto rest = jobs().claim(
        {.server = ServerId{9, 9}, .token = ++token, .queues = {"default"}, .max = 100});
    if (rest.executions.empty()) break;
    for (const Execution& execution : rest.executions) {
      commit(unit().move(ending(execution, over)));
    }
  }
  storage_->coordination().remove(ServerId{9, 9});
  EXPECT_GT(keys().size(), 100U);
  for (int round = 0; round < 3; ++round) {
    offset_->advance(retention);
    while (jobs().expire(50).more) {
    }
  }
  EXPECT_THAT(keys(), ElementsAre("", ":hours", ":lifetime"));
  EXPECT_TRUE(monitoring().list({}).jobs.empty());
  offset_->advance(33 * 24h);
  jobs().expire(1);
  EXPECT_THAT(keys(), ElementsAre("", ":lifetime"));
}

}  // namespace
}  // namespace portfire::redis
