#pragma once

// Chance that is the same on every machine for the same seed, in streams: what one part of a
// simulation draws does not shift what another one gets.

#include <cstdint>
#include <vector>

#include <portfire/time.hpp>

namespace portfire::simulation {

class Chance {
 public:
  // Two streams begin at places of the generator's cycle that have nothing to do with each other.
  explicit Chance(std::uint64_t seed, std::uint64_t stream = 0) : state_{stream} {
    state_ = next() ^ seed;
    state_ = next() ^ (stream * 0xD1342543DE82EF95ULL);
  }

  // SplitMix64.
  std::uint64_t next() {
    state_ += 0x9E3779B97F4A7C15ULL;
    std::uint64_t bits = state_;
    bits = (bits ^ (bits >> 30U)) * 0xBF58476D1CE4E5B9ULL;
    bits = (bits ^ (bits >> 27U)) * 0x94D049BB133111EBULL;
    return bits ^ (bits >> 31U);
  }

  // 0 to bound − 1.
  std::uint64_t below(std::uint64_t bound) { return next() % bound; }
  std::size_t index(std::size_t bound) { return static_cast<std::size_t>(below(bound)); }
  int between(int least, int most) {
    return least + static_cast<int>(below(static_cast<std::uint64_t>(most - least + 1)));
  }
  Duration between(Duration least, Duration most) {
    return least + Duration{static_cast<Duration::rep>(
                       below(static_cast<std::uint64_t>((most - least).count() + 1)))};
  }
  bool percent(std::uint64_t share) { return below(100) < share; }
  bool per_mille(std::uint64_t share) { return below(1000) < share; }

  template <class Value>
  const Value& pick(const std::vector<Value>& values) {
    return values[index(values.size())];
  }

 private:
  std::uint64_t state_;
};

}  // namespace portfire::simulation
