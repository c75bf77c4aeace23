#include "model/misfire.hpp"

#include <algorithm>

namespace portfire {

namespace {

// FNV-1a, 64 bits.
constexpr std::uint64_t offset_basis = 0xCBF29CE484222325U;
constexpr std::uint64_t prime = 0x100000001B3U;

std::uint64_t mixed(std::uint64_t digest, std::uint64_t byte) { return (digest ^ byte) * prime; }

}  // namespace

Jitter::Jitter(Duration longest, std::string_view seed) : longest_{longest}, seed_{offset_basis} {
  for (const char character : seed) seed_ = mixed(seed_, static_cast<unsigned char>(character));
}

TimePoint Jitter::due(TimePoint occurrence) const {
  if (longest_ == Duration::zero()) return occurrence;
  std::uint64_t digest = seed_;
  const auto instant = static_cast<std::uint64_t>(occurrence.time_since_epoch().count());
  for (int shift = 0; shift < 64; shift += 8) digest = mixed(digest, (instant >> shift) & 0xFFU);
  // The high bits are the better mixed ones.
  const std::uint64_t spread = (digest >> 16U) % static_cast<std::uint64_t>(longest_.count());
  return occurrence + Duration{static_cast<Duration::rep>(spread)};
}

Firing fire(const Occurrences& occurrences, const Jitter& jitter, const MisfirePolicy& policy,
            TimePoint pending, TimePoint now) {
  std::optional<TimePoint> latest = occurrences.at_or_before(now);
  while (latest && *latest > pending && jitter.due(*latest) > now) {
    latest = occurrences.before(*latest);
  }
  // The schedule may have changed since the pending one was an occurrence of it.
  const TimePoint last = latest && *latest > pending ? *latest : pending;
  Firing firing{.occurrences = {}, .next = occurrences.after(last)};

  const bool one_is_enough = policy.misfire == Misfire::relaxed;
  const std::size_t most = one_is_enough ? 1 : policy.most_made_up;
  for (std::optional<TimePoint> each = last; each && *each >= pending;
       each = occurrences.before(*each)) {
    const bool is_missed = now - jitter.due(*each) > misfire_tolerance;
    if (policy.misfire == Misfire::ignorable && is_missed) break;
    if (firing.occurrences.size() == most) break;
    firing.occurrences.push_back(*each);
  }
  std::ranges::reverse(firing.occurrences);
  return firing;
}

}  // namespace portfire
