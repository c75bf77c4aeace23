#pragma once

/// Reads cron expressions. Total: any text gives fields or says what is wrong with it.

#include <algorithm>
#include <optional>

#include <portfire/detail/cron_field_reader.hpp>

namespace portfire::detail {

struct CronReading {
  CronFields fields;
  CronFailure failure;
};

struct CronMacro {
  std::string_view name;
  std::string_view meaning;
};

inline constexpr std::array<CronMacro, 9> cron_macros = {{
    {"@every_second", "* * * * * *"},
    {"@every_minute", "* * * * *"},
    {"@hourly", "0 * * * *"},
    {"@daily", "0 0 * * *"},
    {"@midnight", "0 0 * * *"},
    {"@weekly", "0 0 * * 0"},
    {"@monthly", "0 0 1 * *"},
    {"@yearly", "0 0 1 1 *"},
    {"@annually", "0 0 1 1 *"},
}};

constexpr std::string_view cron_trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t";
  text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
  return text.substr(0, text.find_last_not_of(blanks) + 1);
}

/// Without a seed an `H` is left undecided: all values for the time being.
constexpr CronReading read_cron(std::string_view text,
                                std::optional<std::string_view> seed = std::nullopt) {
  CronReading reading;
  text = cron_trimmed(text);
  if (text.empty()) {
    reading.failure.mistake = CronMistake::empty;
    return reading;
  }
  if (text.front() == '@') {
    for (const CronMacro& macro : cron_macros) {
      if (std::ranges::equal(text, macro.name, {}, cron_upper, cron_upper)) {
        return read_cron(macro.meaning);
      }
    }
    reading.failure = {.mistake = CronMistake::macro, .word = text};
    return reading;
  }

  std::array<std::string_view, cron_field_count> words;
  std::size_t count = 0;
  for (std::string_view rest = text; !rest.empty(); ++count) {
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t"));
    if (count < words.size()) words[count] = word;
    rest = cron_trimmed(rest.substr(word.size()));
  }
  if (count != cron_field_count && count != cron_field_count - 1) {
    reading.failure = {.mistake = CronMistake::field_count, .word = text, .count = count};
    return reading;
  }
  const std::size_t skipped = cron_field_count - count;
  if (skipped == 1) reading.fields.sets[0] = 1;
  for (std::size_t i = 0; i < count; ++i) {
    const auto field = static_cast<CronField>(i + skipped);
    reading.failure = CronFieldReader{field, words[i], seed, reading.fields}.read();
    if (reading.failure.mistake != CronMistake::none) return reading;
  }
  reading.fields.year_kinds = year_kinds_that_fit(reading.fields);
  return reading;
}

}  // namespace portfire::detail
