#pragma once

/// How arguments and results become JSON and back. The format is `docs/reference/wire_format.md`.
///
/// Encoding refuses what JSON cannot say (NaN, invalid UTF-8) with `UsageError`. Decoding is
/// strict: a number out of range, a fraction for an integer, a boolean for a number, a missing or
/// surplus argument are a `DecodeError` that names the place. A user's type takes part through
/// nlohmann-json's `to_json` and `from_json`; what those accept inside the type is theirs to
/// decide.

#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <unordered_map>
#include <utility>

#include <nlohmann/json.hpp>

#include <portfire/error.hpp>
#include <portfire/job.hpp>
#include <portfire/time.hpp>

namespace portfire {

namespace detail {

/// Nanoseconds as `1h30m`, `250ms`, `1us500ns`; and the reverse.
std::string format_nanoseconds(std::int64_t nanoseconds);
std::optional<std::int64_t> parse_nanoseconds(std::string_view text);
/// An instant as RFC 3339 with six or nine fraction digits; and the reverse.
/// Writing refuses years outside 1 to 9999 with `UsageError`.
std::string format_instant(std::int64_t seconds, std::int64_t nanoseconds);
bool parse_instant(std::string_view text, std::int64_t& seconds, std::int64_t& nanoseconds);

[[noreturn]] void throw_decode_error(const std::string& place, const std::string& wanted,
                                     const nlohmann::json& found);
/// Serialises; invalid UTF-8 is a `UsageError` that mentions `what`.
std::string dump(const nlohmann::json& value, std::string_view what);
/// Parses; malformed text is a `DecodeError` that mentions `what`.
nlohmann::json parse(std::string_view text, std::string_view what);
/// Checks that the text is a JSON array with between `fewest` and `most` items.
nlohmann::json parse_arguments(std::string_view text, std::size_t fewest, std::size_t most);

template <class T>
inline constexpr bool is_optional = false;
template <class T>
inline constexpr bool is_optional<std::optional<T>> = true;

template <class T>
inline constexpr bool is_duration = false;
template <class Rep, class Period>
inline constexpr bool is_duration<std::chrono::duration<Rep, Period>> = true;

template <class T>
inline constexpr bool is_instant = false;
template <class Span>
inline constexpr bool is_instant<std::chrono::sys_time<Span>> = true;

template <class T>
inline constexpr bool is_tuple = false;
template <class... Types>
inline constexpr bool is_tuple<std::tuple<Types...>> = true;
template <class A, class B>
inline constexpr bool is_tuple<std::pair<A, B>> = true;

template <class T>
concept StringMap = requires {
  typename T::mapped_type;
} && std::same_as<typename T::key_type, std::string> && !std::same_as<T, nlohmann::json>;

template <class T>
concept FixedArray = requires { std::tuple_size<T>::value; } && !is_tuple<T>;

template <class T>
concept Sequence = requires(T container, typename T::value_type item) {
  container.begin();
  container.end();
  container.insert(container.end(), item);
} && !StringMap<T> && !std::same_as<T, std::string> && !std::same_as<T, nlohmann::json>;

template <class T>
nlohmann::json encode(const T& value);

template <class T>
T decode(const nlohmann::json& value, const std::string& place);

template <class Tuple>
nlohmann::json encode_tuple(const Tuple& value) {
  nlohmann::json array = nlohmann::json::array();
  std::apply([&](const auto&... items) { (array.push_back(encode(items)), ...); }, value);
  return array;
}

/// A span in nanoseconds, if it fits: about 292 years either way.
template <std::integral Rep, class Period>
std::optional<std::int64_t> to_nanoseconds(std::chrono::duration<Rep, Period> span) {
  using Ratio = std::ratio_divide<Period, std::nano>;
  std::int64_t count = 0;
  if (__builtin_mul_overflow(span.count(), std::int64_t{Ratio::num}, &count)) return std::nullopt;
  return count / Ratio::den;
}

template <class T>
std::string encode_duration(const T& value) {
  static_assert(std::is_integral_v<typename T::rep>,
                "Portfire: durations that are stored need an integral count");
  static_assert(std::ratio_divide<typename T::period, std::nano>::den == 1,
                "Portfire: durations that are stored count whole nanoseconds");
  const auto nanoseconds = to_nanoseconds(value);
  if (!nanoseconds) throw UsageError{"a span of time is longer than 292 years"};
  return format_nanoseconds(*nanoseconds);
}

template <class T>
nlohmann::json encode(const T& value) {
  if constexpr (std::is_floating_point_v<T>) {
    if (!std::isfinite(value)) {
      throw UsageError{"an argument is NaN or infinite, which JSON cannot express"};
    }
    return value;
  } else if constexpr (is_optional<T>) {
    return value ? encode(*value) : nlohmann::json{};
  } else if constexpr (is_duration<T>) {
    return encode_duration(value);
  } else if constexpr (is_instant<T>) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(value);
    return format_instant(seconds.time_since_epoch().count(),
                          std::chrono::nanoseconds{value - seconds}.count());
  } else if constexpr (is_tuple<T>) {
    return encode_tuple(value);
  } else if constexpr (StringMap<T>) {
    nlohmann::json object = nlohmann::json::object();
    for (const auto& [key, item] : value) object[key] = encode(item);
    return object;
  } else if constexpr (FixedArray<T> || Sequence<T>) {
    nlohmann::json array = nlohmann::json::array();
    for (const auto& item : value) {
      array.push_back(encode(static_cast<const typename T::value_type&>(item)));
    }
    return array;
  } else {
    constexpr bool has_to_json = std::is_constructible_v<nlohmann::json, const T&>;
    static_assert(has_to_json,
                  "Portfire: this type cannot be stored; give it to_json and from_json");
    if constexpr (has_to_json) return nlohmann::json(value);
  }
}

template <std::integral T>
T decode_integer(const nlohmann::json& value, const std::string& place) {
  // The character types count as the integers that they are.
  using Plain =
      std::conditional_t<std::is_signed_v<T>, std::make_signed<T>, std::make_unsigned<T>>::type;
  if (value.is_number_unsigned()) {
    const auto number = value.get<std::uint64_t>();
    if (std::in_range<Plain>(number)) return static_cast<T>(number);
  } else if (value.is_number_integer()) {
    const auto number = value.get<std::int64_t>();
    if (std::in_range<Plain>(number)) return static_cast<T>(number);
  }
  throw_decode_error(place,
                     "an integer from " + std::to_string(std::numeric_limits<T>::min()) + " to " +
                         std::to_string(std::numeric_limits<T>::max()),
                     value);
}

template <class T>
T decode_floating(const nlohmann::json& value, const std::string& place) {
  if (!value.is_number()) throw_decode_error(place, "a number", value);
  const auto number = value.get<double>();
  if constexpr (sizeof(T) < sizeof(double)) {
    if (std::abs(number) > static_cast<double>(std::numeric_limits<T>::max())) {
      throw_decode_error(place, "a number in the range of float", value);
    }
  }
  return static_cast<T>(number);
}

template <class T>
T decode_duration(const nlohmann::json& value, const std::string& place) {
  const auto nanoseconds =
      value.is_string() ? parse_nanoseconds(value.get_ref<const std::string&>()) : std::nullopt;
  if (!nanoseconds) throw_decode_error(place, "a span of time such as \"1h30m\"", value);
  const std::chrono::nanoseconds exact{*nanoseconds};
  const auto rounded = std::chrono::duration_cast<T>(exact);
  if (to_nanoseconds(rounded) != *nanoseconds) {
    throw_decode_error(place, "a span of time in whole units of the parameter", value);
  }
  return rounded;
}

template <class T>
T decode_instant(const nlohmann::json& value, const std::string& place) {
  std::int64_t seconds = 0;
  std::int64_t nanoseconds = 0;
  if (!value.is_string() ||
      !parse_instant(value.get_ref<const std::string&>(), seconds, nanoseconds)) {
    throw_decode_error(place, "an RFC 3339 instant", value);
  }
  // Finer clocks reach less far than the calendar: a second spare on either side.
  using Span = typename T::duration;
  const std::chrono::sys_seconds whole{std::chrono::seconds{seconds}};
  if constexpr (std::ratio_less_v<typename Span::period, std::ratio<1>>) {
    constexpr std::chrono::seconds spare{1};
    const auto first = std::chrono::ceil<std::chrono::seconds>(T::min()) + spare;
    const auto last = std::chrono::floor<std::chrono::seconds>(T::max()) - spare;
    if (whole < first || whole > last) {
      throw_decode_error(place, "an instant in the range of the parameter", value);
    }
  }
  return std::chrono::time_point_cast<Span>(whole) +
         std::chrono::duration_cast<Span>(std::chrono::nanoseconds{nanoseconds});
}

template <class Tuple, std::size_t... index>
Tuple decode_tuple(const nlohmann::json& value, const std::string& place,
                   std::index_sequence<index...>) {
  if (!value.is_array() || value.size() != sizeof...(index)) {
    throw_decode_error(place, "an array of " + std::to_string(sizeof...(index)) + " items", value);
  }
  return Tuple{decode<std::remove_const_t<std::tuple_element_t<index, Tuple>>>(
      value[index], place + "[" + std::to_string(index) + "]")...};
}

template <class T>
T decode_items(const nlohmann::json& value, const std::string& place) {
  if (!value.is_array()) throw_decode_error(place, "an array", value);
  T container{};
  if constexpr (FixedArray<T>) {
    if (value.size() != container.size()) {
      throw_decode_error(place, "an array of " + std::to_string(container.size()) + " items",
                         value);
    }
  }
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto item = decode<typename T::value_type>(value[i], place + "[" + std::to_string(i) + "]");
    if constexpr (FixedArray<T>) {
      container[i] = std::move(item);
    } else {
      container.insert(container.end(), std::move(item));
    }
  }
  return container;
}

template <class T>
T decode_map(const nlohmann::json& value, const std::string& place) {
  if (!value.is_object()) throw_decode_error(place, "an object", value);
  T map{};
  for (const auto& [key, item] : value.items()) {
    map.emplace(key, decode<typename T::mapped_type>(item, place + "." + key));
  }
  return map;
}

/// Types that JSON, or the user's `from_json`, knows by itself.
template <class T>
T decode_other(const nlohmann::json& value, const std::string& place) {
  if constexpr (std::is_enum_v<T>) {
    if (value.is_number() || value.is_boolean()) {
      return static_cast<T>(decode_integer<std::underlying_type_t<T>>(value, place));
    }
  }
  try {
    return value.get<T>();
  } catch (const nlohmann::json::exception& error) {
    throw DecodeError{place + ": " + error.what()};
  }
}

template <class T>
T decode(const nlohmann::json& value, const std::string& place) {
  if constexpr (std::is_same_v<T, bool>) {
    if (!value.is_boolean()) throw_decode_error(place, "true or false", value);
    return value.get<bool>();
  } else if constexpr (std::integral<T>) {
    return decode_integer<T>(value, place);
  } else if constexpr (std::is_floating_point_v<T>) {
    return decode_floating<T>(value, place);
  } else if constexpr (std::is_same_v<T, std::string>) {
    if (!value.is_string()) throw_decode_error(place, "a string", value);
    return value.get<std::string>();
  } else if constexpr (std::is_same_v<T, nlohmann::json>) {
    return value;
  } else if constexpr (is_optional<T>) {
    if (value.is_null()) return std::nullopt;
    return decode<typename T::value_type>(value, place);
  } else if constexpr (is_duration<T>) {
    return decode_duration<T>(value, place);
  } else if constexpr (is_instant<T>) {
    return decode_instant<T>(value, place);
  } else if constexpr (is_tuple<T>) {
    return decode_tuple<T>(value, place, std::make_index_sequence<std::tuple_size_v<T>>{});
  } else if constexpr (StringMap<T>) {
    return decode_map<T>(value, place);
  } else if constexpr (FixedArray<T> || Sequence<T>) {
    return decode_items<T>(value, place);
  } else {
    return decode_other<T>(value, place);
  }
}

/// Whether an argument may be given for a parameter: converts implicitly and, between numbers,
/// without narrowing.
template <class Argument, class Parameter>
concept Fits =
    (std::is_arithmetic_v<Parameter> &&
     requires(Argument&& argument) { Parameter{std::forward<Argument>(argument)}; } &&
     (!std::is_same_v<Parameter, bool> || std::is_same_v<std::remove_cvref_t<Argument>, bool>)) ||
    (!std::is_arithmetic_v<Parameter> && std::is_convertible_v<Argument, Parameter>);

/// How many leading parameters must be given: all but the trailing optional ones.
template <class... Parameters>
consteval std::size_t required_count(TypeList<Parameters...>) {
  constexpr std::array<bool, sizeof...(Parameters) + 1> optional{is_optional<Parameters>..., false};
  std::size_t count = sizeof...(Parameters);
  while (count > 0 && optional[count - 1]) --count;
  return count;
}

template <class Parameter, class Argument>
nlohmann::json encode_one(Argument&& argument) {
  static_assert(Fits<Argument, Parameter>,
                "Portfire: this argument does not convert to the job's parameter, or only by "
                "narrowing; convert it explicitly");
  if constexpr (Fits<Argument, Parameter>) {
    const Parameter& value = std::forward<Argument>(argument);
    return encode<Parameter>(value);
  }
}

template <class... Parameters, class Arguments, std::size_t... index>
std::string encode_arguments(TypeList<Parameters...>, Arguments arguments,
                             std::index_sequence<index...>) {
  using All = std::tuple<Parameters...>;
  nlohmann::json array = nlohmann::json::array();
  (array.push_back(
       encode_one<std::tuple_element_t<index, All>>(std::get<index>(std::move(arguments)))),
   ...);
  return dump(array, "an argument");
}

/// Whether a call has as many arguments as the job takes; does not compile when not.
template <class Stored, std::size_t given>
consteval bool has_right_count() {
  constexpr bool enough = given >= required_count(Stored{});
  constexpr bool not_too_many = given <= Stored::size;
  static_assert(enough, "Portfire: too few arguments for this job");
  static_assert(not_too_many, "Portfire: too many arguments for this job");
  return enough && not_too_many;
}

/// The stored text of a call with the signature's stored parameters.
template <class Stored, class... Arguments>
std::string encode_call(Arguments&&... arguments) {
  constexpr std::size_t given = sizeof...(Arguments);
  if constexpr (!has_right_count<Stored, given>()) {
    return {};
  } else if constexpr (given == 0) {
    return "[]";
  } else {
    return encode_arguments(Stored{}, std::forward_as_tuple(std::forward<Arguments>(arguments)...),
                            std::make_index_sequence<given>{});
  }
}

template <class... Parameters, std::size_t... index>
std::tuple<Parameters...> decode_call(TypeList<Parameters...>, const nlohmann::json& array,
                                      std::index_sequence<index...>) {
  [[maybe_unused]] const auto item = [&array](std::size_t i) -> nlohmann::json {
    return i < array.size() ? array[i] : nlohmann::json{};
  };
  return {decode<Parameters>(item(index), "argument " + std::to_string(index + 1))...};
}

/// The stored parameters of a call, from its text. Throws `ArgumentError`.
template <class... Parameters>
std::tuple<Parameters...> decode_call(TypeList<Parameters...> stored, std::string_view text) {
  if constexpr (sizeof...(Parameters) == 0) {
    if (text == "[]") return {};
  }
  try {
    return decode_call(stored, parse_arguments(text, required_count(stored), sizeof...(Parameters)),
                       std::index_sequence_for<Parameters...>{});
  } catch (const DecodeError& error) {
    throw ArgumentError{error.what()};
  }
}

}  // namespace detail

/// A value as JSON text, by the rules above.
template <class T>
std::string encode_value(const T& value) {
  return detail::dump(detail::encode<T>(value), "a value");
}

/// A value from JSON text. Throws `DecodeError` that begins with `place`.
template <class T>
T decode_value(std::string_view text, const std::string& place = "value") {
  return detail::decode<T>(detail::parse(text, place), place);
}

}  // namespace portfire
