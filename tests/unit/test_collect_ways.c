// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what lies between the socket and the store keeps its bounds: framing of streams, the ring,
 * rate limits, the order of versions, authentication codes.
 * Method: streams in pieces of every size; a ring pushed over its end many times against a model;
 * a clock given by the test; versions of semver.org in their order; codes made by another HMAC.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "collector/forward.h"
#include "collector/frame.h"
#include "collector/limit.h"
#include "collector/mqtt.h"
#include "collector/queue.h"
#include "collector/version.h"
#include "host/cli.h"

/* ---- framing ---- */

static struct collect_frame frame;
static char got[2048];

/* Feed a stream in pieces; messages are joined by '|'. */
static enum lcm_err feed(const char *bytes, size_t size, size_t piece)
{
    size_t at = 0;

    got[0] = '\0';
    collect_frame_init(&frame);
    while (at < size) {
        size_t part = size - at < piece ? size - at : piece, used = 0;
        bool is_complete = false;

        if (collect_frame_feed(&frame, bytes + at, part, &used, &is_complete) != LCM_OK)
            return LCM_ERR_FORMAT;
        at += used;
        if (is_complete)
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s|", (int)frame.length,
                     frame.bytes);
    }
    if (collect_frame_end(&frame))
        snprintf(got + strlen(got), sizeof(got) - strlen(got), "%.*s|", (int)frame.length,
                 frame.bytes);
    return LCM_OK;
}

static void test_framing_in_pieces(void **state)
{
    static const char stream[] = "<1>a\n\r\n6 <2>b\nc<3>d\n3 <4>LCM e\n5 <5>xy<6>end";

    (void)state;
    for (size_t piece = 1; piece < sizeof(stream); piece++) {
        assert_int_equal(feed(stream, sizeof(stream) - 1, piece), LCM_OK);
        assert_string_equal(got, "<1>a|<2>b\nc|<3>d|<4>|LCM e|<5>xy|<6>end|");
    }
}

static void test_framing_bounds(void **state)
{
    static char stream[COLLECT_MESSAGE_SIZE_MAX + 200];
    size_t used = 0;
    bool is_complete = false;

    (void)state;
    assert_int_equal(feed("1x <2>", 6, 6), LCM_ERR_FORMAT);
    assert_int_equal(feed("99999999 <2>", 12, 12), LCM_ERR_FORMAT);
    assert_int_equal(feed("10 half", 7, 7), LCM_OK);
    assert_string_equal(got, ""); /* half a counted message is none */
    memset(stream, 'x', sizeof(stream));
    stream[0] = '<';
    stream[sizeof(stream) - 1] = '\n';
    collect_frame_init(&frame);
    assert_int_equal(collect_frame_feed(&frame, stream, sizeof(stream), &used, &is_complete),
                     LCM_OK);
    assert_true(is_complete);
    assert_int_equal(frame.length, COLLECT_MESSAGE_SIZE_MAX); /* the rest is stepped over */
}

/* ---- the ring ---- */

static void test_ring_against_a_model(void **state)
{
    struct collect_queue queue;
    struct collect_record record = {.transport = COLLECT_TCP}, taken;
    unsigned pushed = 0, released = 0, at = 0;
    char text[300];

    (void)state;
    srand(5);
    assert_int_equal(collect_queue_init(&queue, 4096), LCM_OK);
    snprintf(record.source, sizeof(record.source), "192.0.2.1");
    for (unsigned round = 0; round < 20000; round++) {
        switch (rand() % 4) {
        case 0:
        case 1: {
            size_t size = pushed * 7919 % 290 + 1;

            memset(text, 'a' + (int)(pushed % 26), sizeof(text));
            record.bytes = text;
            record.size = size;
            record.at_ms = pushed;
            pushed += collect_queue_push(&queue, &record);
            break;
        }
        case 2:
            if (!collect_queue_take(&queue, 0, &taken)) {
                assert_int_equal(at, pushed);
                break;
            }
            assert_int_equal(taken.at_ms, at);
            assert_int_equal(taken.size, at * 7919 % 290 + 1);
            assert_int_equal(taken.bytes[taken.size - 1], 'a' + (int)(at % 26));
            assert_string_equal(taken.source, "192.0.2.1");
            at++;
            break;
        default:
            if (rand() % 2) {
                collect_queue_release(&queue);
                released = at;
            } else {
                collect_queue_rewind(&queue);
                at = released;
            }
        }
        assert_true(collect_queue_fill(&queue) <= 4096);
    }
    assert_true(pushed > 1000);
    collect_queue_close(&queue);
    assert_false(collect_queue_push(&queue, &record));
    while (collect_queue_take(&queue, 1000, &taken))
        at++;
    assert_int_equal(at, pushed);
    assert_true(collect_queue_is_done(&queue));
    collect_queue_free(&queue);
}

/* ---- limits ---- */

static void test_limit(void **state)
{
    static struct limit limit;

    (void)state;
    limit_init(&limit, 10, 20);
    for (unsigned i = 0; i < 20; i++)
        assert_true(limit_allows(&limit, "a", 1000));
    assert_false(limit_allows(&limit, "a", 1000));
    assert_true(limit_allows(&limit, "b", 1000)); /* others are not touched */
    assert_true(limit_allows(&limit, "a", 1100));
    assert_false(limit_allows(&limit, "a", 1150));
    for (unsigned i = 0; i < 20; i++)
        assert_true(limit_allows(&limit, "a", 1000000));
    assert_false(limit_allows(&limit, "a", 1000000)); /* silence earns no more than the burst */
    limit_init(&limit, 0, 0);
    for (unsigned i = 0; i < 100; i++)
        assert_true(limit_allows(&limit, "a", 0));
}

/* A flood of addresses does not free the flooder: the busiest neighbours are kept. */
static void test_limit_with_many_sources(void **state)
{
    static struct limit limit;
    unsigned allowed = 0;

    (void)state;
    limit_init(&limit, 1, 5);
    for (unsigned i = 0; i < 50000; i++) {
        char name[32];

        allowed += limit_allows(&limit, "busy", 1000 + i / 100);
        snprintf(name, sizeof(name), "source-%u", i);
        (void)limit_allows(&limit, name, 1000 + i / 100);
    }
    assert_true(allowed < 60);
}

/* ---- versions ---- */

static void test_versions(void **state)
{
    static const char *const ascending[] = {
        "0.0.1",      "0.9.9",        "1.0.0-alpha",   "1.0.0-alpha.1", "1.0.0-alpha.beta",
        "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11", "1.0.0-rc.1",    "1.0.0",
        "1.0.9",      "1.0.10",       "1.2.0",         "1.10.0",        "2.0.0",
        "10.0.0",     "2026.11.28",   "20261128.0.0"};
    static const char *const none[] = {"",          "1",    "1.2",    "1.2.x", "01.2.3",
                                       "1.2.3.4",   "1..3", "1.2.3-", "a.b.c", "1234567890.0.0",
                                       "1.2.3-a..b"};
    char key[VERSION_KEY_SIZE], before[VERSION_KEY_SIZE] = "";

    (void)state;
    for (size_t i = 0; i < sizeof(ascending) / sizeof(ascending[0]); i++) {
        version_key(ascending[i], key);
        if (strcmp(before, key) >= 0)
            fail_msg("%s does not sort behind its predecessor", ascending[i]);
        memcpy(before, key, sizeof(before));
    }
    version_key("v1.2.3", before);
    version_key("1.2.3+build.5", key);
    assert_string_equal(before, key);
    for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        version_key(none[i], key);
        if (key[0] != '\0')
            fail_msg("'%s' passes for a version", none[i]);
    }
}

/* ---- addresses of releases ---- */

static void test_address_of_a_release(void **state)
{
    char url[MQTT_URL_SIZE];

    (void)state;
    mqtt_release_url("me/lamp", "1.10.0-rc.1", url);
    assert_string_equal(url, "https://github.com/me/lamp/releases/tag/1.10.0-rc.1");
    mqtt_release_url("a b/../c?d#e", "1/2+3%\"\xC3\xA4", url);
    assert_string_equal(url, "https://github.com/a%20b/../c%3Fd%23e/releases/tag/"
                             "1%2F2%2B3%25%22%C3%A4");
}

/* ---- passing on ---- */

static void test_what_is_passed_on(void **state)
{
    struct collect_record record = {.at_ms = 1795343230000, .source = "192.0.2.1"};
    char text[1024];
    size_t size;

    (void)state;
    record.bytes = "<13>1 - host app - - - text\n";
    record.size = strlen(record.bytes);
    size = forward_format(&record, text, sizeof(text));
    assert_int_equal(size, record.size - 1);
    assert_memory_equal(text, record.bytes, size);
    record.bytes = "LCM 5ccf7f123456 UPDATE done ma\"in].bin 1.0.0 -> 1.1.0: app installed";
    record.size = strlen(record.bytes);
    size = forward_format(&record, text, sizeof(text) - 1);
    text[size] = '\0';
    assert_string_equal(text,
                        "<134>1 2026-11-22T10:27:10Z lcm-5ccf7f123456 lcm - UPDATE "
                        "[lcm@32473 dev=\"5ccf7f123456\" ph=\"done\" file=\"ma\\\"in\\].bin\" "
                        "from=\"1.0.0\" to=\"1.1.0\" rc=\"0\"] app installed");
    assert_true(forward_is_place("udp:localhost:514") && forward_is_place("tcp:[::1]:514"));
    assert_false(forward_is_place("localhost:514") || forward_is_place("tcp:nowhere"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_framing_in_pieces),       cmocka_unit_test(test_framing_bounds),
        cmocka_unit_test(test_ring_against_a_model),    cmocka_unit_test(test_limit),
        cmocka_unit_test(test_limit_with_many_sources), cmocka_unit_test(test_versions),
        cmocka_unit_test(test_address_of_a_release),    cmocka_unit_test(test_what_is_passed_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
