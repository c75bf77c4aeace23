#include "client/text.hpp"

#include <nlohmann/json.hpp>

#include "model/clip.hpp"

namespace portfire {

std::string shorten(std::string_view text, std::size_t limit) {
  constexpr std::string_view ellipsis = "…";
  // Dumped with replacement and read back, nlohmann-json mends what is not UTF-8. Not more than can
  // be kept: mending takes no bytes away.
  const std::string_view enough = text.substr(0, limit + ellipsis.size());
  const std::string dumped =
      nlohmann::json(enough).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  auto kept = nlohmann::json::parse(dumped).get<std::string>();
  if (kept.size() <= limit && enough.size() == text.size()) return kept;
  if (limit < ellipsis.size()) return {};
  kept.resize(clip(kept, limit - ellipsis.size()).size());
  kept += ellipsis;
  return kept;
}

}  // namespace portfire
