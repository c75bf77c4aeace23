// Random operations on SQLite and on memory storage, which is the model: all answers and all that
// can be seen must be equal.
//
// A failure prints its seed. PORTFIRE_MODEL_SEED=n runs that seed alone, PORTFIRE_MODEL_STEPS=n
// changes how many operations each seed makes.

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <filesystem>
#include <optional>

#include <portfire/memory.hpp>
#include <portfire/sqlite.hpp>

#include "model/operations.hpp"
#include "model/text.hpp"
#include "support/temporary_directory.hpp"

namespace portfire::model_test {
namespace {

constexpr std::uint64_t default_seeds = 30;
constexpr std::uint64_t default_steps = 250;
constexpr std::uint64_t steps_between_looks = 50;

std::optional<std::uint64_t> setting(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::strtoull(value, nullptr, 10);
}

// One run of a seed; ends at the first difference.
class Run {
 public:
  Run(std::uint64_t seed, std::uint64_t steps, std::uint64_t look_every)
      : generator_{seed, clock_}, chance_{~seed}, steps_{steps}, look_every_{look_every} {
    model_.storage = memory::open({.runtime = clock_});
    subject_.storage = open();
  }

  // What differed; empty when nothing did.
  std::string go() {
    for (std::uint64_t step = 1; step <= steps_; ++step) {
      std::string difference = take_step();
      const bool looks = step % look_every_ == 0 || step == steps_;
      if (difference.empty() && looks) difference = look();
      if (!difference.empty()) return "step " + std::to_string(step) + ": " + difference + story();
    }
    return {};
  }

 private:
  std::shared_ptr<Storage> open() {
    return sqlite::open(directory_.path() / "jobs.db",
                        {.durability = sqlite::Durability::normal, .runtime = clock_});
  }

  std::string take_step() {
    if (chance_.below(60) == 0) {
      subject_.storage.reset();
      subject_.storage = open();
      generator_.opened_again();
      past_.emplace_back("(the subject is opened again)");
    }
    // What happens at one instant has an order only within a verb.
    clock_->advance(Duration{1});
    const Operation operation = generator_.next();
    past_.push_back(operation.description);
    if (past_.size() > 40) past_.pop_front();
    const std::string expected = answer_of(operation, model_);
    const std::string actual = answer_of(operation, subject_);
    if (expected == actual) return {};
    return "the answers differ\n  model:   " + expected + "\n  subject: " + actual;
  }

  static std::string answer_of(const Operation& operation, Side& side) {
    try {
      return operation.run(side);
    } catch (const std::exception& error) {
      return std::string{"throws: "} + error.what();
    }
  }

  std::vector<std::string> seen_in(Side& side) {
    try {
      return observe(*side.storage, generator_.jobs(), generator_.servers());
    } catch (const std::exception& error) {
      return {std::string{"throws: "} + error.what()};
    }
  }

  std::string look() {
    const std::vector<std::string> expected = seen_in(model_);
    const std::vector<std::string> actual = seen_in(subject_);
    const auto [left, right] =
        std::mismatch(expected.begin(), expected.end(), actual.begin(), actual.end());
    if (left == expected.end() && right == actual.end()) return {};
    return "what is seen differs\n  model:   " + (left == expected.end() ? "(no more)" : *left) +
           "\n  subject: " + (right == actual.end() ? "(no more)" : *right);
  }

  std::string story() const {
    std::string all = "\nthe latest operations:";
    for (const std::string& one : past_) all += "\n  " + one;
    return all;
  }

  const TemporaryDirectory directory_;
  const std::shared_ptr<testing::VirtualClock> clock_ = std::make_shared<testing::VirtualClock>();
  Generator generator_;
  Random chance_;
  const std::uint64_t steps_;
  const std::uint64_t look_every_;
  std::deque<std::string> past_;
  Side model_;
  Side subject_;
};

void compare(std::uint64_t seed, std::uint64_t steps) {
  std::string difference = Run{seed, steps, steps_between_looks}.go();
  if (difference.empty()) return;
  // Once more, looking after every step, to find the one that made the difference.
  const std::string sooner = Run{seed, steps, 1}.go();
  ADD_FAILURE() << "PORTFIRE_MODEL_SEED=" << seed << " PORTFIRE_MODEL_STEPS=" << steps << "\n"
                << (sooner.empty() ? difference : sooner);
}

TEST(ModelTest, SqliteDoesWhatMemoryDoes) {
  const std::uint64_t steps = setting("PORTFIRE_MODEL_STEPS").value_or(default_steps);
  if (const auto seed = setting("PORTFIRE_MODEL_SEED")) return compare(*seed, steps);
  for (std::uint64_t seed = 1; seed <= default_seeds && !HasFailure(); ++seed) {
    compare(seed, steps);
  }
}

}  // namespace
}  // namespace portfire::model_test
