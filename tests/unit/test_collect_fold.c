// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: messages become states: the rules of healthy and ok, of certificates, of lost messages and
 * restarts, of repeated lines, of messages that are not verified.
 * Method: messages through the collector's own batch into a store of the test; codes made with the
 * key of a key file.
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

static void hear(const char *text)
{
    begin();
    add(text);
    commit();
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

/* Times from before a clock was put back hold nothing up. */
static void test_times_of_the_future(void **state)
{
    const struct alert_limits limits = {7, 0, clock_ms + 8 * (int64_t)STORE_DAY_MS};
    const struct store_retention retention = {365, 0, clock_ms};
    int64_t forgotten;

    (void)state;
    clock_ms += 4000 * (int64_t)STORE_DAY_MS;
    say("CHECK", "file=\"main.bin\" ph=\"done\" rc=\"0\"");
    say_of("5ccf7f000002", "1.0.0", "CHECK", "ph=\"done\" rc=\"0\"");
    clock_ms -= 4000 * (int64_t)STORE_DAY_MS;
    hear("LCM " ID " CHECK done main.bin 1.0.0: text of CHECK");
    assert_int_equal(load(ID).messages, 2);
    assert_int_equal(store_forget_devices(&store, &retention, &forgotten), LCM_OK);
    assert_int_equal(forgotten, 0);
    assert_int_equal(alert_evaluate(&store, &limits), LCM_OK);
    assert_int_equal(number("SELECT n FROM alerts WHERE kind = 'silent'"), 2);
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
    static const char *const known[] = {ID, NULL};
    static char forged[SIGNED_SIZE], signed_text[SIGNED_SIZE];

    (void)state;
    know_keys(known);
    say("CHECK", "file=\"main.bin\" ph=\"done\" rc=\"0\"");
    assert_string_equal(state_now(), "unknown"); /* heard, not believed */
    assert_int_equal(load(ID).last_seen_ms, 0);
    assert_int_equal(load(ID).verdict, COLLECT_UNVERIFIED);
    sign_of(signed_text, ID, "1.0.0", "CHECK", "ph=\"done\" rc=\"0\"", clock_ms / 1000);
    strcpy(forged, signed_text);
    memcpy(strstr(forged, "mac=\"") + 5, "0000000000000000", 16);
    hear(forged);
    assert_string_equal(state_now(), "unknown");
    assert_int_equal(load(ID).forged, 1);
    hear(signed_text);
    assert_string_equal(state_now(), "healthy");
    int64_t seen_ms = load(ID).last_seen_ms;
    clock_ms += 5000;
    hear(signed_text); /* played again */
    assert_int_equal(load(ID).last_seen_ms, seen_ms);
    assert_int_equal(collect.counters.verified, 1);
    assert_int_equal(collect.counters.forged, 1);
    assert_int_equal(collect.counters.unverified, 2);
}

/* What does not count does not make a device look unverified: its own lines, its app's heartbeats,
 * forgers. */
static void test_a_verified_device_stays_verified(void **state)
{
    static const char *const known[] = {ID, NULL};
    char forged[SIGNED_SIZE];

    (void)state;
    know_keys(known);
    say_signed_of(ID, "1.0.0", "CHECK", "ph=\"done\" rc=\"0\"");
    assert_int_equal(load(ID).verdict, COLLECT_VERIFIED);
    hear("LCM " ID " CHECK done main.bin: text of CHECK");
    assert_int_equal(collect.counters.unverified, 0); /* repeated: counted as that alone */
    say("HEARTBEAT", "ph=\"app\" rc=\"0\"");
    sign_of(forged, ID, "1.0.0", "CHECK", "rc=\"0\"", clock_ms / 1000);
    memcpy(strstr(forged, "mac=\"") + 5, "0000000000000000", 16);
    hear(forged);
    assert_int_equal(load(ID).verdict, COLLECT_VERIFIED);
    assert_int_equal(number("SELECT SUM(verified) FROM tallies"), 1);
    assert_int_equal(load(ID).forged, 1);
    assert_int_equal(collect.counters.unverified, 1);
    assert_int_equal(collect.counters.forged, 1);
    assert_int_equal(collect.counters.repeated, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_world, close_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_life_of_a_device),
        TEST(test_certificate_story),
        TEST(test_lost_messages_and_restarts),
        TEST(test_a_repeated_line_is_left_out),
        TEST(test_times_of_the_future),
        TEST(test_words_of_others_move_no_state),
        TEST(test_only_verified_messages_make_healthy),
        TEST(test_a_verified_device_stays_verified),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
