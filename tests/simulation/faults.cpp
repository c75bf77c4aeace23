#include "simulation/faults.hpp"

namespace portfire::simulation {

std::string_view to_string(Fault fault) {
  static constexpr std::array<std::string_view, fault_kinds> names = {
      "none",         "refused",     "lost request", "lost reply", "slow request", "slow reply",
      "death before", "death after", "stop before",  "stop after", "outage",       "kill",
      "skew",         "lost news",   "cut off",      "crash"};
  return names.at(static_cast<std::size_t>(fault));
}

Faults::Faults(std::uint64_t seed, std::uint64_t most) : chance_{seed, 1}, most_{most} {
  // Deaths and stops are drawn for every call of every process: rare ones are many.
  static constexpr std::array<std::uint64_t, verb_kinds> highest = {20, 20, 60, 40, 40, 8, 8, 8, 8};
  for (std::size_t i = 0; i < verb_kinds; ++i) {
    per_mille_[i] = chance_.percent(50) ? 0 : chance_.below(highest[i] + 1);
  }
  lost_news_percent_ = chance_.percent(50) ? 0 : chance_.below(30);
}

Fault Faults::draw() {
  std::uint64_t lot = chance_.below(1000);
  if (over()) return Fault::none;
  for (std::size_t i = 0; i < verb_kinds; ++i) {
    if (lot < per_mille_[i]) {
      const auto fault = static_cast<Fault>(i + 1);
      take(fault);
      return fault;
    }
    lot -= per_mille_[i];
  }
  return Fault::none;
}

bool Faults::lose_news() {
  const bool lost = chance_.below(100) < lost_news_percent_;
  return lost && take(Fault::lost_news);
}

bool Faults::take(Fault fault) {
  if (over()) return false;
  ++injected_;
  ++by_kind_[static_cast<std::size_t>(fault)];
  return true;
}

Duration Faults::span() {
  using std::chrono::milliseconds;
  if (chance_.percent(70)) return chance_.between(milliseconds{1}, milliseconds{100});
  return chance_.between(milliseconds{100}, milliseconds{4000});
}

}  // namespace portfire::simulation
