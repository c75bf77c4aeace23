#include <portfire/time.hpp>

#include <array>
#include <charconv>
#include <cstdint>

namespace portfire {

namespace {

void append_number(std::string& text, int value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text += digits;
}

// Reads numbers of fixed width and single characters from the front of a text.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_{text} {}

  bool number(std::size_t width, int low, int high, int& value) {
    if (rest_.size() < width) return false;
    value = 0;
    for (const char c : rest_.substr(0, width)) {
      if (c < '0' || c > '9') return false;
      value = value * 10 + (c - '0');
    }
    rest_.remove_prefix(width);
    return value >= low && value <= high;
  }

  bool any_of(std::string_view characters, char& found) {
    if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
    found = rest_.front();
    rest_.remove_prefix(1);
    return true;
  }

  bool one(char character) {
    char found = 0;
    return any_of(std::string_view{&character, 1}, found);
  }

  // Fraction digits after the point, as microseconds; at least one digit.
  bool fraction(int& microseconds) {
    std::size_t digits = 0;
    microseconds = 0;
    while (digits < rest_.size() && rest_[digits] >= '0' && rest_[digits] <= '9') {
      if (digits < 6) microseconds = microseconds * 10 + (rest_[digits] - '0');
      ++digits;
    }
    for (std::size_t i = digits; i < 6; ++i) microseconds *= 10;
    rest_.remove_prefix(digits);
    return digits > 0;
  }

  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

bool read_offset(Reader& reader, std::chrono::minutes& offset) {
  char sign = 0;
  if (reader.any_of("Zz", sign)) return true;
  int hours = 0;
  int minutes = 0;
  if (!reader.any_of("+-", sign) || !reader.number(2, 0, 23, hours) || !reader.one(':') ||
      !reader.number(2, 0, 59, minutes)) {
    return false;
  }
  offset = std::chrono::minutes{(hours * 60 + minutes) * (sign == '-' ? -1 : 1)};
  return true;
}

struct SpanUnit {
  std::string_view name;
  Duration::rep microseconds;
};

constexpr std::array<SpanUnit, 6> units = {{{"d", 86'400'000'000},
                                            {"h", 3'600'000'000},
                                            {"m", 60'000'000},
                                            {"s", 1'000'000},
                                            {"ms", 1'000},
                                            {"us", 1}}};

}  // namespace

std::string to_string(TimePoint instant) {
  const auto day = std::chrono::floor<std::chrono::days>(instant);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{instant - day};
  std::string text;
  text.reserve(27);
  append_number(text, static_cast<int>(date.year()), 4);
  text += '-';
  append_number(text, static_cast<int>(static_cast<unsigned>(date.month())), 2);
  text += '-';
  append_number(text, static_cast<int>(static_cast<unsigned>(date.day())), 2);
  text += 'T';
  append_number(text, static_cast<int>(clock.hours().count()), 2);
  text += ':';
  append_number(text, static_cast<int>(clock.minutes().count()), 2);
  text += ':';
  append_number(text, static_cast<int>(clock.seconds().count()), 2);
  text += '.';
  append_number(text, static_cast<int>(clock.subseconds().count()), 6);
  text += 'Z';
  return text;
}

std::optional<TimePoint> parse_time(std::string_view text) {
  Reader reader{text};
  int year = 0;
  int month = 0;
  int day = 0;
  int hour = 0;
  int minute = 0;
  int second = 0;
  int microsecond = 0;
  char separator = 0;
  std::chrono::minutes offset{0};
  if (!reader.number(4, 1, 9999, year) || !reader.one('-') || !reader.number(2, 1, 12, month) ||
      !reader.one('-') || !reader.number(2, 1, 31, day) || !reader.any_of("Tt ", separator) ||
      !reader.number(2, 0, 23, hour) || !reader.one(':') || !reader.number(2, 0, 59, minute) ||
      !reader.one(':') || !reader.number(2, 0, 59, second)) {
    return std::nullopt;
  }
  if (reader.one('.') && !reader.fraction(microsecond)) return std::nullopt;
  if (!read_offset(reader, offset) || !reader.at_end()) return std::nullopt;

  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok()) return std::nullopt;
  const TimePoint local = std::chrono::sys_days{date} + std::chrono::hours{hour} +
                          std::chrono::minutes{minute} + std::chrono::seconds{second} +
                          std::chrono::microseconds{microsecond};
  const TimePoint instant = local - offset;
  constexpr TimePoint first = std::chrono::sys_days{std::chrono::year{1} / 1 / 1};
  constexpr TimePoint end = std::chrono::sys_days{std::chrono::year{10000} / 1 / 1};
  if (instant < first || instant >= end) return std::nullopt;
  return instant;
}

std::string to_string(Duration span) {
  if (span == Duration::zero()) return "0s";
  std::string text;
  // The magnitude as unsigned, so that the most negative span has one too.
  auto rest = static_cast<std::uint64_t>(span.count());
  if (span < Duration::zero()) {
    text += '-';
    rest = 0 - rest;
  }
  for (const SpanUnit& unit : units) {
    const auto size = static_cast<std::uint64_t>(unit.microseconds);
    if (rest < size) continue;
    text += std::to_string(rest / size);
    text += unit.name;
    rest %= size;
  }
  return text;
}

std::optional<Duration> parse_duration(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  if (text.empty()) return std::nullopt;
  Duration::rep sum = 0;
  while (!text.empty()) {
    Duration::rep number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || number < 0) return std::nullopt;
    text.remove_prefix(static_cast<std::size_t>(end - text.data()));
    const auto letters = std::min(text.find_first_of("0123456789-"), text.size());
    const std::string_view name = text.substr(0, letters);
    const SpanUnit* unit = nullptr;
    for (const SpanUnit& candidate : units) {
      if (candidate.name == name) unit = &candidate;
    }
    if (unit == nullptr) return std::nullopt;
    text.remove_prefix(letters);
    Duration::rep part = 0;
    if (__builtin_mul_overflow(number, unit->microseconds, &part) ||
        __builtin_add_overflow(sum, part, &sum)) {
      return std::nullopt;
    }
  }
  return Duration{negative ? -sum : sum};
}

}  // namespace portfire
