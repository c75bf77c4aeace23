#include "model/limit.hpp"

#include <algorithm>

namespace portfire {

bool asks_for_room(const Limit& limit, StateKind kind) {
  return (kind == StateKind::ready || kind == StateKind::timed) &&
         limit.counts_while.contains(kind);
}

State with_fixed_time(State state, TimePoint now) {
  if (state.kind != StateKind::timed || state.due_at) return state;
  const Duration room = TimePoint::max() - std::max(now, TimePoint{});
  state.due_at = now + std::min(state.due_in, room);
  return state;
}

}  // namespace portfire
