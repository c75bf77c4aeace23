// Expressions in English.

#include <portfire/cron.hpp>

#include <gtest/gtest.h>

namespace portfire::cron_words_test {
namespace {

struct Words {
  const char* expression;
  const char* words;
};

constexpr std::array table = {
    Words{"* * * * *", "Every minute"},
    Words{"* * * * * *", "Every second"},
    Words{"0 * * * *", "Every hour"},
    Words{"@daily", "At 00:00, every day"},
    Words{"*/15 * * * *", "Every 15 minutes"},
    Words{"0,15,30,45 * * * *", "Every 15 minutes"},
    Words{"0 */2 * * *", "Every 2 hours"},
    Words{"30 */2 * * *", "At minute 30, every 2 hours"},
    Words{"30 * * * *", "At minute 30 of every hour"},
    Words{"10-20 * * * *", "At minutes 10 to 20 of every hour"},
    Words{"*/10 * * * * *", "Every 10 seconds"},
    Words{"5 * * * * *", "At second 5 of every minute"},
    Words{"*/10 5 8-10 * * *", "Every 10 seconds, at minute 5, from 08:00 to 10:59"},
    Words{"30 8 * * MON-FRI", "At 08:30, Monday to Friday"},
    Words{"15 30 8 * * SUN,MON", "At 08:30:15, on Sunday and Monday"},
    Words{"0 8,20 * * *", "At 08:00 and 20:00, every day"},
    Words{"0 9-17 * * *", "Every hour from 09:00 to 17:00"},
    Words{"*/5 9-17 * * FRI-MON", "Every 5 minutes, from 09:00 to 17:59, Friday to Monday"},
    Words{"*/20 22-1 * * *", "Every 20 minutes, from 22:00 to 01:59"},
    Words{"*/20 1,3,9 * * *", "Every 20 minutes, in the hours 1, 3 and 9"},
    Words{"0 0 1 1 *", "At 00:00, on day 1 of January"},
    Words{"0 0 1,15 * *", "At 00:00, on days 1 and 15 of the month"},
    Words{"0 0 * DEC-FEB *", "At 00:00, every day, in December to February"},
    Words{"0 0 L * *", "At 00:00, on the last day of the month"},
    Words{"0 0 L-1 3 *", "At 00:00, on the day 1 day before the last day of March"},
    Words{"0 0 LW * *", "At 00:00, on the last working day of the month"},
    Words{"0 0 15W * *", "At 00:00, on the working day nearest to day 15 of the month"},
    Words{"0 0 13 * FRI", "At 00:00, on day 13 of the month, if that is a Friday"},
    Words{"0 0 1-7 * MON-WED",
          "At 00:00, on days 1 to 7 of the month, if that is one of Monday to Wednesday"},
    Words{"0 0 * * FRIL", "At 00:00, on the last Friday of the month"},
    Words{"0 0 * 5 MON#2", "At 00:00, on the second Monday of the month, in May"},
    Words{"0 0 31 * 5#5",
          "At 00:00, on day 31 of the month, if that is the fifth Friday of the month"},
    Words{"H 3 * * *", "At a minute chosen by the seed, from 03:00 to 03:59"},
    Words{"H * * * *", "At a minute chosen by the seed, every hour"},
    Words{"H/15 H * * *", "At minutes chosen by the seed, in an hour chosen by the seed"},
    Words{"0 0 H * *", "At 00:00, on a day chosen by the seed of the month"},
    Words{"0 0 31 2 *", "At 00:00, on day 31 of February; no date is like that, so it never comes"},
};

TEST(CronWords, SayWhatAnExpressionMeans) {
  for (const Words& row : table) EXPECT_EQ(Cron::parse(row.expression).describe(), row.words);
}

}  // namespace
}  // namespace portfire::cron_words_test
