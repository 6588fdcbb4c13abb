// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: every syslog message is well-formed RFC 5424 of at most 480 bytes, whatever the
 * values in it, and says what the event said.
 * Method: golden lines; a strict parser of the grammar in section 6 of the RFC, written
 * for this test from the RFC alone, reads back what the encoder wrote; events with
 * seeded values full of quotes, backslashes, brackets and control characters (the seed
 * is printed), at every length up to the limits of the fields.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/log/rfc5424.h"
#include "tests/lib/ram_flash.h"

/* ---- a strict parser ---- */

#define PARAMETERS_MAX 20u

struct parsed {
    unsigned priority;
    char timestamp[33], hostname[256], app_name[49], process_id[129], message_id[33];
    size_t parameter_count;
    char name[PARAMETERS_MAX][66]; /* "element/name" */
    char value[PARAMETERS_MAX][200];
    const char *text;
};

static const char *cursor;

static void expect(char c)
{
    assert_int_equal(*cursor, c);
    cursor++;
}

/* 1*n PRINTUSASCII up to a space. */
static void parse_word(char *dst, size_t size)
{
    size_t length = 0;

    while (*cursor > ' ' && *cursor <= '~') {
        assert_true(length + 1 < size);
        dst[length++] = *cursor++;
    }
    dst[length] = '\0';
    assert_true(length > 0);
    expect(' ');
}

/* SD-NAME: 1*32 PRINTUSASCII except = ] " and space. */
static void parse_name(char *dst)
{
    size_t length = 0;

    while (*cursor > ' ' && *cursor <= '~' && strchr("=]\"", *cursor) == NULL) {
        assert_true(length < 32);
        dst[length++] = *cursor++;
    }
    dst[length] = '\0';
    assert_true(length > 0);
}

static void parse_value(char *dst, size_t size)
{
    size_t length = 0;

    expect('"');
    while (*cursor != '"') {
        assert_int_not_equal(*cursor, ']');
        assert_true(*cursor >= ' ' && *cursor <= '~');
        if (*cursor == '\\') {
            cursor++;
            assert_non_null(strchr("\"\\]", *cursor));
            assert_int_not_equal(*cursor, '\0');
        }
        assert_true(length + 1 < size);
        dst[length++] = *cursor++;
    }
    dst[length] = '\0';
    expect('"');
}

static void parse_element(struct parsed *parsed)
{
    char element[33];

    expect('[');
    parse_name(element);
    while (*cursor == ' ') {
        char name[33];

        cursor++;
        parse_name(name);
        expect('=');
        assert_true(parsed->parameter_count < PARAMETERS_MAX);
        snprintf(parsed->name[parsed->parameter_count], sizeof(parsed->name[0]), "%s/%s", element,
                 name);
        parse_value(parsed->value[parsed->parameter_count], sizeof(parsed->value[0]));
        parsed->parameter_count++;
    }
    expect(']');
}

static void parse_timestamp(const char *text)
{
    static const char form[] = "dddd-dd-ddTdd:dd:ddZ";

    if (strcmp(text, "-") == 0)
        return;
    assert_int_equal(strlen(text), sizeof(form) - 1);
    for (size_t i = 0; i < sizeof(form) - 1; i++)
        assert_true(form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i]);
}

static void parse(struct parsed *parsed, const char *message)
{
    char version[4];

    memset(parsed, 0, sizeof(*parsed));
    cursor = message;
    expect('<');
    parsed->priority = (unsigned)strtoul(cursor, NULL, 10);
    assert_in_range(parsed->priority, 1, 191);
    cursor += parsed->priority >= 100 ? 3 : parsed->priority >= 10 ? 2 : 1;
    expect('>');
    parse_word(version, sizeof(version));
    assert_string_equal(version, "1");
    parse_word(parsed->timestamp, sizeof(parsed->timestamp));
    parse_timestamp(parsed->timestamp);
    parse_word(parsed->hostname, sizeof(parsed->hostname));
    parse_word(parsed->app_name, sizeof(parsed->app_name));
    parse_word(parsed->process_id, sizeof(parsed->process_id));
    parse_word(parsed->message_id, sizeof(parsed->message_id));
    assert_int_equal(*cursor, '['); /* ours always has structured data */
    while (*cursor == '[')
        parse_element(parsed);
    if (*cursor != '\0')
        expect(' ');
    parsed->text = cursor;
}

static const char *value_of(const struct parsed *parsed, const char *name)
{
    for (size_t i = 0; i < parsed->parameter_count; i++)
        if (strcmp(parsed->name[i], name) == 0)
            return parsed->value[i];
    return NULL;
}

/* ---- what is encoded ---- */

static struct lcm_event event;
static struct lcm_event_source source;
static struct lcm_event_stamp stamp;
static char message[LCM_RFC5424_SIZE_MAX + 2];

static int prepare(void **state)
{
    (void)state;
    event = (struct lcm_event){LCM_EVENT_UPDATE, LCM_SEVERITY_NOTICE, "done", "main.bin", "1.0.0",
                               "1.1.0",          "app installed",     LCM_OK};
    source = (struct lcm_event_source){
        .device_id = {0x5C, 0xCF, 0x7F, 0x12, 0x34, 0x56},
        .updater_version = "0.4.2",
        .app_version = "1.1.0",
        .repository = "someone/lamp",
    };
    stamp = (struct lcm_event_stamp){1795342830, 98765, 7};
    return 0;
}

static size_t encode(void)
{
    memset(message, 'Z', sizeof(message));
    size_t size = lcm_rfc5424_encode(message, &event, &source, &stamp);

    assert_in_range(size, 1, LCM_RFC5424_SIZE_MAX);
    assert_int_equal(message[size], '\0');
    assert_int_equal(strlen(message), size);
    assert_int_equal(message[LCM_RFC5424_SIZE_MAX + 1], 'Z');
    return size;
}

static void test_golden_line(void **state)
{
    (void)state;
    encode();
    assert_string_equal(
        message, "<133>1 2026-11-22T10:20:30Z lcm-5ccf7f123456 lcm - UPDATE "
                 "[lcm@32473 dev=\"5ccf7f123456\" lcm=\"0.4.2\" app=\"1.1.0\" "
                 "repo=\"someone/lamp\" file=\"main.bin\" chan=\"stable\" ph=\"done\" rc=\"0\" "
                 "from=\"1.0.0\" to=\"1.1.0\"][meta sequenceId=\"7\" sysUpTime=\"9876\"] "
                 "app installed");
}

/* No time: NILVALUE. Nothing to say: the parameter is absent. */
static void test_golden_line_of_a_bare_event(void **state)
{
    (void)state;
    event =
        (struct lcm_event){LCM_EVENT_SIGINVALID,     LCM_SEVERITY_CRITICAL, "failed", "", "", "",
                           "signature is not valid", LCM_ERR_SIGNATURE};
    source.updater_version = "0.4.2";
    source.app_version = "";
    source.repository = "";
    source.is_beta = true;
    stamp = (struct lcm_event_stamp){0, 0, 1};
    encode();
    assert_string_equal(message, "<130>1 - lcm-5ccf7f123456 lcm - SIGINVALID "
                                 "[lcm@32473 dev=\"5ccf7f123456\" lcm=\"0.4.2\" chan=\"beta\" "
                                 "ph=\"failed\" rc=\"10\"][meta sequenceId=\"1\" sysUpTime=\"0\"] "
                                 "signature is not valid");
}

/* The code: docs/SPEC.md 10.4, computed by openssl dgst -mac HMAC. */
static void test_golden_line_with_a_code(void **state)
{
    (void)state;
    source.has_telemetry_key = true;
    for (uint8_t i = 0; i < LCM_TELEMETRY_KEY_SIZE; i++)
        source.telemetry_key[i] = i;
    encode();
    assert_string_equal(
        message, "<133>1 2026-11-22T10:20:30Z lcm-5ccf7f123456 lcm - UPDATE "
                 "[lcm@32473 dev=\"5ccf7f123456\" lcm=\"0.4.2\" app=\"1.1.0\" "
                 "repo=\"someone/lamp\" file=\"main.bin\" chan=\"stable\" ph=\"done\" rc=\"0\" "
                 "from=\"1.0.0\" to=\"1.1.0\"][meta sequenceId=\"7\" sysUpTime=\"9876\"]"
                 "[auth@32473 t=\"1795342830\" mac=\"6bc627fcbcd6027d\"] app installed");
    stamp.utc_seconds = 0;
    encode();
    assert_null(strstr(message, "auth@32473")); /* could be repeated for ever */
}

static void test_every_id_and_severity(void **state)
{
    static const char *const names[] = {"BOOT",       "CHECK", "UPDATE", "ROLLBACK", "CERTINVALID",
                                        "SIGINVALID", "WIFI",  "SETUP",  "PANIC",    "HEARTBEAT"};
    struct parsed parsed;

    (void)state;
    for (unsigned id = 0; id < sizeof(names) / sizeof(names[0]); id++)
        for (unsigned severity = 2; severity <= 6; severity++) {
            event.id = (enum lcm_event_id)id;
            event.severity = (enum lcm_severity)severity;
            encode();
            parse(&parsed, message);
            assert_string_equal(parsed.message_id, names[id]);
            assert_int_equal(parsed.priority, 16 * 8 + severity);
        }
    assert_string_equal(lcm_event_name((enum lcm_event_id)99), "UNKNOWN");
}

static void test_escaping(void **state)
{
    struct parsed parsed;

    (void)state;
    source.repository = "a\"b\\c]d[e=f";
    event.file = "tab\there\x7F\xC3\xA9\n";
    encode();
    parse(&parsed, message);
    assert_string_equal(value_of(&parsed, "lcm@32473/repo"), "a\"b\\c]d[e=f");
    assert_string_equal(value_of(&parsed, "lcm@32473/file"), "tab?here????");
    assert_string_equal(parsed.text, "app installed");
}

/* Free text that is too long is cut; the structured data stays. */
static void test_long_text_is_cut(void **state)
{
    static char text[600];
    struct parsed parsed;

    (void)state;
    memset(text, 't', sizeof(text) - 1);
    event.text = text;
    assert_int_equal(encode(), LCM_RFC5424_SIZE_MAX);
    parse(&parsed, message);
    assert_string_equal(value_of(&parsed, "meta/sysUpTime"), "9876");
}

/* Text can hold what a server or a setting brought: it must stay one printable line. */
static void test_text_has_no_control_characters(void **state)
{
    (void)state;
    event.text = "one\ntwo\r<134>1 forged";
    encode();
    assert_null(strchr(message, '\n'));
    assert_null(strchr(message, '\r'));
}

static void fill_random(char *dst, size_t length, uint64_t *random)
{
    static const char alphabet[] = "]\\\"]\\\" a=[\x01\x1F\x7F\xFF";

    for (size_t i = 0; i < length; i++)
        dst[i] = alphabet[ram_flash_random(random) % (sizeof(alphabet) - 1)];
    dst[length] = '\0';
}

static void test_hostile_values(void **state)
{
    static char repository[64], file[64], app[24], updater[24], from[24], to[24];
    uint64_t random = 20261122;
    struct parsed parsed;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)random);
    source.repository = repository;
    source.app_version = app;
    source.updater_version = updater;
    event.file = file;
    event.from = from;
    event.to = to;
    for (uint32_t i = 0; i < 20000; i++) {
        fill_random(repository, i % 64, &random);
        fill_random(file, (i / 3) % 64, &random);
        fill_random(app, (i / 5) % 24, &random);
        fill_random(updater, (i / 7) % 24, &random);
        fill_random(from, (i / 11) % 24, &random);
        fill_random(to, (i / 13) % 24, &random);
        stamp.uptime_ms = ram_flash_random(&random) >> (i % 64);
        stamp.sequence = (uint32_t)ram_flash_random(&random);
        source.has_telemetry_key = i % 2 == 0;
        encode();
        parse(&parsed, message);
        assert_string_equal(value_of(&parsed, "lcm@32473/dev"), "5ccf7f123456");
        assert_string_equal(value_of(&parsed, "lcm@32473/rc"), "0");
        assert_string_equal(value_of(&parsed, "lcm@32473/ph"), "done");
        assert_non_null(value_of(&parsed, "meta/sequenceId"));
        /* RFC 3418 TimeTicks have 32 bits */
        assert_true(strtoull(value_of(&parsed, "meta/sysUpTime"), NULL, 10) <= UINT32_MAX);
    }
}

/* Everything as long as it can honestly be: nothing is lost. */
static void test_longest_honest_event(void **state)
{
    struct parsed parsed;

    (void)state;
    source.repository = "0123456789012345678901234567890123456789/0123456789012345678901";
    source.app_version = source.updater_version = "12345678901234567890123";
    event.from = event.to = "12345678901234567890123";
    event.file = "certificates-of-some-host.example-of-a-long-domain-name.example";
    event.id = LCM_EVENT_CERTINVALID;
    event.phase = "certificates";
    event.result = LCM_ERR_SETTING;
    source.is_beta = false;
    stamp = (struct lcm_event_stamp){253402300799u, UINT64_MAX, UINT32_MAX};
    encode();
    parse(&parsed, message);
    assert_int_equal(parsed.parameter_count, 12);
    assert_string_equal(value_of(&parsed, "lcm@32473/to"), event.to);
    assert_string_equal(value_of(&parsed, "lcm@32473/repo"), source.repository);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_golden_line, prepare),
        cmocka_unit_test_setup(test_golden_line_of_a_bare_event, prepare),
        cmocka_unit_test_setup(test_golden_line_with_a_code, prepare),
        cmocka_unit_test_setup(test_every_id_and_severity, prepare),
        cmocka_unit_test_setup(test_escaping, prepare),
        cmocka_unit_test_setup(test_long_text_is_cut, prepare),
        cmocka_unit_test_setup(test_text_has_no_control_characters, prepare),
        cmocka_unit_test_setup(test_hostile_values, prepare),
        cmocka_unit_test_setup(test_longest_honest_event, prepare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
