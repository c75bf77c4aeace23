#pragma once

/// The version of the library. CMake reads these three lines; nothing else spells the version.
#define PORTFIRE_VERSION_MAJOR 0
#define PORTFIRE_VERSION_MINOR 1
#define PORTFIRE_VERSION_PATCH 0

#include <string>

namespace portfire {

/// `0.1.0`, of the library that is linked.
std::string version_text();

}  // namespace portfire
