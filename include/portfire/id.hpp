#pragma once

/// Identifiers of jobs, servers and units: 128-bit UUIDs of version 7 (RFC 9562, section 5.7).
///
/// Ids are made by the caller, before anything is stored, so that a write whose reply was lost can
/// be sent again. They sort by the time of their making; ids of one `IdGenerator` ascend strictly.
/// Values: freely copied, compared and hashed from any thread.

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include <portfire/time.hpp>

namespace portfire {

/// One identifier; `Tag` keeps the kinds apart at compile time. The default is *nil* (all zero),
/// which stands for "no such thing" and converts to false.
template <class Tag>
class Id {
 public:
  constexpr Id() = default;
  constexpr Id(std::uint64_t high, std::uint64_t low) : high_{high}, low_{low} {}

  /// The most and the least significant 64 bits, as in the canonical text.
  [[nodiscard]] constexpr std::uint64_t high() const { return high_; }
  [[nodiscard]] constexpr std::uint64_t low() const { return low_; }

  constexpr explicit operator bool() const { return (high_ | low_) != 0; }
  friend constexpr auto operator<=>(const Id&, const Id&) = default;

 private:
  std::uint64_t high_ = 0;
  std::uint64_t low_ = 0;
};

using JobId = Id<struct JobTag>;
using ServerId = Id<struct ServerTag>;
using UnitId = Id<struct UnitTag>;

namespace detail {
std::string format_id(std::uint64_t high, std::uint64_t low);
bool parse_id(std::string_view text, std::uint64_t& high, std::uint64_t& low);
}  // namespace detail

/// The canonical 36 characters, lower case: `0193…-…-7…-…-…`.
template <class Tag>
std::string to_string(Id<Tag> id) {
  return detail::format_id(id.high(), id.low());
}

/// Reads the canonical text, in either case. Returns nothing for any other text.
template <class IdType>
std::optional<IdType> parse_id(std::string_view text) {
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  if (!detail::parse_id(text, high, low)) return std::nullopt;
  return IdType{high, low};
}

/// Makes ids that ascend strictly. Not synchronised: one generator per thread or under a lock.
///
/// Layout (RFC 9562, section 6.2, method 1): 48 bits of Unix milliseconds, version, a 12-bit
/// counter and, after the variant, 62 bits of which the first 14 continue the counter. The counter
/// starts at a random value in its lower half each millisecond; when it overflows, or when the
/// clock steps back, the generator borrows from the next millisecond instead of repeating itself.
class IdGenerator {
 public:
  /// `now` is the caller's clock, `random` 64 fresh random bits.
  template <class IdType>
  IdType next(TimePoint now, std::uint64_t random) {
    const auto [high, low] = next_bits(now, random);
    return IdType{high, low};
  }

 private:
  struct Bits {
    std::uint64_t high;
    std::uint64_t low;
  };
  Bits next_bits(TimePoint now, std::uint64_t random);

  std::uint64_t millisecond_ = 0;
  std::uint32_t counter_ = 0;
};

}  // namespace portfire

template <class Tag>
struct std::hash<portfire::Id<Tag>> {
  std::size_t operator()(portfire::Id<Tag> id) const noexcept {
    // The low half is random enough by itself; the high half separates ids that share it.
    return static_cast<std::size_t>(id.low() ^ (id.high() * 0x9E3779B97F4A7C15ULL));
  }
};
