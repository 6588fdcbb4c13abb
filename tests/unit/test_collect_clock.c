// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a wall clock that jumps is not believed before it stayed for an hour; sleep is no jump.
 * Method: clocks given by the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "collector/clock.h"

#define HOUR_MS ((int64_t)3600000)

static void test_a_clock_that_jumps(void **state)
{
    struct clock_watch watch;
    int64_t boot_ms = 5000, off_ms = (int64_t)1795343300000;

    (void)state;
    clock_watch_init(&watch, off_ms + boot_ms, boot_ms);
    boot_ms += 900 * HOUR_MS; /* it may have slept */
    assert_int_equal(clock_watch_look(&watch, off_ms + boot_ms, boot_ms), 0);
    assert_int_equal(clock_watch_look(&watch, off_ms + boot_ms + HOUR_MS, boot_ms), 0);
    assert_int_equal(clock_watch_look(&watch, off_ms + boot_ms + HOUR_MS + 1, boot_ms),
                     HOUR_MS + 1);
    assert_int_equal(clock_watch_look(&watch, off_ms + boot_ms, boot_ms), 0);
    off_ms += 50 * HOUR_MS;
    assert_int_equal(clock_watch_look(&watch, off_ms + boot_ms, boot_ms), 50 * HOUR_MS);
    boot_ms += HOUR_MS - 1;
    assert_int_equal(clock_watch_look(&watch, off_ms + boot_ms, boot_ms), 50 * HOUR_MS);
    off_ms -= 20 * HOUR_MS; /* not there yet: the hour begins anew */
    boot_ms += 1;
    assert_int_equal(clock_watch_look(&watch, off_ms + boot_ms, boot_ms), 30 * HOUR_MS);
    assert_true(watch.has_jumped);
    boot_ms += HOUR_MS;
    assert_int_equal(clock_watch_look(&watch, off_ms + boot_ms, boot_ms), 0);
    assert_false(watch.has_jumped); /* it stayed: that is the time */
    off_ms -= 30 * HOUR_MS;
    assert_int_equal(clock_watch_look(&watch, off_ms + boot_ms, boot_ms), -30 * HOUR_MS);
    off_ms += 30 * HOUR_MS;
    assert_int_equal(clock_watch_look(&watch, off_ms + boot_ms, boot_ms), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_clock_that_jumps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
