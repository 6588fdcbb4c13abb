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
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/evp.h>

#include "collector/auth.h"
#include "collector/forward.h"
#include "collector/frame.h"
#include "collector/limit.h"
#include "collector/mqtt.h"
#include "collector/queue.h"
#include "collector/version.h"
#include "core/log/rfc5424.h"
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

/* ---- authentication ---- */

#define KEY_HEX "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static struct collect_keys *keys_of(const char *text, mode_t mode, int *code)
{
    char path[] = "/tmp/lcm-keys-XXXXXX";
    struct collect_keys *keys = NULL;
    int fd = mkstemp(path);

    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    fchmod(fd, mode);
    close(fd);
    *code = collect_keys_load(path, &keys);
    unlink(path);
    return keys;
}

static void test_key_files(void **state)
{
    int code;
    struct collect_keys *keys;

    (void)state;
    keys = keys_of("# lamps\n5CCF7F000002 " KEY_HEX "\n\n5ccf7f000001 " KEY_HEX "\n", 0600, &code);
    assert_int_equal(code, CLI_OK);
    assert_int_equal(collect_keys_count(keys), 2);
    collect_keys_free(keys);
    assert_null(keys_of("5ccf7f000001 " KEY_HEX "\n", 0640, &code));
    assert_int_equal(code, CLI_AUTH);
    assert_null(keys_of("5ccf7f000001 1234\n", 0600, &code));
    assert_int_equal(code, CLI_USAGE);
    assert_null(keys_of("5ccf7f00000 " KEY_HEX "00\n", 0600, &code));
    assert_int_equal(code, CLI_USAGE);
    /* Which of the two is right nobody here can know. */
    assert_null(keys_of("5ccf7f000001 " KEY_HEX "\n5CCF7F000001 " KEY_HEX "\n", 0600, &code));
    assert_int_equal(code, CLI_USAGE);
    assert_int_equal(collect_keys_load(NULL, &keys), CLI_OK);
    assert_int_equal(collect_keys_count(keys), 0);
    collect_keys_free(keys);
}

/* The code as docs/SPEC.md 10.4 tells, by OpenSSL's other interface. */
static void code_make(const char *covered, size_t size, char hex[17])
{
    uint8_t key_bytes[32], mac[64];
    size_t mac_size = sizeof(mac);
    EVP_PKEY *key;
    EVP_MD_CTX *context = EVP_MD_CTX_new();

    for (unsigned i = 0; i < 32; i++)
        key_bytes[i] = (uint8_t)i;
    key = EVP_PKEY_new_raw_private_key(EVP_PKEY_HMAC, NULL, key_bytes, 32);
    assert_int_equal(EVP_DigestSignInit(context, NULL, EVP_sha256(), NULL, key), 1);
    assert_int_equal(EVP_DigestSign(context, mac, &mac_size, (const uint8_t *)covered, size), 1);
    for (unsigned i = 0; i < 8; i++)
        snprintf(hex + 2 * i, 3, "%02x", mac[i]);
    EVP_PKEY_free(key);
    EVP_MD_CTX_free(context);
}

#define SD \
    "[lcm@32473 dev=\"5ccf7f000001\" ph=\"done\" rc=\"0\"][meta sequenceId=\"9\" sysUpTime=\"1\"]"

#define NOW_S 1795343300u

static enum collect_verdict verdict_of(const struct collect_keys *keys, const char *text,
                                       struct collect_newest newest)
{
    struct collect_message message;

    assert_int_equal(collect_parse(text, strlen(text), "192.0.2.1", &message), LCM_OK);
    return collect_auth_check(keys, &message, &newest, NOW_S);
}

static void test_codes(void **state)
{
    static const char covered[] = "LCM telemetry 1\0"
                                  "134 CHECK 1795343230 " SD "\0all is well";
    const struct collect_newest never = {0, 0};
    char text[512], hex[17];
    int code;
    struct collect_keys *keys = keys_of("5ccf7f000001 " KEY_HEX "\n", 0600, &code);

    (void)state;
    code_make(covered, sizeof(covered) - 1, hex);
    snprintf(text, sizeof(text),
             "<134>1 - lcm-5ccf7f000001 lcm - CHECK " SD "[auth@32473 t=\"1795343230\" mac=\"%s\"] "
             "all is well",
             hex);
    assert_int_equal(verdict_of(keys, text, never), COLLECT_VERIFIED);
    /* A relay may rewrite time and host name of the header. */
    snprintf(text, sizeof(text),
             "<134>1 2026-11-22T10:20:31+00:00 relay lcm - CHECK " SD
             "[auth@32473 t=\"1795343230\" mac=\"%s\"] all is well",
             hex);
    assert_int_equal(verdict_of(keys, text, never), COLLECT_VERIFIED);
    assert_int_equal(verdict_of(keys, text, (struct collect_newest){1795343230, 8}),
                     COLLECT_VERIFIED);
    assert_int_equal(verdict_of(keys, text, (struct collect_newest){1795343230, 9}),
                     COLLECT_UNVERIFIED); /* repeated */
    assert_int_equal(verdict_of(keys, text, (struct collect_newest){1795343231, 0}),
                     COLLECT_UNVERIFIED); /* older */
    collect_keys_free(keys);
}

/* Structured data that was signed cannot be passed off as text: the parts in between would be read
 * otherwise, with the same code. */
static void test_codes_end_where_the_data_ends(void **state)
{
    static const char covered[] = "LCM telemetry 1\0"
                                  "134 CHECK 1795343230 " SD "\0all is well";
    const struct collect_newest never = {0, 0};
    char text[512], hex[17];
    int code;
    struct collect_keys *keys = keys_of("5ccf7f000001 " KEY_HEX "\n", 0600, &code);

    (void)state;
    code_make(covered, sizeof(covered) - 1, hex);
    snprintf(text, sizeof(text),
             "<134>1 - - lcm - CHECK [lcm@32473 dev=\"5ccf7f000001\" ph=\"done\" rc=\"0\"]"
             "[auth@32473 t=\"1795343230\" mac=\"%s\"] [meta sequenceId=\"9\" sysUpTime=\"1\"]"
             "all is well",
             hex);
    assert_int_equal(verdict_of(keys, text, never), COLLECT_FORGED);
    collect_keys_free(keys);
}

static enum collect_verdict verdict_at(const struct collect_keys *keys, int64_t off_s)
{
    const struct collect_newest never = {0, 0};
    char covered[256], text[512], hex[17];
    long long time_s = (long long)NOW_S + off_s;
    int size = snprintf(covered, sizeof(covered), "LCM telemetry 1%c134 CHECK %lld " SD "%cx", 0,
                        time_s, 0);

    code_make(covered, (size_t)size, hex);
    snprintf(text, sizeof(text),
             "<134>1 - - lcm - CHECK " SD "[auth@32473 t=\"%lld\" mac=\"%s\"] x", time_s, hex);
    return verdict_of(keys, text, never);
}

/* A device whose clock was led into the future is not silenced for the time until then; what was
 * recorded long ago does not count in a store that never heard of the device. */
static void test_codes_of_other_days(void **state)
{
    static const int64_t good_s[] = {0, 86400, -2 * 86400};
    static const int64_t bad_s[] = {86401, UINT32_MAX, -2 * 86400 - 1, 5 - (int64_t)NOW_S};
    int code;
    struct collect_keys *keys = keys_of("5ccf7f000001 " KEY_HEX "\n", 0600, &code);

    (void)state;
    for (size_t i = 0; i < sizeof(good_s) / sizeof(good_s[0]); i++)
        assert_int_equal(verdict_at(keys, good_s[i]), COLLECT_VERIFIED);
    for (size_t i = 0; i < sizeof(bad_s) / sizeof(bad_s[0]); i++)
        assert_int_equal(verdict_at(keys, bad_s[i]), COLLECT_UNVERIFIED);
    collect_keys_free(keys);
}

/* The device's own code is what the collector checks. */
static void test_codes_of_a_device(void **state)
{
    struct lcm_event event = {
        LCM_EVENT_UPDATE, LCM_SEVERITY_NOTICE, "done", "main.bin", "1.0.0", "1.1.0", "", LCM_OK};
    struct lcm_event_source source = {
        {0x5C, 0xCF, 0x7F, 0, 0, 1}, "1", "2", "me/a\"]b", false, true, {0}};
    const struct lcm_event_stamp stamp = {NOW_S, 1000, 3};
    const struct collect_newest never = {0, 0};
    char text[LCM_RFC5424_SIZE_MAX + 1], words[LCM_RFC5424_SIZE_MAX + 100];
    int code;
    struct collect_keys *keys = keys_of("5ccf7f000001 " KEY_HEX "\n", 0600, &code);

    (void)state;
    for (uint8_t i = 0; i < LCM_TELEMETRY_KEY_SIZE; i++)
        source.telemetry_key[i] = i;
    event.text = words;
    for (size_t length = 0; length < sizeof(words); length++) {
        memset(words, length % 7 == 0 ? '\n' : ' ', length);
        words[length] = '\0';
        assert_in_range(lcm_rfc5424_encode(text, &event, &source, &stamp), 1, LCM_RFC5424_SIZE_MAX);
        assert_int_equal(verdict_of(keys, text, never), COLLECT_VERIFIED);
    }
    source.telemetry_key[31]++;
    lcm_rfc5424_encode(text, &event, &source, &stamp);
    assert_int_equal(verdict_of(keys, text, never), COLLECT_FORGED);
    collect_keys_free(keys);
}

static void test_codes_that_are_wrong(void **state)
{
    static const char covered[] = "LCM telemetry 1\0"
                                  "134 CHECK 1795343230 " SD "\0all is well";
    const struct collect_newest never = {0, 0};
    char good[512], text[512], hex[17];
    int code;
    struct collect_keys *keys = keys_of("5ccf7f000001 " KEY_HEX "\n", 0600, &code);

    (void)state;
    code_make(covered, sizeof(covered) - 1, hex);
    snprintf(good, sizeof(good),
             "<134>1 - - lcm - CHECK " SD "[auth@32473 t=\"1795343230\" mac=\"%s\"] all is well",
             hex);
    for (size_t i = strlen("<134>1 - - lcm - "); i < strlen(good); i++) {
        struct collect_message message;

        strcpy(text, good);
        text[i] = text[i] == '1' ? '2' : '1';
        if (collect_parse(text, strlen(text), "192.0.2.1", &message) != LCM_OK)
            continue;
        assert_int_not_equal(collect_auth_check(keys, &message, &never, NOW_S), COLLECT_VERIFIED);
    }
    assert_int_equal(verdict_of(keys, "<134>1 - - lcm - CHECK " SD " all is well", never),
                     COLLECT_UNVERIFIED);
    assert_int_equal(
        verdict_of(keys, "<134>1 - - lcm - CHECK [lcm@32473 dev=\"5ccf7f000002\"] x", never),
        COLLECT_NO_KEY);
    snprintf(text, sizeof(text),
             "<134>1 - - lcm - CHECK [auth@32473 t=\"1795343230\" mac=\"%s\"]" SD " all is well",
             hex);
    assert_int_equal(verdict_of(keys, text, never), COLLECT_UNVERIFIED); /* it must be the last */
    collect_keys_free(keys);
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
        cmocka_unit_test(test_framing_in_pieces),
        cmocka_unit_test(test_framing_bounds),
        cmocka_unit_test(test_ring_against_a_model),
        cmocka_unit_test(test_limit),
        cmocka_unit_test(test_limit_with_many_sources),
        cmocka_unit_test(test_versions),
        cmocka_unit_test(test_key_files),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_codes_end_where_the_data_ends),
        cmocka_unit_test(test_codes_of_other_days),
        cmocka_unit_test(test_codes_of_a_device),
        cmocka_unit_test(test_codes_that_are_wrong),
        cmocka_unit_test(test_address_of_a_release),
        cmocka_unit_test(test_what_is_passed_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
