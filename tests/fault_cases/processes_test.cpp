// Several server processes on one installation: killed, and cut off from it.

#include <algorithm>
#include <chrono>
#include <memory>
#include <ostream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fault_cases/place.hpp"
#include "support/serving.hpp"

namespace portfire::faults {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class Processes : public ::testing::Test {
 protected:
  [[nodiscard]] std::unique_ptr<Child> start(const std::string& role) const {
    return start_serving(role, place_->address());
  }
  std::string rest(JobId id) {
    const Waited waited = client_.wait(id, 1min);
    return waited.ended ? waited.job->state : "(still " + waited.job->state + ")";
  }
  std::vector<std::string> states_of(JobId id) {
    std::vector<std::string> states;
    const auto found = client_.find(id);
    for (const HistoryEntry& entry : found->history) states.push_back(entry.state);
    return states;
  }

  const std::unique_ptr<Place> place_ = Place::make();
  const std::shared_ptr<Storage> storage_ = place_->open({});
  Client client_{storage_, {.log = silent_sink()}};
};

TEST_F(Processes, WhatOneClaimsNoOtherRuns) {
  constexpr int jobs = 450;
  std::vector<std::unique_ptr<Child>> children;
  for (int i = 0; i < 3; ++i) children.push_back(start("drain"));
  std::vector<JobId> ids;
  for (int number = 0; number < jobs; ++number) ids.push_back(client_.enqueue(served_work, number));
  for (const JobId id : ids) EXPECT_EQ(rest(id), "Succeeded");
  std::multiset<int> runs;
  for (const auto& child : children) {
    child->signal(SIGTERM);
    const std::size_t before = runs.size();
    for (std::string line = child->hear_line(); !line.empty(); line = child->hear_line()) {
      runs.insert(std::stoi(line));
    }
    EXPECT_GT(runs.size(), before) << "one has run nothing";
  }
  EXPECT_EQ(runs.size(), jobs);
  for (int number = 0; number < jobs; ++number) EXPECT_EQ(runs.count(number), 1U) << number;
}

// On a machine of its own: beside each other they would see its end at once.
TEST_F(Processes, TheJobsOfAKilledServerRunElsewhereAndNotBeforeItsLeaseIsOver) {
  const auto victim = start("hold alone");
  const JobId id = client_.enqueue(served_work, 7);
  ASSERT_EQ(victim->hear_line(), "7");
  const auto other = start("drain alone");
  victim->signal(SIGKILL);
  victim->wait_status();
  const TimePoint last_beat = storage_->monitoring().servers().front().heartbeat_at;
  EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_EQ(other->hear_line(), "7");
  EXPECT_THAT(states_of(id),
              ElementsAre("Enqueued", "Processing", "Enqueued", "Processing", "Succeeded"));
  const TimePoint given_up = client_.find(id)->history.at(2).at;
  EXPECT_GE(given_up - last_beat, serving_lease);
  RecordProperty("given_up_after_microseconds", std::to_string((given_up - last_beat).count()));
}

// They see each other's end at once.
TEST_F(Processes, WhatKilledServersWereDoingIsCompletedOnce) {
  constexpr std::uint64_t jobs = 600;
  std::vector<JobId> ids;
  for (std::uint64_t i = 0; i < jobs; ++i) ids.push_back(client_.enqueue(served_work, 0));
  const auto succeeded = [this] {
    return storage_->monitoring().statistics().lifetime["Succeeded"];
  };
  // Not so often that a job is blamed for it.
  for (int kills = 0; kills < 3; ++kills) {
    const auto victim = start("drain");
    EXPECT_EQ(victim->hear_line(), "0");
    victim->signal(SIGKILL);
    victim->wait_status();
  }
  EXPECT_LT(succeeded(), jobs) << "nothing was left to be killed";
  const auto survivor = start("drain");
  for (const JobId id : ids) EXPECT_EQ(rest(id), "Succeeded");
  EXPECT_EQ(succeeded(), jobs);
}

struct Outage {
  const char* name;
  void (Place::*begin)();
  void (Place::*end)();

  friend void PrintTo(const Outage& outage, std::ostream* out) { *out << outage.name; }
};

class Outages : public Processes, public ::testing::WithParamInterface<Outage> {};

TEST_P(Outages, LongerThanTheLeaseMakeNobodyReclaimAnybody) {
  const std::vector<std::unique_ptr<Child>> children = [this] {
    std::vector<std::unique_ptr<Child>> two;
    for (int i = 0; i < 2; ++i) two.push_back(start("hold alone"));
    return two;
  }();
  // Each has one worker.
  const std::vector<JobId> ids{client_.enqueue(served_work, 1), client_.enqueue(served_work, 2)};
  std::set<std::string> running;
  for (const auto& child : children) running.insert(child->hear_line());
  ASSERT_EQ(running, (std::set<std::string>{"1", "2"}));

  const auto began = std::chrono::steady_clock::now();
  (place_.get()->*GetParam().begin)();
  // Each has fenced itself, shortly before the end of its lease.
  for (const auto& child : children) EXPECT_EQ(child->hear_line(), "told to stop");
  while (std::chrono::steady_clock::now() < began + serving_lease) std::this_thread::yield();
  (place_.get()->*GetParam().end)();

  // They live on for longer than they would have to be silent.
  const auto beats = [this] {
    const auto servers = storage_->coordination().heartbeat(ServerId{}).servers;
    return std::ranges::min_element(servers, {}, &ServerBeat::number)->number;
  };
  const std::uint64_t before = beats();
  while (beats() < before + 9) std::this_thread::yield();
  EXPECT_THAT(storage_->monitoring().servers(), SizeIs(2));
  for (const auto& child : children) child->tell('g');
  for (const JobId id : ids) {
    EXPECT_EQ(rest(id), "Succeeded");
    EXPECT_THAT(states_of(id), ElementsAre("Enqueued", "Processing", "Succeeded"));
  }
}

INSTANTIATE_TEST_SUITE_P(Of, Outages,
                         ::testing::Values(Outage{"Stop", &Place::stop, &Place::start},
                                           Outage{"Freeze", &Place::freeze, &Place::thaw}),
                         [](const auto& one) { return std::string{one.param.name}; });

int be_a_child(const std::vector<std::string>& words) {
  // Behind the name and the role; two descriptors come last.
  const std::vector<std::string> address{words.begin() + 2, words.end() - 2};
  const Voice voice{std::stoi(words.end()[-2])};
  auto storage = Place::open_at(address);
  if (words[1] == "open") {
    voice.say("opened");
  } else {
    serve(std::move(storage), words[1], voice, std::stoi(words.back()));
  }
  return 0;
}

}  // namespace
}  // namespace portfire::faults

int main(int count, char** values) {
  const std::vector<std::string> words(values, values + count);
  if (words[0] == "child") return portfire::faults::be_a_child(words);
  ::testing::InitGoogleTest(&count, values);
  return RUN_ALL_TESTS();
}
