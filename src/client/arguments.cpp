#include <portfire/arguments.hpp>

#include <charconv>

namespace portfire::detail {

namespace {

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};

constexpr std::array<Unit, 7> units = {{{"d", 86'400'000'000'000},
                                        {"h", 3'600'000'000'000},
                                        {"m", 60'000'000'000},
                                        {"s", 1'000'000'000},
                                        {"ms", 1'000'000},
                                        {"us", 1'000},
                                        {"ns", 1}}};

std::string shown(const nlohmann::json& value) {
  constexpr std::size_t longest = 60;
  std::string text = value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  if (text.size() > longest) text = text.substr(0, longest) + "…";
  return text;
}

}  // namespace

std::string format_nanoseconds(std::int64_t nanoseconds) {
  if (nanoseconds == 0) return "0s";
  std::string text = nanoseconds < 0 ? "-" : "";
  // The magnitude as unsigned, so that the most negative span has one too.
  auto rest = nanoseconds < 0 ? 0 - static_cast<std::uint64_t>(nanoseconds)
                              : static_cast<std::uint64_t>(nanoseconds);
  for (const Unit& unit : units) {
    const auto size = static_cast<std::uint64_t>(unit.nanoseconds);
    if (rest < size) continue;
    text += std::to_string(rest / size);
    text += unit.name;
    rest %= size;
  }
  return text;
}

std::optional<std::int64_t> parse_nanoseconds(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  // Summed downwards, so that the most negative span can be read back.
  std::int64_t sum = 0;
  while (!text.empty()) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || text.front() == '-') return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto letters = std::min(text.find_first_of("0123456789-"), text.size());
    const std::string_view name = text.substr(0, letters);
    text.remove_prefix(letters);
    std::int64_t size = 0;
    for (const Unit& unit : units) {
      if (unit.name == name) size = unit.nanoseconds;
    }
    std::int64_t part = 0;
    if (size == 0 || __builtin_mul_overflow(number, size, &part) ||
        __builtin_sub_overflow(sum, part, &sum)) {
      return std::nullopt;
    }
  }
  if (negative) return sum;
  if (sum == std::numeric_limits<std::int64_t>::min()) return std::nullopt;
  return -sum;
}

std::string format_instant(std::int64_t seconds, std::int64_t nanoseconds) {
  constexpr auto first = std::chrono::sys_days{std::chrono::year{1} / 1 / 1}.time_since_epoch();
  constexpr auto end = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1}.time_since_epoch();
  if (std::chrono::seconds{seconds} < first || std::chrono::seconds{seconds} >= end) {
    throw UsageError{"an instant lies outside the years 1 to 9999"};
  }
  const TimePoint whole{std::chrono::seconds{seconds} +
                        std::chrono::floor<Duration>(std::chrono::nanoseconds{nanoseconds})};
  std::string text = to_string(whole);
  const auto below_microsecond = nanoseconds % 1000;
  if (below_microsecond != 0) {
    const std::string digits = std::to_string(1000 + below_microsecond).substr(1);
    text.insert(text.size() - 1, digits);
  }
  return text;
}

bool parse_instant(std::string_view text, std::int64_t& seconds, std::int64_t& nanoseconds) {
  const auto instant = parse_time(text);
  if (!instant) return false;
  const auto whole = std::chrono::floor<std::chrono::seconds>(*instant);
  seconds = whole.time_since_epoch().count();
  nanoseconds = std::chrono::nanoseconds{*instant - whole}.count();
  // The digits below the microsecond, which parse_time drops.
  const auto point = text.find('.');
  if (point != std::string_view::npos) {
    std::int64_t scale = 100;
    for (std::size_t i = point + 7; i < text.size() && scale > 0; ++i, scale /= 10) {
      if (text[i] < '0' || text[i] > '9') break;
      nanoseconds += (text[i] - '0') * scale;
    }
  }
  return true;
}

void throw_decode_error(const std::string& place, const std::string& wanted,
                        const nlohmann::json& found) {
  throw DecodeError{place + " must be " + wanted + ", but is " + shown(found)};
}

std::string dump(const nlohmann::json& value, std::string_view what) {
  try {
    return value.dump();
  } catch (const nlohmann::json::type_error&) {
    throw UsageError{std::string{what} + " holds text that is not valid UTF-8"};
  }
}

nlohmann::json parse(std::string_view text, std::string_view what) {
  try {
    return nlohmann::json::parse(text);
  } catch (const nlohmann::json::exception& error) {
    throw DecodeError{std::string{what} + " is not valid JSON: " + error.what()};
  }
}

nlohmann::json parse_arguments(std::string_view text, std::size_t fewest, std::size_t most) {
  nlohmann::json array = parse(text, "the stored arguments");
  if (!array.is_array()) throw_decode_error("the stored arguments", "a JSON array", array);
  if (array.size() < fewest || array.size() > most) {
    const std::string wanted = fewest == most
                                   ? std::to_string(most)
                                   : std::to_string(fewest) + " to " + std::to_string(most);
    throw DecodeError{"the job takes " + wanted + " arguments, but " +
                      std::to_string(array.size()) + " are stored"};
  }
  return array;
}

}  // namespace portfire::detail
