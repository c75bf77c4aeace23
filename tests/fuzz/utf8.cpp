#include "fuzz/fuzz.hpp"

#include <nlohmann/json.hpp>

namespace portfire::fuzz {

bool is_utf8(std::string_view text) {
  try {
    static_cast<void>(nlohmann::json(text).dump());
    return true;
  } catch (const nlohmann::json::type_error&) {
    return false;
  }
}

}  // namespace portfire::fuzz
