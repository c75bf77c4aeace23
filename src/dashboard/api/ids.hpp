#pragma once

// Ids in paths.

#include <string>

#include <portfire/id.hpp>

#include "dashboard/refusal.hpp"

namespace portfire::dashboard {

template <class IdType>
IdType id_in_path(const std::string& text) {
  const auto id = parse_id<IdType>(text);
  if (!id) {
    constexpr std::size_t shown = 100;
    throw Refusal{404, "\"" + text.substr(0, shown) +
                           "\" is no id; one looks like 01930f3c-8e4b-7c21-9a55-0123456789ab"};
  }
  return *id;
}

inline Refusal no_such_job(const std::string& id) {
  return {404, "There is no job " + id + " (any more): it never was, or its retention has passed"};
}

}  // namespace portfire::dashboard
