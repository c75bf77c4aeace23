#pragma once

/// Time zones by their IANA names, with all their rules, past and future.
///
/// The rules come from the time zone database of the system (the package `tzdata`; the environment
/// variable `TZDIR` names another directory). They are read once in the life of a process.

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

namespace portfire {

/// The instants at which the clocks of a zone show a time of day.
struct LocalInstants {
  enum class Kind : unsigned char {
    unique,
    skipped,   ///< at none: the clocks are put forward over it
    repeated,  ///< twice: the clocks are put back over it
  };
  Kind kind = Kind::unique;
  std::chrono::sys_seconds first = {};   ///< the earlier one, or the only one
  std::chrono::sys_seconds second = {};  ///< the later one of two
  std::chrono::sys_seconds change = {};  ///< unless unique: when the clocks are changed
};

/// One zone. A value, cheap to copy; all members may be called from any thread.
class TimeZone {
 public:
  /// UTC, which needs no database.
  TimeZone();

  /// By IANA name such as `Europe/Paris`, whose case counts.
  /// Throws `UsageError` when there is no such zone.
  explicit TimeZone(std::string_view name);

  [[nodiscard]] const std::string& name() const;

  /// Local time minus UTC. Whole minutes today, with seconds before clocks were standardised.
  [[nodiscard]] std::chrono::seconds offset_at(std::chrono::sys_seconds instant) const;

  /// What the clocks show at an instant.
  [[nodiscard]] std::chrono::local_seconds local_at(std::chrono::sys_seconds instant) const;

  /// When the clocks show a time.
  [[nodiscard]] LocalInstants instants_at(std::chrono::local_seconds local) const;

  /// `2026-11-21T10:00:00+01:00`: RFC 3339 in this zone. An offset with seconds is cut to minutes.
  /// Years before 1 and after 9999 are written with the digits that they need.
  [[nodiscard]] std::string to_string(std::chrono::sys_seconds instant) const;

 private:
  struct Rules;
  std::shared_ptr<const Rules> rules_;
};

}  // namespace portfire
