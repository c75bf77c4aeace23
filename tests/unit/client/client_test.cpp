#include <portfire/client.hpp>

#include <stop_token>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/display.hpp>
#include <portfire/memory.hpp>
#include <portfire/testing/faulty_storage.hpp>

#include "unit/server/hooked_storage.hpp"

namespace portfire {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Job<void(int)> work{"work"};
constexpr Job<void(std::string, int)> mail{"mail", {.queue = "mail", .priority = 5}};

class ClientTest : public ::testing::Test {
 protected:
  JobDetails details(JobId id) { return client_.find(id).value(); }
  // Takes the first ready job, as a server would.
  Execution claim(const std::string& queue = "default") {
    const ServerId server{1, 1};
    storage_->coordination().announce({.id = server, .name = "test", .job_names = {"work"}});
    auto result =
        storage_->jobs().claim({.server = server, .token = ++token_, .queues = {queue}, .max = 1});
    return result.executions.at(0);
  }
  void finish(const Execution& execution, State state, std::string result = {}) {
    Unit unit{.id = UnitId{9, ++token_}};
    unit.transitions.push_back({.job = execution.ref.job,
                                .epoch = execution.ref.epoch,
                                .state = std::move(state),
                                .result = std::move(result)});
    ASSERT_TRUE(storage_->jobs().commit({&unit, 1}).front().done());
  }
  std::uint64_t created() { return storage_->monitoring().statistics().lifetime["Created"]; }

  const std::shared_ptr<Storage> storage_ = memory::open();
  Client client_{storage_, {.log = silent_sink()}};
  std::uint64_t token_ = 0;
};

template <class Call>
std::string usage_error(Call call) {
  try {
    call();
  } catch (const UsageError& error) {
    return error.what();
  }
  return "accepted";
}

TEST_F(ClientTest, AJobIsStoredWithTheDefaultsOfItsKind) {
  const JobDetails job = details(client_.enqueue(mail, "ann@example.com", 7));
  EXPECT_EQ(job.name, "mail");
  EXPECT_EQ(job.queue, "mail");
  EXPECT_EQ(job.priority, 5);
  EXPECT_EQ(job.arguments, R"(["ann@example.com",7])");
  EXPECT_EQ(job.state, "Enqueued");
  EXPECT_TRUE(job.parameters.empty());
}

TEST_F(ClientTest, ACallMaySayOtherwise) {
  const JobDetails job = details(client_
                                     .with({.queue = "fast",
                                            .priority = -7,
                                            .unique = {"key"},
                                            .attempts = 2,
                                            .timeout = 5s,
                                            .retention = 1h,
                                            .parameters = {{"tenant", "acme"}}})
                                     .enqueue(mail, "x", 1));
  EXPECT_EQ(job.queue, "fast");
  EXPECT_EQ(job.priority, -7);
  EXPECT_EQ(job.unique_key, "key");
  EXPECT_EQ(job.parameters,
            (std::map<std::string, std::string>{{"portfire.attempts", "2"},
                                                {"portfire.retention_us", "3600000000"},
                                                {"portfire.timeout_us", "5000000"},
                                                {"tenant", "\"acme\""}}));
}

TEST_F(ClientTest, ArgumentsGivenAsTextKeepEveryDigit) {
  const JobId id = client_.enqueue_raw(
      "work",
      "\xEF\xBB\xBF [123456789012345678901234567890,\t0.10, \n{\"a \\\" b\\\\\" : \" c \"}]\r");
  EXPECT_EQ(details(id).arguments, R"([123456789012345678901234567890,0.10,{"a \" b\\":" c "}])");
}

TEST_F(ClientTest, WhatIsWrongWithACallIsSaidBeforeAnythingIsStored) {
  const auto with = [&](CallOptions options) {
    return usage_error([&] { client_.with(std::move(options)).enqueue(work, 1); });
  };
  EXPECT_THAT(with({.queue = "No Good"}), HasSubstr("queue is \"No Good\"; a queue name is"));
  EXPECT_EQ(with({.priority = 101}), "priority is \"101\"; it must be from -100 to 100");
  EXPECT_THAT(with({.attempts = -1}), HasSubstr("attempts is \"-1\""));
  EXPECT_THAT(with({.timeout = Duration{-1}}), HasSubstr("timeout is"));
  EXPECT_THAT(with({.retention = Duration{-1}}), HasSubstr("retention is"));
  EXPECT_THAT(with({.unique = {std::string(201, 'k')}}), HasSubstr("at most 200 bytes"));
  EXPECT_THAT(with({.unique = {.key = "k", .window = Duration{-1}}}), HasSubstr("unique window"));
  EXPECT_THAT(with({.parameters = {{"portfire.attempts", 1}}}), HasSubstr("reserved"));
  EXPECT_THAT(with({.parameters = {{"", 1}}}), HasSubstr("must not be empty"));
  EXPECT_THAT(with({.parameters = {{"p", "\xFF"}}}), HasSubstr("parameter p"));
  EXPECT_THAT(usage_error([&] { client_.enqueue_raw("", "[]"); }), HasSubstr("job name is \"\""));
  EXPECT_THAT(usage_error([&] { client_.enqueue_raw("x", "{}"); }),
              HasSubstr("must be a JSON array"));
  EXPECT_THAT(usage_error([&] { client_.enqueue_raw("x", "[1"); }), HasSubstr("are not JSON"));
  EXPECT_THAT(usage_error([&] { client_.continue_with(work, Parents{std::vector<JobId>{}}, 1); }),
              HasSubstr("at least one parent"));
  EXPECT_THAT(usage_error([&] { client_.schedule_raw("x", "[]", {"Run", StateKind::running}); }),
              HasSubstr("only a server's claim makes a job run"));
  EXPECT_THAT(usage_error([&] { client_.schedule_raw("x", "[]", states::awaiting()); }),
              HasSubstr("at least one parent"));
  EXPECT_EQ(created(), 0U);
}

TEST_F(ClientTest, OptionsOutOfRangeAreRefusedAtConstruction) {
  EXPECT_THAT(usage_error([&] { Client{nullptr}; }), HasSubstr("null pointer"));
  EXPECT_THAT(usage_error([&] { Client{storage_, {.resends = 101}}; }),
              HasSubstr("ClientOptions::resends is \"101\"; it must be from 0 to 100"));
  EXPECT_THAT(usage_error([&] { Client{storage_, {.retention = Duration{-1}}}; }),
              HasSubstr("ClientOptions::retention"));
  EXPECT_THAT(usage_error([&] { Client{storage_, {.filters = {nullptr}}}; }),
              HasSubstr("null pointer"));
}

TEST_F(ClientTest, AUniqueKeyRejectsOrAnswersWithItsHolder) {
  const Creation first = client_.with({.unique = {"k"}}).enqueue(work, 1);
  const Creation second = client_.with({.unique = {"k"}}).enqueue(work, 2);
  EXPECT_EQ(second.status, Creation::Status::rejected);
  EXPECT_FALSE(JobId{second});
  EXPECT_EQ(second.holder, first.id);
  EXPECT_THAT(second.reason, HasSubstr("the unique key \"k\" is held by job"));
  const Creation third =
      client_.with({.unique = {"k", OnDuplicate::use_existing}}).enqueue(work, 3);
  EXPECT_EQ(third.status, Creation::Status::existing);
  EXPECT_EQ(third.id, first.id);
  client_.delete_job(first);
  EXPECT_TRUE(client_.with({.unique = {"k"}}).enqueue(work, 4).created());
}

TEST_F(ClientTest, ALaterCallMayReplaceTheHolderOfItsKey) {
  const Creation first = client_.with({.unique = debounced("k")}).enqueue(work, 1);
  const Creation second = client_.with({.unique = debounced("k")}).schedule(work, 1h, 2);
  EXPECT_EQ(second.status, Creation::Status::replaced);
  EXPECT_EQ(second.id, first.id);
  EXPECT_FALSE(second.created());
  EXPECT_EQ(details(first).arguments, "[2]");
  EXPECT_EQ(details(first).state, "Scheduled");
  const Creation other = client_.with({.unique = debounced("k")}).enqueue(mail, "a", 1);
  EXPECT_EQ(other.status, Creation::Status::rejected);
  EXPECT_THAT(other.reason, HasSubstr("cannot be replaced"));
}

TEST_F(ClientTest, TagsAndDisplayNamesTravelAsParameters) {
  const JobId id =
      client_.with({.tags = {"red", "blue"}, .display_name = "Work on {0}"}).enqueue(work, 7);
  EXPECT_EQ(tags(details(id)), (std::vector<std::string>{"red", "blue"}));
  EXPECT_EQ(display_name(details(id)), "Work on 7");
  EXPECT_THAT(usage_error([&] { client_.with({.tags = {""}}).enqueue(work, 1); }),
              HasSubstr("tag is \"\"; it must not be empty"));
  const std::vector<std::string> many(21, "t");
  EXPECT_THAT(usage_error([&] { client_.with({.tags = many}).enqueue(work, 1); }),
              HasSubstr("21 tags; at most 20"));
}

TEST_F(ClientTest, BulkIsAllOrNothingUnlessAskedPerJob) {
  client_.with({.unique = {"2"}}).enqueue(work, 2);
  const auto key = [](int n) { return CallOptions{.unique = {std::to_string(n)}}; };
  const std::vector<int> calls = {1, 2, 3};
  const auto all = client_.enqueue_all(work, calls, key);
  EXPECT_EQ(created(), 1U);
  EXPECT_EQ(all[0].reason, "another job of the same call was rejected");
  EXPECT_THAT(all[1].reason, HasSubstr("\"2\" is held"));
  const auto each = client_.enqueue_all(work, calls, key, Bulk::each);
  EXPECT_TRUE(each[0].created());
  EXPECT_FALSE(each[1].created());
  EXPECT_TRUE(each[2].created());
  EXPECT_EQ(created(), 3U);
  EXPECT_TRUE(client_.enqueue_all(work, std::vector<int>{}).empty());
}

TEST_F(ClientTest, BulkTakesTuplesAndKeepsTheOrder) {
  const std::vector<std::tuple<std::string, int>> calls = {{"a", 1}, {"b", 2}};
  const auto jobs = client_.enqueue_all(mail, calls);
  EXPECT_EQ(details(jobs[0]).arguments, R"(["a",1])");
  EXPECT_EQ(details(jobs[1]).arguments, R"(["b",2])");
  EXPECT_EQ(claim("mail").ref.job, jobs[0].id);
}

TEST_F(ClientTest, AMissingParentRejectsTheCreation) {
  const Creation child = client_.continue_with(work, JobId{4, 2}, 1);
  EXPECT_EQ(child.status, Creation::Status::rejected);
  EXPECT_THAT(child.reason, HasSubstr("does not exist"));
}

TEST_F(ClientTest, ChangesByHandAreGuardedByTheState) {
  const JobId id = client_.enqueue(work, 1);
  const Change refused = client_.delete_job(id, {.from = "Failed"});
  EXPECT_EQ(refused.status, Change::Status::state_mismatch);
  EXPECT_EQ(refused.state, "Enqueued");
  EXPECT_TRUE(client_.reschedule(id, 1h, {.from = "Enqueued", .reason = "not now"}));
  EXPECT_EQ(details(id).state, "Scheduled");
  EXPECT_EQ(details(id).reason, "not now");
  EXPECT_TRUE(client_.requeue(id, {.from = "Scheduled"}));
  EXPECT_TRUE(client_.change_state(id, {"Archived", StateKind::final, Ending::other}));
  EXPECT_EQ(details(id).state, "Archived");
  EXPECT_TRUE(client_.delete_job(id));
  EXPECT_EQ(client_.delete_job(JobId{4, 2}).status, Change::Status::not_found);
  EXPECT_EQ(client_.delete_job(JobId{4, 2}, {.from = "Failed"}).status, Change::Status::not_found);
  EXPECT_THROW(client_.change_state(id, {"Run", StateKind::running}), UsageError);
  EXPECT_THROW(client_.change_state(id, {"", StateKind::final}), UsageError);
}

TEST_F(ClientTest, ManyAreChangedAtOnceEachByItself) {
  const std::vector<JobId> ids{client_.enqueue(work, 1), JobId{4, 2}, client_.enqueue(work, 3)};
  client_.delete_job(ids[2]);
  const auto deleted = client_.delete_all(ids, {.from = "Enqueued", .reason = "a mistake"});
  ASSERT_EQ(deleted.size(), 3U);
  EXPECT_TRUE(deleted[0]);
  EXPECT_EQ(deleted[0].state, "Deleted");
  EXPECT_EQ(deleted[1].status, Change::Status::not_found);
  EXPECT_EQ(deleted[2].status, Change::Status::state_mismatch);
  EXPECT_EQ(details(ids[0]).reason, "a mistake");
  EXPECT_TRUE(client_.reschedule_all({ids[0], ids[2]}, 1h)[1]);
  EXPECT_EQ(details(ids[2]).state, "Scheduled");
  EXPECT_TRUE(client_.requeue_all({ids[0]}).front());
  EXPECT_EQ(details(ids[0]).state, "Enqueued");
  EXPECT_TRUE(client_.requeue_all({}).empty());
}

class Away final : public Filter {
 public:
  void electing(Election& election) override { election.elect(states::scheduled(1h)); }
};

TEST_F(ClientTest, FiltersSeeEachOfMany) {
  Client filtered{storage_, {.filters = {std::make_shared<Away>()}, .log = silent_sink()}};
  const std::vector<JobId> ids{client_.enqueue(work, 1), client_.enqueue(work, 2)};
  for (const Change& change : filtered.delete_all(ids)) {
    EXPECT_EQ(change.status, Change::Status::redirected);
    EXPECT_EQ(change.state, "Scheduled");
  }
}

TEST_F(ClientTest, ARequeueStartsANewCountOfAttempts) {
  const JobId id = client_.enqueue(work, 1);
  Unit unit{.id = UnitId{9, 9}};
  unit.transitions.push_back({.job = id, .state = states::failed(), .attempt = 11});
  storage_->jobs().commit({&unit, 1});
  EXPECT_EQ(details(id).attempt, 11U);
  client_.requeue(id);
  EXPECT_EQ(details(id).attempt, 0U);
}

TEST_F(ClientTest, AReadyJobIsMovedToTheTailOfAnotherQueue) {
  const JobId id = client_.enqueue(work, 1);
  const JobId there = client_.enqueue(Job<void(int)>{"work", {.queue = "other"}}, 2);
  const Change change = client_.move_to_queue(id, "other");
  EXPECT_TRUE(change);
  EXPECT_EQ(change.state, "Enqueued");
  EXPECT_EQ(details(id).queue, "other");
  EXPECT_EQ(details(id).reason, "It was moved from queue default");
  EXPECT_EQ(claim("other").ref.job, there);
  EXPECT_EQ(claim("other").ref.job, id);
}

TEST_F(ClientTest, ATimedJobIsMovedAndKeepsItsInstantItsAttemptsAndItsData) {
  const JobId id = client_.enqueue(work, 1);
  Unit unit{.id = UnitId{9, 9}};
  State retry = states::scheduled(1h, "Retry 3 of 10");
  retry.data = R"({"error":"no route"})";
  unit.transitions.push_back({.job = id, .state = std::move(retry), .attempt = 3});
  storage_->jobs().commit({&unit, 1});
  const auto due = details(id).due_at;
  EXPECT_TRUE(client_.move_to_queue(id, "other", {.from = "Scheduled", .reason = "crowded"}));
  const JobDetails moved = details(id);
  EXPECT_EQ(moved.queue, "other");
  EXPECT_EQ(moved.due_at, due);
  EXPECT_EQ(moved.attempt, 3U);
  EXPECT_EQ(moved.reason, "crowded");
  EXPECT_EQ(moved.data, R"({"error":"no route"})");
}

TEST_F(ClientTest, AJobOfAUserDefinedStateStaysInItWhenItIsMoved) {
  const JobId id = client_.enqueue(work, 1);
  client_.change_state(
      id, {.name = "Snoozed", .kind = StateKind::timed, .ending = Ending::other, .due_in = 1h});
  EXPECT_TRUE(client_.move_to_queue(id, "other"));
  EXPECT_EQ(details(id).state, "Snoozed");
  EXPECT_EQ(details(id).ending, Ending::other);
}

TEST_F(ClientTest, AJobThatIsInTheQueueAlreadyIsLeftAlone) {
  const JobId id = client_.enqueue(work, 1);
  const Change change = client_.move_to_queue(id, "default", {.reason = "again"});
  EXPECT_TRUE(change);
  EXPECT_EQ(change.state, "Enqueued");
  EXPECT_EQ(details(id).history.size(), 1U);
}

TEST_F(ClientTest, OnlyReadyAndTimedJobsAreMoved) {
  const JobId id = client_.enqueue(work, 1);
  const JobId child = client_.continue_with(work, id, 2);
  const auto state_that_refuses = [&](JobId job) {
    const Change change = client_.move_to_queue(job, "other");
    EXPECT_EQ(change.status, Change::Status::state_mismatch);
    return change.state;
  };
  EXPECT_EQ(state_that_refuses(child), "Awaiting");
  const Execution execution = claim();
  EXPECT_EQ(state_that_refuses(id), "Processing");
  finish(execution, states::failed());
  EXPECT_EQ(state_that_refuses(id), "Failed");
  client_.delete_job(id);
  EXPECT_EQ(state_that_refuses(id), "Deleted");
  EXPECT_EQ(details(id).queue, "default");
  EXPECT_EQ(client_.move_to_queue(JobId{4, 2}, "other").status, Change::Status::not_found);
}

TEST_F(ClientTest, AMoveIsGuardedByTheState) {
  const JobId id = client_.enqueue(work, 1);
  const Change refused = client_.move_to_queue(id, "other", {.from = "Scheduled"});
  EXPECT_EQ(refused.status, Change::Status::state_mismatch);
  EXPECT_EQ(refused.state, "Enqueued");
  EXPECT_EQ(details(id).queue, "default");
  EXPECT_THAT(usage_error([&] { client_.move_to_queue(id, "No Queue"); }), HasSubstr("queue"));
}

TEST_F(ClientTest, DeletedJobsAreKeptForTheClientsRetention) {
  Client client{storage_, {.retention = 2h, .log = silent_sink()}};
  const JobId id = client.enqueue(work, 1);
  client.delete_job(id);
  EXPECT_EQ(details(id).expires_at, details(id).since + 2h);
}

TEST_F(ClientTest, ResultsAndParametersAreReadById) {
  const JobId id = client_.enqueue(work, 1);
  EXPECT_EQ(client_.result<int>(id), std::nullopt);
  finish(claim(), states::succeeded(), "42");
  EXPECT_EQ(client_.result<int>(id), 42);
  EXPECT_THROW(client_.result<std::string>(id), DecodeError);
  EXPECT_EQ(client_.result<int>(JobId{4, 2}), std::nullopt);
  EXPECT_TRUE(client_.set_parameter(id, "colour", std::string{"red"}));
  EXPECT_EQ(client_.parameter<std::string>(id, "colour"), "red");
  EXPECT_EQ(client_.parameter<std::string>(id, "size"), std::nullopt);
  EXPECT_FALSE(client_.set_parameter(JobId{4, 2}, "colour", 1));
  EXPECT_THROW(client_.set_parameter(id, "portfire.attempts", 1), UsageError);
}

TEST_F(ClientTest, AWaitEndsWithTheJobItsDeadlineOrItsStop) {
  const JobId id = client_.enqueue(work, 1);
  const Waited early = client_.wait(id, 0s);
  EXPECT_FALSE(early.ended);
  EXPECT_EQ(early.job->state, "Enqueued");
  std::stop_source stop;
  stop.request_stop();
  EXPECT_FALSE(client_.wait(id, Duration::max(), stop.get_token()).ended);
  EXPECT_FALSE(client_.wait(JobId{4, 2}, 1h).job.has_value());
  std::thread later{[&] { client_.delete_job(id); }};
  const Waited ended = client_.wait(id, 1h);
  later.join();
  EXPECT_TRUE(ended.ended);
  EXPECT_EQ(ended.job->state, "Deleted");
  const JobId failed = client_.enqueue(work, 2);
  client_.change_state(failed, states::failed());
  EXPECT_TRUE(client_.wait(failed, 1h).ended);
}

TEST_F(ClientTest, QueuesArePausedAndResumed) {
  client_.pause_queue("default", "ann", "lunch");
  const auto settings = storage_->coordination().queue_settings();
  ASSERT_EQ(settings.size(), 1U);
  EXPECT_TRUE(settings[0].paused);
  EXPECT_EQ(settings[0].paused_by, "ann");
  EXPECT_EQ(settings[0].pause_reason, "lunch");
  client_.resume_queue("default");
  EXPECT_FALSE(storage_->coordination().queue_settings()[0].paused);
  EXPECT_THROW(client_.pause_queue("no good"), UsageError);
}

// Each step fails once, before or after its effect: exactly one job exists each time.
TEST_F(ClientTest, LostRepliesNeverCreateASecondJob) {
  for (const auto moment :
       {testing::FaultMoment::before_effect, testing::FaultMoment::after_effect}) {
    for (std::uint64_t n = 1;; ++n) {
      const auto faulty = std::make_shared<testing::FaultyStorage>(memory::open());
      Client client{faulty, {.log = silent_sink()}};
      faulty->fail_nth(n, moment);
      const JobId first = client.with({.unique = {"k"}}).enqueue(work, 1);
      const Creation same =
          client.with({.unique = {"k", OnDuplicate::use_existing}}).enqueue(work, 1);
      EXPECT_EQ(same.id, first);
      EXPECT_TRUE(client.reschedule(first, 1h));
      EXPECT_TRUE(client.requeue(first));
      const bool untouched = faulty->failures() == 0;
      faulty->fail_none();
      const auto statistics = faulty->monitoring().statistics();
      EXPECT_EQ(statistics.lifetime.at("Created"), 1U);
      EXPECT_EQ(client.find(first)->history.size(), 3U);
      if (untouched) break;
    }
  }
}

TEST_F(ClientTest, WhatIsSentAgainIsNotCalledNew) {
  const auto hooked = std::make_shared<server::HookedStorage>(storage_);
  std::vector<bool> news;
  hooked->on_commit = [&](auto units) -> std::optional<std::vector<CommitResult>> {
    news.push_back(units.front().is_new);
    if (news.size() == 1) throw server::outage();
    return std::nullopt;
  };
  Client client{hooked, {.log = silent_sink()}};
  client.enqueue(work, 1);
  EXPECT_EQ(news, (std::vector<bool>{true, false}));
}

TEST_F(ClientTest, AnErrorThatLastsReachesTheCallerAfterTheResends) {
  const auto faulty = std::make_shared<testing::FaultyStorage>(storage_);
  Client client{faulty, {.resends = 1, .log = silent_sink()}};
  faulty->go_down();
  const auto before = faulty->verbs();
  EXPECT_THROW(client.enqueue(work, 1), StorageError);
  EXPECT_EQ(faulty->verbs(), before + 2);
}

}  // namespace
}  // namespace portfire
