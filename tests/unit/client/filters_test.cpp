#include <portfire/client.hpp>
#include <portfire/filter.hpp>

#include <stdexcept>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <portfire/memory.hpp>

namespace portfire::filters_test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Job<void(int)> work{"work"};

using Strings = std::vector<std::string>;

// Notes each hook; what it does beyond that is given as functions.
struct Probe : Filter {
  Probe(std::string filter_name, int filter_order, Strings& notes)
      : own_name{std::move(filter_name)}, own_order{filter_order}, notes_{notes} {}

  [[nodiscard]] std::string_view name() const override { return own_name; }
  [[nodiscard]] int order() const override { return own_order; }

  void creating(Creating& creating) override {
    note("creating");
    if (on_creating) on_creating(creating);
  }
  void created(const Created& created) override {
    note(created.vetoed ? "vetoed" : created.error ? "error" : "created");
    if (on_created) on_created(created);
  }
  void electing(Election& election) override {
    note("electing " + election.candidate.name);
    if (on_electing) on_electing(election);
  }
  void applying(Applying& applying) override {
    note("applying");
    if (on_applying) on_applying(applying);
  }
  void applied(const Applied& applied) override {
    note("applied " + std::string{to_string(applied.result.status)});
    if (on_applied) on_applied(applied);
  }

  std::string own_name;
  int own_order;
  std::function<void(Creating&)> on_creating;
  std::function<void(const Created&)> on_created;
  std::function<void(Election&)> on_electing;
  std::function<void(Applying&)> on_applying;
  std::function<void(const Applied&)> on_applied;

 private:
  void note(const std::string& hook) { notes_.push_back(own_name + " " + hook); }
  Strings& notes_;
};

class ClientFilters : public ::testing::Test {
 protected:
  std::shared_ptr<Probe> probe(std::string name, int order = 0) {
    auto filter = std::make_shared<Probe>(std::move(name), order, notes_);
    filters_.push_back(filter);
    return filter;
  }
  Client client() {
    return Client{storage_, {.filters = filters_, .log = [this](LogLevel, std::string_view line) {
                               log_.emplace_back(line);
                             }}};
  }
  Strings history(JobId id) {
    Strings names;
    const JobDetails job = client().find(id).value();
    for (const HistoryEntry& entry : job.history) {
      names.push_back(entry.elected_away ? "[" + entry.state + "]" : entry.state);
    }
    return names;
  }

  const std::shared_ptr<Storage> storage_ = memory::open();
  Filters filters_;
  Strings notes_;
  Strings log_;
};

[[noreturn]] void blow() { throw std::runtime_error{"boom"}; }

TEST_F(ClientFilters, RunByOrderThenAsListedAndPairedHooksInReverse) {
  probe("late", 10);
  probe("a");
  probe("b");
  client().enqueue(work, 1);
  EXPECT_THAT(notes_,
              ElementsAre("a creating", "b creating", "late creating", "a electing Enqueued",
                          "b electing Enqueued", "late electing Enqueued", "late created",
                          "b created", "a created"));
}

TEST_F(ClientFilters, AVetoStopsTheCreationAndLaterFiltersAreNotAsked) {
  probe("a")->on_creating = [](Creating& creating) { creating.veto("closed"); };
  probe("b");
  const Creation creation = client().enqueue(work, 1);
  EXPECT_EQ(creation.status, Creation::Status::vetoed);
  EXPECT_EQ(creation.reason, "closed");
  EXPECT_FALSE(JobId{creation});
  EXPECT_THAT(notes_, ElementsAre("a creating", "b vetoed", "a vetoed"));
  EXPECT_TRUE(storage_->monitoring().statistics().lifetime.empty());
}

TEST_F(ClientFilters, ABulkWithAVetoCreatesTheRest) {
  probe("a")->on_creating = [](Creating& creating) {
    if (creating.job.arguments == "[2]") creating.veto("no twos");
  };
  const auto jobs = client().enqueue_all(work, std::vector<int>{1, 2, 3});
  EXPECT_TRUE(jobs[0].created());
  EXPECT_EQ(jobs[1].status, Creation::Status::vetoed);
  EXPECT_TRUE(jobs[2].created());
  EXPECT_EQ(client().find(jobs[2])->arguments, "[3]");
}

TEST_F(ClientFilters, CreatingMayChangeTheJobWithinTheRules) {
  const auto filter = probe("a");
  filter->on_creating = [](Creating& creating) {
    creating.job.queue = "other";
    creating.job.parameters["culture"] = "\"fr\"";
  };
  const JobId id = client().enqueue(work, 1);
  EXPECT_EQ(client().find(id)->queue, "other");
  EXPECT_EQ(client().parameter<std::string>(id, "culture"), "fr");
  filter->on_creating = [](Creating& creating) { creating.job.queue = "No Good"; };
  EXPECT_THROW(client().enqueue(work, 1), UsageError);
}

TEST_F(ClientFilters, AnExceptionInCreatingReachesTheCaller) {
  probe("a")->on_creating = [](Creating&) { blow(); };
  EXPECT_THROW(client().enqueue(work, 1), std::runtime_error);
}

TEST_F(ClientFilters, AnExceptionAfterTheFactIsLogged) {
  const auto filter = probe("a");
  filter->on_created = [](const Created&) { blow(); };
  filter->on_applied = [](const Applied&) { throw 7; };
  const JobId id = client().enqueue(work, 1);
  EXPECT_TRUE(id);
  EXPECT_TRUE(client().delete_job(id));
  EXPECT_THAT(log_, ElementsAre("the filter \"a\" threw in `created`: boom",
                                HasSubstr("threw in `applied`: an exception of a type")));
}

TEST_F(ClientFilters, AnElectionReplacesTheStateAndLeavesItInTheHistory) {
  probe("a")->on_electing = [](Election& election) {
    if (election.job.current_state.empty()) election.elect(states::scheduled(1h, "night only"));
  };
  probe("b");
  const JobId id = client().enqueue(work, 1);
  EXPECT_THAT(history(id), ElementsAre("[Enqueued]", "Scheduled"));
  EXPECT_EQ(client().find(id)->reason, "night only");
  EXPECT_THAT(notes_, ::testing::Contains("b electing Scheduled"));
}

TEST_F(ClientFilters, AnExceptionInElectingMakesTheJobFailed) {
  probe("a")->on_electing = [](Election&) { blow(); };
  probe("b");
  const JobId id = client().enqueue(work, 1);
  EXPECT_THAT(history(id), ElementsAre("[Enqueued]", "Failed"));
  EXPECT_EQ(client().find(id)->reason, "The filter \"a\" threw in `electing`: boom");
  EXPECT_THAT(notes_, ElementsAre("a creating", "b creating", "a electing Enqueued", "b created",
                                  "a created"));
}

TEST_F(ClientFilters, AStateOfKindRunningCannotBeElected) {
  probe("a")->on_electing = [](Election& election) {
    election.elect({.name = "Mine", .kind = StateKind::running});
  };
  const JobId id = client().enqueue(work, 1);
  EXPECT_EQ(client().find(id)->state, "Failed");
  EXPECT_THAT(client().find(id)->reason, HasSubstr("it elected \"Mine\", a state of kind running"));
}

TEST_F(ClientFilters, AContinuationsLaterStatesAreElectedAtItsCreation) {
  probe("a")->on_electing = [](Election& election) {
    if (election.candidate.kind == StateKind::ready) election.elect(states::scheduled(1h));
    if (election.candidate.ending == Ending::deleted) election.elect(states::failed("orphan"));
  };
  Client plain{storage_, {.log = silent_sink()}};
  const JobId parent = plain.enqueue(work, 1);
  const JobId met = client().continue_with(work, on_deleted(parent), 2);
  const JobId unmet = client().continue_with(work, on_succeeded(parent), 3);
  EXPECT_EQ(plain.find(met)->state, "Awaiting");
  plain.delete_job(parent);
  EXPECT_EQ(plain.find(met)->state, "Scheduled");
  EXPECT_EQ(plain.find(unmet)->state, "Failed");
}

TEST_F(ClientFilters, AChangeByHandIsElectedAndAppliedToo) {
  const auto filter = probe("a");
  const JobId id = client().enqueue(work, 1);
  notes_.clear();
  filter->on_electing = [](Election& election) {
    EXPECT_EQ(election.job.name, "work");
    EXPECT_EQ(election.job.arguments, "[1]");
    EXPECT_EQ(election.job.current_state, "Enqueued");
    election.elect({"Archived", StateKind::final, Ending::other});
    election.parameters["by"] = "\"a\"";
  };
  filter->on_applying = [](Applying& applying) { applying.transition.state.reason = "tidy"; };
  const Change change = client().delete_job(id);
  EXPECT_EQ(change.status, Change::Status::redirected);
  EXPECT_EQ(change.state, "Archived");
  EXPECT_FALSE(change);
  EXPECT_THAT(history(id), ElementsAre("Enqueued", "[Deleted]", "Archived"));
  EXPECT_EQ(client().find(id)->reason, "tidy");
  EXPECT_EQ(client().parameter<std::string>(id, "by"), "a");
  EXPECT_THAT(notes_, ElementsAre("a electing Deleted", "a applying", "a applied applied"));
}

TEST_F(ClientFilters, ApplyingMustNotChangeTheKind) {
  const auto filter = probe("a");
  const JobId id = client().enqueue(work, 1);
  filter->on_applying = [](Applying& applying) { applying.transition.state = states::deleted(); };
  const Change change = client().requeue(id);
  EXPECT_EQ(change.status, Change::Status::redirected);
  EXPECT_EQ(client().find(id)->state, "Failed");
  EXPECT_THAT(client().find(id)->reason, HasSubstr("\"a\" threw in `applying`"));
}

TEST_F(ClientFilters, AMoveToAnotherQueueIsAChangeLikeOthers) {
  const auto filter = probe("a");
  const JobId id = client().enqueue(work, 1);
  notes_.clear();
  EXPECT_TRUE(client().move_to_queue(id, "other"));
  EXPECT_EQ(client().find(id)->queue, "other");
  EXPECT_THAT(notes_, ElementsAre("a electing Enqueued", "a applying", "a applied applied"));
}

// It is looked at anew: what it has become may be moved, or not.
TEST_F(ClientFilters, AMoveThatWasOvertakenLooksAgain) {
  const auto filter = probe("a");
  const JobId id = client().enqueue(work, 1);
  Client plain{storage_, {.log = silent_sink()}};
  int elections = 0;
  filter->on_electing = [&](Election&) {
    if (++elections == 1) plain.reschedule(id, 1h);
    if (elections == 3) plain.delete_job(id);
  };
  EXPECT_TRUE(client().move_to_queue(id, "other"));
  EXPECT_EQ(elections, 2);
  EXPECT_EQ(client().find(id)->state, "Scheduled");
  const Change refused = client().move_to_queue(id, "third");
  EXPECT_EQ(refused.status, Change::Status::state_mismatch);
  EXPECT_EQ(refused.state, "Deleted");
}

// Somebody moves the job between the election and the commit: the election is made anew.
TEST_F(ClientFilters, AnElectionThatWasOvertakenIsMadeAnew) {
  const auto filter = probe("a");
  const JobId id = client().enqueue(work, 1);
  Client plain{storage_, {.log = silent_sink()}};
  int elections = 0;
  filter->on_electing = [&](Election&) {
    if (++elections == 1) plain.reschedule(id, 1h);
  };
  EXPECT_TRUE(client().delete_job(id));
  EXPECT_EQ(elections, 2);
  EXPECT_THAT(history(id), ElementsAre("Enqueued", "Scheduled", "Deleted"));
}

TEST_F(ClientFilters, AChangeOfAJobThatDoesNotExistAsksNobody) {
  probe("a");
  EXPECT_EQ(client().delete_job(JobId{4, 2}).status, Change::Status::not_found);
  EXPECT_TRUE(notes_.empty());
}

}  // namespace
}  // namespace portfire::filters_test
