// Lists of jobs by filters that look deep into them.

#include <algorithm>
#include <set>

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;

void keep_searches() {}

namespace {

using Found = std::vector<JobId>;

// All pages of a search, one after the other.
Found search(Monitoring& monitoring, JobQuery query) {
  Found found;
  do {
    const JobPage page = monitoring.list(query);
    EXPECT_LE(page.examined, query.work_limit);
    EXPECT_LE(page.jobs.size(), query.limit);
    for (const JobSummary& job : page.jobs) found.push_back(job.id);
    query.cursor = page.next;
  } while (!query.cursor.empty());
  return found;
}

}  // namespace

TEST_P(Searches, ByAPartOfTheArguments) {
  const JobId first = create(job().arguments(R"(["Ann@example.com", 7])"));
  const JobId second = create(job().arguments(R"([{"to": "ann@EXAMPLE.com"}])").scheduled(1h));
  create(job().arguments(R"(["bob@example.org"])"));
  create(job("ann@example.com").queue("ann@example.com"));
  EXPECT_EQ(search(monitoring(), {.text = "aNN@example.com"}), (Found{second, first}));
  EXPECT_EQ(search(monitoring(), {.text = "\", 7]"}), (Found{first}));
  EXPECT_EQ(search(monitoring(), {.state = "Scheduled", .text = "example"}), (Found{second}));
  EXPECT_TRUE(search(monitoring(), {.text = "ann@example.com.au"}).empty());
}

TEST_P(Searches, ByAPartOfLongArguments) {
  const std::string much(5000, 'x');
  const JobId wanted = create(job().arguments("[\"" + much + "needle\"]"));
  create(job().arguments("[\"" + much + "\"]"));
  EXPECT_EQ(search(monitoring(), {.text = "NEEDLE"}), (Found{wanted}));
}

TEST_P(Searches, LettersBeyondAsciiMatchAsTheyAre) {
  const JobId wanted = create(job().arguments("[\"\xC3\x84rger\"]"));
  EXPECT_EQ(search(monitoring(), {.text = "\xC3\x84RGER"}), (Found{wanted}));
  EXPECT_TRUE(search(monitoring(), {.text = "\xC3\xA4rger"}).empty());
}

TEST_P(Searches, ByAPartOfTheReasonOfThePresentState) {
  const JobId failed = create(job().state(states::failed("No route to HOST")));
  const JobId scheduled = create(job().state(states::scheduled(1h, "Retry 1 of 10: no route")));
  const JobId over = create(job().state(states::failed("No route")));
  move(over, states::deleted("not wanted"));
  EXPECT_EQ(search(monitoring(), {.reason = "no ROUTE"}), (Found{scheduled, failed}));
  EXPECT_EQ(search(monitoring(), {.state = "Failed", .reason = "host"}), (Found{failed}));
  EXPECT_EQ(search(monitoring(), {.state = "Deleted", .reason = "wanted"}), (Found{over}));
}

TEST_P(Searches, ARunningJobHasNoReasonLeft) {
  create(job().state(states::enqueued("urgent")));
  EXPECT_EQ(search(monitoring(), {.reason = "urgent"}).size(), 1U);
  claim_one();
  EXPECT_TRUE(search(monitoring(), {.reason = "urgent"}).empty());
}

TEST_P(Searches, ByTheServerThatHoldsThem) {
  create_many(4);
  TestServer left = new_server();
  TestServer right = new_server();
  const JobId first = left.claim_one().ref.job;
  const Execution over = right.claim_one();
  const JobId second = right.claim_one().ref.job;
  finish(over);
  EXPECT_EQ(search(monitoring(), {.server = left.id()}), (Found{first}));
  EXPECT_EQ(search(monitoring(), {.server = right.id()}), (Found{second}));
  EXPECT_EQ(search(monitoring(), {.state = "Processing", .server = right.id()}), (Found{second}));
  EXPECT_TRUE(search(monitoring(), {.server = new_server().id()}).empty());
}

TEST_P(Searches, ByTheTimeOfEnteringTheState) {
  Found created = create_many(3);
  std::vector<TimePoint> since;
  for (const JobId id : created) {
    advance(1h);
    move(id, states::failed());
    since.push_back(details(id).since);
  }
  for (const std::string state : {"", "Failed"}) {
    SCOPED_TRACE(state);
    EXPECT_EQ(search(monitoring(), {.state = state, .since_from = since[1]}),
              (Found{created[2], created[1]}));
    EXPECT_EQ(search(monitoring(), {.state = state, .since_before = since[1]}),
              (Found{created[0]}));
    EXPECT_EQ(search(monitoring(),
                     {.state = state, .since_from = since[1], .since_before = since[1] + 1us}),
              (Found{created[1]}));
  }
}

TEST_P(Searches, EveryKindOfStateIsSearchedByItsTime) {
  const JobId parent = create(job().queue("other"));
  const auto create_one_of_each = [&] {
    create_many(1);
    const Found ids{create(job().scheduled(9h)), create(job().after(parent)), claim_one().ref.job,
                    create(job().state(states::failed())),
                    create(job().state(states::succeeded()))};
    return std::set<JobId>(ids.begin(), ids.end());
  };
  create_one_of_each();
  advance(1h);
  const TimePoint since = now();
  const std::set<JobId> wanted = create_one_of_each();
  const TimePoint until = now() + 1us;
  advance(1h);
  create_one_of_each();
  std::set<JobId> found;
  for (const std::string state : {"Scheduled", "Awaiting", "Processing", "Failed", "Succeeded"}) {
    SCOPED_TRACE(state);
    const Found ids = search(
        monitoring(), {.state = state, .since_from = since, .since_before = until, .limit = 1});
    EXPECT_EQ(ids.size(), 1U);
    found.insert(ids.begin(), ids.end());
  }
  EXPECT_EQ(found, wanted);
}

TEST_P(Searches, OlderParkedAndFinalJobsThanAskedForAreNotLookedAt) {
  const auto end_many = [&](std::size_t count) {
    UnitBuilder all = unit();
    for (std::size_t made = 0; made < count; ++made) {
      all.create(job().state(states::failed()));
      all.create(job().state(states::succeeded()));
    }
    commit(all);
  };
  end_many(300);
  create_many(300);
  UnitBuilder later = unit();
  for (int made = 0; made < 300; ++made) later.create(job().scheduled(9h));
  commit(later);
  advance(1h);
  end_many(2);
  const TimePoint since = now() - 1min;
  for (const std::string state : {"Failed", "Succeeded"}) {
    SCOPED_TRACE(state);
    const JobPage page = monitoring().list({.state = state, .since_from = since});
    EXPECT_EQ(page.jobs.size(), 2U);
    EXPECT_EQ(page.examined, 2U);
    EXPECT_TRUE(page.next.empty());
  }
}

TEST_P(Searches, LaterRunningAndWaitingJobsThanAskedForAreNotLookedAt) {
  const JobId parent = create(job().queue("other"));
  const auto begin_many = [&](std::size_t count) {
    for (std::size_t made = 0; made < count; ++made) create(job().after(parent));
    create_many(count);
    claim(count);
  };
  begin_many(2);
  const TimePoint until = now() + 1min;
  advance(1h);
  begin_many(100);
  for (const std::string state : {"Processing", "Awaiting"}) {
    SCOPED_TRACE(state);
    const JobPage page = monitoring().list({.state = state, .since_before = until});
    EXPECT_EQ(page.jobs.size(), 2U);
    EXPECT_EQ(page.examined, 2U);
    EXPECT_TRUE(page.next.empty());
  }
}

TEST_P(Searches, StatesOfOneNameAreAllSearched) {
  advance(1h);
  const JobId parked = create(job().state(custom_state("Held", StateKind::parked)));
  const JobId ended = create(job().state(custom_state("Held", StateKind::parked, Ending::other)));
  const JobId over = create(job().state(custom_state("Held", StateKind::final, Ending::other)));
  const TimePoint since = details(parked).since;
  const Found found = search(monitoring(), {.state = "Held", .since_from = since});
  EXPECT_EQ(std::set<JobId>(found.begin(), found.end()), (std::set<JobId>{parked, ended, over}));
}

TEST_P(Searches, ByTheDurationOfTheLastFinishedRun) {
  const auto create_taking = [&](Duration duration) {
    const JobId id = create(job());
    apply(ending(claim_one()).took(1ms, duration));
    return id;
  };
  const JobId fast = create_taking(10ms);
  const JobId slow = create_taking(2s);
  const JobId again = create_taking(5s);
  move(again, states::enqueued());
  create(job().queue("never run"));
  EXPECT_EQ(search(monitoring(), {.duration_at_least = 2s}), (Found{again, slow}));
  EXPECT_EQ(search(monitoring(), {.duration_at_most = 2s}), (Found{slow, fast}));
  EXPECT_EQ(search(monitoring(), {.duration_at_least = 11ms, .duration_at_most = 2s}),
            (Found{slow}));
  EXPECT_EQ(search(monitoring(), {.state = "Succeeded", .duration_at_least = 1s}), (Found{slow}));
  EXPECT_EQ(search(monitoring(), {.duration_at_least = 0s}), (Found{again, slow, fast}));
}

TEST_P(Searches, ByTheAttemptsSpent) {
  const JobId once = create(job());
  apply(ending(claim_one(), states::failed()).attempt(1));
  const JobId often = create(job());
  apply(ending(claim_one(), states::scheduled(1h)).attempt(7));
  create(job());
  EXPECT_EQ(search(monitoring(), {.attempts_at_least = 1}), (Found{often, once}));
  EXPECT_EQ(search(monitoring(), {.attempts_at_least = 7}), (Found{often}));
  EXPECT_EQ(search(monitoring(), {.state = "Failed", .attempts_at_least = 1}), (Found{once}));
  EXPECT_TRUE(search(monitoring(), {.attempts_at_least = 8}).empty());
}

TEST_P(Searches, AllFiltersMustHold) {
  const auto create_failed = [&](std::string name, std::string arguments, std::string reason) {
    return create(job(std::move(name))
                      .arguments(std::move(arguments))
                      .state(states::failed(std::move(reason))));
  };
  const JobId wanted = create_failed("mail", "[\"ann\"]", "no route");
  create_failed("mail", "[\"ann\"]", "no memory");
  create_failed("mail", "[\"bob\"]", "no route");
  create_failed("post", "[\"ann\"]", "no route");
  EXPECT_EQ(search(monitoring(), {.name = "mail", .text = "ann", .reason = "route"}),
            (Found{wanted}));
}

TEST_P(Searches, TheMembersOfABatchCanBeSearched) {
  const JobId batch = new_id<JobId>();
  const JobId wanted = new_id<JobId>();
  UnitBuilder all = unit();
  all.create(testing::JobBuilder{batch, "batch"}.as_batch());
  all.create(job().in(batch).arguments("[1]"));
  all.create(testing::JobBuilder{wanted, "work"}.in(batch).arguments("[2]"));
  all.create(job().arguments("[2]"));
  commit(all);
  EXPECT_EQ(search(monitoring(), {.batch = batch, .text = "2"}), (Found{wanted}));
  EXPECT_EQ(search(monitoring(), {.state = "Enqueued", .batch = batch, .text = "2"}),
            (Found{wanted}));
}

TEST_P(Searches, PagesOfASearchMissNothing) {
  for (const std::string state : {"", "Enqueued", "Scheduled", "Processing", "Failed"}) {
    SCOPED_TRACE(state);
    UnitBuilder all = unit();
    Found wanted;
    for (int made = 0; made < 40; ++made) {
      JobBuilder one = job().arguments(made % 3 == 0 ? "[\"wanted " + state + "\"]" : "[]");
      if (state == "Scheduled") one.scheduled(1h);
      if (state == "Failed") one.state(states::failed());
      if (made % 3 == 0) wanted.push_back(one.id());
      all.create(one);
    }
    commit(all);
    if (state == "Processing") claim(1000);
    if (state.empty() || state == "Failed") std::ranges::reverse(wanted);
    EXPECT_EQ(
        search(monitoring(),
               {.state = state, .text = "wanted " + state + "\"", .limit = 2, .work_limit = 5}),
        wanted);
  }
}

TEST_P(Searches, ASearchIsHandedBackUnfinishedAtTheWorkLimit) {
  create_many(100);
  const JobId rare = create(job().arguments("[\"rare\"]"));
  create_many(100);
  const JobPage page = monitoring().list({.text = "rare", .work_limit = 50});
  EXPECT_EQ(page.examined, 50U);
  EXPECT_TRUE(page.jobs.empty());
  EXPECT_FALSE(page.next.empty());
  EXPECT_EQ(search(monitoring(), {.text = "rare", .work_limit = 50}), (Found{rare}));
}

}  // namespace portfire::conformance
