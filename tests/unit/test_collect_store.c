// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what was folded survives in the store: tallies equal to adding up; chains of events;
 * retention by age and size; filters that hostile text cannot break out of; files of
 * others. Method: messages through the collector's own batch into an SQLite file of the
 * test, the clock given by the test; sums compared with SQL over all devices.
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

/* ---- sums ---- */

static void test_tallies_are_what_adding_up_gives(void **state)
{
    static const char *const msgids[] = {"CHECK", "UPDATE", "BOOT", "CERTINVALID", "ROLLBACK"};
    static const char *const phases[] = {"done", "failed", "download"};

    (void)state;
    srand(11);
    for (unsigned round = 0; round < 60; round++) {
        begin();
        for (unsigned i = 0; i < 20; i++) {
            char text[512];
            unsigned device = (unsigned)rand() % 30;

            snprintf(text, sizeof(text),
                     "<134>1 - - lcm - %s [lcm@32473 dev=\"5ccf7f0000%02x\" app=\"1.%d.0\" "
                     "repo=\"me/%c\" chan=\"%s\" file=\"main.bin\" ph=\"%s\" rc=\"%d\" "
                     "to=\"1.%d.0\"][meta sequenceId=\"%d\" sysUpTime=\"%d\"] x",
                     msgids[rand() % 5], device, rand() % 3, 'a' + rand() % 2,
                     rand() % 2 ? "stable" : "beta", phases[rand() % 3], rand() % 40, rand() % 3,
                     rand() % 50, rand() % 9000);
            add(text);
        }
        if (round % 7 == 6)
            store_rollback(&store); /* as when the disk is full */
        else
            commit();
    }
    assert_true(number("SELECT COUNT(*) FROM tallies WHERE n > 0") > 10);
    assert_int_equal(number("SELECT COUNT(*) FROM tallies WHERE n < 0"), 0);
    assert_int_equal(
        number("SELECT COUNT(*) FROM (SELECT repo, channel, app, lcm, state, COUNT(*) AS n, "
               "SUM(lost) AS lost, SUM(reboots) AS reboots, SUM(installed) AS installed, "
               "SUM(failed) AS failed, SUM(rollbacks) AS rollbacks FROM devices GROUP BY repo, "
               "channel, app, lcm, state EXCEPT SELECT repo, channel, app, lcm, state, n, lost, "
               "reboots, installed, failed, rollbacks FROM tallies)"),
        0);
    assert_int_equal(number("SELECT SUM(n) FROM tallies"), number("SELECT COUNT(*) FROM devices"));
    assert_int_equal(number("SELECT SUM(delta) FROM adoption"),
                     number("SELECT COUNT(*) FROM devices WHERE repo <> '' AND app <> ''"));
}

/* ---- events ---- */

struct seen {
    int64_t ids[400];
    size_t count;
    bool is_right;
};

static bool seen_event(void *context, const struct store_event *event)
{
    struct seen *seen = context;

    seen->ids[seen->count++] = event->id;
    seen->is_right = strcmp(event->device, ID) == 0 &&
                     (seen->count < 2 || event->id < seen->ids[seen->count - 2]);
    return seen->count < 400;
}

static void test_events_of_a_device(void **state)
{
    struct seen all = {.count = 0}, some = {.count = 0}, rest = {.count = 0}, checks = {.count = 0};
    struct read_events query = {.device = ID, .limit = 300};

    (void)state;
    for (unsigned i = 0; i < 90; i++) {
        if (i % 3 == 0)
            say(i % 2 ? "CHECK" : "BOOT", "ph=\"done\" rc=\"0\"");
        else
            say_of("5ccf7f000002", "1.0.0", "CHECK", "ph=\"done\" rc=\"0\"");
    }
    assert_int_equal(read_events(&store, &query, seen_event, &all), LCM_OK);
    assert_int_equal(all.count, 30);
    assert_true(all.is_right);
    query.limit = 10;
    assert_int_equal(read_events(&store, &query, seen_event, &some), LCM_OK);
    assert_int_equal(some.count, 10);
    query.before = some.ids[9];
    query.limit = 300;
    assert_int_equal(read_events(&store, &query, seen_event, &rest), LCM_OK);
    assert_int_equal(rest.count, 20);
    assert_memory_equal(rest.ids, all.ids + 10, 20 * sizeof(rest.ids[0]));
    query = (struct read_events){.device = ID, .msgid = "CHECK", .limit = 300};
    assert_int_equal(read_events(&store, &query, seen_event, &checks), LCM_OK);
    assert_int_equal(checks.count, 15);
}

static int64_t retain_all(int64_t days, int64_t size_max, int64_t now_ms)
{
    struct store_retention retention = {days, size_max, now_ms};
    int64_t total = 0, forgotten;

    do {
        assert_int_equal(store_retain(&store, &retention, &forgotten), LCM_OK);
        total += forgotten;
    } while (forgotten > 0);
    return total;
}

static void test_retention_by_age(void **state)
{
    struct seen seen = {.count = 0};
    struct read_events query = {.device = ID, .limit = 300};

    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        say("CHECK", "ph=\"done\" rc=\"0\"");
        clock_ms += STORE_DAY_MS - 1000;
    }
    assert_int_equal(retain_all(0, 0, clock_ms), 0);
    assert_int_equal(retain_all(30, 0, clock_ms), 0);
    assert_int_equal(retain_all(4, 0, clock_ms), 6);
    assert_int_equal(read_events(&store, &query, seen_event, &seen), LCM_OK);
    assert_int_equal(seen.count, 4); /* the chain ends where events were forgotten */
    assert_int_equal(retain_all(4, 0, clock_ms + 400 * (int64_t)STORE_DAY_MS), 3);
    say("CHECK", "ph=\"done\" rc=\"0\""); /* the newest stayed: no id is given twice */
    assert_int_equal(number("SELECT MAX(id) FROM events"), 11);
    assert_int_equal(number("SELECT COUNT(*) FROM devices"), 1);
}

/* Events of a clock that was ahead go when those behind them go. */
static void test_retention_after_a_wrong_clock(void **state)
{
    (void)state;
    clock_ms += 4000 * (int64_t)STORE_DAY_MS;
    say("CHECK", "ph=\"done\" rc=\"0\"");
    clock_ms = NOW_MS;
    assert_int_equal(retain_all(30, 0, clock_ms), 0);
    say("CHECK", "ph=\"done\" rc=\"0\"");
    clock_ms += 20 * (int64_t)STORE_DAY_MS;
    say("CHECK", "ph=\"done\" rc=\"0\"");
    assert_int_equal(retain_all(30, 0, clock_ms), 0);
    assert_int_equal(retain_all(30, 0, clock_ms + 15 * (int64_t)STORE_DAY_MS), 2);
}

static void test_retention_by_size(void **state)
{
    int64_t before = 0, after = 0;
    char long_text[900];

    (void)state;
    memset(long_text, 'x', sizeof(long_text) - 1);
    long_text[sizeof(long_text) - 1] = '\0';
    memcpy(long_text, "<13>h t: ", 9);
    for (unsigned i = 0; i < 6; i++) {
        begin();
        for (unsigned k = 0; k < 2000; k++)
            add(long_text);
        commit();
    }
    assert_int_equal(store.engine->side->size(store.engine, &before), LCM_OK);
    assert_true(before > 8000000);
    assert_true(retain_all(0, 4000000, clock_ms) >= 5000);
    assert_int_equal(store.engine->side->size(store.engine, &after), LCM_OK);
    assert_true(after <= 4000000);
}

static void run(const char *sql)
{
    const struct engine_call call = {.sql = sql};

    assert_int_equal(store.engine->side->call(store.engine, &call), LCM_OK);
}

/* However full the file: what has no events is forgotten by age as well. */
static void test_retention_of_the_rest(void **state)
{
    static const char rows[] =
        "SELECT (SELECT COUNT(*) FROM counts) + (SELECT COUNT(*) FROM releases) + "
        "(SELECT COUNT(*) FROM alerts)";

    (void)state;
    say_of(ID, "1.0.0", "CERTINVALID", "file=\"h\" ph=\"check\" rc=\"34\"");
    say_of(ID, "1.1.0", "CHECK", "ph=\"done\" rc=\"0\"");
    run("UPDATE alerts SET closed_ms = 1795343230000");
    assert_int_equal(number(rows), 4);
    assert_int_equal(retain_all(30, 1, clock_ms), 1); /* over its size for ever */
    assert_int_equal(number(rows), 4);
    assert_int_equal(retain_all(30, 1, clock_ms + 31 * (int64_t)STORE_DAY_MS), 0);
    assert_int_equal(number(rows), 1); /* the release that runs */
    assert_int_equal(number("SELECT COUNT(*) FROM adoption"), 1);
    assert_int_equal(number("SELECT SUM(delta) FROM adoption WHERE version = '1.1.0'"), 1);
}

/* ---- bounds and filters ---- */

static void say_names(unsigned i)
{
    char id[16], version[16], rest[128];

    snprintf(id, sizeof(id), "5ccf7f%06x", i);
    snprintf(version, sizeof(version), "1.%u.0", i);
    snprintf(rest, sizeof(rest), "file=\"h%u\" ph=\"check\" rc=\"34\"", i);
    say_of(id, version, "CERTINVALID", rest);
}

/* Names without end find an end; those that are known go on. */
static void test_tables_have_an_end(void **state)
{
    (void)state;
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++)
        store.rooms[i].rows_max = 5;
    for (unsigned i = 0; i < 20; i++)
        say_names(i);
    assert_int_equal(number("SELECT COUNT(*) FROM counts"), 5);
    assert_int_equal(number("SELECT COUNT(*) FROM adoption"), 5);
    assert_int_equal(number("SELECT COUNT(*) FROM releases"), 5);
    assert_int_equal(number("SELECT COUNT(*) FROM alerts"), 5);
    assert_int_equal(collect.counters.dropped[COLLECT_DROP_NAMES], 4 * 15);
    assert_int_equal(collect.counters.accepted[COLLECT_UDP], 20);
    say_names(2);
    assert_int_equal(number("SELECT n FROM alerts WHERE subject = 'h2'"), 2);
    assert_int_equal(number("SELECT n FROM counts WHERE version = '1.2.0'"), 2);
    run("UPDATE alerts SET closed_ms = 1 WHERE subject = 'h2'");
    assert_int_equal(retain_all(0, 0, clock_ms), 0); /* what is over makes room */
    say_names(30);
    assert_int_equal(number("SELECT COUNT(*) FROM alerts WHERE subject = 'h30'"), 1);
}

static void test_no_more_devices_than_allowed(void **state)
{
    (void)state;
    collect.options.devices_max = 3;
    begin();
    for (int c = 'a'; c < 'a' + 6; c++) {
        char text[64];
        snprintf(text, sizeof(text), "<13>host-%c t: x", c);
        add(text);
    }
    commit();
    assert_int_equal(number("SELECT COUNT(*) FROM devices"), 3);
    assert_int_equal(collect.counters.dropped[COLLECT_DROP_DEVICES], 3);
    begin();
    add("<13>host-a t: known ones are heard");
    commit();
    assert_int_equal(load("host-a").messages, 2);
}

/* Whoever invents devices locks out none whose key is known: they come in, others go. */
static void test_devices_with_a_key_find_room(void **state)
{
    static const char *const known[] = {"5ccf7f00000a", "5ccf7f00000b", NULL};
    int64_t forgotten = 0;

    (void)state;
    know_keys(known);
    collect.options.devices_max = 3;
    for (unsigned i = 1; i <= 5; i++) {
        char id[16];
        snprintf(id, sizeof(id), "5ccf7f%06x", i);
        say_of(id, "1.0.0", "CHECK", "rc=\"0\"");
    }
    say_signed_of("5ccf7f00000a", "1.0.0", "CHECK", "rc=\"0\"");
    say_signed_of("5ccf7f00000b", "1.0.0", "CHECK", "rc=\"0\"");
    assert_int_equal(number("SELECT COUNT(*) FROM devices"), 5);
    assert_int_equal(store_evict_devices(&store, 2, clock_ms, &forgotten), LCM_OK);
    assert_int_equal(forgotten, 2);
    assert_int_equal(number("SELECT COUNT(*) FROM devices WHERE id IN ('5ccf7f000003', "
                            "'5ccf7f00000a', '5ccf7f00000b')"),
                     3); /* the oldest that nobody vouches for are gone */
    assert_int_equal(number("SELECT SUM(n) FROM tallies"), 3);
    assert_int_equal(store_evict_devices(&store, 2, clock_ms, &forgotten), LCM_OK);
    assert_int_equal(forgotten, 1);
}

static bool count_device(void *context, const struct device *device)
{
    (void)device;
    ++*(int64_t *)context;
    return true;
}

static int64_t matches(struct read_filter filter)
{
    int64_t count = 0, total = 0;

    assert_int_equal(read_devices(&store, &filter, count_device, &count), LCM_OK);
    assert_int_equal(read_device_total(&store, &filter, &total), LCM_OK);
    assert_int_equal(count, total);
    return count;
}

static void test_filters(void **state)
{
    struct read_filter any = {.state = -1, .online = -1, .latest = -1}, filter;

    (void)state;
    say_of("5ccf7f000001", "1.0.0", "CHECK", "file=\"m\" ph=\"done\" rc=\"0\"");
    say_of("5ccf7f000002", "1.1.0", "CHECK", "file=\"m\" ph=\"done\" rc=\"0\"");
    say_of("5ccf7f000003", "1.1.0", "CHECK", "file=\"m\" ph=\"failed\" rc=\"7\"");
    assert_int_equal(matches(any), 3);
    filter = any;
    filter.search = "F000002";
    assert_int_equal(matches(filter), 1);
    filter.search = "me/lamp";
    assert_int_equal(matches(filter), 3);
    filter.search = "%";
    assert_int_equal(matches(filter), 0);
    filter.search = "_";
    assert_int_equal(matches(filter), 0);
    filter.search = "' OR 1=1 --";
    assert_int_equal(matches(filter), 0);
    filter = any;
    filter.repo = "x' OR '1'='1";
    assert_int_equal(matches(filter), 0);
    filter = any;
    filter.state = DEVICE_FAILING;
    assert_int_equal(matches(filter), 1);
    filter = any;
    filter.latest = 1;
    assert_int_equal(matches(filter), 2);
    filter.latest = 0;
    assert_int_equal(matches(filter), 1);
    filter = any;
    filter.online = 1;
    filter.online_ms = clock_ms - 1500;
    assert_int_equal(matches(filter), 1);
    assert_false(read_sort_is_known("id; DROP TABLE devices"));
}

/* What "latest" is in a repository with devices that prove who they are, no stranger decides. */
static void test_releases_of_verified_devices(void **state)
{
    static const char *const known[] = {ID, "5ccf7f00000a", NULL};
    struct read_filter latest = {.state = -1, .online = -1, .latest = 1};

    (void)state;
    say_of(ID, "1.0.0", "CHECK", "ph=\"done\" rc=\"0\"");
    say_of("5ccf7f000002", "99.0.0", "CHECK", "ph=\"done\" rc=\"0\"");
    assert_int_equal(number("SELECT COUNT(*) FROM releases"), 2); /* everybody is a stranger */
    know_keys(known);
    say_signed_of(ID, "1.0.0", "CHECK", "ph=\"done\" rc=\"0\"");
    assert_int_equal(number("SELECT COUNT(*) FROM releases"), 1);
    say_of("5ccf7f000003", "98.0.0", "CHECK", "ph=\"done\" rc=\"0\"");
    assert_int_equal(number("SELECT COUNT(*) FROM releases"), 1);
    say_of("5ccf7f000002", "1.0.0", "CHECK", "ph=\"done\" rc=\"0\"");
    latest.search = "5ccf7f000001";
    assert_int_equal(matches(latest), 1);
    say_signed_of("5ccf7f00000a", "1.1.0", "CHECK", "ph=\"done\" rc=\"0\"");
    assert_int_equal(matches(latest), 0);
    assert_int_equal(number("SELECT COUNT(*) FROM releases WHERE verified = 1"), 2);
    begin();
    add("<134>1 - lcm-5ccf7f000004 lcm - CHECK [lcm@32473 dev=\"5ccf7f000004\" app=\"5.0.0\" "
        "repo=\"other/lamp\" ph=\"done\" rc=\"0\"] x");
    commit();
    assert_int_equal(number("SELECT COUNT(*) FROM releases"), 3); /* nobody there has a key */
}

/* ---- files ---- */

/* A store of format 1 is brought up: releases of verified devices count, others' do not. */
static void test_an_older_format_is_brought_up(void **state)
{
    static const char *const older[] = {
        "ALTER TABLE alerts DROP COLUMN told",
        "ALTER TABLE alerts DROP COLUMN verified",
        "ALTER TABLE alerts DROP COLUMN sent",
        "ALTER TABLE releases DROP COLUMN verified",
        "UPDATE devices SET mac_time_s = 1 WHERE id = '5ccf7f000001'",
        "UPDATE meta SET value = '1' WHERE name = 'format'",
    };
    char text[ENGINE_ERROR_SIZE] = "";
    struct store reader;

    (void)state;
    say_of("5ccf7f000001", "1.0.0", "CHECK", "ph=\"done\" rc=\"0\"");
    say_of("5ccf7f000002", "9.0.0", "CHECK", "ph=\"done\" rc=\"0\"");
    for (size_t i = 0; i < sizeof(older) / sizeof(older[0]); i++) {
        const struct engine_call call = {.sql = older[i]};
        assert_int_equal(store.engine->side->call(store.engine, &call), LCM_OK);
    }
    assert_int_equal(store_open(&reader, place, true, text), LCM_OK);
    store_close(&reader);
    store_close(&store);
    assert_int_equal(store_open(&store, place, false, text), LCM_OK);
    assert_int_equal(number("SELECT COUNT(*) FROM meta WHERE value = '2'"), 1);
    assert_int_equal(number("SELECT COUNT(*) FROM releases"), 1);
    assert_int_equal(number("SELECT verified FROM releases"), 1);
    store_close(&store);
    assert_int_equal(store_open(&store, place, false, text), LCM_OK);
}

static void test_files_of_others_are_refused(void **state)
{
    char text[ENGINE_ERROR_SIZE] = "";
    struct store other;
    FILE *file;

    (void)state;
    say("CHECK", "ph=\"done\" rc=\"0\"");
    const struct engine_call newer = {.sql = "UPDATE meta SET value = '3' WHERE name = 'format'"};
    assert_int_equal(store.engine->side->call(store.engine, &newer), LCM_OK);
    store_close(&store);
    assert_int_equal(store_open(&store, place, false, text), LCM_ERR_UPDATER_TOO_OLD);
    file = fopen(place, "r+");
    fputs("this was a database once", file);
    fclose(file);
    assert_int_equal(store_open(&store, place, false, text), LCM_ERR_CORRUPT);
    assert_int_equal(store_set_aside(place, 5, text), LCM_OK);
    assert_non_null(strstr(text, ".damaged-5"));
    assert_int_equal(access(text, F_OK), 0);
    assert_int_equal(access(place, F_OK), -1);
    unlink(text);
    assert_int_equal(store_open(&other, "/nowhere/at/all.db", false, text), LCM_ERR_CLOSED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_tallies_are_what_adding_up_gives),
        TEST(test_events_of_a_device),
        TEST(test_retention_by_age),
        TEST(test_retention_after_a_wrong_clock),
        TEST(test_retention_by_size),
        TEST(test_retention_of_the_rest),
        TEST(test_tables_have_an_end),
        TEST(test_no_more_devices_than_allowed),
        TEST(test_devices_with_a_key_find_room),
        TEST(test_filters),
        TEST(test_releases_of_verified_devices),
        TEST(test_an_older_format_is_brought_up),
        TEST(test_files_of_others_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
