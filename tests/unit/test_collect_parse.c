// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: every form of report is understood, with missing parts, and nothing a stranger sends does
 * harm: no byte is read behind the end, every text is cut, valid UTF-8 and free of control
 * characters.
 * Method: vectors of each form; the device's own encoder as the other side; seeded mutations and
 * every truncation of good messages, in buffers of exactly their size (the sanitizers watch).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "collector/message.h"
#include "collector/scan.h"
#include "core/log/rfc5424.h"

#define SOURCE "192.0.2.7"

static struct collect_message message;

static void parse(const char *text)
{
    size_t size = strlen(text);
    char *exact = malloc(size);

    memcpy(exact, text, size);
    assert_int_equal(collect_parse(exact, size, SOURCE, &message), LCM_OK);
    free(exact);
}

static void refuse(const char *text)
{
    assert_int_equal(collect_parse(text, strlen(text), SOURCE, &message), LCM_ERR_FORMAT);
}

/* ---- RFC 5424 ---- */

static void test_what_a_device_sends(void **state)
{
    const struct lcm_event event = {.id = LCM_EVENT_UPDATE,
                                    .severity = LCM_SEVERITY_NOTICE,
                                    .phase = "done",
                                    .file = "ma]in\"\\.bin",
                                    .from = "1.0.0",
                                    .to = "1.1.0",
                                    .text = "app installed",
                                    .result = LCM_ERR_TIMEOUT};
    const struct lcm_event_source source = {.device_id = {0x5c, 0xcf, 0x7f, 0, 0, 1},
                                            .updater_version = "1.0.3",
                                            .app_version = "1.1.0",
                                            .repository = "me/lamp",
                                            .is_beta = true};
    const struct lcm_event_stamp stamp = {
        .utc_seconds = 1795343230, .uptime_ms = 12340, .sequence = 17};
    char text[LCM_RFC5424_SIZE_MAX + 1];

    (void)state;
    lcm_rfc5424_encode(text, &event, &source, &stamp);
    parse(text);
    assert_int_equal(message.form, COLLECT_RFC5424);
    assert_true(message.is_lcm);
    assert_string_equal(message.id, "5ccf7f000001");
    assert_string_equal(message.msgid, "UPDATE");
    assert_string_equal(message.phase, "done");
    assert_string_equal(message.file, "ma]in\"\\.bin");
    assert_string_equal(message.from, "1.0.0");
    assert_string_equal(message.to, "1.1.0");
    assert_string_equal(message.lcm, "1.0.3");
    assert_string_equal(message.app, "1.1.0");
    assert_string_equal(message.repo, "me/lamp");
    assert_string_equal(message.channel, "beta");
    assert_string_equal(message.text, "app installed");
    assert_int_equal(message.severity, 5);
    assert_int_equal(message.priority, 133);
    assert_int_equal(message.result, LCM_ERR_TIMEOUT);
    assert_int_equal(message.sequence, 17);
    assert_true(message.has_uptime);
    assert_int_equal(message.uptime_s, 12);
    assert_int_equal(message.time_s, 1795343230);
    assert_false(message.has_mac);
}

static void test_rfc5424_of_others(void **state)
{
    (void)state;
    parse("<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - "
          "\xEF\xBB\xBF'su root' failed\n");
    assert_string_equal(message.id, "mymachine.example.com");
    assert_string_equal(message.msgid, "ID47");
    assert_string_equal(message.text, "'su root' failed");
    assert_int_equal(message.time_s, 1065910455);
    assert_false(message.is_lcm);
    parse("<165>1 2003-10-11T22:14:15.003-07:00 - evntslog - - [a@1 x=\"1\"][b@2 y=\"\\]\"]");
    assert_string_equal(message.id, "ip-" SOURCE);
    assert_string_equal(message.text, "");
    assert_int_equal(message.time_s, 1065910455 + 7 * 3600);
    parse("<13>1 - LCM-5CCF7F00000A - - - -");
    assert_string_equal(message.id, "lcm-5ccf7f00000a"); /* the prefix is lower case */
    parse("<13>1 - lcm-5CCF7F00000A - - - -");
    assert_string_equal(message.id, "5ccf7f00000a");
    parse("<13>1 - ../../etc/passwd - - - -");
    assert_string_equal(message.id, "ip-" SOURCE);
}

static void test_rfc5424_malformed(void **state)
{
    static const char *const bad[] = {
        "<13>1 - host",
        "<13>1 - host app proc msgid",
        "<13>1 - host app proc msgid x",
        "<13>1 - host app proc msgid [",
        "<13>1 - host app proc msgid []",
        "<13>1 - host app proc msgid [a@1 x]",
        "<13>1 - host app proc msgid [a@1 x=y]",
        "<13>1 - host app proc msgid [a@1 x=\"y]",
        "<13>1 - host app proc msgid [a@1 x=\"y\"",
        "<13>1 - host app proc msgid [a@1 x=\"y\"]text",
        "<13>1 - host app proc msgid [a@1 x=\"a]b\"] text",
        "<13>1 -  app proc msgid - text",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        refuse(bad[i]);
    refuse("");
    refuse(" \r\n");
    refuse("<13>");
}

static void test_bounds_of_structured_data(void **state)
{
    char text[COLLECT_MESSAGE_SIZE_MAX];
    size_t length = (size_t)sprintf(text, "<13>1 - h a p m [lcm@32473");

    (void)state;
    for (unsigned i = 0; i < 65; i++)
        length += (size_t)sprintf(text + length, " p%u=\"v\"", i);
    sprintf(text + length, "]");
    refuse(text); /* 65 parameters */
    length = (size_t)sprintf(text, "<13>1 - h a p m ");
    for (unsigned i = 0; i < 33; i++)
        length += (size_t)sprintf(text + length, "[e%u]", i);
    refuse(text); /* 33 elements */
    length = (size_t)sprintf(text, "<13>1 - h a p m [lcm@32473 repo=\"");
    memset(text + length, 'r', 2000);
    sprintf(text + length + 2000, "\" rc=\"4294967296\"][meta sequenceId=\"4294967296\"]");
    parse(text);
    assert_int_equal(strlen(message.repo), COLLECT_NAME_SIZE - 1);
    assert_int_equal(message.result, -1);
    assert_int_equal(message.sequence, 0);
}

/* ---- RFC 3164 ---- */

static void test_rfc3164(void **state)
{
    (void)state;
    parse("<13>Nov 28 04:53:40 router dnsmasq[12]: hello");
    assert_string_equal(message.id, "router");
    assert_string_equal(message.text, "hello");
    assert_int_equal(message.form, COLLECT_RFC3164);
    parse("<13>Nov  8 04:53:40 router kernel: x");
    assert_string_equal(message.id, "router");
    parse("<13>router tag: no date");
    assert_string_equal(message.id, "router");
    assert_string_equal(message.text, "no date");
    parse("<13>tag: no host");
    assert_string_equal(message.id, "ip-" SOURCE);
    assert_string_equal(message.text, "no host");
    parse("<13>just some words");
    assert_string_equal(message.id, "ip-" SOURCE);
    assert_string_equal(message.text, "just some words");
    parse("<13>lcm-5ccf7f000001 words");
    assert_string_equal(message.id, "5ccf7f000001");
    parse("<13>Nov 28 04:53:40 relay lcm: LCM 5ccf7f000002 CHECK done main.bin 1.0.0: fine");
    assert_string_equal(message.id, "5ccf7f000002");
    assert_string_equal(message.msgid, "CHECK");
    parse("<999>x");
    assert_int_equal(message.form, COLLECT_RAW);
    assert_string_equal(message.text, "<999>x");
    assert_int_equal(message.priority, 134);
}

/* ---- lines ---- */

static void test_broadcast_lines(void **state)
{
    (void)state;
    parse("LCM 5ccf7f123456 UPDATE done main.bin 1.0.0 -> 1.1.0: app installed\n");
    assert_int_equal(message.form, COLLECT_LINE);
    assert_string_equal(message.id, "5ccf7f123456");
    assert_string_equal(message.phase, "done");
    assert_string_equal(message.file, "main.bin");
    assert_string_equal(message.from, "1.0.0");
    assert_string_equal(message.to, "1.1.0");
    assert_string_equal(message.text, "app installed");
    assert_int_equal(message.result, 0);
    parse("LCM 5ccf7f123456 UPDATE failed main.bin 1.0.0: refused: checksum [CORRUPT]");
    assert_string_equal(message.from, "1.0.0");
    assert_string_equal(message.to, "");
    assert_string_equal(message.text, "refused: checksum");
    assert_int_equal(message.result, LCM_ERR_CORRUPT);
    assert_int_equal(message.severity, LCM_SEVERITY_ERROR);
    parse("LCM 5ccf7f123456 CERTINVALID check github.com: not trusted [CERTIFICATE]");
    assert_string_equal(message.file, "github.com");
    assert_int_equal(message.severity, LCM_SEVERITY_WARNING);
    parse("LCM 5ccf7f123456 BOOT updater 1.0.3: LifeCycle Manager started");
    assert_string_equal(message.to, "1.0.3");
    assert_string_equal(message.file, "");
    parse("LCM 5ccf7f123456 NONSENSE x: y");
    assert_int_equal(message.form, COLLECT_RAW);
    parse("LCM 5ccf7f123456 CHECK done no colon");
    assert_int_equal(message.form, COLLECT_RAW);
    parse("LCM 5ccf7f123456 CHECK a b c d e f g: too many words");
    assert_int_equal(message.form, COLLECT_RAW);
}

static void test_lines_of_the_reference(void **state)
{
    (void)state;
    parse("VERSION: 2.2.6");
    assert_string_equal(message.id, "ip-" SOURCE);
    assert_string_equal(message.lcm, "2.2.6");
    assert_string_equal(message.msgid, "BOOT");
    parse("user_repo='HomeACcessoryKid/ota-demo' new_version='0.2.1' user_file='main.bin'");
    assert_string_equal(message.repo, "HomeACcessoryKid/ota-demo");
    assert_string_equal(message.to, "0.2.1");
    assert_string_equal(message.file, "main.bin");
    parse("bootloader version:\"1.1.0\"");
    assert_string_equal(message.boot, "1.1.0");
    parse("signature valid: 1");
    assert_string_equal(message.msgid, "");
    parse("signature valid: 0");
    assert_string_equal(message.msgid, "SIGINVALID");
    assert_int_equal(message.severity, LCM_SEVERITY_CRITICAL);
    parse("key valid: 0");
    assert_string_equal(message.msgid, "SIGINVALID");
    parse("HTTP returns 404 for user_repo");
    assert_int_equal(message.result, LCM_ERR_HTTP_NOT_FOUND);
    parse("HTTP returns 503");
    assert_int_equal(message.result, LCM_ERR_HTTP_STATUS);
    parse("HTTP returns 302");
    assert_int_equal(message.result, -1);
    parse("SSL_connect failed, return [-0x1]");
    assert_int_equal(message.result, LCM_ERR_TLS);
    parse("--- running ota-main software");
    assert_string_equal(message.phase, "updater");
    parse("user_repo='never ends");
    assert_string_equal(message.repo, "");
}

static void test_a_datagram_of_lines(void **state)
{
    const char lines[] = "VERSION: 2.2.6\nsignature valid: 1\nrest";
    const char syslog[] = "<13>a: one\nmessage";

    (void)state;
    assert_int_equal(collect_parse_extent(lines, sizeof(lines) - 1), 15);
    assert_int_equal(collect_parse_extent(lines + 34, 4), 4);
    assert_int_equal(collect_parse_extent(syslog, sizeof(syslog) - 1), sizeof(syslog) - 1);
}

/* ---- hostile text ---- */

static void test_text_is_made_safe(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"tab\there", "tab?here"},
        {"\x1b[31mred", "?[31mred"},
        {"Gr\xC3\xBC\xC3\x9F"
         "e",
         "Gr\xC3\xBC\xC3\x9F"
         "e"},
        {"\xC3", "?"},                /* cut */
        {"\xC0\xAF", "??"},           /* overlong */
        {"\xED\xA0\x80", "???"},      /* surrogate */
        {"\xF4\x90\x80\x80", "????"}, /* above the last */
        {"\xE2\x80\xAE"
         "evil",
         "?evil"},         /* turns the direction */
        {"\xC2\x85", "?"}, /* C1 control */
        {"\xE2\x80\x8B"
         "x",
         "?x"}, /* nothing to see */
        {"\xF0\x9F\x92\xA1", "\xF0\x9F\x92\xA1"},
    };
    char text[8];

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char copy[32];

        scan_copy(copy, sizeof(copy), (struct scan_word){cases[i].in, strlen(cases[i].in)});
        assert_string_equal(copy, cases[i].out);
    }
    scan_copy(text, sizeof(text), (struct scan_word){"123456\xC3\xBC", 8});
    assert_string_equal(text, "123456"); /* not half a character */
}

/* A strict decoder, written for this test: what is stored can be shown and sent as JSON. */
static void expect_safe(const char *text, size_t size)
{
    size_t length = strnlen(text, size);

    assert_true(length < size);
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i];
        size_t more = c < 0x80 ? 0 : c < 0xE0 ? 1 : c < 0xF0 ? 2 : 3;

        assert_true(c >= 0x20 && c != 0x7F && (c < 0x80 || c >= 0xC2) && c < 0xF5);
        for (size_t k = 0; k < more; k++)
            assert_int_equal((unsigned char)text[++i] & 0xC0, 0x80);
    }
}

static void expect_safe_message(void)
{
    expect_safe(message.id, sizeof(message.id));
    expect_safe(message.msgid, sizeof(message.msgid));
    expect_safe(message.phase, sizeof(message.phase));
    expect_safe(message.file, sizeof(message.file));
    expect_safe(message.repo, sizeof(message.repo));
    expect_safe(message.app, sizeof(message.app));
    expect_safe(message.to, sizeof(message.to));
    expect_safe(message.text, sizeof(message.text));
    assert_true(message.severity < 8 && message.priority < 192 && message.id[0] != '\0');
}

static const char *const seeds[] = {
    "<133>1 2026-11-22T10:20:30Z lcm-5ccf7f000001 lcm - UPDATE [lcm@32473 dev=\"5ccf7f000001\" "
    "lcm=\"1.0.3\" app=\"1.1.0\" repo=\"me/lamp\" file=\"main.bin\" chan=\"stable\" ph=\"done\" "
    "rc=\"0\"][meta sequenceId=\"17\" sysUpTime=\"1234\"][auth@32473 t=\"1795343230\" "
    "mac=\"0011223344556677\"] app installed",
    "<13>Nov 28 04:53:40 router dnsmasq[12]: hello",
    "LCM 5ccf7f123456 UPDATE failed main.bin 1.0.0 -> 1.1.0: refused: checksum [CORRUPT]\n",
    "user_repo='a/b' new_version='0.2.1' user_file='main.bin' signature valid: 0 HTTP returns 404",
};

static void try_bytes(const char *bytes, size_t size)
{
    char *exact = malloc(size > 0 ? size : 1);

    memcpy(exact, bytes, size);
    for (size_t at = 0; at < size;) {
        size_t extent = collect_parse_extent(exact + at, size - at);

        assert_true(extent > 0 && extent <= size - at);
        if (collect_parse(exact + at, extent, SOURCE, &message) == LCM_OK)
            expect_safe_message();
        at += extent;
    }
    free(exact);
}

static void test_every_truncation(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof(seeds) / sizeof(seeds[0]); i++) {
        for (size_t size = 0; size <= strlen(seeds[i]); size++)
            try_bytes(seeds[i], size);
    }
}

static void test_mutations(void **state)
{
    const unsigned seed = 20261128;

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (unsigned round = 0; round < 40000; round++) {
        char bytes[512];
        const char *from = seeds[round % (sizeof(seeds) / sizeof(seeds[0]))];
        size_t size = strlen(from);

        memcpy(bytes, from, size);
        for (unsigned k = 0; k < 1 + round % 6; k++)
            bytes[(size_t)rand() % size] =
                (char)(round % 2 ? rand() : "\"\\][<> =\n\0-:1"[rand() % 14]);
        try_bytes(bytes, size);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_a_device_sends),
        cmocka_unit_test(test_rfc5424_of_others),
        cmocka_unit_test(test_rfc5424_malformed),
        cmocka_unit_test(test_bounds_of_structured_data),
        cmocka_unit_test(test_rfc3164),
        cmocka_unit_test(test_broadcast_lines),
        cmocka_unit_test(test_lines_of_the_reference),
        cmocka_unit_test(test_a_datagram_of_lines),
        cmocka_unit_test(test_text_is_made_safe),
        cmocka_unit_test(test_every_truncation),
        cmocka_unit_test(test_mutations),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
