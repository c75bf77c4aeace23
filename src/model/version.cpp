#include <portfire/version.hpp>

namespace portfire {

std::string version_text() {
  return std::to_string(PORTFIRE_VERSION_MAJOR) + '.' + std::to_string(PORTFIRE_VERSION_MINOR) +
         '.' + std::to_string(PORTFIRE_VERSION_PATCH);
}

}  // namespace portfire
