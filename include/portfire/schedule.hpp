#pragma once

/// When a recurring job comes about: by a cron expression, or every so often.
///
///     "30 8 * * MON-FRI"                        // a literal, checked by the compiler
///     portfire::Cron::parse(text)
///     portfire::every(90s)                      // at all multiples of 90 s since 1970
///     portfire::every(6h, anchor)               // … and of 6 h before and after an instant
///
/// Values; nothing here reads a clock, and all members may be called from any thread.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <portfire/cron.hpp>
#include <portfire/time.hpp>

namespace portfire {

/// What becomes of occurrences whose time passed while no server was there to fire them. One that
/// is at most 30 s late was not missed.
enum class Misfire : std::uint8_t {
  relaxed,    ///< one job for all of them
  strict,     ///< one job for each, up to a limit
  ignorable,  ///< none
};

/// What happens when an occurrence comes while the job of an earlier one has not ended.
enum class Overlap : std::uint8_t {
  allow,            ///< they run beside each other
  skip,             ///< the new one is left out
  queue_one,        ///< one waits for its turn behind the one that runs; further ones are left out
  cancel_previous,  ///< the earlier one is deleted and told to stop
};

/// As they are stored: `relaxed`, `cancel_previous` … Reading returns nothing for any other text.
std::string_view to_string(Misfire misfire);
std::string_view to_string(Overlap overlap);
std::optional<Misfire> parse_misfire(std::string_view text);
std::optional<Overlap> parse_overlap(std::string_view text);

class Schedule {
 public:
  /// A literal; what is wrong with it is a compile error, as with `Cron`.
  consteval Schedule(const char* cron) : cron_{cron} {}  // NOLINT: meant to be implicit
  Schedule(Cron cron) : cron_{std::move(cron)} {}        // NOLINT: meant to be implicit

  /// Fixed distances in time, whatever the clocks on the wall show.
  /// Throws `UsageError` for an interval shorter than a second or longer than 100 years.
  static Schedule every(Duration interval, TimePoint anchor = {});

  /// What people type: a cron expression, or `every 90s`. Throws `UsageError` for any other text.
  static Schedule parse(std::string_view text);

  /// What `parse` reads; an anchor is not in it.
  [[nodiscard]] std::string text() const;

  [[nodiscard]] bool is_interval() const { return interval_ != Duration::zero(); }
  /// Only where it is no interval.
  [[nodiscard]] const Cron& cron() const { return cron_; }
  /// Only of an interval.
  [[nodiscard]] Duration interval() const { return interval_; }
  [[nodiscard]] TimePoint anchor() const { return anchor_; }

  /// In English: `At 08:30, Monday to Friday`, `Every 1m30s`.
  [[nodiscard]] std::string describe() const;

 private:
  Cron cron_;
  Duration interval_ = Duration::zero();
  TimePoint anchor_ = {};
};

inline Schedule every(Duration interval, TimePoint anchor = {}) {
  return Schedule::every(interval, anchor);
}

}  // namespace portfire
