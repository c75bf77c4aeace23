#pragma once

/// Cron expressions: what they mean, and when they come true.
///
///     constexpr portfire::Cron weekdays{"30 8 * * MON-FRI"};       // checked by the compiler
///     const auto typed_in = portfire::Cron::parse(text);           // throws UsageError
///     const portfire::TimeZone paris{"Europe/Paris"};
///     std::optional<std::chrono::sys_seconds> at = weekdays.next(now, paris);
///
/// Five fields (minute, hour, day of the month, month, day of the week) or six with the second
/// first. Days of the month and of the week must *both* fit. The whole grammar is in
/// `docs/guides/cron.md`.
///
/// When clocks are put forward, an occurrence in the time left out comes at the first instant after
/// it. When they are put back, an expression with `*`, `?`, a range or a step in its second, minute
/// or hour comes in both passes of the repeated time, any other one in the first only.
///
/// Occurrences are whole seconds in the years 1 to 9999 of the zone. Values; nothing here reads a
/// clock, and all members may be called from any thread.

#include <chrono>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>

#include <portfire/detail/cron_literal.hpp>
#include <portfire/detail/cron_parser.hpp>
#include <portfire/detail/cron_text.hpp>
#include <portfire/time_zone.hpp>

namespace portfire {

struct CronSearch {
  bool inclusive = false;  ///< the instant given may be the answer
};

struct CronSpan {
  bool include_from = true;
  bool include_to = false;
};

class CronOccurrences;

class Cron {
 public:
  /// A literal; what is wrong with it is a compile error whose last line names field and range.
  /// The text must live as long as the program.
  consteval Cron(const char* literal) : text_{literal} {
    const detail::CronReading reading = detail::read_cron(literal);
    detail::refuse_cron_literal(reading.failure);
    fields_ = reading.fields;
  }

  /// Throws `UsageError` that names the field, what stands in it and what may stand there.
  [[nodiscard]] static Cron parse(std::string_view text);

  /// The same expression, in which every `H` is a number chosen by the seed, such as the name of
  /// a job: the same seed chooses the same numbers, now and in all later releases.
  [[nodiscard]] Cron with_seed(std::string_view seed) const;

  /// Whether there is an `H` that no seed has decided. Its occurrences cannot be asked for.
  [[nodiscard]] constexpr bool needs_seed() const { return fields_.undecided != 0; }

  /// The earliest occurrence after an instant (with `inclusive`: or at it); nothing when there is
  /// none up to the year 9999. What the clocks leave out is found only from before it: from the
  /// first instant after it, even inclusively, the search goes on.
  /// Throws `UsageError` when a seed is needed.
  template <class Precision>
  [[nodiscard]] std::optional<std::chrono::sys_seconds> next(std::chrono::sys_time<Precision> from,
                                                             const TimeZone& zone = {},
                                                             CronSearch search = {}) const {
    const Moment moment = moment_of(from);
    return next_from(moment.second, search.inclusive && moment.is_whole, zone);
  }

  /// The latest occurrence before an instant (with `inclusive`: or at it); nothing when there is
  /// none since the year 1. Throws `UsageError` when a seed is needed.
  template <class Precision>
  [[nodiscard]] std::optional<std::chrono::sys_seconds> previous(
      std::chrono::sys_time<Precision> from, const TimeZone& zone = {},
      CronSearch search = {}) const {
    const Moment moment = moment_of(from);
    return previous_from(moment.second, search.inclusive || !moment.is_whole, zone);
  }

  /// The occurrences from one instant to another, earliest first, found one by one as a `for` asks
  /// for them. Throws `UsageError` when a seed is needed.
  template <class Precision, class OtherPrecision>
  [[nodiscard]] CronOccurrences between(std::chrono::sys_time<Precision> from,
                                        std::chrono::sys_time<OtherPrecision> to,
                                        const TimeZone& zone = {}, CronSpan span = {}) const;

  /// False for expressions such as `0 0 31 2 *`, which no day fits in any year.
  [[nodiscard]] constexpr bool is_reachable() const { return fields_.year_kinds != 0; }

  /// Whether it comes in both passes of a repeated time.
  [[nodiscard]] constexpr bool is_interval() const { return fields_.is_interval; }

  /// As it was written.
  [[nodiscard]] constexpr std::string_view text() const { return text_.view(); }

  /// In English: `At 08:30, Monday to Friday`.
  [[nodiscard]] std::string describe() const;

  /// Whether both have the same occurrences in all zones, however they are written.
  friend constexpr bool operator==(const Cron& left, const Cron& right) {
    return left.fields_ == right.fields_ && (!left.needs_seed() || left.text() == right.text());
  }

  /// Ready-made ones. Those that take numbers throw `UsageError` as `parse` does.
  [[nodiscard]] static Cron minutely();
  [[nodiscard]] static Cron hourly(int minute = 0);
  [[nodiscard]] static Cron daily(int hour = 0, int minute = 0);
  [[nodiscard]] static Cron weekly(std::chrono::weekday day = std::chrono::Monday, int hour = 0,
                                   int minute = 0);
  [[nodiscard]] static Cron monthly(int day = 1, int hour = 0, int minute = 0);
  [[nodiscard]] static Cron yearly(std::chrono::month month = std::chrono::January, int day = 1,
                                   int hour = 0, int minute = 0);
  /// No occurrence at all: for jobs that are only triggered by hand.
  [[nodiscard]] static Cron never();

  /// These begin anew with every hour, day, month and year: every 25 minutes means the minutes 0,
  /// 25 and 50 of each hour.
  [[nodiscard]] static Cron every_minutes(int step);
  [[nodiscard]] static Cron every_hours(int step);
  [[nodiscard]] static Cron every_days(int step);
  [[nodiscard]] static Cron every_months(int step);

 private:
  friend class CronOccurrences;

  Cron(std::string_view text, const detail::CronFields& fields)
      : text_{detail::CronText::copy_of(text)}, fields_{fields} {}

  // The second that an instant lies in, and whether it is its beginning.
  struct Moment {
    std::chrono::sys_seconds second;
    bool is_whole;
  };
  template <class Precision>
  static constexpr Moment moment_of(std::chrono::sys_time<Precision> instant) {
    using std::chrono::seconds;
    const auto exact = instant.time_since_epoch();
    const auto cut = std::chrono::duration_cast<seconds>(exact);
    return {std::chrono::sys_seconds{cut > exact ? cut - seconds{1} : cut}, cut == exact};
  }

  [[nodiscard]] std::optional<std::chrono::sys_seconds> next_from(std::chrono::sys_seconds from,
                                                                  bool inclusive,
                                                                  const TimeZone& zone) const;
  [[nodiscard]] std::optional<std::chrono::sys_seconds> previous_from(std::chrono::sys_seconds from,
                                                                      bool inclusive,
                                                                      const TimeZone& zone) const;
  void check_seed() const;

  detail::CronText text_;
  detail::CronFields fields_;
};

/// The occurrences between two instants. Iterators hold on to the range that they come from.
class CronOccurrences {
 public:
  class Iterator {
   public:
    using value_type = std::chrono::sys_seconds;
    using difference_type = std::ptrdiff_t;

    Iterator() = default;

    value_type operator*() const { return *at_; }
    Iterator& operator++() {
      at_ = range_->after(*at_);
      return *this;
    }
    void operator++(int) { ++*this; }
    friend bool operator==(const Iterator& iterator, std::default_sentinel_t) {
      return !iterator.at_;
    }

   private:
    friend class CronOccurrences;

    Iterator(const CronOccurrences* range, std::optional<value_type> at) : range_{range}, at_{at} {}

    const CronOccurrences* range_ = nullptr;
    std::optional<value_type> at_;
  };

  [[nodiscard]] Iterator begin() const;
  [[nodiscard]] static std::default_sentinel_t end() { return std::default_sentinel; }

 private:
  friend class Cron;
  friend class Iterator;

  CronOccurrences(Cron cron, TimeZone zone, std::chrono::sys_seconds from, bool inclusive,
                  std::chrono::sys_seconds last);

  [[nodiscard]] std::optional<std::chrono::sys_seconds> after(
      std::chrono::sys_seconds instant) const;
  [[nodiscard]] std::optional<std::chrono::sys_seconds> within(
      std::optional<std::chrono::sys_seconds> found) const;

  Cron cron_;
  TimeZone zone_;
  std::chrono::sys_seconds from_;
  bool inclusive_;
  std::chrono::sys_seconds last_;
};

template <class Precision, class OtherPrecision>
CronOccurrences Cron::between(std::chrono::sys_time<Precision> from,
                              std::chrono::sys_time<OtherPrecision> to, const TimeZone& zone,
                              CronSpan span) const {
  const Moment first = moment_of(from);
  const Moment last = moment_of(to);
  const bool reaches_last = span.include_to || !last.is_whole;
  return {*this, zone, first.second, span.include_from && first.is_whole,
          reaches_last ? last.second : last.second - std::chrono::seconds{1}};
}

}  // namespace portfire
