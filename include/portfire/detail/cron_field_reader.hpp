#pragma once

/// Reads one field of a cron expression, and says what is wrong with it.

#include <optional>

#include <portfire/detail/cron_fields.hpp>

namespace portfire::detail {

enum class CronMistake : unsigned char {
  none,
  empty,
  macro,        ///< no such macro, or something beside it
  field_count,  ///< neither five fields nor six
  value,        ///< no number or name of the field's
  step,
  last_offset,  ///< in `L-n`
  week,         ///< in `n#k`
  rest,         ///< a field goes on where it should end
};

struct CronFailure {
  CronMistake mistake = CronMistake::none;
  CronField field = CronField::second;
  std::string_view word = {};  ///< the field as it was written
  std::string_view part = {};  ///< what is wrong in it
  std::size_t count = 0;       ///< how many fields there are
};

constexpr char cron_upper(char character) {
  return character >= 'a' && character <= 'z' ? static_cast<char>(character - 'a' + 'A')
                                              : character;
}

constexpr bool cron_is_digit(char character) { return character >= '0' && character <= '9'; }

constexpr bool cron_is_letter(char character) {
  return cron_upper(character) >= 'A' && cron_upper(character) <= 'Z';
}

/// The number that a seed chooses for a field: the same in all releases and on all machines.
constexpr std::uint64_t cron_choice(std::string_view seed, CronField field) {
  std::uint64_t hash = 0xcbf2'9ce4'8422'2325;
  for (const char character : seed) {
    hash = (hash ^ static_cast<unsigned char>(character)) * 0x100'0000'01b3;
  }
  hash = (hash ^ static_cast<unsigned>(field)) * 0x100'0000'01b3;
  hash = (hash ^ (hash >> 33)) * 0xff51'afd7'ed55'8ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ce'b9fe'1a85'ec53;
  return hash ^ (hash >> 33);
}

class CronFieldReader {
 public:
  constexpr CronFieldReader(CronField field, std::string_view word,
                            std::optional<std::string_view> seed, CronFields& fields)
      : field_{field}, rule_{rule_of(field)}, word_{word}, seed_{seed}, fields_{fields} {}

  constexpr CronFailure read() {
    if (accept('*') || accept('?')) {
      note_interval();
      return read_all() ? end() : failure_;
    }
    if (accept_letter('H')) return read_choice() ? end() : failure_;
    if (field_ == CronField::day_of_month && accept_letter('L')) {
      return read_last_day() ? end() : failure_;
    }
    int value = 0;
    if (!read_value(value)) return failure_;
    if (field_ == CronField::day_of_month && accept_letter('W')) {
      fields_.nearest_weekday = true;
      add(value);
      return end();
    }
    if (field_ == CronField::day_of_week && (accept_letter('L') || accept('#'))) {
      return read_week(value) ? end() : failure_;
    }
    if (!read_range(value)) return failure_;
    while (accept(',')) {
      if (!read_value(value) || !read_range(value)) return failure_;
    }
    return end();
  }

 private:
  constexpr bool accept(char character) {
    if (at_ == word_.size() || word_[at_] != character) return false;
    ++at_;
    return true;
  }

  constexpr bool accept_letter(char letter) {
    if (at_ == word_.size() || cron_upper(word_[at_]) != letter) return false;
    ++at_;
    return true;
  }

  // What stands here, as a message quotes it: a number, a word, or one character of another kind.
  [[nodiscard]] constexpr std::string_view here() const {
    std::size_t end = at_;
    while (end < word_.size() && (cron_is_digit(word_[end]) || cron_is_letter(word_[end]))) ++end;
    if (end == at_ && end < word_.size()) ++end;
    return word_.substr(at_, end - at_);
  }

  constexpr bool fail(CronMistake mistake, std::string_view part) {
    failure_ = {.mistake = mistake, .field = field_, .word = word_, .part = part};
    return false;
  }

  constexpr CronFailure end() {
    if (at_ < word_.size()) fail(CronMistake::rest, here());
    return failure_;
  }

  // One or two digits within the bounds.
  constexpr bool read_number(int low, int high, CronMistake otherwise, int& value) {
    const std::string_view part = here();
    std::size_t digits = 0;
    value = 0;
    while (digits < part.size() && cron_is_digit(part[digits])) {
      if (digits < 2) value = value * 10 + (part[digits] - '0');
      ++digits;
    }
    if (digits == 0 || digits > 2 || value < low || value > high) return fail(otherwise, part);
    at_ += digits;
    return true;
  }

  constexpr bool read_value(int& value) {
    constexpr std::string_view months = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
    constexpr std::string_view weekdays = "SUNMONTUEWEDTHUFRISAT";
    const std::string_view names = field_ == CronField::month         ? months
                                   : field_ == CronField::day_of_week ? weekdays
                                                                      : std::string_view{};
    const std::string_view rest = word_.substr(at_);
    for (std::size_t i = 0; i < names.size() && rest.size() >= 3; i += 3) {
      if (cron_upper(rest[0]) == names[i] && cron_upper(rest[1]) == names[i + 1] &&
          cron_upper(rest[2]) == names[i + 2]) {
        value = static_cast<int>(i / 3) + (field_ == CronField::month ? 1 : 0);
        at_ += 3;
        return true;
      }
    }
    return read_number(rule_.low, rule_.high, CronMistake::value, value);
  }

  constexpr bool read_step(int& step) {
    note_interval();
    return read_number(1, rule_.high, CronMistake::step, step);
  }

  constexpr bool read_all() {
    int step = 1;
    if (accept('/') && !read_step(step)) return false;
    add_run(rule_.low, rule_.low + rule_.cycle - 1, step);
    return true;
  }

  // What follows the first value of a range: an end, a step, both or nothing.
  constexpr bool read_range(int first) {
    int last = first;
    int step = 1;
    if (accept('-')) {
      note_interval();
      if (!read_value(last)) return false;
      // Sunday as 7 begins nothing that ends before it.
      if (field_ == CronField::day_of_week && first == 7 && last < 7) first = 0;
      if (last < first) last += rule_.cycle;
      if (accept('/') && !read_step(step)) return false;
    } else if (accept('/')) {
      last = rule_.high;
      if (!read_step(step)) return false;
    }
    add_run(first, last, step);
    return true;
  }

  // What follows `H`. A day of the month is one that every month has.
  constexpr bool read_choice() {
    int step = 0;
    if (accept('/') && !read_step(step)) return false;
    const int last = rule_.low + rule_.cycle - 1;
    const int choices = field_ == CronField::day_of_month ? 28 : rule_.cycle;
    if (!seed_) {
      fields_.undecided |= 1U << static_cast<unsigned>(field_);
      if (step != 0) fields_.undecided_runs |= 1U << static_cast<unsigned>(field_);
      add_run(rule_.low, last, 1);
      return true;
    }
    const int span = step == 0 || step > choices ? choices : step;
    const auto choice = cron_choice(*seed_, field_) % static_cast<unsigned>(span);
    const int first = rule_.low + static_cast<int>(choice);
    add_run(first, step == 0 ? first : last, step == 0 ? 1 : step);
    return true;
  }

  // What follows `L` among the days of the month.
  constexpr bool read_last_day() {
    fields_.last_day_offset = 0;
    if (accept('-') &&
        !read_number(0, rule_.high - 1, CronMistake::last_offset, fields_.last_day_offset)) {
      return false;
    }
    fields_.nearest_weekday = accept_letter('W');
    return true;
  }

  // What follows the `L` or `#` of a weekday.
  constexpr bool read_week(int weekday) {
    add(weekday);
    fields_.week_of_month = CronFields::last_week;
    if (word_[at_ - 1] != '#') return true;
    return read_number(1, 5, CronMistake::week, fields_.week_of_month);
  }

  constexpr void note_interval() {
    if (field_ <= CronField::hour) fields_.is_interval = true;
  }

  constexpr void add(int value) {
    const int index = (value - rule_.low) % rule_.cycle + rule_.low;
    fields_.sets[static_cast<std::size_t>(field_)] |= std::uint64_t{1} << index;
  }

  constexpr void add_run(int first, int last, int step) {
    for (int value = first; value <= last; value += step) add(value);
  }

  CronField field_;
  const CronFieldRule& rule_;
  std::string_view word_;
  std::optional<std::string_view> seed_;
  CronFields& fields_;
  std::size_t at_ = 0;
  CronFailure failure_;
};

}  // namespace portfire::detail
