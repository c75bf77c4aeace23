// Templates of recurring jobs: guarded by versions, changed by units, found by when they fall due.

#include <stdexcept>
#include <utility>

#include <portfire/error.hpp>
#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;
using testing::moving;

void keep_recurring() {}

namespace {

RecurringRecord template_of(std::optional<TimePoint> due_at, std::string job_name = "work") {
  return {.job_name = std::move(job_name),
          .due_at = due_at,
          .definition = R"({"cron":"* * * * *"})",
          .progress = R"({"runs":0})"};
}

RecurringChange adding(std::string id, RecurringRecord record) {
  return {.id = std::move(id), .expected_version = 0, .record = std::move(record)};
}

RecurringChange changing(const RecurringRecord& from, RecurringRecord to) {
  return {.id = from.id, .expected_version = from.version, .record = std::move(to)};
}

RecurringChange removing(const RecurringRecord& record) {
  return {.id = record.id, .expected_version = record.version, .record = std::nullopt};
}

std::vector<std::string> ids_of(const std::vector<RecurringRecord>& records) {
  std::vector<std::string> ids;
  for (const RecurringRecord& record : records) ids.push_back(record.id);
  return ids;
}

using TemplateIds = std::vector<std::string>;

}  // namespace

void Recurring::add(const std::string& id, RecurringRecord record) {
  const CommitResult result = commit(unit().change(adding(id, std::move(record))));
  if (!result.done()) throw std::runtime_error{"the template " + id + " could not be added"};
}

RecurringRecord Recurring::stored(const std::string& id) {
  auto record = coordination().recurring(id);
  if (!record) throw std::runtime_error{"there is no template " + id};
  return *std::move(record);
}

RecurringDue Recurring::due(std::size_t max, std::vector<std::string> names) {
  return coordination().due_recurring({.job_names = std::move(names), .max = max});
}

TEST_P(Recurring, ATemplateIsStoredAsItWasDescribed) {
  const TimePoint before = now();
  const TimePoint at = before + 1h;
  RecurringRecord record = template_of(at, "näme");
  record.definition = "{\"text\":\"\\\"'\xF0\x9F\x94\xA5\\n; DROP TABLE\"}";
  record.progress = "{\"big\":\"" + std::string(100'000, 'x') + "\"}";
  add("id ' \" 1", record);
  const RecurringRecord found = stored("id ' \" 1");
  EXPECT_EQ(found.id, "id ' \" 1");
  EXPECT_EQ(found.version, 1U);
  EXPECT_EQ(found.job_name, record.job_name);
  EXPECT_EQ(found.due_at, at);
  EXPECT_EQ(found.definition, record.definition);
  EXPECT_EQ(found.progress, record.progress);
  EXPECT_GE(found.created_at, before);
  EXPECT_LE(found.created_at, now());
}

TEST_P(Recurring, WhatDoesNotExistIsNotFound) {
  EXPECT_FALSE(coordination().recurring("none"));
  EXPECT_TRUE(coordination().list_recurring({}).empty());
  const RecurringDue nothing = due();
  EXPECT_TRUE(nothing.records.empty());
  EXPECT_FALSE(nothing.next_due_in);
}

TEST_P(Recurring, AChangeReplacesAllButTheCreation) {
  add("a", template_of(now() + 1h));
  const RecurringRecord first = stored("a");
  advance(1min);
  RecurringRecord next = template_of(now() + 2h, "other");
  next.definition = "{}";
  next.progress = R"({"runs":1})";
  ASSERT_TRUE(commit(unit().change(changing(first, next))).done());
  const RecurringRecord second = stored("a");
  EXPECT_EQ(second.version, 2U);
  EXPECT_EQ(second.job_name, "other");
  EXPECT_EQ(second.due_at, next.due_at);
  EXPECT_EQ(second.definition, "{}");
  EXPECT_EQ(second.progress, next.progress);
  EXPECT_EQ(second.created_at, first.created_at);
}

TEST_P(Recurring, AnotherVersionIsAConflictThatNamesTheTemplate) {
  add("a", template_of(now() + 1h));
  const RecurringRecord first = stored("a");
  ASSERT_TRUE(commit(unit().change(changing(first, template_of(std::nullopt)))).done());
  const CommitResult refused = commit(unit().change(changing(first, template_of(now()))));
  EXPECT_EQ(refused.status, CommitStatus::conflict);
  EXPECT_EQ(refused.conflict, Conflict::version);
  EXPECT_EQ(refused.recurring, "a");
  EXPECT_EQ(stored("a").version, 2U);
  EXPECT_FALSE(stored("a").due_at);
}

TEST_P(Recurring, OneThatExistsIsNotAddedAgain) {
  add("a", template_of(now() + 1h));
  const CommitResult refused = commit(unit().change(adding("a", template_of(std::nullopt))));
  EXPECT_EQ(refused.conflict, Conflict::version);
  EXPECT_TRUE(stored("a").due_at);
}

TEST_P(Recurring, OneThatDoesNotExistIsNeitherChangedNorRemoved) {
  RecurringRecord gone = template_of(now());
  gone.id = "gone";
  gone.version = 3;
  EXPECT_EQ(commit(unit().change(changing(gone, template_of(now())))).conflict, Conflict::version);
  EXPECT_EQ(commit(unit().change(removing(gone))).conflict, Conflict::version);
  EXPECT_FALSE(coordination().recurring("gone"));
}

TEST_P(Recurring, ARemovedOneIsGoneAndMayBeAddedAgain) {
  add("a", template_of(now()));
  ASSERT_TRUE(commit(unit().change(removing(stored("a")))).done());
  EXPECT_FALSE(coordination().recurring("a"));
  EXPECT_TRUE(due().records.empty());
  EXPECT_TRUE(coordination().list_recurring({}).empty());
  add("a", template_of(now() + 1h));
  EXPECT_EQ(stored("a").version, 1U);
}

TEST_P(Recurring, AnOccurrenceAndItsBookkeepingCommitTogether) {
  add("a", template_of(now()));
  const RecurringRecord first = stored("a");
  const JobBuilder occurrence = job();
  ASSERT_TRUE(
      commit(unit().create(occurrence).change(changing(first, template_of(now() + 1h)))).done());
  EXPECT_EQ(state_of(occurrence.id()), "Enqueued");
  EXPECT_EQ(stored("a").version, 2U);

  const JobBuilder late = job();
  const CommitResult refused =
      commit(unit().create(late).change(changing(first, template_of(now() + 2h))));
  EXPECT_EQ(refused.conflict, Conflict::version);
  EXPECT_FALSE(exists(late.id())) << "somebody else has fired this occurrence";
  EXPECT_EQ(lifetime_count("Created"), 1U);
  EXPECT_EQ(live_count("Enqueued"), 1U);
}

TEST_P(Recurring, ARefusedUnitLeavesTheTemplateAlone) {
  add("a", template_of(now()));
  const RecurringRecord first = stored("a");
  create(job().unique("key"));
  const CommitResult rejected =
      commit(unit().create(job().unique("key")).change(changing(first, template_of(std::nullopt))));
  EXPECT_EQ(rejected.rejection, Rejection::unique_key);
  const CommitResult conflict = commit(unit()
                                           .move(moving(new_id<JobId>(), states::deleted()))
                                           .change(changing(first, template_of(std::nullopt))));
  EXPECT_EQ(conflict.conflict, Conflict::not_found);
  EXPECT_EQ(stored("a"), first);
  EXPECT_EQ(ids_of(due().records), TemplateIds{"a"});
}

TEST_P(Recurring, OneRefusedVersionUndoesTheWholeUnit) {
  add("a", template_of(now() + 1h));
  add("b", template_of(now() + 1h));
  const JobId moved = create(job());
  RecurringRecord stale = stored("b");
  ++stale.version;
  const CommitResult refused = commit(unit()
                                          .move(moving(moved, states::deleted()))
                                          .change(removing(stored("a")))
                                          .change(removing(stale)));
  EXPECT_EQ(refused.conflict, Conflict::version);
  EXPECT_EQ(refused.recurring, "b");
  EXPECT_EQ(stored("a").version, 1U);
  EXPECT_EQ(state_of(moved), "Enqueued");
  EXPECT_EQ(lifetime_count("Deleted"), 0U);
}

TEST_P(Recurring, AnExecutionMayEndTogetherWithAChange) {
  create(job());
  const Execution execution = claim_one();
  ASSERT_TRUE(
      commit(unit().move(ending(execution)).change(adding("a", template_of(now())))).done());
  EXPECT_EQ(state_of(execution.ref.job), "Succeeded");
  EXPECT_EQ(stored("a").version, 1U);
}

TEST_P(Recurring, UnitsOfOneCallSeeEachOther) {
  RecurringRecord first = template_of(now());
  first.id = "a";
  first.version = 1;
  const std::vector<Unit> units{unit().change(adding("a", first)),
                                unit().create(job()).change(changing(first, template_of(now()))),
                                unit().create(job()).change(changing(first, template_of(now())))};
  const std::vector<CommitResult> results = jobs().commit(units);
  EXPECT_TRUE(results.at(0).done());
  EXPECT_TRUE(results.at(1).done());
  EXPECT_EQ(results.at(2).conflict, Conflict::version);
  EXPECT_EQ(stored("a").version, 2U);
  EXPECT_EQ(lifetime_count("Created"), 1U);
}

TEST_P(Recurring, AUnitThatComesAgainIsRecognised) {
  const Unit adds = unit().change(adding("a", template_of(now())));
  ASSERT_EQ(commit(adds).status, CommitStatus::applied);
  EXPECT_EQ(commit(adds).status, CommitStatus::already_applied);
  const Unit fires = unit().create(job()).change(changing(stored("a"), template_of(now() + 1h)));
  ASSERT_EQ(commit(fires).status, CommitStatus::applied);
  EXPECT_EQ(commit(fires).status, CommitStatus::already_applied);
  const Unit removes = unit().change(removing(stored("a")));
  ASSERT_EQ(commit(removes).status, CommitStatus::applied);
  EXPECT_EQ(commit(removes).status, CommitStatus::already_applied);
  EXPECT_EQ(lifetime_count("Created"), 1U);
}

TEST_P(Recurring, ARefusedUnitIsNotTakenForAnAppliedOne) {
  add("a", template_of(now()));
  RecurringRecord stale = stored("a");
  stale.version = 2;
  const Unit early = unit().change(changing(stale, template_of(std::nullopt)));
  ASSERT_EQ(commit(early).conflict, Conflict::version);
  ASSERT_TRUE(commit(unit().change(changing(stored("a"), template_of(now())))).done());
  EXPECT_EQ(commit(early).status, CommitStatus::applied);
}

TEST_P(Recurring, TheEarliestFallDueFirst) {
  const TimePoint at = now();
  add("later", template_of(at - 1s));
  add("b", template_of(at - 2s));
  add("a", template_of(at - 2s));
  add("earliest", template_of(at - 1h));
  add("not yet", template_of(at + 1h));
  add("never", template_of(std::nullopt));
  const RecurringDue all = due();
  EXPECT_EQ(ids_of(all.records), (TemplateIds{"earliest", "a", "b", "later"}));
  EXPECT_EQ(all.records.front(), stored("earliest"));
  ASSERT_TRUE(all.next_due_in);
  EXPECT_LE(*all.next_due_in, 1h);
  EXPECT_GT(*all.next_due_in, 50min);
  EXPECT_GE(all.now, at);
}

TEST_P(Recurring, NoMoreThanAskedForAreGiven) {
  const TimePoint at = now();
  for (int i = 0; i < 5; ++i) add("t" + std::to_string(i), template_of(at - 1min + i * 1s));
  const RecurringDue some = due(3);
  EXPECT_EQ(ids_of(some.records), (TemplateIds{"t0", "t1", "t2"}));
  EXPECT_EQ(some.next_due_in, Duration::zero());
  EXPECT_EQ(ids_of(due(5).records).size(), 5U);
  EXPECT_FALSE(due(5).next_due_in);
}

TEST_P(Recurring, OnlyTemplatesOfTheNamesFallDue) {
  const TimePoint at = now();
  add("mine", template_of(at - 1s, "work"));
  add("also mine", template_of(at - 2s, "play"));
  add("not mine", template_of(at - 3s, "rest"));
  EXPECT_EQ(ids_of(due(10, {"work", "play", "work"}).records), (TemplateIds{"also mine", "mine"}));
  EXPECT_EQ(ids_of(due(10, {"rest"}).records), TemplateIds{"not mine"});
  EXPECT_TRUE(due(10, {}).records.empty());
  EXPECT_FALSE(due(10, {}).next_due_in);
}

TEST_P(Recurring, OneFallsDueWhenItsTimeHasCome) {
  add("a", template_of(now() + 1h));
  EXPECT_TRUE(due().records.empty());
  advance(61min);
  EXPECT_EQ(ids_of(due().records), TemplateIds{"a"});
  EXPECT_EQ(ids_of(due().records), TemplateIds{"a"}) << "looking changes nothing";
}

TEST_P(Recurring, AChangedDueTimeReplacesTheOldOne) {
  add("a", template_of(now() - 1h));
  ASSERT_TRUE(commit(unit().change(changing(stored("a"), template_of(now() + 1h)))).done());
  EXPECT_TRUE(due().records.empty());
  ASSERT_TRUE(commit(unit().change(changing(stored("a"), template_of(std::nullopt)))).done());
  EXPECT_FALSE(due().next_due_in);
  ASSERT_TRUE(commit(unit().change(changing(stored("a"), template_of(now(), "other")))).done());
  EXPECT_TRUE(due().records.empty());
  EXPECT_EQ(ids_of(due(10, {"other"}).records), TemplateIds{"a"});
}

TEST_P(Recurring, TemplatesAreListedByIdPageByPage) {
  for (const char* id : {"b", "a", "C", "\xC3\xA9", "aa"}) add(id, template_of(now()));
  EXPECT_EQ(ids_of(coordination().list_recurring({.limit = 100})),
            (TemplateIds{"C", "a", "aa", "b", "\xC3\xA9"}));
  EXPECT_EQ(ids_of(coordination().list_recurring({.limit = 2})), (TemplateIds{"C", "a"}));
  EXPECT_EQ(ids_of(coordination().list_recurring({.after = "a", .limit = 2})),
            (TemplateIds{"aa", "b"}));
  EXPECT_EQ(coordination().list_recurring({.limit = 1}).front(), stored("C"));
}

TEST_P(Recurring, IdsMayBeLongButNotLongerAndNotEmpty) {
  const std::string longest(150, 'i');
  add(longest, template_of(now()));
  EXPECT_EQ(stored(longest).id, longest);
  EXPECT_THROW(commit(unit().change(adding(longest + "i", template_of(now())))), UsageError);
  EXPECT_THROW(commit(unit().change(adding("", template_of(now())))), UsageError);
}

TEST_P(Recurring, AUnitThatChangesOneTwiceIsAMistake) {
  add("a", template_of(now()));
  const RecurringRecord first = stored("a");
  EXPECT_THROW(commit(unit().change(removing(first)).change(adding("a", template_of(now())))),
               UsageError);
  EXPECT_EQ(stored("a"), first);
}

TEST_P(Recurring, TwoWhoFireTheSameOccurrenceCreateOneJob) {
  PORTFIRE_CONFORMANCE_NEEDS(shared);
  const std::shared_ptr<Storage> other = open_another();
  add("a", template_of(now()));
  constexpr int occurrences = 25;
  for (int i = 0; i < occurrences; ++i) {
    const RecurringRecord seen = stored("a");
    const Unit mine = unit().create(job()).change(changing(seen, template_of(now())));
    const Unit theirs = unit().create(job()).change(changing(seen, template_of(now())));
    CommitResult their_result;
    const auto task = storage().runtime()->spawn("other", [&] {
      do {
        their_result = other->jobs().commit({&theirs, 1}).front();
      } while (their_result.status == CommitStatus::busy);
    });
    const CommitResult my_result = commit(mine);
    task->join();
    EXPECT_NE(my_result.done(), their_result.done());
    EXPECT_EQ((my_result.done() ? their_result : my_result).conflict, Conflict::version);
  }
  EXPECT_EQ(lifetime_count("Created"), static_cast<std::uint64_t>(occurrences));
  EXPECT_EQ(stored("a").version, 1U + occurrences);
}

TEST_P(Recurring, TemplatesOutliveTheProcess) {
  PORTFIRE_CONFORMANCE_NEEDS(durable);
  add("a", template_of(now() - 1s));
  const RecurringRecord before = stored("a");
  reopen();
  EXPECT_EQ(stored("a"), before);
  EXPECT_EQ(ids_of(due().records), TemplateIds{"a"});
}

}  // namespace portfire::conformance
