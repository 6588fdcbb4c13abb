// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: times are written as RFC 3339 says, for every year that has four digits.
 * Method: 100,000 seeded times (the seed is printed) and the days around every change
 * of month of 400 years against gmtime_r; the ends of the range by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include <cmocka.h>

#include "core/log/time_text.h"
#include "tests/lib/ram_flash.h"

#define DAY_S 86400u
#define LAST_SECOND 253402300799u /* 9999-12-31T23:59:59Z */

static void assert_time(uint64_t seconds, const char *expected)
{
    char buffer[40];
    struct lcm_text text;

    lcm_text_init(&text, buffer, sizeof(buffer));
    lcm_time_text(&text, seconds);
    assert_false(text.truncated);
    assert_string_equal(buffer, expected);
}

static void assert_like_gmtime(uint64_t seconds)
{
    char expected[40];
    struct tm parts;
    time_t time = (time_t)seconds;

    assert_non_null(gmtime_r(&time, &parts));
    assert_int_equal(strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &parts), 20);
    assert_time(seconds, expected);
}

static void test_seeded(void **state)
{
    uint64_t seed = 20261122;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (uint32_t i = 0; i < 100000; i++)
        assert_like_gmtime(1 + ram_flash_random(&seed) % LAST_SECOND);
}

/* 400 years repeat; every day of them is looked at, first and last second. */
static void test_every_day_of_an_era(void **state)
{
    (void)state;
    for (uint64_t day = 0; day < 146097; day++) {
        if (day > 0)
            assert_like_gmtime(day * DAY_S);
        assert_like_gmtime(day * DAY_S + DAY_S - 1);
    }
}

static void test_ends(void **state)
{
    (void)state;
    assert_time(0, "-");
    assert_time(1, "1970-01-01T00:00:01Z");
    assert_time(951782400, "2000-02-29T00:00:00Z");
    assert_time(4107542400, "2100-03-01T00:00:00Z");
    assert_time(LAST_SECOND, "9999-12-31T23:59:59Z");
    assert_time(LAST_SECOND + 1, "-");
    assert_time(UINT64_MAX, "-");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_seeded),
        cmocka_unit_test(test_every_day_of_an_era),
        cmocka_unit_test(test_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
