// Instants, spans and ids, as people and other programs write them.

#include <optional>
#include <string>

#include <portfire/arguments.hpp>
#include <portfire/id.hpp>
#include <portfire/time.hpp>

#include "fuzz/fuzz.hpp"

namespace portfire::fuzz {
namespace {

void check(const std::string& text) {
  if (const auto instant = parse_time(text)) {
    expect(parse_time(to_string(*instant)) == instant, "an instant reads back");
  }
  if (const auto span = parse_duration(text)) {
    expect(parse_duration(to_string(*span)) == span, "a span reads back");
  }
  if (const auto id = parse_id<JobId>(text)) {
    expect(parse_id<JobId>(to_string(*id)) == id, "an id reads back");
    expect(text.size() == to_string(*id).size(), "an id has one length");
  }
  if (const auto nanoseconds = detail::parse_nanoseconds(text)) {
    expect(detail::parse_nanoseconds(detail::format_nanoseconds(*nanoseconds)) == nanoseconds,
           "nanoseconds read back");
  }
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  if (detail::parse_instant(text, seconds, nanoseconds)) {
    const std::string written = detail::format_instant(seconds, nanoseconds);
    std::int64_t seconds_again = 0;
    std::int64_t nanoseconds_again = 0;
    expect(detail::parse_instant(written, seconds_again, nanoseconds_again) &&
               seconds_again == seconds && nanoseconds_again == nanoseconds,
           "an exact instant reads back");
  }
}

}  // namespace
}  // namespace portfire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  portfire::fuzz::check(portfire::fuzz::Input{bytes, size}.rest());
  return 0;
}
