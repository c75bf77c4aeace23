// Several threads at once, each with its own opening of the data where the driver is shared.

#include <atomic>
#include <mutex>
#include <set>

#include <portfire/testing/conformance.hpp>

#include "testing/conformance/areas.hpp"

namespace portfire::conformance {

using namespace std::chrono_literals;
using testing::ending;
using testing::moving;
using testing::TestIds;
using testing::UnitBuilder;

void keep_concurrency() {}

namespace {

constexpr std::size_t thread_count = 4;

// Runs the body in several tasks; `part` tells them apart.
void in_parallel(const std::vector<std::shared_ptr<Storage>>& openings,
                 const std::function<void(Storage& storage, std::size_t part)>& body) {
  std::mutex mutex;
  std::vector<std::string> failures;
  std::vector<std::unique_ptr<Task>> tasks;
  for (std::size_t part = 0; part < openings.size(); ++part) {
    tasks.push_back(openings[part]->runtime()->spawn("part", [&, part] {
      try {
        body(*openings[part], part);
      } catch (const std::exception& error) {
        const std::scoped_lock lock{mutex};
        failures.emplace_back(error.what());
      }
    }));
  }
  for (const auto& task : tasks) task->join();
  EXPECT_EQ(failures, std::vector<std::string>{});
}

// Tells the readers that their writer has left, even by an exception.
struct Farewell {
  std::atomic<std::size_t>& writers;
  ~Farewell() { --writers; }
};

// Commits until the storage is not busy.
CommitResult commit_to(Storage& storage, const Unit& unit) {
  for (;;) {
    CommitResult result = storage.jobs().commit({&unit, 1}).at(0);
    if (result.status != CommitStatus::busy) return result;
  }
}

}  // namespace

// The storage under test, as many times as there are threads.
#define PORTFIRE_OPENINGS(name)                                                  \
  std::vector<std::shared_ptr<Storage>> name;                                    \
  for (std::size_t part = 0; part < thread_count; ++part) {                      \
    name.push_back(storage().capabilities().shared                               \
                       ? open_another()                                          \
                       : std::shared_ptr<Storage>{&storage(), [](Storage*) {}}); \
  }                                                                              \
  static_assert(true)

TEST_P(Concurrency, EveryJobIsClaimedExactlyOnce) {
  constexpr std::size_t job_count = 400;
  create_many(job_count);
  PORTFIRE_OPENINGS(openings);
  std::vector<std::vector<JobId>> claimed(thread_count);
  in_parallel(openings, [&](Storage& one, std::size_t part) {
    TestServer mine{one, {.id = ServerId{7, part + 1}}};
    for (;;) {
      const std::vector<Execution> executions = mine.claim(7);
      if (executions.empty()) return;
      for (const JobId id : ids_of(executions)) claimed[part].push_back(id);
    }
  });
  std::multiset<JobId> all;
  for (const auto& part : claimed) all.insert(part.begin(), part.end());
  EXPECT_EQ(all.size(), job_count);
  EXPECT_EQ(std::set<JobId>(all.begin(), all.end()).size(), job_count);
  EXPECT_EQ(live_count("Processing"), job_count);
}

TEST_P(Concurrency, JobsAreCreatedClaimedAndFinishedAllAtOnce) {
  constexpr std::size_t jobs_each = 50;
  PORTFIRE_OPENINGS(openings);
  in_parallel(openings, [&](Storage& one, std::size_t part) {
    TestIds ids{static_cast<std::uint16_t>(part + 1)};
    TestServer mine{one, {.id = ids.next<ServerId>()}};
    const auto drain = [&] {
      for (const Execution& execution : mine.claim(10)) {
        commit_to(one, UnitBuilder{ids.next<UnitId>()}.move(ending(execution)));
      }
    };
    for (std::size_t made = 0; made < jobs_each; ++made) {
      commit_to(one, UnitBuilder{ids.next<UnitId>()}.create(
                         testing::JobBuilder{ids.next<JobId>(), "work"}));
      if (made % 5 == 4) drain();
    }
    drain();
  });
  for (const Execution& execution : claim(1000)) finish(execution);
  EXPECT_EQ(live_count("Succeeded"), thread_count * jobs_each);
  EXPECT_EQ(lifetime_count("Succeeded"), thread_count * jobs_each);
  EXPECT_EQ(lifetime_count("Created"), thread_count * jobs_each);
}

TEST_P(Concurrency, TheSameUnitFromManySidesIsAppliedOnce) {
  PORTFIRE_OPENINGS(openings);
  for (int round = 0; round < 20; ++round) {
    const Unit same = unit().create(job());
    std::atomic<std::size_t> applied = 0;
    in_parallel(openings, [&](Storage& one, std::size_t) {
      if (commit_to(one, same).status == CommitStatus::applied) ++applied;
    });
    EXPECT_EQ(applied, 1U);
  }
  EXPECT_EQ(lifetime_count("Created"), 20U);
}

TEST_P(Concurrency, OfAFinishAndADeletionExactlyOneWins) {
  PORTFIRE_OPENINGS(openings);
  for (int round = 0; round < 20; ++round) {
    const JobId id = create(job());
    const Execution execution = claim_one();
    const Unit finishing = unit().move(ending(execution));
    const Unit deleting = unit().move(moving(id, states::deleted()).expecting("Processing"));
    std::atomic<std::size_t> wins = 0;
    in_parallel(openings, [&](Storage& one, std::size_t part) {
      if (part > 1) return;
      const Unit& mine = part == 0 ? finishing : deleting;
      if (commit_to(one, mine).status == CommitStatus::applied) ++wins;
    });
    EXPECT_EQ(wins, 1U);
    EXPECT_EQ(history_of(id).size(), 3U);
  }
}

TEST_P(Concurrency, NoContinuationIsForgottenWhileItsParentEnds) {
  PORTFIRE_OPENINGS(openings);
  for (int round = 0; round < 20; ++round) {
    const JobId parent = create(job().queue("parents"));
    const Execution execution = claim_one("parents");
    std::vector<JobBuilder> children;
    std::vector<Unit> units{unit().move(ending(execution))};
    for (std::size_t part = 1; part < thread_count; ++part) {
      children.push_back(job().queue("children").after(parent));
      units.push_back(unit().create(children.back()));
    }
    in_parallel(openings, [&](Storage& one, std::size_t part) { commit_to(one, units[part]); });
    for (const JobBuilder& child : children) EXPECT_EQ(state_of(child.id()), "Enqueued");
  }
}

TEST_P(Concurrency, ParentsThatEndAtTheSameTimeReleaseTheirChildOnce) {
  PORTFIRE_OPENINGS(openings);
  for (int round = 0; round < 20; ++round) {
    JobBuilder child = job().queue("children");
    std::vector<Unit> units;
    for (std::size_t part = 0; part < thread_count; ++part) {
      const JobId parent = create(job().queue("parents"));
      units.push_back(unit().move(moving(parent, states::succeeded())));
      child.after(parent);
    }
    create(child);
    in_parallel(openings, [&](Storage& one, std::size_t part) { commit_to(one, units[part]); });
    EXPECT_EQ(history_of(child.id()), (std::vector<std::string>{"Awaiting", "Enqueued"}));
  }
}

TEST_P(Concurrency, AKeyIsTakenOnce) {
  PORTFIRE_OPENINGS(openings);
  for (int round = 0; round < 20; ++round) {
    const std::string key = "key " + std::to_string(round);
    std::vector<Unit> units;
    for (std::size_t part = 0; part < thread_count; ++part) {
      units.push_back(unit().create(job().unique(key)));
    }
    std::atomic<std::size_t> taken = 0;
    in_parallel(openings, [&](Storage& one, std::size_t part) {
      if (commit_to(one, units[part]).status == CommitStatus::applied) ++taken;
    });
    EXPECT_EQ(taken, 1U);
  }
}

TEST_P(Concurrency, NoMoreThanTheLimitRunAndNobodyIsLeftInLine) {
  constexpr std::size_t jobs_each = 40;
  constexpr std::uint32_t at_once = 2;
  PORTFIRE_OPENINGS(openings);
  std::atomic<std::size_t> running = 0;
  std::atomic<std::size_t> most = 0;
  std::atomic<std::size_t> ended = 0;
  in_parallel(openings, [&](Storage& one, std::size_t part) {
    TestIds ids{static_cast<std::uint16_t>(part + 1)};
    TestServer mine{one, {.id = ids.next<ServerId>()}};
    const auto drain = [&] {
      const std::vector<Execution> executions = mine.claim(3);
      const std::size_t together = running += executions.size();
      std::size_t before = most;
      while (before < together && !most.compare_exchange_weak(before, together)) {
      }
      for (const Execution& execution : executions) {
        // Before the commit: others may claim the next one before this thread goes on.
        --running;
        commit_to(one, UnitBuilder{ids.next<UnitId>()}.move(ending(execution)));
        ++ended;
      }
    };
    for (std::size_t made = 0; made < jobs_each; ++made) {
      commit_to(one, UnitBuilder{ids.next<UnitId>()}.create(
                         testing::JobBuilder{ids.next<JobId>(), "work"}.limited("k", at_once)));
      if (made % 2 == 1) drain();
    }
    drain();
  });
  // Each end has let the next one go: whoever is left can be claimed, a round after the other.
  for (auto rest = claim(1000); !rest.empty(); rest = claim(1000)) {
    EXPECT_LE(rest.size(), at_once);
    for (const Execution& execution : rest) finish(execution);
    ended += rest.size();
  }
  EXPECT_LE(most, at_once);
  EXPECT_EQ(ended, thread_count * jobs_each);
  EXPECT_EQ(live_count("Succeeded"), thread_count * jobs_each);
  EXPECT_EQ(live_count("Awaiting"), 0U);
}

TEST_P(Concurrency, KeysTakenInDifferentOrdersHoldUpNobody) {
  PORTFIRE_OPENINGS(openings);
  constexpr int rounds = 20;
  in_parallel(openings, [&](Storage& one, std::size_t part) {
    TestIds ids{static_cast<std::uint16_t>(part + 1)};
    TestServer mine{one, {.id = ids.next<ServerId>()}};
    for (int round = 0; round < rounds; ++round) {
      const bool forwards = part % 2 == 0;
      const auto limited = [&](const char* key) {
        return testing::JobBuilder{ids.next<JobId>(), "work"}.limited(key);
      };
      commit_to(one, UnitBuilder{ids.next<UnitId>()}
                         .create(limited(forwards ? "a" : "b"))
                         .create(limited(forwards ? "b" : "a")));
      const std::vector<Execution> executions = mine.claim(2);
      UnitBuilder ends{ids.next<UnitId>()};
      for (const Execution& execution : executions) ends.move(ending(execution));
      if (!executions.empty()) commit_to(one, ends);
    }
  });
  for (auto rest = claim(1000); !rest.empty(); rest = claim(1000)) {
    EXPECT_LE(rest.size(), 2U);
    for (const Execution& execution : rest) finish(execution);
  }
  EXPECT_EQ(live_count("Succeeded"), thread_count * rounds * 2);
  EXPECT_EQ(live_count("Awaiting"), 0U);
}

TEST_P(Concurrency, DueJobsAreMovedOnce) {
  constexpr std::size_t job_count = 200;
  UnitBuilder all = unit();
  for (std::size_t made = 0; made < job_count; ++made) all.create(job().scheduled(1h));
  commit(all);
  advance(1h);
  PORTFIRE_OPENINGS(openings);
  std::atomic<std::size_t> promoted = 0;
  in_parallel(openings, [&](Storage& one, std::size_t) {
    for (;;) {
      const std::size_t moved = one.jobs().promote({.max = 13}).promoted;
      if (moved == 0) return;
      promoted += moved;
    }
  });
  EXPECT_EQ(promoted, job_count);
  EXPECT_EQ(live_count("Enqueued"), job_count);
}

TEST_P(Concurrency, ADeadServerIsReclaimedOnce) {
  create_many(20);
  TestServer dead = new_server();
  dead.claim(20);
  const ServerId by = server().id();
  PORTFIRE_OPENINGS(openings);
  std::atomic<std::size_t> requeued = 0;
  in_parallel(openings, [&](Storage& one, std::size_t) {
    requeued += one.jobs().reclaim({.servers = {dead.id()}, .by = by}).requeued;
  });
  EXPECT_EQ(requeued, 20U);
  EXPECT_EQ(live_count("Enqueued"), 20U);
}

TEST_P(Concurrency, ALockHasOneOwner) {
  PORTFIRE_OPENINGS(openings);
  std::atomic<std::size_t> acquired = 0;
  in_parallel(openings, [&](Storage& one, std::size_t part) {
    if (one.coordination().acquire_lock("nightly", std::to_string(part), 1h)) ++acquired;
  });
  EXPECT_EQ(acquired, 1U);
}

TEST_P(Concurrency, NoChangeOfSettingsIsLost) {
  PORTFIRE_OPENINGS(openings);
  std::atomic<std::uint64_t> stored = 0;
  in_parallel(openings, [&](Storage& one, std::size_t) {
    for (int round = 0; round < 20; ++round) {
      QueueSettings settings{.name = "mail"};
      const auto all = one.coordination().queue_settings();
      if (!all.empty()) settings = all.front();
      if (one.coordination().set_queue(settings)) ++stored;
    }
  });
  EXPECT_EQ(coordination().queue_settings().at(0).version, stored);
}

TEST_P(Concurrency, ReadersSeeWholeUnits) {
  PORTFIRE_OPENINGS(openings);
  std::atomic<bool> torn = false;
  std::atomic<std::size_t> writers = 1;
  in_parallel(openings, [&](Storage& one, std::size_t part) {
    if (part == 0) {
      const Farewell farewell{writers};
      TestIds ids{99};
      for (int round = 0; round < 30; ++round) {
        commit_to(one, UnitBuilder{ids.next<UnitId>()}
                           .create(testing::JobBuilder{ids.next<JobId>(), "left"})
                           .create(testing::JobBuilder{ids.next<JobId>(), "right"}));
      }
      return;
    }
    do {
      std::uint64_t jobs = 0;
      for (const StateCount& live : one.monitoring().statistics().live) jobs += live.count;
      if (jobs % 2 != 0) torn = true;
    } while (writers > 0);
  });
  EXPECT_FALSE(torn);
}

}  // namespace portfire::conformance
