// Filters of servers, states of users, background processes of users.

#include <future>
#include <stdexcept>

#include <gmock/gmock.h>

#include "scenarios/scenario.hpp"

namespace portfire::scenarios {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr Job<int(int)> work{"work"};

// Notes each hook; what it does beyond that is given as functions.
struct Probe : Filter {
  Probe(std::string filter_name, Notes& notes) : own_name{std::move(filter_name)}, notes_{notes} {}

  [[nodiscard]] std::string_view name() const override { return own_name; }
  void performing(Performing& performing) override {
    note("performing");
    if (on_performing) on_performing(performing);
  }
  void performed(Performed& performed) override {
    note(performed.error ? "performed with error" : "performed");
    if (on_performed) on_performed(performed);
  }
  void failed(const Failing&) override { note("failed"); }
  void electing(Election& election) override {
    note("electing " + election.candidate.name);
    if (on_electing) on_electing(election);
  }
  void applying(Applying& applying) override {
    if (on_applying) on_applying(applying);
  }
  void applied(const Applied& applied) override {
    note("applied " + applied.transition.state.name);
  }
  void created(const Created& created) override { note("created " + created.job.name); }
  [[nodiscard]] bool elects_released_jobs() const override { return elects_released; }

  std::string own_name;
  bool elects_released = false;
  std::function<void(Performing&)> on_performing;
  std::function<void(Performed&)> on_performed;
  std::function<void(Election&)> on_electing;
  std::function<void(Applying&)> on_applying;

 private:
  void note(const std::string& hook) { notes_.add(own_name + " " + hook); }
  Notes& notes_;
};

class ServerFilters : public Scenario {
 protected:
  std::shared_ptr<Probe> probe(std::string name) {
    auto filter = std::make_shared<Probe>(std::move(name), notes_);
    options_.filters.push_back(filter);
    return filter;
  }
  // Runs one job; a negative one throws.
  std::string run(int n = 1, Filters own = {}) {
    Handlers handlers;
    handlers.on(
        work,
        [this](int number) {
          ++runs_;
          if (number < 0) throw std::runtime_error{"negative"};
          return number;
        },
        std::move(own));
    start(handlers, options_);
    id_ = client().enqueue(work, n);
    const std::string state = rest(id_);
    stop_all();
    return state;
  }

  Notes notes_;
  ServerOptions options_ = [this] {
    ServerOptions options = quick();
    options.retry.attempts = 0;
    return options;
  }();
  std::atomic<int> runs_{0};
  JobId id_;
};
PORTFIRE_SCENARIOS(ServerFilters);

TEST_P(ServerFilters, SurroundTheRunInOrderAndBackAgain) {
  probe("a");
  probe("b");
  EXPECT_EQ(run(1, {std::make_shared<Probe>("own", notes_)}), "Succeeded");
  EXPECT_THAT(notes_.all(),
              ElementsAre("a performing", "b performing", "own performing", "own performed",
                          "b performed", "a performed", "a electing Succeeded",
                          "b electing Succeeded", "own electing Succeeded", "own applied Succeeded",
                          "b applied Succeeded", "a applied Succeeded"));
}

TEST_P(ServerFilters, AreToldOfAFailureBeforeTheElection) {
  probe("a");
  EXPECT_EQ(run(-1), "Failed");
  EXPECT_THAT(notes_.all(), ElementsAre("a performing", "a performed with error", "a failed",
                                        "a electing Failed", "a applied Failed"));
}

TEST_P(ServerFilters, MayCancelARun) {
  probe("a")->on_performing = [](Performing& performing) { performing.cancel("not today"); };
  probe("b");
  EXPECT_EQ(run(), "Deleted");
  EXPECT_EQ(details(id_).reason, "not today");
  EXPECT_EQ(runs_.load(), 0);
  EXPECT_THAT(notes_.all(), ::testing::Not(Contains("b performing")));
}

TEST_P(ServerFilters, MaySwallowAnException) {
  probe("a")->on_performed = [](Performed& performed) { performed.error = nullptr; };
  EXPECT_EQ(run(-1), "Succeeded");
  EXPECT_EQ(client().result<int>(id_), std::nullopt);
}

TEST_P(ServerFilters, ThatThrowAroundTheRunFailTheJob) {
  const auto filter = probe("a");
  filter->on_performing = [](Performing&) { throw std::runtime_error{"before"}; };
  EXPECT_EQ(run(), "Failed");
  EXPECT_EQ(details(id_).reason, "before");
  EXPECT_EQ(runs_.load(), 0);
  filter->on_performing = {};
  filter->on_performed = [](Performed&) { throw std::runtime_error{"after"}; };
  EXPECT_EQ(run(), "Failed");
  EXPECT_EQ(details(id_).reason, "after");
}

TEST_P(ServerFilters, ThatThrowInAnElectionFailTheJobByName) {
  probe("a")->on_electing = [](Election&) { throw std::runtime_error{"boom"}; };
  EXPECT_EQ(run(), "Failed");
  EXPECT_EQ(details(id_).reason, "The filter \"a\" threw in `electing`: boom");
  EXPECT_THAT(history(id_), ElementsAre("Enqueued", "Processing", "[Succeeded]", "Failed"));
}

TEST_P(ServerFilters, MayElectAStateOfTheUsersOwn) {
  probe("a")->on_electing = [](Election& election) {
    if (election.candidate.ending == Ending::succeeded) {
      election.elect({.name = "Review",
                      .kind = StateKind::parked,
                      .reason = "a human decides",
                      .data = R"({"by":"ann"})"});
    }
  };
  EXPECT_EQ(run(7), "Review");
  EXPECT_EQ(details(id_).data, R"({"by":"ann"})");
  EXPECT_EQ(details(id_).reason, "a human decides");
  EXPECT_EQ(client().result<int>(id_), 7);
  EXPECT_EQ(storage().monitoring().statistics().lifetime.at("Review"), 1U);
}

TEST_P(ServerFilters, AFinalStateOfTheUsersOwnFulfilsFinishedAlone) {
  probe("a")->on_electing = [](Election& election) {
    if (election.candidate.ending == Ending::succeeded && election.job.arguments == "[1]") {
      election.elect({.name = "Archived", .kind = StateKind::final, .ending = Ending::other});
    }
  };
  Handlers handlers;
  handlers.on(work, [](int n) { return n; });
  const JobId parent = client().enqueue(work, 1);
  const JobId finished = client().continue_with(work, on_finished(parent), 2);
  const JobId succeeded = client().continue_with(work, on_succeeded(parent), 3);
  start(handlers, options_);
  EXPECT_EQ(rest(parent), "Archived");
  EXPECT_EQ(rest(finished), "Succeeded");
  EXPECT_EQ(rest(succeeded), "Deleted");
}

TEST_P(ServerFilters, MayChangeParametersAndReasonBeforeTheCommit) {
  probe("a")->on_applying = [](Applying& applying) {
    applying.transition.parameters["seen"] = "true";
    applying.transition.state.reason = "seen";
  };
  EXPECT_EQ(run(), "Succeeded");
  EXPECT_EQ(client().parameter<bool>(id_, "seen"), true);
  EXPECT_EQ(details(id_).reason, "seen");
}

TEST_P(ServerFilters, MayElectJobsThatFallDueAndContinuations) {
  const auto filter = probe("a");
  filter->elects_released = true;
  filter->on_electing = [](Election& election) {
    if (election.candidate.kind == StateKind::ready && election.job.arguments == "[2]") {
      election.elect(states::deleted("not needed any more"));
    }
  };
  std::promise<void> children_exist;
  Handlers handlers;
  handlers.on("parent", [&] { children_exist.get_future().wait(); });
  handlers.on(work, [](int n) { return n; });
  start(handlers, options_);
  const JobId due = client().schedule(work, 1ms, 2);
  const JobId parent = client().enqueue_raw("parent", "[]");
  const JobId child = client().continue_with(work, parent, 2);
  const JobId other = client().continue_with(work, parent, 3);
  children_exist.set_value();
  EXPECT_EQ(rest(due), "Deleted");
  EXPECT_EQ(rest(child), "Deleted");
  EXPECT_EQ(rest(other), "Succeeded");
  EXPECT_THAT(history(child), ElementsAre("Awaiting", "[Enqueued]", "Deleted"));
}

// The parent's own chain does not ask for it; the child's does.
TEST_P(ServerFilters, OfOneKindOfJobSeeItsReleaseByAnother) {
  const auto filter = std::make_shared<Probe>("own", notes_);
  filter->elects_released = true;
  filter->on_electing = [](Election& election) {
    if (election.candidate.kind == StateKind::ready) election.elect(states::deleted("no"));
  };
  std::promise<void> child_exists;
  Handlers handlers;
  handlers.on("parent", [&] { child_exists.get_future().wait(); });
  handlers.on(work, [](int n) { return n; }, {filter});
  start(handlers, options_);
  const JobId parent = client().enqueue_raw("parent", "[]");
  const auto child = client().continue_with(work, parent, 2);
  child_exists.set_value();
  EXPECT_EQ(rest(child), "Deleted");
}

TEST_P(ServerFilters, AreToldOfTheJobsThatHandlersCreate) {
  probe("a");
  Handlers handlers;
  handlers.on(work, [](int n) { return n; });
  handlers.on("spawn", [](Context& context) { context.client().enqueue(work, 1); });
  start(handlers, options_);
  rest(client().enqueue_raw("spawn", "[]"));
  stop_all();
  EXPECT_THAT(notes_.all(), Contains("a created work"));
}

TEST_P(ServerFilters, ARetryThatIsExceededMayDelete) {
  options_.retry.on_exceeded = RetryOptions::OnExceeded::delete_job;
  EXPECT_EQ(run(-1), "Deleted");
  EXPECT_THAT(history(id_), ElementsAre("Enqueued", "Processing", "[Failed]", "Deleted"));
}

class Ticker final : public BackgroundProcess {
 public:
  [[nodiscard]] std::string_view name() const override { return "ticker"; }
  Duration run_once(ProcessContext& context) override {
    EXPECT_TRUE(context.server);
    const int step = ++steps;
    context.storage.coordination().queue_settings();  // an event for the test
    if (step == 1) throw std::runtime_error{"boom"};
    return 1ms;
  }
  std::atomic<int> steps{0};
};

TEST_P(ServerFilters, ProcessesOfTheUserAreCalledAgainAndAgainAndSurvive) {
  const auto ticker = std::make_shared<Ticker>();
  options_.processes = {ticker};
  start({}, options_);
  EXPECT_TRUE(until([&] { return ticker->steps >= 4; }));
  stop_all();
  EXPECT_THAT(log().lines_with("ticker"), Contains(HasSubstr("boom")));
}

TEST_P(ServerFilters, TheServerSaysItsOptionsAtItsStart) {
  start({}, options_);
  EXPECT_EQ(log().lines_with("workers=4 queues=default").size(), 1U);
}

}  // namespace
}  // namespace portfire::scenarios
