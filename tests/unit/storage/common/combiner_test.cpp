// Who leads, who follows, and that no turn is ever lost.

#include "storage/common/combiner.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <functional>
#include <future>
#include <mutex>
#include <new>
#include <thread>
#include <vector>

namespace portfire {
namespace {

using ::testing::ElementsAre;
using Group = std::vector<int>;

// Performs nothing but notes which calls came together.
class Notes final : public Combiner {
 public:
  explicit Notes(std::size_t most_leaders = 1, std::size_t most_weight = 1000)
      : Combiner{thread_runtime(), most_leaders}, most_weight_{most_weight} {}

  void call(int number, Urgency urgency = Urgency::usual, std::size_t weight = 1) {
    Numbered numbered{number, weight};
    submit(numbered, urgency);
    EXPECT_TRUE(numbered.performed);
  }

  std::vector<Group> groups() {
    const std::scoped_lock guard{mutex_};
    return groups_;
  }

  // Called by each leader before it takes anything.
  std::function<void()> beginning = [] {};

  // Called by each leader with what it has taken; says which of the calls need another turn.
  std::function<bool(const Group&)> performing = [](const Group&) { return true; };

 private:
  struct Numbered final : Call {
    Numbered(int n, std::size_t weight) : Call{weight}, number{n} {}
    const int number;
    bool performed = false;
  };

  void lead() override {
    beginning();
    const std::vector<Call*> calls = take(most_weight_);
    Group group;
    for (Call* call : calls) group.push_back(static_cast<Numbered*>(call)->number);
    {
      const std::scoped_lock guard{mutex_};
      if (!group.empty()) groups_.push_back(group);
    }
    if (!performing(group)) return put_back(calls);
    for (Call* call : calls) static_cast<Numbered*>(call)->performed = true;
    finish(calls);
  }

  const std::size_t most_weight_;
  std::mutex mutex_;
  std::vector<Group> groups_;
};

// A leader that waits in the midst of its turn until it is let go.
class Held {
 public:
  void hold() {
    reached_.set_value();
    let_go_.get_future().wait();
  }
  void wait_until_reached() { reached_.get_future().wait(); }
  void let_go() { let_go_.set_value(); }

 private:
  std::promise<void> reached_;
  std::promise<void> let_go_;
};

void wait_for_waiting(Combiner& combiner, std::size_t count) {
  while (combiner.waiting() < count) std::this_thread::yield();
}

TEST(Combiner, ALoneCallerLeadsItself) {
  Notes notes;
  std::thread::id leader;
  notes.performing = [&](const Group&) {
    leader = std::this_thread::get_id();
    return true;
  };
  notes.call(1);
  notes.call(2);
  EXPECT_EQ(leader, std::this_thread::get_id());
  EXPECT_THAT(notes.groups(), ElementsAre(Group{1}, Group{2}));
}

TEST(Combiner, WhatGathersMeanwhileGoesTogetherInOrderUrgentCallsFirst) {
  Notes notes;
  Held held;
  notes.performing = [&](const Group& group) {
    if (group == Group{1}) held.hold();
    return true;
  };
  std::vector<std::jthread> callers;
  callers.emplace_back([&] { notes.call(1); });
  held.wait_until_reached();
  callers.emplace_back([&] { notes.call(2); });
  wait_for_waiting(notes, 1);
  callers.emplace_back([&] { notes.call(3); });
  wait_for_waiting(notes, 2);
  callers.emplace_back([&] { notes.call(4, Combiner::Urgency::urgent); });
  wait_for_waiting(notes, 3);
  held.let_go();
  callers.clear();
  EXPECT_THAT(notes.groups(), ElementsAre(Group{1}, Group{4, 2, 3}));
}

TEST(Combiner, AGroupIsNoHeavierThanItsLeaderWantsUnlessOneCallAloneIs) {
  Notes notes{1, 10};
  Held held;
  notes.performing = [&](const Group& group) {
    if (group == Group{1}) held.hold();
    return true;
  };
  std::vector<std::jthread> callers;
  callers.emplace_back([&] { notes.call(1); });
  held.wait_until_reached();
  const std::vector<std::size_t> weights = {4, 6, 1, 50, 2};
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const int number = static_cast<int>(i) + 2;
    callers.emplace_back([&notes, number, weight = weights[i]] {
      notes.call(number, Combiner::Urgency::usual, weight);
    });
    wait_for_waiting(notes, i + 1);
  }
  held.let_go();
  callers.clear();
  EXPECT_THAT(notes.groups(), ElementsAre(Group{1}, Group{2, 3}, Group{4}, Group{5}, Group{6}));
}

TEST(Combiner, WhatIsPutBackComesFirstInAnotherTurn) {
  Notes notes;
  Held held;
  int turns = 0;
  notes.performing = [&](const Group& group) {
    if (group == Group{1} && ++turns == 1) {
      held.hold();
      return false;
    }
    return true;
  };
  std::jthread first{[&] { notes.call(1); }};
  held.wait_until_reached();
  std::jthread second{[&] { notes.call(2); }};
  wait_for_waiting(notes, 1);
  held.let_go();
  first.join();
  second.join();
  EXPECT_THAT(notes.groups(), ElementsAre(Group{1}, Group{1, 2}));
}

TEST(Combiner, AsManyGroupsAreUnderWayAsThereMayBeLeaders) {
  Notes notes{2};
  Held one;
  Held two;
  notes.performing = [&](const Group& group) {
    if (group == Group{1}) one.hold();
    if (group == Group{2}) two.hold();
    return true;
  };
  std::vector<std::jthread> callers;
  callers.emplace_back([&] { notes.call(1); });
  one.wait_until_reached();
  callers.emplace_back([&] { notes.call(2); });
  two.wait_until_reached();
  callers.emplace_back([&] { notes.call(3); });
  wait_for_waiting(notes, 1);
  callers.emplace_back([&] { notes.call(4); });
  wait_for_waiting(notes, 2);
  EXPECT_THAT(notes.groups(), ElementsAre(Group{1}, Group{2}));
  two.let_go();
  one.let_go();
  callers.clear();
  EXPECT_THAT(notes.groups(), ElementsAre(Group{1}, Group{2}, Group{3, 4}));
}

TEST(Combiner, ALeaderThatCanTakeNothingLosesItsOwnCallAlone) {
  Notes notes;
  Held held;
  int turns = 0;
  notes.beginning = [&] {
    if (++turns == 2) throw std::bad_alloc{};
  };
  notes.performing = [&](const Group& group) {
    if (group == Group{1}) held.hold();
    return true;
  };
  std::jthread first{[&] { notes.call(1); }};
  held.wait_until_reached();
  std::jthread second{[&] { EXPECT_THROW(notes.call(2), std::bad_alloc); }};
  wait_for_waiting(notes, 1);
  std::jthread third{[&] { notes.call(3); }};
  wait_for_waiting(notes, 2);
  held.let_go();
  first.join();
  second.join();
  third.join();
  EXPECT_THAT(notes.groups(), ElementsAre(Group{1}, Group{3}));
  EXPECT_EQ(notes.waiting(), 0U);
}

class ManyCallers : public ::testing::TestWithParam<std::size_t> {};

TEST_P(ManyCallers, EachCallIsPerformedOnceAndNoTurnIsLost) {
  constexpr int threads = 8;
  constexpr int calls_each = 2000;
  Notes notes{GetParam(), 5};
  std::atomic<int> under_way{0};
  std::atomic<int> most{0};
  notes.performing = [&](const Group&) {
    const int now = ++under_way;
    int before = most;
    while (before < now && !most.compare_exchange_weak(before, now)) {
    }
    std::this_thread::yield();
    --under_way;
    return true;
  };
  {
    std::vector<std::jthread> callers;
    for (int thread = 0; thread < threads; ++thread) {
      callers.emplace_back([&notes, thread] {
        for (int i = 0; i < calls_each; ++i) notes.call(thread * calls_each + i);
      });
    }
  }
  std::vector<int> performed(threads * calls_each);
  for (const Group& group : notes.groups()) {
    for (const int number : group) ++performed[static_cast<std::size_t>(number)];
  }
  EXPECT_THAT(performed, ::testing::Each(1));
  EXPECT_LE(most, static_cast<int>(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Leaders, ManyCallers, ::testing::Values(1, 2, 3));

}  // namespace
}  // namespace portfire
