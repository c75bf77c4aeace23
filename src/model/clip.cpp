#include "model/clip.hpp"

namespace portfire {

std::string_view clip(std::string_view text, std::size_t bytes) {
  if (text.size() <= bytes) return text;
  constexpr unsigned char continuation_mask = 0xC0;
  constexpr unsigned char continuation = 0x80;
  while (bytes > 0 &&
         (static_cast<unsigned char>(text[bytes]) & continuation_mask) == continuation) {
    --bytes;
  }
  return text.substr(0, bytes);
}

}  // namespace portfire
