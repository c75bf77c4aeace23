#pragma once

// Values as the JSON of the command and of the dashboard has them. Keys are always present, null
// where there is nothing; instants are RFC 3339, spans whole microseconds.

#include <optional>

#include <nlohmann/json.hpp>

#include <portfire/id.hpp>
#include <portfire/time.hpp>

namespace portfire::views {

// Keys stay in the order in which people want to read them.
using Json = nlohmann::ordered_json;

Json instant_json(const std::optional<TimePoint>& instant);
Json span_json(const std::optional<Duration>& span);

// Nil is nothing, too.
template <class Tag>
Json id_json(Id<Tag> id) {
  return id ? Json(to_string(id)) : Json(nullptr);
}
template <class Tag>
Json id_json(const std::optional<Id<Tag>>& id) {
  return id_json(id.value_or(Id<Tag>{}));
}

}  // namespace portfire::views
