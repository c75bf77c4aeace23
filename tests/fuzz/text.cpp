// Texts of any bytes, for people: cut to a length, which the first byte says, and decoded.

#include <optional>
#include <string>

#include "client/text.hpp"
#include "dashboard/target.hpp"
#include "fuzz/fuzz.hpp"
#include "model/clip.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace portfire;
  using namespace portfire::fuzz;
  Input input{bytes, size};
  const std::size_t limit = input.byte();
  const std::string text = input.rest();
  const std::string shown = shorten(text, limit);
  expect(is_utf8(shown), "what is shown is UTF-8");
  expect(shown.size() <= limit, "what is shown keeps to the limit");
  expect(text.size() > limit || !is_utf8(text) || shown == text, "what is short and well stays");
  const std::string_view kept = clip(text, limit);
  expect(kept.size() <= limit && text.starts_with(kept), "what is kept is a beginning");
  expect(!is_utf8(text) || is_utf8(kept), "characters are kept whole");
  for (const bool plus_is_blank : {false, true}) {
    const std::optional<std::string> decoded = dashboard::percent_decoded(text, plus_is_blank);
    expect(!decoded || decoded->size() <= text.size(), "decoding adds nothing");
    const bool has_zeros = text.find('\0') != std::string::npos;
    expect(!decoded || has_zeros || decoded->find('\0') == std::string::npos,
           "no encoded zeros are let through");
  }
  return 0;
}
