#include "model/comparison.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <deque>
#include <optional>

#include <portfire/memory.hpp>

#include "model/operations.hpp"
#include "model/text.hpp"

namespace portfire::model_test {
namespace {

constexpr std::uint64_t default_steps = 250;
constexpr std::uint64_t steps_between_looks = 50;

std::optional<std::uint64_t> setting(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return std::strtoull(value, nullptr, 10);
}

// One run of a seed; ends at the first difference. From a step on it looks after every one.
class Run {
 public:
  Run(const MakeSubject& make_subject, std::uint64_t seed, std::uint64_t steps,
      std::uint64_t look_closely_from)
      : generator_{seed, clock_},
        chance_{~seed},
        steps_{steps},
        look_closely_from_{look_closely_from},
        tested_{make_subject(clock_)} {
    model_.storage = memory::open({.runtime = clock_});
    subject_.storage = tested_.open();
  }

  // What differed; empty when nothing did.
  std::string go() {
    for (step_ = 1; step_ <= steps_; ++step_) {
      std::string difference = take_step();
      const bool looks =
          step_ % steps_between_looks == 0 || step_ >= look_closely_from_ || step_ == steps_;
      if (difference.empty() && looks) difference = look();
      if (!difference.empty()) {
        return "step " + std::to_string(step_) + ": " + difference + story();
      }
    }
    return {};
  }

  // Where that was.
  [[nodiscard]] std::uint64_t step() const { return step_; }

 private:
  std::string take_step() {
    if (chance_.below(60) == 0) {
      subject_.storage.reset();
      subject_.storage = tested_.open();
      generator_.opened_again();
      past_.emplace_back("(the subject is opened again)");
    }
    // What happens at one instant has an order only within a verb.
    clock_->advance(Duration{1});
    const Operation operation = generator_.next();
    past_.push_back(operation.description);
    if (past_.size() > 40) past_.pop_front();
    const std::string expected = answer_of(operation, model_);
    tested_.catch_up();
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
      return observe(*side.storage, generator_.jobs(), generator_.servers(), generator_.batches());
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

  const std::shared_ptr<testing::VirtualClock> clock_ = std::make_shared<testing::VirtualClock>();
  Generator generator_;
  Random chance_;
  const std::uint64_t steps_;
  const std::uint64_t look_closely_from_;
  std::uint64_t step_ = 0;
  const Subject tested_;
  std::deque<std::string> past_;
  Side model_;
  Side subject_;
};

void compare(const MakeSubject& make_subject, std::uint64_t seed, std::uint64_t steps) {
  Run run{make_subject, seed, steps, steps + 1};
  const std::string difference = run.go();
  if (difference.empty()) return;
  // Once more, looking after every step since the last look, to find the one that made the
  // difference.
  const std::uint64_t from = run.step() - std::min(run.step(), steps_between_looks);
  const std::string sooner = Run{make_subject, seed, run.step(), from}.go();
  ADD_FAILURE() << "PORTFIRE_MODEL_SEED=" << seed << " PORTFIRE_MODEL_STEPS=" << steps << "\n"
                << (sooner.empty() ? difference : sooner);
}

}  // namespace

void compare_with_memory(const MakeSubject& make_subject, std::uint64_t seeds) {
  const std::uint64_t steps = setting("PORTFIRE_MODEL_STEPS").value_or(default_steps);
  if (const auto seed = setting("PORTFIRE_MODEL_SEED")) return compare(make_subject, *seed, steps);
  for (std::uint64_t seed = 1; seed <= seeds && !::testing::Test::HasFailure(); ++seed) {
    compare(make_subject, seed, steps);
  }
}

}  // namespace portfire::model_test
