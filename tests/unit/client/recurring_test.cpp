// Definitions of recurring jobs through the client.

#include <portfire/recurring.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/error.hpp>
#include <portfire/memory.hpp>
#include <portfire/testing/virtual_clock.hpp>

namespace recurring_samples {
void send_digest(const std::string& /*to*/, int /*copies*/) {}
void tidy_up() {}
}  // namespace recurring_samples

template <>
inline constexpr portfire::JobOptions portfire::job_options<&recurring_samples::send_digest>{
    .name = "digest.send", .queue = "mail", .priority = 3};

namespace portfire {
namespace {

using namespace std::chrono_literals;
using recurring_samples::send_digest;
using recurring_samples::tidy_up;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using Update = RecurringJobs::Update;

TimePoint at(std::string_view text) { return parse_time(text).value(); }

class RecurringJobsTest : public ::testing::Test {
 protected:
  template <class Body>
  std::string usage_error(Body body) {
    try {
      body();
    } catch (const UsageError& error) {
      return error.what();
    }
    ADD_FAILURE() << "nothing was thrown";
    return {};
  }
  RecurringJob found(const std::string& id) { return recurring_.find(id).value(); }

  const std::shared_ptr<testing::VirtualClock> clock_ =
      std::make_shared<testing::VirtualClock>(at("2026-03-02T10:00:00Z"));
  const std::shared_ptr<Storage> storage_ = memory::open({.runtime = clock_});
  RecurringJobs recurring_{storage_};
};

TEST_F(RecurringJobsTest, ADefinitionIsKeptAsItWasGiven) {
  const RecurringOptions options{.zone = "Europe/Paris",
                                 .misfire = Misfire::strict,
                                 .most_made_up = 7,
                                 .overlap = Overlap::queue_one,
                                 .start = at("2026-03-03T00:00:00Z"),
                                 .end = at("2027-03-03T00:00:00Z"),
                                 .except = {std::chrono::year{2026} / 12 / 25},
                                 .jitter = 90s,
                                 .most_runs = 1000,
                                 .job = {.queue = "slow",
                                         .priority = -4,
                                         .attempts = 2,
                                         .timeout = 5min,
                                         .retention = 48h,
                                         .parameters = {{"tenant", "acme"}}}};
  EXPECT_EQ(recurring_.add_or_update<&send_digest>("digest", "0 8 * * MON-FRI", options, "ann", 2),
            Update::added);
  const RecurringJob job = found("digest");
  EXPECT_EQ(job.id, "digest");
  EXPECT_EQ(job.schedule.cron().text(), "0 8 * * MON-FRI");
  EXPECT_EQ(job.job_name, "digest.send");
  EXPECT_EQ(job.arguments, R"(["ann",2])");
  EXPECT_EQ(job.options.zone, "Europe/Paris");
  EXPECT_EQ(job.options.misfire, Misfire::strict);
  EXPECT_EQ(job.options.most_made_up, 7);
  EXPECT_EQ(job.options.overlap, Overlap::queue_one);
  EXPECT_EQ(job.options.start, options.start);
  EXPECT_EQ(job.options.end, options.end);
  EXPECT_EQ(job.options.except, options.except);
  EXPECT_EQ(job.options.jitter, 90s);
  EXPECT_EQ(job.options.most_runs, 1000U);
  EXPECT_EQ(job.options.job.queue, "slow");
  EXPECT_EQ(job.options.job.priority, -4);
  EXPECT_EQ(job.options.job.attempts, 2);
  EXPECT_EQ(job.options.job.timeout, 5min);
  EXPECT_EQ(job.options.job.retention, 48h);
  EXPECT_EQ(job.options.job.parameters, options.job.parameters);
  EXPECT_EQ(job.next, at("2026-03-03T07:00:00Z"));
  EXPECT_EQ(job.created_at, clock_->now());
  EXPECT_EQ(job.version, 1U);
}

TEST_F(RecurringJobsTest, DefaultsOfTheJobAreTaken) {
  recurring_.add_or_update<&send_digest>("digest", "0 8 * * *", {}, "ann", 2);
  EXPECT_EQ(found("digest").options.job.queue, "mail");
  EXPECT_EQ(found("digest").options.job.priority, 3);
}

TEST_F(RecurringJobsTest, LimitsSequencesTagsAndDisplayNamesAreKept) {
  RecurringOptions options;
  options.job.limit = {.key = "mail",
                       .at_once = 3,
                       .counts_while = {StateKind::ready, StateKind::running, StateKind::parked}};
  options.job.tags = {"receipts"};
  options.job.display_name = "Tidy {0}";
  recurring_.add_or_update<&tidy_up>("limited", every(1h), options);
  const CallOptions kept = recurring_.find("limited")->options.job;
  EXPECT_EQ(kept.limit, options.job.limit);
  EXPECT_EQ(kept.tags, options.job.tags);
  EXPECT_EQ(kept.display_name, "Tidy {0}");
  options = {};
  options.job.sequence = {.key = "mail", .past_failures = true};
  recurring_.add_or_update<&tidy_up>("sequence", every(1h), options);
  EXPECT_EQ(recurring_.find("sequence")->options.job.sequence.key, "mail");
  EXPECT_TRUE(recurring_.find("sequence")->options.job.sequence.past_failures);
  options.job.limit = {"mail"};
  EXPECT_THAT(usage_error([&] { recurring_.add_or_update<&tidy_up>("both", every(1h), options); }),
              HasSubstr("choose one of them"));
}

TEST_F(RecurringJobsTest, AnIntervalIsKeptWithItsAnchor) {
  recurring_.add_or_update<&tidy_up>("tidy", every(90s, at("2026-01-01T00:00:01Z")));
  const RecurringJob job = found("tidy");
  EXPECT_TRUE(job.schedule.is_interval());
  EXPECT_EQ(job.schedule.interval(), 90s);
  EXPECT_EQ(job.schedule.anchor(), at("2026-01-01T00:00:01Z"));
  EXPECT_EQ(job.next, at("2026-03-02T10:00:01Z"));
}

TEST_F(RecurringJobsTest, WhatSaysTheSameWritesNothing) {
  const auto add = [&] { return recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *"); };
  EXPECT_EQ(add(), Update::added);
  clock_->advance(48h);
  EXPECT_EQ(add(), Update::unchanged);
  EXPECT_EQ(found("tidy").version, 1U);
  EXPECT_EQ(found("tidy").next, at("2026-03-03T08:00:00Z")) << "it is still to be fired";
}

TEST_F(RecurringJobsTest, AnotherJobKeepsTheComingOccurrenceAnotherScheduleDoesNot) {
  recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *");
  clock_->advance(48h);
  EXPECT_EQ(recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *", {.job = {.queue = "slow"}}),
            Update::changed);
  EXPECT_EQ(found("tidy").next, at("2026-03-03T08:00:00Z"));
  EXPECT_EQ(recurring_.add_or_update<&tidy_up>("tidy", "0 9 * * *", {.job = {.queue = "slow"}}),
            Update::changed);
  EXPECT_EQ(found("tidy").next, at("2026-03-05T09:00:00Z"));
  EXPECT_EQ(found("tidy").version, 3U);
}

TEST_F(RecurringJobsTest, ANewLimitOfRunsBeginsAnew) {
  recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *", {.most_runs = 3});
  // As the scheduler leaves one whose runs are used up.
  RecurringRecord record = storage_->coordination().recurring("tidy").value();
  record.progress = R"({"runs":3})";
  record.due_at.reset();
  Unit unit{.id = UnitId{1, 1}};
  unit.recurring.push_back({.id = "tidy", .expected_version = 1, .record = record});
  ASSERT_TRUE(storage_->jobs().commit({&unit, 1}).front().done());
  recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *", {.most_runs = 5});
  EXPECT_EQ(found("tidy").next, at("2026-03-03T08:00:00Z"));
}

TEST_F(RecurringJobsTest, OneThatIsNeverDueIsOnlyTriggered) {
  recurring_.add_or_update<&tidy_up>("tidy", Cron::never());
  EXPECT_FALSE(found("tidy").next);
  const Creation job = recurring_.trigger("tidy");
  ASSERT_TRUE(job.created());
  const auto details = storage_->monitoring().job(job).value();
  EXPECT_EQ(details.parameters.at("portfire.recurring"), R"("tidy")");
  EXPECT_EQ(details.parameters.at("portfire.occurrence"), R"("2026-03-02T10:00:00.000000Z")");
  EXPECT_EQ(details.history.back().reason, "Triggered by hand");
  EXPECT_EQ(found("tidy").last_job, job.id);
  EXPECT_EQ(found("tidy").runs, 0U);
}

TEST_F(RecurringJobsTest, ATriggerLeavesTheScheduleAlone) {
  recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *", {.jitter = 1h});
  const auto before = storage_->coordination().recurring("tidy");
  ASSERT_TRUE(recurring_.trigger("tidy").created());
  const auto after = storage_->coordination().recurring("tidy");
  EXPECT_EQ(after->due_at, before->due_at);
  EXPECT_EQ(found("tidy").next, at("2026-03-03T08:00:00Z"));
}

TEST_F(RecurringJobsTest, ATriggerHeedsTheOverlapPolicy) {
  recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *", {.overlap = Overlap::skip});
  const Creation first = recurring_.trigger("tidy");
  const Creation second = recurring_.trigger("tidy");
  EXPECT_EQ(second.status, Creation::Status::rejected);
  EXPECT_EQ(second.holder, first.id);
  EXPECT_EQ(found("tidy").last_job, first.id);
}

TEST_F(RecurringJobsTest, ATriggerMayReplaceTheEarlierJob) {
  recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *", {.overlap = Overlap::cancel_previous});
  const Creation first = recurring_.trigger("tidy");
  const Creation second = recurring_.trigger("tidy");
  ASSERT_TRUE(second.created());
  EXPECT_EQ(storage_->monitoring().job(first)->state, "Deleted");
  EXPECT_EQ(storage_->monitoring().job(second)->state, "Enqueued");
}

TEST_F(RecurringJobsTest, WhatIsNotThereCannotBeChanged) {
  EXPECT_FALSE(recurring_.find("none"));
  EXPECT_FALSE(recurring_.remove("none"));
  EXPECT_FALSE(recurring_.pause("none"));
  EXPECT_FALSE(recurring_.resume("none"));
  const Creation job = recurring_.trigger("none");
  EXPECT_EQ(job.status, Creation::Status::rejected);
  EXPECT_THAT(job.reason, HasSubstr("none"));
}

TEST_F(RecurringJobsTest, ARemovedOneIsGone) {
  recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *");
  EXPECT_TRUE(recurring_.remove("tidy"));
  EXPECT_FALSE(recurring_.find("tidy"));
  EXPECT_THAT(recurring_.list(), SizeIs(0));
}

TEST_F(RecurringJobsTest, APauseSaysWhoAndWhyAndEndsByHand) {
  recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *");
  EXPECT_TRUE(recurring_.pause("tidy", {.by = "ann", .reason = "moving house"}));
  EXPECT_TRUE(found("tidy").paused);
  EXPECT_EQ(found("tidy").paused_by, "ann");
  EXPECT_EQ(found("tidy").pause_reason, "moving house");
  EXPECT_FALSE(found("tidy").next);
  recurring_.add_or_update<&tidy_up>("tidy", "0 9 * * *");
  EXPECT_FALSE(found("tidy").next) << "a new definition does not end the pause";
  clock_->advance(72h);
  EXPECT_TRUE(recurring_.resume("tidy"));
  EXPECT_FALSE(found("tidy").paused);
  EXPECT_EQ(found("tidy").next, at("2026-03-06T09:00:00Z"));
}

TEST_F(RecurringJobsTest, APauseMayEndByItself) {
  recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *");
  EXPECT_TRUE(recurring_.pause("tidy", {.until = at("2026-04-01T00:00:00Z")}));
  EXPECT_TRUE(found("tidy").paused);
  EXPECT_EQ(found("tidy").next, at("2026-04-01T08:00:00Z"));
}

TEST_F(RecurringJobsTest, TheyAreListedById) {
  for (const char* id : {"b", "c", "a"}) recurring_.add_or_update<&tidy_up>(id, "0 8 * * *");
  const auto page = recurring_.list({.after = "a", .limit = 1});
  ASSERT_THAT(page, SizeIs(1));
  EXPECT_EQ(page.front().id, "b");
}

TEST_F(RecurringJobsTest, MistakesNameFieldAndValue) {
  const auto adds = [&](RecurringOptions options) {
    return usage_error([&] { recurring_.add_or_update<&tidy_up>("tidy", "0 8 * * *", options); });
  };
  EXPECT_THAT(adds({.zone = "Mars/Olympus"}), HasSubstr("Mars/Olympus"));
  EXPECT_THAT(adds({.most_made_up = 0}), HasSubstr("most_made_up"));
  EXPECT_THAT(adds({.jitter = 25h}), HasSubstr("jitter"));
  EXPECT_THAT(adds({.start = at("2026-03-03T00:00:00Z"), .end = at("2026-03-02T00:00:00Z")}),
              HasSubstr("2026-03-02"));
  EXPECT_THAT(adds({.except = {std::chrono::year{2026} / 2 / 31}}), HasSubstr("except"));
  EXPECT_THAT(adds({.job = {.queue = "No"}}), HasSubstr("job.queue"));
  EXPECT_THAT(adds({.job = {.unique = {"key"}}}), HasSubstr("unique"));
  EXPECT_THAT(usage_error([&] { recurring_.add_or_update<&tidy_up>("", "0 8 * * *"); }),
              HasSubstr("1 to 150"));
  EXPECT_FALSE(recurring_.find("tidy"));
  EXPECT_THROW(RecurringJobs{nullptr}, UsageError);
}

TEST_F(RecurringJobsTest, OneByNameNeedsNoDescriptor) {
  recurring_.add_or_update_raw("raw", "0 8 * * *", {}, "other.language", R"(["x", 1])");
  EXPECT_EQ(found("raw").arguments, R"(["x",1])");
  EXPECT_EQ(found("raw").options.job.queue, "default");
  EXPECT_THROW(recurring_.add_or_update_raw("raw", "0 8 * * *", {}, "x", "{}"), UsageError);
}

TEST_F(RecurringJobsTest, WhatANewerVersionHasWrittenIsListedWithAnError) {
  recurring_.add_or_update<&tidy_up>("old", "0 8 * * *");
  Unit unit{.id = UnitId{1, 1}};
  unit.recurring.push_back(
      {.id = "new",
       .record = RecurringRecord{.job_name = "later", .definition = R"({"version":99})"}});
  ASSERT_TRUE(storage_->jobs().commit({&unit, 1}).front().done());
  const auto all = recurring_.list();
  ASSERT_THAT(all, SizeIs(2));
  EXPECT_THAT(all[0].error, HasSubstr("99"));
  EXPECT_EQ(all[0].job_name, "later");
  EXPECT_EQ(all[1].error, "");
}

TEST_F(RecurringJobsTest, WhatSaysNoVersionIsListedWithAnError) {
  Unit unit{.id = UnitId{1, 1}};
  unit.recurring.push_back(
      {.id = "new", .record = RecurringRecord{.job_name = "later", .definition = "{}"}});
  ASSERT_TRUE(storage_->jobs().commit({&unit, 1}).front().done());
  EXPECT_THAT(found("new").error, HasSubstr("version is null"));
}

}  // namespace
}  // namespace portfire
