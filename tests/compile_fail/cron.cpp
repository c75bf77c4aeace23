// Cron expressions in the source are read by the compiler.

#include <portfire/cron.hpp>

void take(const portfire::Cron&) {}

void literals(const char* text) {
  take("30 8 * * MON-FRI");
  take("*/15 22-1 L-2W DEC-FEB 5#2");
  constexpr portfire::Cron daily{"@daily"};
  take(daily);

#ifdef cron_minute_out_of_range
  take("60 8 * * *");
#endif
#ifdef cron_weekday_misspelt
  constexpr portfire::Cron weekday{"0 8 * * MOM"};
  take(weekday);
#endif
#ifdef cron_field_missing
  take("0 8 * *");
#endif
#ifdef cron_step_too_large
  take("0 */24 * * *");
#endif
#ifdef cron_list_of_nearest
  take("0 0 1W,15W * *");
#endif
#ifdef cron_macro_unknown
  take("@fortnightly");
#endif
#ifdef cron_not_constant
  take(text);
#endif
  static_cast<void>(text);
}
