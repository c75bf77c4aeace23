#pragma once

#include <cstddef>
#include <string_view>

namespace portfire {

// The longest beginning of `text` of at most `bytes` bytes that ends between two characters.
std::string_view clip(std::string_view text, std::size_t bytes);

}  // namespace portfire
