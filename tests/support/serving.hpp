#pragma once

// Server processes: children of a test program that run jobs and say what they do, a line each.

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include <portfire/portfire.hpp>

#include "support/child.hpp"

namespace portfire::faults {

// What they run; they say the number.
inline constexpr Job<void(int)> served_work{"work"};
// Of each.
inline constexpr std::chrono::seconds serving_lease{2};

// The child's side.
class Voice {
 public:
  explicit Voice(int descriptor) : descriptor_{descriptor} {}
  void say(const std::string& words) const;

 private:
  const int descriptor_;
};

// Says `serving`, and serves until SIGTERM. What it is comes from its role:
// - `drain` has four workers that end at once;
// - `hold` has one, which ends after a letter from `listening`, and says when it is told to stop;
// - with ` alone` behind it, it is as though on a machine of its own: others do not see its end.
void serve(std::shared_ptr<Storage> storage, const std::string& role, const Voice& voice,
           int listening);

// The parent's side: starts a child in that role, and returns when it serves. `address` is what its
// program needs to find the storage.
std::unique_ptr<Child> start_serving(const std::string& role,
                                     const std::vector<std::string>& address);

}  // namespace portfire::faults
