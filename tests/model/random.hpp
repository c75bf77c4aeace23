#pragma once

// Chance that is the same on every machine for the same seed; the standard distributions are not.

#include <cstdint>
#include <random>
#include <vector>

namespace portfire::model_test {

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_{seed} {}

  // 0 to bound − 1.
  std::uint64_t below(std::uint64_t bound) { return engine_() % bound; }
  std::size_t index(std::size_t bound) { return static_cast<std::size_t>(below(bound)); }
  bool chance(std::uint64_t percent) { return below(100) < percent; }

  template <class Value>
  const Value& pick(const std::vector<Value>& values) {
    return values[index(values.size())];
  }

 private:
  std::mt19937_64 engine_;
};

}  // namespace portfire::model_test
