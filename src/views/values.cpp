#include "views/values.hpp"

namespace portfire::views {

Json instant_json(const std::optional<TimePoint>& instant) {
  return instant ? Json(to_string(*instant)) : Json(nullptr);
}

Json span_json(const std::optional<Duration>& span) {
  return span ? Json(span->count()) : Json(nullptr);
}

}  // namespace portfire::views
