// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: messages become states, and states, events and sums survive in the store: the rules of
 * healthy and ok, of certificates, of repeated lines; tallies equal to adding up; chains of events;
 * retention by age and size; filters that hostile text cannot break out of; damaged files.
 * Method: messages through the collector's own batch into an SQLite file of the test, the clock
 * given by the test; sums compared with SQL over all devices.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/batch.h"
#include "collector/store_read.h"

#define NOW_MS 1795343230000
#define ID "5ccf7f000001"

static struct collect collect;
static struct store store;
static struct batch *batch;
static char place[64];
static int64_t clock_ms;
static unsigned sequence;

static int open_world(void **state)
{
    char text[ENGINE_ERROR_SIZE];

    (void)state;
    memset(&collect, 0, sizeof(collect));
    snprintf(place, sizeof(place), "/tmp/lcm-store-%d.db", (int)getpid());
    unlink(place);
    collect.options.devices_max = 1000;
    assert_int_equal(collect_keys_load(NULL, &collect.keys), CLI_OK);
    assert_int_equal(store_open(&store, place, false, text), LCM_OK);
    batch = calloc(1, sizeof(*batch));
    batch->collect = &collect;
    batch->store = &store;
    clock_ms = NOW_MS;
    sequence = 0;
    return 0;
}

static int close_world(void **state)
{
    char path[80];

    (void)state;
    if (store.engine != NULL)
        store_close(&store);
    collect_keys_free(collect.keys);
    free(batch);
    unlink(place);
    snprintf(path, sizeof(path), "%s-wal", place);
    unlink(path);
    snprintf(path, sizeof(path), "%s-shm", place);
    unlink(path);
    return 0;
}

static void begin(void)
{
    int64_t count = 0;

    assert_int_equal(store_device_count(&store, &count), LCM_OK);
    assert_int_equal(store_begin(&store), LCM_OK);
    assert_int_equal(batch_begin(batch, count), LCM_OK);
}

static void commit(void)
{
    assert_int_equal(batch_save(batch), LCM_OK);
    assert_int_equal(store_commit(&store), LCM_OK);
    batch_count(batch);
}

static void add(const char *text)
{
    struct collect_record record = {.bytes = text,
                                    .size = strlen(text),
                                    .at_ms = (uint64_t)clock_ms,
                                    .transport = COLLECT_UDP,
                                    .source = "192.0.2.7"};

    assert_int_equal(batch_add(batch, &record), LCM_OK);
}

/* One message of a device in a batch of its own. */
static void say_of(const char *id, const char *app, const char *msgid, const char *rest)
{
    char text[1024];

    sequence++;
    snprintf(text, sizeof(text),
             "<134>1 - lcm-%s lcm - %s [lcm@32473 dev=\"%s\" app=\"%s\" repo=\"me/lamp\" "
             "chan=\"stable\" %s][meta sequenceId=\"%u\" sysUpTime=\"%u\"] text of %s",
             id, msgid, id, app, rest, sequence, sequence * 100, msgid);
    begin();
    add(text);
    commit();
    clock_ms += 1000;
}

static void say(const char *msgid, const char *rest)
{
    say_of(ID, "1.0.0", msgid, rest);
}

static struct device load(const char *id)
{
    struct device device;

    assert_int_equal(store_device_load(&store, id, &device), LCM_OK);
    return device;
}

static const char *state_now(void)
{
    return device_state_name(load(ID).state);
}

/* ---- states ---- */

static void test_life_of_a_device(void **state)
{
    (void)state;
    say("BOOT", "ph=\"updater\" rc=\"0\" lcm=\"1.0.3\"");
    assert_string_equal(state_now(), "checking");
    say("UPDATE", "file=\"main.bin\" ph=\"download\" rc=\"0\" from=\"1.0.0\" to=\"1.1.0\"");
    assert_string_equal(state_now(), "updating");
    say_of(ID, "1.1.0", "UPDATE",
           "file=\"main.bin\" ph=\"done\" rc=\"0\" from=\"1.0.0\" to=\"1.1.0\"");
    assert_string_equal(state_now(), "ok");
    assert_string_equal(load(ID).app, "1.1.0");
    assert_string_equal(load(ID).lcm, "1.0.3");
    assert_int_equal(load(ID).installed, 1);
    say_of(ID, "1.1.0", "UPDATE", "file=\"main.bin\" ph=\"failed\" rc=\"7\" from=\"1.1.0\"");
    assert_string_equal(state_now(), "failing");
    assert_int_equal(load(ID).error_result, LCM_ERR_CORRUPT);
    assert_string_equal(load(ID).error_text, "text of UPDATE");
    say_of(ID, "1.1.0", "HEARTBEAT", "ph=\"app\" rc=\"0\"");
    assert_string_equal(state_now(), "failing"); /* alive is not healed */
    say_of(ID, "1.1.0", "CHECK", "file=\"main.bin\" ph=\"done\" rc=\"0\" to=\"1.1.0\"");
    assert_string_equal(state_now(), "ok");
    assert_string_equal(load(ID).error_text, "");
    say_of(ID, "1.1.0", "ROLLBACK", "ph=\"done\" rc=\"0\"");
    assert_string_equal(state_now(), "rolled-back");
    assert_int_equal(load(ID).rollbacks, 1);
    say("SETUP", "ph=\"reset\" rc=\"0\"");
    assert_string_equal(state_now(), "setup");
}

static void test_certificate_story(void **state)
{
    struct read_summary summary;

    (void)state;
    say("CHECK", "file=\"main.bin\" ph=\"done\" rc=\"0\"");
    int64_t since_ms = clock_ms;
    say("CERTINVALID", "file=\"github.com\" ph=\"check\" rc=\"34\"");
    say("CHECK", "file=\"main.bin\" ph=\"failed\" rc=\"34\"");
    assert_string_equal(state_now(), "cert-invalid"); /* the same trouble, told again */
    assert_int_equal(load(ID).failed, 0);
    say("BOOT", "ph=\"updater\" rc=\"0\"");
    say("CERTINVALID", "file=\"github.com\" ph=\"check\" rc=\"34\"");
    assert_int_equal(load(ID).cert_since_ms, since_ms); /* first seen */
    assert_int_equal(read_summary(&store, 0, &summary), LCM_OK);
    assert_int_equal(summary.certificate, 1);
    assert_int_equal(summary.certificate_since_ms, since_ms);
    assert_string_equal(summary.certificate_host, "github.com");
    say("UPDATE", "file=\"certs.sector\" ph=\"done\" rc=\"0\"");
    assert_int_equal(load(ID).installed, 0); /* certificates are no release of the app */
    say("CHECK", "file=\"main.bin\" ph=\"done\" rc=\"0\"");
    assert_string_equal(state_now(), "ok");
    assert_int_equal(load(ID).cert_since_ms, 0);
}

static void test_lost_messages_and_restarts(void **state)
{
    (void)state;
    say("BOOT", "rc=\"0\"");
    sequence += 3;
    say("CHECK", "rc=\"0\"");
    assert_int_equal(load(ID).lost, 3);
    assert_int_equal(load(ID).reboots, 0);
    sequence = 0;
    say("BOOT", "rc=\"0\"");
    assert_int_equal(load(ID).lost, 3);
    assert_int_equal(load(ID).reboots, 1);
}

static void test_a_repeated_line_is_left_out(void **state)
{
    (void)state;
    say("CHECK", "file=\"main.bin\" ph=\"done\" rc=\"0\"");
    begin();
    add("LCM " ID " CHECK done main.bin: text of CHECK");
    add("LCM 5ccf7f000002 CHECK done main.bin 1.0.0: this one speaks no syslog");
    commit();
    assert_int_equal(load(ID).messages, 1);
    assert_int_equal(load("5ccf7f000002").messages, 1);
    assert_int_equal(collect.counters.repeated, 1);
    assert_int_equal(collect.counters.accepted[COLLECT_UDP], 2);
}

static void test_words_of_others_move_no_state(void **state)
{
    (void)state;
    begin();
    add("<131>1 - lcm-" ID " app - UPDATE - failed? not ours");
    add("<134>1 - somehost app - CHECK - words");
    commit();
    assert_string_equal(state_now(), "unknown");
}

/* ---- authentication ---- */

static void test_only_verified_messages_make_healthy(void **state)
{
    static const char key_line[] =
        ID " 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n";
    static uint8_t key[COLLECT_KEY_SIZE];
    static char text[512], signed_text[640];
    struct collect_message message;
    uint8_t mac[COLLECT_MAC_SIZE];
    char path[] = "/tmp/lcm-key-XXXXXX", hex[17];
    int fd = mkstemp(path);

    (void)state;
    assert_int_equal(write(fd, key_line, sizeof(key_line) - 1), sizeof(key_line) - 1);
    close(fd);
    collect_keys_free(collect.keys);
    assert_int_equal(collect_keys_load(path, &collect.keys), CLI_OK);
    unlink(path);
    for (unsigned i = 0; i < sizeof(key); i++)
        key[i] = (uint8_t)i;
    say("CHECK", "file=\"main.bin\" ph=\"done\" rc=\"0\"");
    assert_string_equal(state_now(), "unknown"); /* heard, not believed */
    assert_int_equal(load(ID).last_seen_ms, 0);
    snprintf(text, sizeof(text),
             "<134>1 - - lcm - CHECK [lcm@32473 dev=\"" ID "\" ph=\"done\" rc="
             "\"0\"][meta sequenceId=\"9\"][auth@32473 t=\"5000\" "
             "mac=\"0000000000000000\"] fine");
    assert_int_equal(collect_parse(text, strlen(text), "x", &message), LCM_OK);
    collect_auth_mac(key, &message, mac);
    for (unsigned i = 0; i < 8; i++)
        snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    snprintf(signed_text, sizeof(signed_text),
             "<134>1 - - lcm - CHECK [lcm@32473 dev=\"" ID "\" ph=\"done\" rc=\"0\"]"
             "[meta sequenceId=\"9\"][auth@32473 t=\"5000\" mac=\"%s\"] fine",
             hex);
    begin();
    add(text);
    commit();
    assert_string_equal(state_now(), "unknown");
    assert_int_equal(load(ID).forged, 1);
    begin();
    add(signed_text);
    commit();
    assert_string_equal(state_now(), "healthy");
    int64_t seen_ms = load(ID).last_seen_ms;
    clock_ms += 5000;
    begin();
    add(signed_text); /* played again */
    commit();
    assert_int_equal(load(ID).last_seen_ms, seen_ms);
    assert_int_equal(collect.counters.verified, 1);
    assert_int_equal(collect.counters.forged, 1);
    assert_int_equal(collect.counters.unverified, 2);
}

/* ---- sums ---- */

static int64_t number(const char *sql)
{
    int64_t value = 0;

    assert_int_equal(store_number(&store, sql, NULL, 0, &value), LCM_OK);
    return value;
}

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

/* ---- bounds and filters ---- */

static void test_no_more_devices_than_allowed(void **state)
{
    (void)state;
    collect.options.devices_max = 3;
    begin();
    for (char c = 'a'; c < 'a' + 6; c++) {
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

/* ---- alerts ---- */

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
    assert_int_equal(alert_pending(&store, alerts, 16, &count), LCM_OK);
    assert_int_equal(count, 1);
    assert_string_equal(alerts[0].kind, "certificate-invalid");
    assert_int_equal(alerts[0].count, 5);
    assert_int_equal(alert_notified(&store, alerts[0].id, clock_ms), LCM_OK);
    say("CERTINVALID", "file=\"github.com\" ph=\"check\" rc=\"34\"");
    assert_int_equal(alert_pending(&store, alerts, 16, &count), LCM_OK);
    assert_int_equal(count, 0); /* told once */
    for (unsigned i = 0; i < 5; i++) {
        char id[16];
        snprintf(id, sizeof(id), "5ccf7f00000%u", i);
        say_of(id, "1.0.0", "CHECK", "file=\"main.bin\" ph=\"done\" rc=\"0\"");
    }
    assert_int_equal(alert_evaluate(&store, &limits), LCM_OK);
    assert_int_equal(number("SELECT COUNT(*) FROM alerts WHERE closed_ms > 0"), 1);
    say("CERTINVALID", "file=\"github.com\" ph=\"check\" rc=\"34\"");
    assert_int_equal(alert_pending(&store, alerts, 16, &count), LCM_OK);
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

/* ---- files ---- */

static void test_files_of_others_are_refused(void **state)
{
    char text[ENGINE_ERROR_SIZE] = "";
    struct store other;
    FILE *file;

    (void)state;
    say("CHECK", "ph=\"done\" rc=\"0\"");
    const struct engine_call newer = {.sql = "UPDATE meta SET value = '2' WHERE name = 'format'"};
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
        TEST(test_life_of_a_device),
        TEST(test_certificate_story),
        TEST(test_lost_messages_and_restarts),
        TEST(test_a_repeated_line_is_left_out),
        TEST(test_words_of_others_move_no_state),
        TEST(test_only_verified_messages_make_healthy),
        TEST(test_tallies_are_what_adding_up_gives),
        TEST(test_events_of_a_device),
        TEST(test_retention_by_age),
        TEST(test_retention_by_size),
        TEST(test_no_more_devices_than_allowed),
        TEST(test_filters),
        TEST(test_alerts_are_raised_once),
        TEST(test_alerts_of_the_whole),
        TEST(test_files_of_others_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
