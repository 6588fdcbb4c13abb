// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a clock of the machine that jumps makes nothing old and nobody silent; sleep is no jump.
 * Method: a running collector whose clocks tests/tools/clock_shift.c moves.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/fixture_collector.h"
#include "tests/lib/fixture_port.h"

static struct fixture_collector collector;

static int open_collector(void **state)
{
    (void)state;
    fixture_collector_open(&collector);
    return 0;
}

static int close_collector(void **state)
{
    (void)state;
    fixture_collector_close(&collector);
    return 0;
}

#define DAY_S 86400
#define RETAIN_PAUSE_MS 11000 /* the collector looks for what is too old every ten seconds */

/* In place: the collector has the file in its memory. */
static void shift_write(const char *path, off_t at, int64_t seconds)
{
    int file = open(path, O_WRONLY | O_CREAT, 0600);

    assert_int_equal(pwrite(file, &seconds, sizeof(seconds), at), sizeof(seconds));
    close(file);
}

static void shift_clock(const char *path, int64_t seconds)
{
    shift_write(path, 0, seconds);
}

static void expect_clock_jump(const char *path, int64_t seconds)
{
    shift_clock(path, seconds);
    fixture_collector_wait(&collector, "/healthz", "problems", 1);
    char *health = fixture_collector_text(&collector, "/healthz");
    assert_non_null(strstr(health, "clock of this machine jumped"));
    free(health);
}

/* A clock that jumps makes nothing old, and is told until it is right again. */
static void test_clock_jumps(void **state)
{
    char shift[128], tool[256];

    (void)state;
    snprintf(shift, sizeof(shift), "%s/shift", collector.folder);
    snprintf(tool, sizeof(tool), "%.*s/tests/tools/clock_shift.so",
             (int)(strrchr(fixture_lcm(), '/') - fixture_lcm()), fixture_lcm());
    shift_write(shift, sizeof(int64_t), 0);
    shift_clock(shift, 0);
    assert_int_equal(access(tool, R_OK), 0);
    setenv("LCM_CLOCK_SHIFT", shift, 1);
    setenv("LD_PRELOAD", tool, 1);
    fixture_collector_start(&collector, "");
    unsetenv("LD_PRELOAD");
    unsetenv("LCM_CLOCK_SHIFT");
    fixture_collector_report(
        &collector, "5ccf7f000001", "UPDATE",
        "app=\"1\" repo=\"a/b\" file=\"main.bin\" ph=\"failed\" rc=\"13\" to=\"2\"");
    fixture_collector_report(&collector, "5ccf7f000001", "CHECK", "ph=\"done\" rc=\"0\"");
    fixture_collector_wait(&collector, "/api/v1/summary", "messages.accepted", 2);
    shift_write(shift, sizeof(int64_t), 2 * DAY_S); /* it slept: that is no jump */
    fixture_pause(1500);
    assert_int_equal(fixture_collector_number(&collector, "/healthz", "problems"), 0);
    expect_clock_jump(shift, 4000 * DAY_S);
    fixture_pause(RETAIN_PAUSE_MS);
    assert_int_equal(
        fixture_collector_number(&collector, "/api/v1/devices/5ccf7f000001/events", "events"), 2);
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/alerts", "alerts"), 0);
    expect_clock_jump(shift, -4000 * DAY_S);
    fixture_collector_report(&collector, "5ccf7f000002", "CHECK", "ph=\"done\" rc=\"0\"");
    fixture_collector_wait(&collector, "/api/v1/summary", "messages.accepted", 3);
    shift_clock(shift, 0);
    for (uint64_t end_ms = fixture_now_ms() + 5000; fixture_now_ms() < end_ms; fixture_pause(50))
        if (strcmp(fixture_collector_member(&collector, "/healthz", "status"), "ok") == 0)
            break;
    assert_string_equal(fixture_collector_member(&collector, "/healthz", "status"), "ok");
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/summary", "devices"), 2);
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/failures", "failures"), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_clock_jumps, open_collector, close_collector),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
