#pragma once

// What happened in a run: told line by line to whoever replays it, and as the first thing that was
// wrong.

#include <cstdint>
#include <cstdio>
#include <string>
#include <utility>

#include "simulation/scheduler.hpp"

namespace portfire::simulation {

class Journal {
 public:
  Journal(Scheduler& scheduler, std::FILE* output) : scheduler_{scheduler}, output_{output} {}

  // `text()` is called only when somebody reads it.
  template <class Text>
  void note(const std::string& who, Text text) {
    if (output_ != nullptr) write(who, text());
  }

  // The first one counts; the run ends.
  void violation(std::string what);
  [[nodiscard]] const std::string& violation() const { return violation_; }
  [[nodiscard]] bool is_violated() const { return !violation_.empty(); }

 private:
  void write(const std::string& who, const std::string& line);

  Scheduler& scheduler_;
  std::FILE* const output_;
  std::string violation_;
};

}  // namespace portfire::simulation
