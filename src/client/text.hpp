#pragma once

// Text for people, in bounds.

#include <string>
#include <string_view>

namespace portfire {

// At most `limit` bytes of a text, cut between characters, with an ellipsis where it was cut;
// invalid UTF-8 is replaced.
std::string shorten(std::string_view text, std::size_t limit);

}  // namespace portfire
