// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: one trouble is one alert, told once; silence of every device is told; made-up alerts hide
 * no real one; devices that are gone are forgotten. Method: messages through the collector's own
 * batch into an SQLite file of the test, the clock given by the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/store_read.h"
#include "tests/lib/collect_world.h"

static void run(const char *sql)
{
    const struct engine_call call = {.sql = sql};

    assert_int_equal(store.engine->side->call(store.engine, &call), LCM_OK);
}

/* ---- alerts ---- */

static struct alert_quota quota;

static void tell(const struct alert *alert, int64_t now_ms)
{
    struct alert told = *alert;

    told.is_first = told.is_told = true;
    told.sent = 1;
    assert_int_equal(alert_notified(&store, &quota, &told, now_ms), LCM_OK);
}

static void test_alerts_are_raised_once(void **state)
{
    struct alert alerts[16];
    const struct alert_limits limits = {7, 20, clock_ms};
    size_t count = 0;

    (void)state;
    for (unsigned i = 0; i < 5; i++) {
        char id[16];
        snprintf(id, sizeof(id), "5ccf7f00000%u", i);
        say_of(id, "1.0.0", "CERTINVALID", "file=\"github.com\" ph=\"check\" rc=\"34\"");
    }
    assert_int_equal(alert_evaluate(&store, &limits), LCM_OK);
    assert_int_equal(alert_pending(&store, &quota, clock_ms, alerts, 16, &count), LCM_OK);
    assert_int_equal(count, 1);
    assert_string_equal(alerts[0].kind, "certificate-invalid");
    assert_int_equal(alerts[0].count, 5);
    tell(&alerts[0], clock_ms);
    say("CERTINVALID", "file=\"github.com\" ph=\"check\" rc=\"34\"");
    assert_int_equal(alert_pending(&store, &quota, clock_ms, alerts, 16, &count), LCM_OK);
    assert_int_equal(count, 0); /* told once */
    for (unsigned i = 0; i < 5; i++) {
        char id[16];
        snprintf(id, sizeof(id), "5ccf7f00000%u", i);
        say_of(id, "1.0.0", "CHECK", "file=\"main.bin\" ph=\"done\" rc=\"0\"");
    }
    assert_int_equal(alert_evaluate(&store, &limits), LCM_OK);
    assert_int_equal(number("SELECT COUNT(*) FROM alerts WHERE closed_ms > 0"), 1);
    say("CERTINVALID", "file=\"github.com\" ph=\"check\" rc=\"34\"");
    assert_int_equal(alert_pending(&store, &quota, clock_ms, alerts, 16, &count), LCM_OK);
    assert_int_equal(count, 1); /* it was over, and is new */
}

static void test_alerts_of_the_whole(void **state)
{
    struct alert_limits limits = {7, 20, clock_ms};

    (void)state;
    for (unsigned i = 0; i < 10; i++)
        say("UPDATE", i < 3 ? "file=\"main.bin\" ph=\"failed\" rc=\"7\" to=\"1.1.0\""
                            : "file=\"main.bin\" ph=\"done\" rc=\"0\" to=\"1.1.0\"");
    assert_int_equal(alert_evaluate(&store, &limits), LCM_OK);
    assert_int_equal(number("SELECT n FROM alerts WHERE kind = 'failure-rate' AND "
                            "subject = 'me/lamp 1.1.0'"),
                     1);
    limits.now_ms = clock_ms + 8 * (int64_t)STORE_DAY_MS;
    assert_int_equal(alert_evaluate(&store, &limits), LCM_OK);
    assert_int_equal(number("SELECT COUNT(*) FROM alerts WHERE kind = 'silent' AND closed_ms = 0"),
                     1);
    assert_int_equal(number("SELECT COUNT(*) FROM alerts WHERE kind = 'failure-rate' AND "
                            "closed_ms = 0"),
                     0);
    say_of(ID, "0.9.0", "CHECK", "file=\"main.bin\" ph=\"done\" rc=\"0\"");
    assert_int_equal(number("SELECT COUNT(*) FROM alerts WHERE kind = 'version-back'"), 1);
    say("SIGINVALID", "file=\"main.bin\" ph=\"failed\" rc=\"10\"");
    assert_int_equal(number("SELECT COUNT(*) FROM alerts WHERE kind = 'signature-invalid'"), 1);
}

static void say_invalid(const char *host, bool is_verified)
{
    char sql[128], rest[128];

    snprintf(rest, sizeof(rest), "file=\"%s\" ph=\"check\" rc=\"34\"", host);
    say("CERTINVALID", rest);
    snprintf(sql, sizeof(sql), "UPDATE alerts SET verified = 1 WHERE subject = '%s'", host);
    if (is_verified)
        run(sql);
}

/* Alerts that are told now; *first is the first of them. */
static size_t tell_all(int64_t now_ms, struct alert *first)
{
    struct alert alerts[16];
    size_t total = 0, count;

    do {
        assert_int_equal(alert_pending(&store, &quota, now_ms, alerts, 16, &count), LCM_OK);
        if (total == 0 && count > 0)
            *first = alerts[0];
        for (size_t i = 0; i < count; i++)
            tell(&alerts[i], now_ms);
        total += count;
    } while (count > 0);
    return total;
}

/* Strangers make up hosts: ten are told and how many more; a verified device's comes first. */
static void test_floods_of_alerts(void **state)
{
    struct alert first = {.id = 0};
    char host[16];

    (void)state;
    memset(&quota, 0, sizeof(quota));
    for (unsigned i = 0; i < 300; i++) {
        snprintf(host, sizeof(host), "h%u", i);
        say_invalid(host, i == 299);
    }
    assert_int_equal(tell_all(clock_ms, &first), 1 + 10 + 1);
    assert_string_equal(first.subject, "h299");
    assert_int_equal(number("SELECT n FROM alerts WHERE kind = 'more'"), 289);
    for (unsigned i = 300; i < 400; i++) {
        snprintf(host, sizeof(host), "h%u", i);
        say_invalid(host, i == 399);
    }
    assert_int_equal(tell_all(clock_ms, &first), 1);
    assert_string_equal(first.subject, "h399");
    assert_int_equal(tell_all(clock_ms + 3600000, &first), 10 + 1); /* the next hour */
    assert_int_equal(number("SELECT n FROM alerts WHERE kind = 'more'"), 89);
    assert_int_equal(number("SELECT COUNT(*) FROM alerts WHERE notified_ms = 0"), 0);
}

/* One device that falls in and out of trouble is told of ten times an hour, not every time. */
static void test_trouble_that_comes_and_goes(void **state)
{
    struct alert first;
    size_t told = 0;

    (void)state;
    memset(&quota, 0, sizeof(quota));
    for (unsigned i = 0; i < 50; i++) {
        say_invalid("h", false);
        told += tell_all(clock_ms, &first);
        run("UPDATE alerts SET closed_ms = 5 WHERE kind <> 'more'");
    }
    assert_int_equal(told, 10 + 1);
}

/* ---- silence ---- */

#define FAR_DAYS(days) (NOW_MS + (days) * (int64_t)STORE_DAY_MS)

/* The number of devices the one pending alert tells of, which is told then; 0 without one. */
static int64_t tell_silent(int64_t now_ms)
{
    const struct alert_limits limits = {7, 0, now_ms};
    struct alert alerts[16];
    size_t count = 0;

    assert_int_equal(alert_evaluate(&store, &limits), LCM_OK);
    assert_int_equal(alert_evaluate(&store, &limits), LCM_OK);
    assert_int_equal(alert_pending(&store, &quota, now_ms, alerts, 16, &count), LCM_OK);
    if (count == 0)
        return 0;
    assert_int_equal(count, 1);
    tell(&alerts[0], now_ms);
    return alerts[0].count;
}

static void hear(const char *id, int64_t at_ms)
{
    clock_ms = at_ms;
    say_of(id, "1.0.0", "CHECK", "ph=\"done\" rc=\"0\"");
}

static void test_every_silence_is_told(void **state)
{
    (void)state;
    hear("5ccf7f000001", FAR_DAYS(0));
    hear("5ccf7f000002", FAR_DAYS(0));
    hear("5ccf7f000003", FAR_DAYS(3));
    hear("5ccf7f000004", FAR_DAYS(4));
    assert_int_equal(tell_silent(FAR_DAYS(8)), 2); /* devices, not evaluations */
    assert_int_equal(tell_silent(FAR_DAYS(9)), 0); /* told */
    assert_int_equal(tell_silent(FAR_DAYS(10) + 5000), 3);
    hear("5ccf7f000001", FAR_DAYS(10) + 6000);
    hear("5ccf7f000002", FAR_DAYS(10) + 6000);
    assert_int_equal(tell_silent(FAR_DAYS(10) + 9000), 0);
    assert_int_equal(number("SELECT n FROM alerts WHERE kind = 'silent'"), 1);
    assert_int_equal(tell_silent(FAR_DAYS(12)), 2); /* fewer than once, more than now */
}

static int64_t forget_all(int64_t days, int64_t now_ms)
{
    const struct store_retention retention = {days, 0, now_ms};
    int64_t total = 0, forgotten;

    do {
        assert_int_equal(store_forget_devices(&store, &retention, &forgotten), LCM_OK);
        total += forgotten;
    } while (forgotten > 0);
    return total;
}

static void test_scrapped_devices_are_forgotten(void **state)
{
    static const struct engine_call verify = {
        .sql = "UPDATE devices SET mac_time_s = 1 WHERE id <> '5ccf7f000001'"};

    (void)state;
    for (unsigned i = 0; i < 300; i++) {
        char id[16];
        snprintf(id, sizeof(id), "5ccf7f%06x", i);
        hear(id, FAR_DAYS(0));
    }
    assert_int_equal(store.engine->side->call(store.engine, &verify), LCM_OK);
    assert_int_equal(forget_all(365, FAR_DAYS(80)), 0);
    assert_int_equal(forget_all(0, FAR_DAYS(9000)), 0); /* for ever */
    assert_int_equal(forget_all(365, FAR_DAYS(91)), 1); /* invented, as far as one knows */
    assert_int_equal(number("SELECT COUNT(*) FROM devices WHERE id = '5ccf7f000001'"), 0);
    assert_int_equal(number("SELECT SUM(n) FROM tallies"), 299);
    assert_int_equal(number("SELECT SUM(delta) FROM adoption"), 299);
    assert_int_equal(forget_all(1, FAR_DAYS(2)), 0); /* its last code must not count again */
    assert_int_equal(tell_silent(FAR_DAYS(360)), 299);
    assert_int_equal(forget_all(365, FAR_DAYS(366)), 299);
    assert_int_equal(tell_silent(FAR_DAYS(366)), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM alerts WHERE closed_ms = 0"), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_alerts_are_raised_once), TEST(test_alerts_of_the_whole),
        TEST(test_floods_of_alerts),       TEST(test_trouble_that_comes_and_goes),
        TEST(test_every_silence_is_told),  TEST(test_scrapped_devices_are_forgotten),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
