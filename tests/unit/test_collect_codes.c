// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: only what a device with a known key said, and said now, counts as verified. Method: codes
 * made by OpenSSL's other interface and by the device's own encoder; every byte of a good message
 * changed; times and numbers at the limits.
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
#include "core/log/rfc5424.h"
#include "host/cli.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key_files),
        cmocka_unit_test(test_codes),
        cmocka_unit_test(test_codes_end_where_the_data_ends),
        cmocka_unit_test(test_codes_of_other_days),
        cmocka_unit_test(test_codes_of_a_device),
        cmocka_unit_test(test_codes_that_are_wrong),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
