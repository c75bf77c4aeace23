#pragma once

#include <string>

namespace portfire::cli {

// Who sits at this terminal: `ann@host`.
std::string somebody();

}  // namespace portfire::cli
