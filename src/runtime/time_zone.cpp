#include <absl/time/civil_time.h>
#include <absl/time/time.h>

#include <algorithm>
#include <portfire/error.hpp>
#include <portfire/time_zone.hpp>

namespace portfire {

using std::chrono::local_seconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

struct TimeZone::Rules {
  std::string name;
  absl::TimeZone zone;
};

namespace {

constexpr std::size_t longest_name = 64;

// A name is a path below the directory of the database, and must not lead out of it. Beside the
// zones there are files that count leap seconds or depend on the machine.
bool is_zone_name(std::string_view name) {
  if (name.empty() || name.size() > longest_name) return false;
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '+' || c == '/';
  };
  return std::ranges::all_of(name, allowed) && name.front() != '/' &&
         name.find("//") == std::string_view::npos && !name.starts_with("right/") &&
         !name.starts_with("posix/") && name != "localtime" && name != "posixrules";
}

absl::Time to_absl(sys_seconds instant) {
  return absl::FromUnixSeconds(instant.time_since_epoch().count());
}

sys_seconds from_absl(absl::Time instant) {
  return sys_seconds{seconds{absl::ToUnixSeconds(instant)}};
}

void append_padded(std::string& text, std::int64_t value, std::size_t width) {
  const std::string digits = std::to_string(value);
  if (digits.size() < width) text.append(width - digits.size(), '0');
  text += digits;
}

}  // namespace

TimeZone::TimeZone() {
  static const auto utc = std::make_shared<const Rules>(Rules{"UTC", absl::UTCTimeZone()});
  rules_ = utc;
}

TimeZone::TimeZone(std::string_view name) {
  Rules rules{.name = std::string{name}};
  if (!is_zone_name(name) || !absl::LoadTimeZone(rules.name, &rules.zone)) {
    throw UsageError{"time zone \"" + rules.name +
                     "\": the time zone database has no such name; write an IANA name such as "
                     "UTC or Europe/Paris, in which case counts (and install the package tzdata "
                     "if it is missing)"};
  }
  rules_ = std::make_shared<const Rules>(std::move(rules));
}

const std::string& TimeZone::name() const { return rules_->name; }

seconds TimeZone::offset_at(sys_seconds instant) const {
  return seconds{rules_->zone.At(to_absl(instant)).offset};
}

local_seconds TimeZone::local_at(sys_seconds instant) const {
  return local_seconds{instant.time_since_epoch() + offset_at(instant)};
}

LocalInstants TimeZone::instants_at(local_seconds local) const {
  const absl::CivilSecond civil =
      absl::CivilSecond{1970, 1, 1} + static_cast<std::int64_t>(local.time_since_epoch().count());
  const absl::TimeZone::TimeInfo info = rules_->zone.At(civil);
  switch (info.kind) {
    case absl::TimeZone::TimeInfo::SKIPPED:
      return {.kind = LocalInstants::Kind::skipped, .change = from_absl(info.trans)};
    case absl::TimeZone::TimeInfo::REPEATED:
      return {.kind = LocalInstants::Kind::repeated,
              .first = from_absl(info.pre),
              .second = from_absl(info.post),
              .change = from_absl(info.trans)};
    case absl::TimeZone::TimeInfo::UNIQUE: break;
  }
  return {.first = from_absl(info.pre)};
}

std::string TimeZone::to_string(sys_seconds instant) const {
  const seconds offset = offset_at(instant);
  const local_seconds local{instant.time_since_epoch() + offset};
  const auto day = std::chrono::floor<std::chrono::days>(local);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{local - day};
  std::string text;
  append_padded(text, static_cast<int>(date.year()), 4);
  text += '-';
  append_padded(text, static_cast<unsigned>(date.month()), 2);
  text += '-';
  append_padded(text, static_cast<unsigned>(date.day()), 2);
  text += 'T';
  append_padded(text, clock.hours().count(), 2);
  text += ':';
  append_padded(text, clock.minutes().count(), 2);
  text += ':';
  append_padded(text, clock.seconds().count(), 2);
  // Cut towards zero; what is cut to nothing is +00:00, because -00:00 means something else.
  const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(offset).count();
  text += minutes < 0 ? '-' : '+';
  append_padded(text, std::abs(minutes) / 60, 2);
  text += ':';
  append_padded(text, std::abs(minutes) % 60, 2);
  return text;
}

}  // namespace portfire
