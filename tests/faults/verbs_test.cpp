// Every verb, with the network cut at every place of what it sends and receives.

#include <utility>

#include "faults/faults.hpp"

namespace portfire::faults {
namespace {

using testing::ending;
using testing::JobBuilder;
using testing::moving;
using ::testing::SizeIs;
using testing::UnitBuilder;

class CutVerbs : public ::testing::Test {
 protected:
  void SetUp() override { announce(server_); }

  // Does something again and again, each time with the connection cut a little later, until
  // nothing is left to cut: on a connection that is there, then on new ones.
  template <class Body>
  void cut_everywhere(Body body) {
    for (const bool is_new : {false, true}) {
      for (const auto way : {TcpGate::Way::to_server, TcpGate::Way::to_client}) {
        const std::size_t cuts = cut_further_and_further(is_new, way, body);
        EXPECT_GE(cuts, 2U);
      }
    }
  }

  void announce(ServerId server) {
    near_->coordination().announce(
        {.id = server, .name = "test", .queues = {"default"}, .job_names = {"work"}, .lease = 1h});
  }
  JobBuilder job() { return {ids_.next<JobId>(), "work"}; }
  UnitBuilder unit() { return UnitBuilder{ids_.next<UnitId>()}; }
  static CommitResult commit(Storage& storage, const Unit& unit) {
    return storage.jobs().commit({&unit, 1}).front();
  }
  Execution claimed(ServerId server) {
    auto result = near_->jobs().claim({server, ++token_, {"default"}, 1});
    EXPECT_THAT(result.executions, SizeIs(1));
    return result.executions.at(0);
  }
  Execution new_execution() {
    commit(*near_, unit().create(job()));
    return claimed(server_);
  }
  std::string state_of(JobId job) {
    const auto found = near_->monitoring().job(job);
    return found ? found->state : "(none)";
  }
  std::uint64_t ever(const std::string& state) {
    const auto numbers = near_->monitoring().statistics().lifetime;
    const auto found = numbers.find(state);
    return found != numbers.end() ? found->second : 0;
  }
  // For verbs that are not repeated by themselves when nobody knows whether they were done.
  template <class Body>
  bool unless_lost(Body body) {
    try {
      body();
      return true;
    } catch (const StorageError& error) {
      EXPECT_TRUE(error.connection_lost()) << error.what();
      return false;
    }
  }

  const Installation installation_;
  TcpGate gate_{installation_.server().port()};
  const std::shared_ptr<Storage> near_ = installation_.open({.listen = false});
  const std::shared_ptr<Storage> far_ = installation_.open_at(
      installation_.url_through(gate_), {.max_connections = 1, .listen = false});
  testing::TestIds ids_;
  const ServerId server_ = ids_.next<ServerId>();
  std::uint64_t token_ = 0;

 private:
  template <class Body>
  std::size_t cut_further_and_further(bool is_new, TcpGate::Way way, Body body) {
    // Primes, so that the places differ from message to message.
    const std::size_t step = is_new ? 149 : 37;
    for (std::size_t cuts = 0;; ++cuts) {
      SCOPED_TRACE("cut after " + std::to_string(cuts * step) + " bytes " +
                   (way == TcpGate::Way::to_server ? "to the server" : "to the client") +
                   (is_new ? ", new connection" : ""));
      if (is_new) gate_.cut();
      gate_.cut_after(way, cuts * step);
      body();
      if (gate_.take_back()) return cuts;
      if (HasFailure()) return cuts;
    }
  }
};

TEST_F(CutVerbs, AJobIsCreatedOnce) {
  std::size_t jobs = 0;
  cut_everywhere([&] {
    EXPECT_TRUE(commit(*far_, unit().create(job())).done());
    ++jobs;
  });
  EXPECT_EQ(installation_.count("job"), std::to_string(jobs));
  EXPECT_EQ(ever("Created"), jobs);
}

TEST_F(CutVerbs, JobsOfOneUnitAreCreatedTogetherAndOnce) {
  std::size_t jobs = 0;
  cut_everywhere([&] {
    const JobBuilder parent = job();
    EXPECT_TRUE(commit(*far_, unit()
                                  .create(parent)
                                  .create(job().after(parent.id()))
                                  .create(job().unique(to_string(parent.id()))))
                    .done());
    jobs += 3;
  });
  EXPECT_EQ(installation_.count("job"), std::to_string(jobs));
  EXPECT_EQ(ever("Created"), jobs);
}

TEST_F(CutVerbs, AJobIsFinishedOnce) {
  std::size_t jobs = 0;
  cut_everywhere([&] {
    const Execution execution = new_execution();
    EXPECT_TRUE(commit(*far_, unit().move(ending(execution))).done());
    EXPECT_EQ(state_of(execution.ref.job), "Succeeded");
    ++jobs;
  });
  EXPECT_EQ(ever("Succeeded"), jobs);
  EXPECT_EQ(installation_.count("finished"), std::to_string(jobs));
}

// Several statements and rounds in one transaction.
TEST_F(CutVerbs, AMixedCallIsDoneOnce) {
  std::size_t calls = 0;
  cut_everywhere([&] {
    const Execution well = new_execution();
    const Execution badly = new_execution();
    const JobBuilder first = job();
    const std::vector<Unit> units{unit().create(first), unit().move(ending(well)),
                                  unit().move(ending(badly, states::failed("broken"))),
                                  unit().move(moving(first.id(), states::deleted()))};
    for (const CommitResult& result : far_->jobs().commit(units)) EXPECT_TRUE(result.done());
    EXPECT_EQ(state_of(badly.ref.job), "Failed");
    EXPECT_EQ(state_of(first.id()), "Deleted");
    ++calls;
  });
  EXPECT_EQ(ever("Succeeded"), calls);
  EXPECT_EQ(ever("Failed"), calls);
  EXPECT_EQ(ever("Deleted"), calls);
}

TEST_F(CutVerbs, ALostClaimIsAnsweredAgain) {
  cut_everywhere([&] {
    const JobBuilder one = job();
    const JobBuilder two = job();
    commit(*near_, unit().create(one).create(two));
    const auto executions = far_->jobs().claim({server_, ++token_, {"default"}, 2}).executions;
    ASSERT_THAT(executions, SizeIs(2));
    EXPECT_EQ(executions[0].ref.job, one.id());
    EXPECT_EQ(executions[1].ref.job, two.id());
    EXPECT_THAT(near_->jobs().held(server_), SizeIs(2)) << "nobody runs the others";
    for (const Execution& each : executions) commit(*near_, unit().move(ending(each)));
  });
}

TEST_F(CutVerbs, WhatIsGivenBackIsReadyAgain) {
  commit(*near_, unit().create(job()));
  cut_everywhere([&] {
    const std::vector<Released> released{{claimed(server_).ref, ReleaseReason::unstarted}};
    far_->jobs().release(released);
    EXPECT_THAT(near_->jobs().held(server_), SizeIs(0));
  });
}

TEST_F(CutVerbs, WhatIsDueIsPromoted) {
  cut_everywhere([&] {
    const JobBuilder due = job().scheduled(Duration::zero());
    commit(*near_, unit().create(due));
    far_->jobs().promote({});
    EXPECT_EQ(state_of(due.id()), "Enqueued");
  });
}

// Poison is handed to the caller, and to nobody else: it must not be lost on the way.
TEST_F(CutVerbs, PoisonReachesTheCallerOrTheCallerKnowsThatItMayHaveSome) {
  cut_everywhere([&] {
    const ServerId first = ids_.next<ServerId>();
    const ServerId second = ids_.next<ServerId>();
    announce(first);
    announce(second);
    commit(*near_, unit().create(job()));
    claimed(first);
    near_->jobs().reclaim({.servers = {first}, .by = server_, .crash_limit = 1});
    const JobId poison = claimed(second).ref.job;
    std::vector<Execution> handed;
    if (unless_lost([&] {
          const ReclaimRequest request{.servers = {second}, .by = server_, .crash_limit = 1};
          handed = far_->jobs().reclaim(request).poisoned;
        })) {
      ASSERT_THAT(handed, SizeIs(1));
      EXPECT_EQ(handed[0].ref.job, poison);
    } else {
      far_->jobs().reclaim({.servers = {second}, .by = server_, .crash_limit = 1});
    }
    const auto held = near_->jobs().held(server_);
    ASSERT_THAT(held, SizeIs(1));
    EXPECT_EQ(held[0].job, poison);
    const Transition end = moving(poison, states::failed("poison")).under(held[0]);
    EXPECT_TRUE(commit(*near_, unit().move(end)).done());
  });
}

TEST_F(CutVerbs, ServersComeBeatAndGo) {
  cut_everywhere([&] {
    const ServerId server = ids_.next<ServerId>();
    Coordination& far = far_->coordination();
    far.announce({.id = server, .name = "test"});
    EXPECT_TRUE(far.heartbeat(server).known);
    far.remove(server);
    EXPECT_FALSE(near_->coordination().heartbeat(server).known);
  });
}

TEST_F(CutVerbs, ALockStaysTheSameLock) {
  int locks = 0;
  cut_everywhere([&] {
    const std::string name = "lock " + std::to_string(++locks);
    Coordination& far = far_->coordination();
    const auto lock = far.acquire_lock(name, "me", 1h);
    ASSERT_TRUE(lock);
    EXPECT_EQ(lock->fence, 1U);
    EXPECT_TRUE(far.renew_lock(*lock, 1h));
    EXPECT_FALSE(near_->coordination().acquire_lock(name, "other", 1h));
    far.release_lock(*lock);
    EXPECT_TRUE(near_->coordination().acquire_lock(name, "other", 1h));
  });
}

TEST_F(CutVerbs, SettingsOfAQueueChangeAtMostOnce) {
  std::uint64_t version = 0;
  cut_everywhere([&] {
    const bool known = unless_lost([&] {
      EXPECT_TRUE(far_->coordination().set_queue({.name = "default", .version = version}));
    });
    const auto settings = near_->coordination().queue_settings();
    const std::uint64_t now = settings.empty() ? 0 : settings.front().version;
    EXPECT_TRUE(now == version + 1 || (!known && now == version)) << now;
    version = now;
  });
}

TEST_F(CutVerbs, ParametersAndLogLinesAreStored) {
  const Execution execution = new_execution();
  std::uint64_t lines = 0;
  int value = 0;
  cut_everywhere([&] {
    const std::string json = std::to_string(++value);
    EXPECT_TRUE(far_->jobs().set_parameters(execution.ref.job, {{"value", json}}));
    EXPECT_EQ(near_->monitoring().job(execution.ref.job)->parameters.at("value"), json);
    far_->jobs().report(std::vector{
        Report{.execution = execution.ref, .lines = {{.text = "line", .number = ++lines}}}});
    EXPECT_EQ(installation_.count("log"), std::to_string(lines));
  });
}

}  // namespace
}  // namespace portfire::faults
