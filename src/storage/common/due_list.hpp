#pragma once

// The earliest of several lists of templates that fall due.

#include <algorithm>
#include <cstddef>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <portfire/time.hpp>

namespace portfire {

class DueList {
 public:
  DueList(std::size_t max, TimePoint now) : max_{max}, now_{now} {}

  // How many of each list are needed: one more than are asked for tells when the next falls due.
  [[nodiscard]] std::size_t wanted() const { return max_ + 1; }

  void add(TimePoint at, std::string id) { soonest_.emplace(at, std::move(id)); }

  // Those that have fallen due, earliest first.
  [[nodiscard]] std::vector<std::string> due() const {
    std::vector<std::string> ids;
    for (const auto& [at, id] : soonest_) {
      if (at > now_ || ids.size() == max_) break;
      ids.push_back(id);
    }
    return ids;
  }

  // Until the next one after those.
  [[nodiscard]] std::optional<Duration> next_due_in() const {
    std::size_t passed = 0;
    for (const auto& [at, id] : soonest_) {
      if (at > now_ || passed++ == max_) return std::max(at - now_, Duration::zero());
    }
    return std::nullopt;
  }

 private:
  const std::size_t max_;
  const TimePoint now_;
  std::set<std::pair<TimePoint, std::string>> soonest_;
};

}  // namespace portfire
