// News of running jobs.

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;

void keep_reports() {}

namespace {

Report progress_of(const Execution& execution, double progress) {
  return {.execution = execution.ref, .progress = progress};
}

// Lines that follow upon those that were reported `before`.
Report lines_of(const Execution& execution, std::vector<ReportLine> lines,
                std::uint64_t before = 0) {
  for (ReportLine& line : lines) line.number = ++before;
  return {.execution = execution.ref, .lines = std::move(lines)};
}

}  // namespace

TEST_P(Reports, TheStartIsUnknownUntilItIsReported) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  EXPECT_FALSE(details(id).started_at);
  jobs().report(std::vector{Report{.execution = execution.ref, .start_delay = 250ms}});
  EXPECT_EQ(details(id).started_at, execution.claimed_at + 250ms);
  EXPECT_EQ(details(id).since, execution.claimed_at);
}

TEST_P(Reports, ANewRunHasNotStarted) {
  const JobId id = create(job());
  const Execution first = claim_one();
  jobs().report(std::vector{Report{.execution = first.ref, .start_delay = 250ms}});
  finish(first, states::enqueued());
  claim_one();
  EXPECT_FALSE(details(id).started_at);
}

TEST_P(Reports, ANewRunOfAFinishedJobHasNotStarted) {
  const JobId id = create(job());
  apply(ending(claim_one()).took(1s, 2s));
  move(id, states::enqueued());
  const Execution second = claim_one();
  EXPECT_FALSE(details(id).started_at);
  jobs().report(std::vector{Report{.execution = second.ref, .start_delay = 250ms}});
  EXPECT_EQ(details(id).started_at, second.claimed_at + 250ms);
}

TEST_P(Reports, TheLatestProgressIsShown) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  jobs().report(std::vector{progress_of(execution, 0.25)});
  EXPECT_EQ(details(id).progress, 0.25);
  jobs().report(std::vector{progress_of(execution, 0.75)});
  EXPECT_EQ(details(id).progress, 0.75);
}

TEST_P(Reports, WhatAReportLeavesOutStays) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  jobs().report(std::vector{Report{.execution = execution.ref, .start_delay = 1s}});
  jobs().report(std::vector{progress_of(execution, 0.5)});
  jobs().report(std::vector{lines_of(execution, {{.text = "a line"}})});
  EXPECT_EQ(details(id).started_at, execution.claimed_at + 1s);
  EXPECT_EQ(details(id).progress, 0.5);
}

TEST_P(Reports, LinesAreKeptInOrder) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  const TimePoint before = now();
  jobs().report(
      std::vector{lines_of(execution, {{ReportLevel::info, "one"}, {ReportLevel::warning, "two"}}),
                  lines_of(execution, {{ReportLevel::error, "three"}}, 2)});
  jobs().report(std::vector{lines_of(execution, {{ReportLevel::debug, "fünf \"ist\" vier"}}, 3)});
  const std::vector<LogEntry> log = monitoring().log(id, 0, 100);
  ASSERT_EQ(log.size(), 4U);
  EXPECT_EQ(log[0].text, "one");
  EXPECT_EQ(log[1].text, "two");
  EXPECT_EQ(log[1].level, ReportLevel::warning);
  EXPECT_EQ(log[2].text, "three");
  EXPECT_EQ(log[2].level, ReportLevel::error);
  EXPECT_EQ(log[3].text, "fünf \"ist\" vier");
  EXPECT_EQ(log[3].level, ReportLevel::debug);
  for (std::size_t at = 0; at < log.size(); ++at) {
    EXPECT_GE(log[at].at, before);
    EXPECT_GT(log[at].number, at == 0 ? 0 : log[at - 1].number);
  }
}

TEST_P(Reports, TheLogIsReadPiecewise) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  std::vector<ReportLine> lines;
  for (int line = 0; line < 10; ++line) lines.push_back({.text = std::to_string(line)});
  jobs().report(std::vector{lines_of(execution, lines)});
  std::uint64_t after = 0;
  std::vector<std::string> texts;
  for (;;) {
    const std::vector<LogEntry> page = monitoring().log(id, after, 3);
    if (page.empty()) break;
    ASSERT_LE(page.size(), 3U);
    for (const LogEntry& entry : page) texts.push_back(entry.text);
    ASSERT_GT(page.back().number, after);
    after = page.back().number;
  }
  EXPECT_EQ(texts, (std::vector<std::string>{"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"}));
}

TEST_P(Reports, TheLogGoesOnInTheNextRun) {
  const JobId id = create(job());
  const Execution first = claim_one();
  jobs().report(std::vector{lines_of(first, {{.text = "first run"}})});
  finish(first, states::enqueued());
  jobs().report(std::vector{lines_of(claim_one(), {{.text = "second run"}})});
  const std::vector<LogEntry> log = monitoring().log(id, 0, 10);
  ASSERT_EQ(log.size(), 2U);
  EXPECT_EQ(log[1].text, "second run");
  EXPECT_GT(log[1].number, log[0].number);
}

TEST_P(Reports, LogsOfJobsAreTheirOwn) {
  create_many(2);
  const std::vector<Execution> executions = claim(2);
  jobs().report(std::vector{lines_of(executions[0], {{.text = "zero"}}),
                            lines_of(executions[1], {{.text = "one"}})});
  const std::vector<LogEntry> log = monitoring().log(executions[1].ref.job, 0, 10);
  ASSERT_EQ(log.size(), 1U);
  EXPECT_EQ(log[0].text, "one");
}

TEST_P(Reports, NewsOfWhatIsNoLongerHeldAreDropped) {
  const JobId id = create(job());
  const Execution old = claim_one();
  release(old, ReleaseReason::shutdown);
  const Execution present = claim_one();
  Report stale = lines_of(old, {{.text = "stale"}});
  stale.progress = 0.9;
  stale.start_delay = 9s;
  jobs().report(std::vector{stale, lines_of(present, {{.text = "fresh"}})});
  const std::vector<LogEntry> log = monitoring().log(id, 0, 10);
  ASSERT_EQ(log.size(), 1U);
  EXPECT_EQ(log[0].text, "fresh");
  EXPECT_FALSE(details(id).progress);
  EXPECT_FALSE(details(id).started_at);
}

TEST_P(Reports, AClaimThatWasUndoneTakesItsNewsWithIt) {
  const JobId id = create(job());
  for (const ReleaseReason reason : {ReleaseReason::unstarted, ReleaseReason::no_handler}) {
    const Execution execution = claim_one();
    jobs().report(
        std::vector{Report{.execution = execution.ref, .start_delay = 1s, .progress = 0.5}});
    release(execution, reason);
    EXPECT_FALSE(details(id).started_at);
    EXPECT_FALSE(details(id).progress);
  }
}

TEST_P(Reports, AClaimThatWasUndoneLeavesTheRunBeforeIt) {
  const JobId id = create(job());
  const Execution first = claim_one();
  apply(ending(first, states::enqueued()).took(3s, 5s));
  release(claim_one(), ReleaseReason::unstarted);
  EXPECT_EQ(details(id).started_at, first.claimed_at + 3s);
  EXPECT_EQ(details(id).duration, 5s);
}

TEST_P(Reports, NewsThatComeAfterTheEndAreDropped) {
  const JobId id = create(job());
  const Execution execution = claim_one();
  finish(execution);
  jobs().report(std::vector{lines_of(execution, {{.text = "late"}})});
  EXPECT_TRUE(monitoring().log(id, 0, 10).empty());
  EXPECT_EQ(state_of(id), "Succeeded");
}

TEST_P(Reports, NewsOfAJobThatDoesNotExistAreDropped) {
  Execution nobody;
  nobody.ref = {.job = new_id<JobId>(), .epoch = 1};
  jobs().report(std::vector{lines_of(nobody, {{.text = "nothing"}})});
  EXPECT_TRUE(monitoring().log(nobody.ref.job, 0, 10).empty());
}

}  // namespace portfire::conformance
