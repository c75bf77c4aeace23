// Lists of jobs: filters, orders, pages.

#include <set>

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;

void keep_lists() {}

namespace {

using Ids = std::vector<JobId>;

Ids ids_in(const JobPage& page) {
  Ids ids;
  for (const JobSummary& summary : page.jobs) ids.push_back(summary.id);
  return ids;
}

// All pages of a list, one after the other.
Ids all_of(Monitoring& monitoring, JobQuery query) {
  Ids ids;
  do {
    const JobPage page = monitoring.list(query);
    EXPECT_LE(page.jobs.size(), query.limit);
    for (const JobId id : ids_in(page)) ids.push_back(id);
    query.cursor = page.next;
  } while (!query.cursor.empty());
  return ids;
}

}  // namespace

TEST_P(Lists, AnEmptyStorageListsNothing) {
  const JobPage page = monitoring().list({});
  EXPECT_TRUE(page.jobs.empty());
  EXPECT_TRUE(page.next.empty());
}

TEST_P(Lists, WithoutAStateTheNewestComesFirst) {
  const JobId first = create(job());
  advance(1s);
  const JobId second = create(job().scheduled(1h));
  advance(1s);
  const JobId third = create(job().queue("other").priority(50));
  EXPECT_EQ(ids_in(monitoring().list({})), (Ids{third, second, first}));
}

TEST_P(Lists, ASummarySaysWhatTheDetailsSay) {
  const JobId id = create(job("mail").parameter("p", "1").queue("q").priority(4).arguments("[7]"));
  finish(claim_one("q"), states::scheduled(1h, "retry"));
  const JobDetails expected = details(id);
  const JobPage page = monitoring().list({});
  ASSERT_EQ(page.jobs.size(), 1U);
  const JobSummary& summary = page.jobs[0];
  EXPECT_EQ(summary.id, id);
  EXPECT_EQ(summary.name, "mail");
  EXPECT_EQ(summary.queue, "q");
  EXPECT_EQ(summary.priority, 4);
  EXPECT_EQ(summary.state, "Scheduled");
  EXPECT_EQ(summary.kind, StateKind::timed);
  EXPECT_EQ(summary.reason, "retry");
  EXPECT_EQ(summary.attempt, expected.attempt);
  EXPECT_EQ(summary.created_at, expected.created_at);
  EXPECT_EQ(summary.since, expected.since);
  EXPECT_EQ(summary.due_at, expected.due_at);
  EXPECT_EQ(summary.server, expected.server);
  EXPECT_EQ(summary.duration, expected.duration);
  EXPECT_EQ(summary.arguments, "[7]");
  EXPECT_EQ(summary.parameters, expected.parameters);
}

TEST_P(Lists, ARunningJobIsListedWithItsServer) {
  create(job());
  claim_one();
  EXPECT_EQ(monitoring().list({.state = "Processing"}).jobs.at(0).server, server().id());
}

TEST_P(Lists, AJobWithoutHandlerIsListedAsSuch) {
  create(job("rare"));
  release(claim_one(), ReleaseReason::no_handler);
  EXPECT_TRUE(monitoring().list({.state = "Enqueued"}).jobs.at(0).no_handler);
}

TEST_P(Lists, FiltersByStateQueueAndName) {
  const JobId wanted = create(job("a").queue("q"));
  create(job("a").queue("q").scheduled(1h));
  create(job("a").queue("other"));
  create(job("b").queue("q"));
  EXPECT_EQ(ids_in(monitoring().list({.state = "Enqueued", .queue = "q", .name = "a"})),
            (Ids{wanted}));
  EXPECT_EQ(monitoring().list({.queue = "q"}).jobs.size(), 3U);
  EXPECT_EQ(monitoring().list({.name = "a"}).jobs.size(), 3U);
  EXPECT_EQ(monitoring().list({.queue = "q", .name = "a"}).jobs.size(), 2U);
  EXPECT_TRUE(monitoring().list({.state = "enqueued"}).jobs.empty());
  EXPECT_TRUE(monitoring().list({.name = "nobody"}).jobs.empty());
}

TEST_P(Lists, FiltersByTag) {
  const std::string tags{tags_parameter};
  const JobId both = create(job().parameter(tags, R"(["red","a \"quoted\" tag"])"));
  const JobId red = create(job().parameter(tags, R"(["red"])").scheduled(1h));
  create(job().parameter(tags, R"(["reddish", 7])"));
  create(job().parameter(tags, R"("red")"));
  create(job().parameter("other", R"(["red"])"));
  create(job());
  const JobId finished = create(job().parameter(tags, R"(["red"])").state(states::succeeded()));
  EXPECT_EQ(ids_in(monitoring().list({.tag = "red"})), (Ids{finished, red, both}));
  EXPECT_EQ(ids_in(monitoring().list({.state = "Enqueued", .tag = "red"})), (Ids{both}));
  EXPECT_EQ(ids_in(monitoring().list({.state = "Scheduled", .tag = "red"})), (Ids{red}));
  EXPECT_EQ(ids_in(monitoring().list({.state = "Succeeded", .tag = "red"})), (Ids{finished}));
  EXPECT_EQ(ids_in(monitoring().list({.tag = "a \"quoted\" tag"})), (Ids{both}));
  EXPECT_TRUE(monitoring().list({.tag = "Red"}).jobs.empty());
}

TEST_P(Lists, FiltersByTheTimeOfCreation) {
  create(job());
  advance(1h);
  const JobId wanted = create(job());
  advance(1h);
  create(job());
  const TimePoint created = details(wanted).created_at;
  EXPECT_EQ(ids_in(monitoring().list({.created_from = created, .created_before = created + 1us})),
            (Ids{wanted}));
  EXPECT_EQ(monitoring().list({.created_from = created}).jobs.size(), 2U);
  EXPECT_EQ(monitoring().list({.created_before = created}).jobs.size(), 1U);
  EXPECT_EQ(ids_in(monitoring().list(
                {.state = "Enqueued", .created_from = created, .created_before = created + 1us})),
            (Ids{wanted}));
}

TEST_P(Lists, AUserDefinedStateIsListedByItsName) {
  const JobId id = create(job().state(custom_state("On hold", StateKind::parked)));
  create(job().state(states::failed()));
  EXPECT_EQ(ids_in(monitoring().list({.state = "On hold"})), (Ids{id}));
}

TEST_P(Lists, ReadyJobsAreListedInTheOrderOfTheirClaim) {
  const JobId b_first = create(job().queue("b"));
  const JobId a_low = create(job().queue("a").priority(-1));
  const JobId a_high = create(job().queue("a").priority(1));
  const JobId a_late = create(job().queue("a").priority(1));
  EXPECT_EQ(ids_in(monitoring().list({.state = "Enqueued"})),
            (Ids{a_high, a_late, a_low, b_first}));
  EXPECT_EQ(ids_in(monitoring().list({.state = "Enqueued", .queue = "a"})),
            (Ids{a_high, a_late, a_low}));
}

TEST_P(Lists, TimedJobsAreListedByTheirDueTime) {
  const JobId later = create(job().scheduled(3h));
  const JobId soon = create(job().scheduled(1h));
  const JobId between = create(job().scheduled(2h));
  EXPECT_EQ(ids_in(monitoring().list({.state = "Scheduled"})), (Ids{soon, between, later}));
}

TEST_P(Lists, RunningJobsAreListedLongestFirst) {
  const Ids created = create_many(3);
  for (int claimed = 0; claimed < 3; ++claimed) {
    claim_one();
    advance(1s);
  }
  EXPECT_EQ(ids_in(monitoring().list({.state = "Processing"})), created);
}

TEST_P(Lists, RunningJobsOfSeveralServersAreListedTogether) {
  const Ids created = create_many(4);
  TestServer left = new_server();
  TestServer right = new_server();
  for (TestServer* claims : {&right, &left, &right, &left}) {
    claims->claim_one();
    advance(1s);
  }
  EXPECT_EQ(ids_in(monitoring().list({.state = "Processing"})), created);
  EXPECT_EQ(all_of(monitoring(), {.state = "Processing", .limit = 1}), created);
}

TEST_P(Lists, WaitingJobsAreListedLongestFirst) {
  const JobId parent = create(job());
  const JobId first = create(job().after(parent));
  advance(1s);
  const JobId second = create(job().after(parent));
  EXPECT_EQ(ids_in(monitoring().list({.state = "Awaiting"})), (Ids{first, second}));
}

TEST_P(Lists, ParkedAndFinalJobsAreListedLatestFirst) {
  const Ids created = create_many(3);
  for (const JobId id : created) {
    advance(1s);
    move(id, states::failed());
  }
  EXPECT_EQ(ids_in(monitoring().list({.state = "Failed"})),
            (Ids{created[2], created[1], created[0]}));
  for (const JobId id : created) {
    advance(1s);
    move(id, states::deleted());
  }
  EXPECT_EQ(ids_in(monitoring().list({.state = "Deleted"})),
            (Ids{created[2], created[1], created[0]}));
}

TEST_P(Lists, ALimitEndsThePage) {
  create_many(5);
  const JobPage page = monitoring().list({.limit = 3});
  EXPECT_EQ(page.jobs.size(), 3U);
  EXPECT_FALSE(page.next.empty());
}

TEST_P(Lists, PagesMissNothingAndRepeatNothing) {
  const JobId parent = create(job().queue("parents"));
  UnitBuilder all = unit();
  for (int made = 0; made < 23; ++made) {
    all.create(job().priority(made % 3).queue(made % 2 == 0 ? "even" : "odd"));
    all.create(job().scheduled(made * 1h % 5h));
    all.create(job().after(parent));
    all.create(job().state(states::failed()));
  }
  commit(all);
  for (const std::string state : {"", "Enqueued", "Scheduled", "Awaiting", "Failed"}) {
    SCOPED_TRACE(state);
    const Ids whole = all_of(monitoring(), {.state = state, .limit = 1000});
    EXPECT_EQ(all_of(monitoring(), {.state = state, .limit = 4}), whole);
    EXPECT_GE(whole.size(), 23U);
    EXPECT_EQ(std::set<JobId>(whole.begin(), whole.end()).size(), whole.size());
  }
}

TEST_P(Lists, PagesMissNothingThatWasThereAllTheTime) {
  const Ids created = create_many(6);
  const JobPage first = monitoring().list({.state = "Enqueued", .limit = 3});
  create_many(3);
  move(created[0], states::deleted());
  const JobPage second = monitoring().list({.state = "Enqueued", .limit = 3, .cursor = first.next});
  EXPECT_EQ(ids_in(first), (Ids{created[0], created[1], created[2]}));
  EXPECT_EQ(ids_in(second), (Ids{created[3], created[4], created[5]}));
}

TEST_P(Lists, ASearchIsHandedBackUnfinishedAndCanBeContinued) {
  create_many(300);
  const JobId rare = create(job("rare"));
  create_many(300);
  JobQuery query{.name = "rare", .work_limit = 50};
  Ids found;
  int pages = 0;
  do {
    const JobPage page = monitoring().list(query);
    EXPECT_LE(page.examined, 50U);
    for (const JobId id : ids_in(page)) found.push_back(id);
    query.cursor = page.next;
  } while (!query.cursor.empty() && ++pages < 1000);
  EXPECT_EQ(found, (Ids{rare}));
}

TEST_P(Lists, AJobThatDoesNotExistHasNoDetails) {
  create(job());
  EXPECT_FALSE(monitoring().job(new_id<JobId>()));
}

}  // namespace portfire::conformance
