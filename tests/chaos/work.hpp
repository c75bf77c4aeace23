#pragma once

// The jobs, and the server process that runs them.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <portfire/portfire.hpp>

namespace portfire::chaos {

using Number = std::int64_t;

// What a job does: nothing, in `milliseconds`. Its first `failures` runs throw. With its success it
// enqueues so many `children`. It returns its number.
inline constexpr Job<Number(Number, int, int, int)> work{"chaos.work"};
// The same, with the result of another one, whose number must be the one before its own.
inline constexpr Job<Number(Number, Number, int)> take{"chaos.take"};

// The number of a job's child; no other job has it.
inline constexpr Number first_child_number = 1'000'000'000'000;
inline constexpr Number most_children = 10;
constexpr Number child_number(Number parent, int index) {
  return first_child_number + parent * most_children + index;
}

// Of each server.
inline constexpr std::chrono::seconds lease{2};

// The servers' side: opens the storage and serves until SIGTERM; whatever the storage refuses is
// tried again. The ledger goes to `name`.ledger, the log to `name`.log. As though on a machine of
// its own with `is_alone`: others do not see its end.
struct Post {
  std::vector<std::string> address;  // of the storage
  std::filesystem::path name;
  bool is_alone = false;
};
void serve(const Post& post);

}  // namespace portfire::chaos
