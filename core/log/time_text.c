// SPDX-License-Identifier: Apache-2.0
/*
 * Calendar arithmetic without the C library: days since 1970-03-01-based eras of
 * 400 years (146,097 days), as in the proleptic Gregorian calendar.
 */
#include "core/log/time_text.h"

#define DAY_SECONDS 86400u
#define YEAR_9999_END 253402300800u /* 10000-01-01T00:00:00Z */
#define DAYS_0000_03_01_TO_1970 719468u
#define ERA_DAYS 146097u

struct civil_date {
    uint32_t year, month, day;
};

static struct civil_date time_date(uint32_t days_since_1970)
{
    struct civil_date date;
    uint32_t days = days_since_1970 + DAYS_0000_03_01_TO_1970;
    uint32_t era = days / ERA_DAYS;
    uint32_t day_of_era = days % ERA_DAYS;
    uint32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    uint32_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    uint32_t month_from_march = (5 * day_of_year + 2) / 153;

    date.day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    date.month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
    date.year = year_of_era + era * 400 + (date.month <= 2 ? 1 : 0);
    return date;
}

static void time_two_digits(struct lcm_text *text, uint32_t value, char end)
{
    lcm_text_char(text, (char)('0' + value / 10 % 10));
    lcm_text_char(text, (char)('0' + value % 10));
    lcm_text_char(text, end);
}

void lcm_time_text(struct lcm_text *text, uint64_t unix_seconds)
{
    if (unix_seconds == 0 || unix_seconds >= YEAR_9999_END) {
        lcm_text_char(text, '-');
        return;
    }
    struct civil_date date = time_date((uint32_t)(unix_seconds / DAY_SECONDS));
    uint32_t second = (uint32_t)(unix_seconds % DAY_SECONDS);

    lcm_text_u32(text, date.year);
    lcm_text_char(text, '-');
    time_two_digits(text, date.month, '-');
    time_two_digits(text, date.day, 'T');
    time_two_digits(text, second / 3600, ':');
    time_two_digits(text, second / 60 % 60, ':');
    time_two_digits(text, second % 60, 'Z');
}
