#pragma once

/// How a compiler says what is wrong with a cron expression in the source: it cannot evaluate a
/// call to one of the functions below, and quotes their names.

#include <portfire/detail/cron_parser.hpp>

namespace portfire {

/// None of them is ever called.
namespace this_cron_expression_is_wrong {

inline void it_is_empty() {}
inline void it_needs_5_fields_or_6_with_seconds_first() {}
inline void there_is_no_such_macro() {}
inline void the_second_takes_0_to_59() {}
inline void the_minute_takes_0_to_59() {}
inline void the_hour_takes_0_to_23() {}
inline void the_day_of_month_takes_1_to_31() {}
inline void the_month_takes_1_to_12_or_JAN_to_DEC() {}
inline void the_day_of_week_takes_0_to_7_or_SUN_to_SAT() {}
inline void a_step_takes_1_to_the_maximum_of_the_field() {}
inline void L_minus_takes_0_to_30() {}
inline void a_week_of_the_month_takes_1_to_5() {}
inline void a_field_goes_on_where_it_should_end() {}

}  // namespace this_cron_expression_is_wrong

namespace detail {

constexpr void refuse_cron_value(CronField field) {
  namespace wrong = this_cron_expression_is_wrong;
  if (field == CronField::second) wrong::the_second_takes_0_to_59();
  if (field == CronField::minute) wrong::the_minute_takes_0_to_59();
  if (field == CronField::hour) wrong::the_hour_takes_0_to_23();
  if (field == CronField::day_of_month) wrong::the_day_of_month_takes_1_to_31();
  if (field == CronField::month) wrong::the_month_takes_1_to_12_or_JAN_to_DEC();
  if (field == CronField::day_of_week) wrong::the_day_of_week_takes_0_to_7_or_SUN_to_SAT();
}

constexpr void refuse_cron_literal(const CronFailure& failure) {
  namespace wrong = this_cron_expression_is_wrong;
  const CronMistake mistake = failure.mistake;
  if (mistake == CronMistake::empty) wrong::it_is_empty();
  if (mistake == CronMistake::macro) wrong::there_is_no_such_macro();
  if (mistake == CronMistake::field_count) wrong::it_needs_5_fields_or_6_with_seconds_first();
  if (mistake == CronMistake::value) refuse_cron_value(failure.field);
  if (mistake == CronMistake::step) wrong::a_step_takes_1_to_the_maximum_of_the_field();
  if (mistake == CronMistake::last_offset) wrong::L_minus_takes_0_to_30();
  if (mistake == CronMistake::week) wrong::a_week_of_the_month_takes_1_to_5();
  if (mistake == CronMistake::rest) wrong::a_field_goes_on_where_it_should_end();
}

}  // namespace detail

}  // namespace portfire
