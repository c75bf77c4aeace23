#pragma once

// The values of one statement, in PostgreSQL's binary format.

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <portfire/id.hpp>
#include <portfire/time.hpp>

namespace portfire::postgresql {

using TypeNumber = unsigned int;  // `Oid`

// Where binary instants begin to count.
inline constexpr TimePoint first_instant = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1};

// JSON as text, for a parameter of type jsonb.
struct Json {
  std::string_view text;
};

// A span of time for a parameter of type interval; a `Duration` itself is sent as microseconds.
struct Interval {
  Duration span;
};

// Appends in network order.
template <class Integer>
void put_integer(std::string& out, Integer value) {
  auto bits = static_cast<std::make_unsigned_t<Integer>>(value);
  std::array<char, sizeof(Integer)> bytes;
  for (std::size_t i = bytes.size(); i-- > 0; bits >>= 8) {
    bytes[i] = static_cast<char>(static_cast<unsigned char>(bits & 0xFF));
  }
  out.append(bytes.data(), bytes.size());
}

// Appends text as PostgreSQL can keep it: a zero byte and what is not UTF-8 becomes U+FFFD.
void put_text(std::string& out, std::string_view text);

// How a C++ type is sent: `type` and `array_type` by PostgreSQL's numbers, and its bytes.
template <class Value>
struct Wire;

template <TypeNumber Type, TypeNumber ArrayType>
struct WireType {
  static constexpr TypeNumber type = Type;
  static constexpr TypeNumber array_type = ArrayType;
};

template <>
struct Wire<bool> : WireType<16, 1000> {
  static void put(std::string& out, bool value) { out += static_cast<char>(value ? 1 : 0); }
};
template <class Value>
  requires((std::is_integral_v<Value> && !std::is_same_v<Value, bool> && sizeof(Value) < 4) ||
           std::is_same_v<Value, std::int32_t>)
struct Wire<Value> : WireType<23, 1007> {
  static void put(std::string& out, Value value) {
    put_integer(out, static_cast<std::int32_t>(value));
  }
};
template <class Value>
  requires(std::is_enum_v<Value>)
struct Wire<Value> : WireType<23, 1007> {
  static void put(std::string& out, Value value) {
    put_integer(out, static_cast<std::int32_t>(value));
  }
};
// Also unsigned numbers of 32 bits, so that none is out of range.
template <class Value>
  requires(std::is_integral_v<Value> &&
           (sizeof(Value) == 8 || std::is_same_v<Value, std::uint32_t>))
struct Wire<Value> : WireType<20, 1016> {
  static void put(std::string& out, Value value) {
    put_integer(out, static_cast<std::int64_t>(value));
  }
};
template <>
struct Wire<double> : WireType<701, 1022> {
  static void put(std::string& out, double value) {
    put_integer(out, std::bit_cast<std::int64_t>(value));
  }
};
template <>
struct Wire<std::string_view> : WireType<25, 1009> {
  static void put(std::string& out, std::string_view text) { put_text(out, text); }
};
template <>
struct Wire<std::string> : Wire<std::string_view> {};
template <>
struct Wire<const char*> : Wire<std::string_view> {};
template <>
struct Wire<char*> : Wire<std::string_view> {};
template <>
struct Wire<Json> : WireType<3802, 3807> {
  static void put(std::string& out, Json json) {
    out += '\1';
    put_text(out, json.text);
  }
};
template <>
struct Wire<Duration> : WireType<20, 1016> {
  static void put(std::string& out, Duration span) { put_integer(out, span.count()); }
};
template <>
struct Wire<Interval> : WireType<1186, 1187> {
  static void put(std::string& out, Interval interval) {
    put_integer(out, interval.span.count());
    put_integer(out, std::int64_t{0});  // days, months
  }
};
template <>
struct Wire<TimePoint> : WireType<1184, 1185> {
  static void put(std::string& out, TimePoint instant);
};
template <class Tag>
struct Wire<Id<Tag>> : WireType<2950, 2951> {
  static void put(std::string& out, Id<Tag> id) {
    put_integer(out, id.high());
    put_integer(out, id.low());
  }
};

// Takes copies of all values. Threads: one at a time.
class Parameters {
 public:
  template <class... Values>
  static Parameters of(const Values&... values) {
    Parameters parameters;
    (parameters.add(values), ...);
    return parameters;
  }

  template <class Value>
  void add(const Value& value) {
    begin(Wire<std::decay_t<Value>>::type);
    Wire<std::decay_t<Value>>::put(bytes_, value);
    end();
  }
  // Nothing becomes NULL.
  template <class Value>
  void add(const std::optional<Value>& value) {
    if (value) return add(*value);
    begin(Wire<Value>::type);
    lengths_.push_back(-1);
  }
  // A vector becomes an array.
  template <class Value>
  void add(const std::vector<Value>& values) {
    add_array(values, [](const Value& value) -> const Value& { return value; });
  }

  // An array of what `project` makes of each item: a value, or an optional one.
  template <class Items, class Project>
  void add_array(const Items& items, Project&& project) {
    using Element = std::decay_t<decltype(project(*std::begin(items)))>;
    using Value = typename Bare<Element>::Type;
    begin(Wire<Value>::array_type);
    begin_array(std::size(items), Wire<Value>::type);
    for (const auto& item : items) put_element<Value>(project(item));
    end();
  }

  [[nodiscard]] int count() const { return static_cast<int>(types_.size()); }
  [[nodiscard]] const TypeNumber* types() const { return types_.data(); }
  [[nodiscard]] const int* lengths() const { return lengths_.data(); }
  // Where each begins, null for NULL; valid until the next `add`.
  [[nodiscard]] const char* const* addresses() const;
  // 1 for each: binary.
  [[nodiscard]] const int* formats() const { return formats_.data(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_.size(); }

 private:
  template <class Value>
  struct Bare {
    using Type = Value;
  };
  template <class Value>
  struct Bare<std::optional<Value>> {
    using Type = Value;
  };

  void begin(TypeNumber type) {
    types_.push_back(type);
    formats_.push_back(1);
    offsets_.push_back(bytes_.size());
  }
  void end() { lengths_.push_back(static_cast<int>(bytes_.size() - offsets_.back())); }
  void begin_array(std::size_t size, TypeNumber element_type);

  template <class Value>
  void put_element(const Value& value) {
    constexpr std::size_t length_bytes = 4;
    const std::size_t at = bytes_.size();
    put_integer(bytes_, std::int32_t{0});
    Wire<Value>::put(bytes_, value);
    set_length(at, bytes_.size() - at - length_bytes);
  }
  template <class Value>
  void put_element(const std::optional<Value>& value) {
    if (value) return put_element<Value>(*value);
    put_integer(bytes_, std::int32_t{-1});
  }
  void set_length(std::size_t at, std::size_t length);

  std::string bytes_;
  std::vector<TypeNumber> types_;
  std::vector<std::size_t> offsets_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  mutable std::vector<const char*> addresses_;
};

}  // namespace portfire::postgresql
