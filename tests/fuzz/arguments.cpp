// Arguments and results, read as every type that JSON has a form for: what can be read is written
// so that it reads as the same.

#include <array>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include <nlohmann/json.hpp>

#include <portfire/arguments.hpp>
#include <portfire/error.hpp>

#include "fuzz/fuzz.hpp"

namespace portfire::fuzz {
namespace {

enum class Colour : std::uint8_t { red, green };

template <class T>
void check_value(const std::string& text) {
  std::optional<T> value;
  try {
    value = decode_value<T>(text);
  } catch (const DecodeError&) {
    return;
  }
  const std::string written = encode_value(*value);
  expect(decode_value<T>(written) == *value, "a value reads back: " + written);
}

void check_call(const std::string& text) {
  using Types = detail::TypeList<std::string, int, std::optional<double>>;
  try {
    const auto call = detail::decode_call(Types{}, std::string_view{text});
    const std::string written =
        detail::encode_call<Types>(std::get<0>(call), std::get<1>(call), std::get<2>(call));
    expect(detail::decode_call(Types{}, std::string_view{written}) == call, "a call reads back");
  } catch (const DecodeError&) {
  }
}

template <class... Types>
void check_values(const std::string& text) {
  (check_value<Types>(text), ...);
}

}  // namespace
}  // namespace portfire::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace portfire::fuzz;
  const std::string text = Input{bytes, size}.rest();
  check_values<bool, std::int8_t, std::uint16_t, int, std::int64_t, std::uint64_t, float, double,
               std::string, Colour>(text);
  check_values<std::optional<int>, std::vector<std::string>, std::array<int, 2>,
               std::pair<int, std::string>, std::tuple<bool, double, std::string>,
               std::map<std::string, std::vector<int>>, nlohmann::json>(text);
  check_values<std::chrono::nanoseconds, std::chrono::hours, portfire::Duration,
               portfire::TimePoint, std::chrono::sys_seconds>(text);
  check_call(text);
  return 0;
}
