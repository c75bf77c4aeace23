#pragma once

// The ordinary end of a run, many at a time, with nothing read before it is written.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <portfire/storage/unit.hpp>

#include "storage/sqlite/session.hpp"

namespace portfire::sqlite {

// Gathers transitions that end runs without any circumstance. This process knows what it claimed;
// that it still holds is the guard of the UPDATE. Where the guard fails, the transition is handed
// back.
class PlainFinishes {
 public:
  explicit PlainFinishes(Session& session) : session_{session} {
    session_.plain_ends.all().clear();
  }

  // Takes the transition if it is as plain as that; `index` is the caller's name for it. The
  // transition stays where it is until `apply`.
  bool gather(const Transition& transition, std::size_t index);

  // Applies what was gathered. Returns the indexes of those to be looked at one by one instead.
  std::vector<std::size_t> apply();

 private:
  [[nodiscard]] bool fits(const State& state) const;
  void apply_alike(std::vector<std::size_t>& refused);
  void apply_range(std::vector<PlainEnd>& ends);
  void apply_each(std::vector<PlainEnd>& ends);
  void bind_state(sqlite3_stmt* statement);
  void note(const PlainEnd& end);
  void add_numbers();

  Session& session_;

  // The state that all gathered runs enter.
  State state_;
  std::int64_t entered_ = 0;  // its number; 0: none yet
  std::int64_t until_ = 0;
  std::vector<std::size_t> refused_;

  // Numbers are gathered over neighbours that are alike.
  std::int64_t lane_ = 0;
  std::int64_t left_ = 0;
  std::int64_t server_ = 0;
  std::int64_t count_ = 0;
};

}  // namespace portfire::sqlite
