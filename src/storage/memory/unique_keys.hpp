#pragma once

// Who has a unique key.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include <portfire/id.hpp>
#include <portfire/storage/unit.hpp>
#include <portfire/time.hpp>

namespace portfire::memory {

struct KeyHolder {
  JobId job;
  StateKinds held_while;
  std::optional<TimePoint> held_until;  // the end of the window; absent: the state decides
};

// Not synchronised.
class UniqueKeys {
 public:
  // The last holder, or null.
  [[nodiscard]] const KeyHolder* find(const std::string& key) const {
    const auto found = holders_.find(key);
    return found == holders_.end() ? nullptr : &found->second;
  }

  // Gives the key to a new holder, or to nobody. Returns the former one.
  std::optional<KeyHolder> set(const std::string& key, const std::optional<KeyHolder>& holder) {
    std::optional<KeyHolder> former;
    if (const auto found = holders_.find(key); found != holders_.end()) {
      former = found->second;
      if (former->held_until) windows_.erase({*former->held_until, key});
      holders_.erase(found);
    }
    if (holder) {
      holders_.emplace(key, *holder);
      if (holder->held_until) windows_.emplace(*holder->held_until, key);
    }
    return former;
  }

  // The job is gone. A window goes on without it.
  void forget_holder(const std::string& key, JobId job) {
    const KeyHolder* holder = find(key);
    if (holder != nullptr && holder->job == job && !holder->held_until) set(key, std::nullopt);
  }

  void forget_windows_before(TimePoint instant) {
    while (!windows_.empty() && windows_.begin()->first < instant) {
      set(std::string{windows_.begin()->second}, std::nullopt);
    }
  }

 private:
  std::map<std::string, KeyHolder> holders_;
  std::set<std::pair<TimePoint, std::string>> windows_;  // keys by the end of their window
};

}  // namespace portfire::memory
