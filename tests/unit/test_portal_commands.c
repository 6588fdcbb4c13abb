// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: an answer says what is so and nothing else; a command does what it says, and only when all
 * of it is right; what set-up changes beside the settings is put right, too.
 * Method: the whole portal on a fake device, spoken to by the independent client in host/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/store/bootconf.h"
#include "core/update/keys.h"
#include "tests/lib/portal_steps.h"

#define LED_OFFSET (LCM_BOOTCONF_ADDR + 7u)

static bool has(enum lcm_item tag)
{
    struct setup_item item;

    return setup_text_find(&answer, tag, 0, &item);
}

/* ---- answers ---- */

static void test_answers_of_a_new_device(void **state)
{
    static const enum lcm_item absent[] = {
        LCM_ITEM_SSID,        LCM_ITEM_PASSWORD, LCM_ITEM_REPOSITORY, LCM_ITEM_APP_KEY,
        LCM_ITEM_OTA_STRING,  LCM_ITEM_LED_PIN,  LCM_ITEM_SYSLOG,     LCM_ITEM_EMERGENCY,
        LCM_ITEM_APP_VERSION, LCM_ITEM_ERROR,    LCM_ITEM_ADDRESS,    LCM_ITEM_FAILED_PHASE,
        LCM_ITEM_RELEASE,     LCM_ITEM_NETWORK,  LCM_ITEM_LEAVES_IN,  LCM_ITEM_TELEMETRY};

    (void)state;
    portal_join();
    assert_int_equal(portal_command(LCM_SETUP_READ), LCM_SETUP_DONE);
    for (size_t i = 0; i < sizeof(absent) / sizeof(absent[0]); i++)
        assert_false(has(absent[i]));
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_PHASE, 99), LCM_SETUP_PHASE_NONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_HAS_PASSWORD, 99), 0);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_STORED, 99), 0);
    assert_int_equal(portal_command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    assert_false(has(LCM_ITEM_DEVICE_ID));
    assert_false(has(LCM_ITEM_ERROR));
    assert_int_equal(portal_command(LCM_SETUP_IDENTIFY), LCM_SETUP_DONE);
    assert_false(has(LCM_ITEM_PHASE));
    setup_text_begin(&request, LCM_SETUP_STATUS);
    portal_put(LCM_ITEM_SSID, "home");
    assert_int_equal(portal_say(), LCM_SETUP_MALFORMED);
    assert_false(has(LCM_ITEM_PHASE));
}

static void put_setting(const char *key, const char *text)
{
    fake_device_put_setting(&portal.device, key, text);
}

static void put_led_pin(int8_t pin)
{
    struct lcm_settings settings;

    assert_int_equal(lcm_settings_open(&settings, &portal.device.flash.port), LCM_OK);
    assert_int_equal(lcm_settings_set_int8(&settings, LCM_KEY_LED_PIN, pin), LCM_OK);
}

/* Everything there is, as long as it may be, fits one answer; the password is not among it. */
static void test_longest_values_fit_an_answer(void **state)
{
    static const char x[] = "x123456789012345678901234567890123456789012345678901234567890123"
                            "x123456789012345678901234567890123456789012345678901234567890123"
                            "x123456789012345678901234567890123456789012345678901234567890123"
                            "x12345678901234567890123456789012345678901234567890123456789012";
    char text[LCM_SETTING_TEXT_SIZE];

    (void)state;
    _Static_assert(sizeof(x) == LCM_SETTING_TEXT_SIZE, "the longest text");
    put_setting(LCM_KEY_WIFI_SSID, x + sizeof(x) - 1 - LCM_SSID_SIZE_MAX);
    put_setting(LCM_KEY_WIFI_PASSWORD, "secret of mine");
    put_setting(LCM_KEY_OTA_STRING, x);
    put_setting(LCM_KEY_OTA_FILE, x + sizeof(x) - LCM_FILE_SIZE);
    put_setting(LCM_KEY_OTA_REPO, x + sizeof(x) - LCM_REPOSITORY_SIZE);
    put_setting(LCM_KEY_OTA_VERSION, x + sizeof(x) - LCM_VERSION_SIZE);
    put_setting(LCM_KEY_SYSLOG, x + sizeof(x) - LCM_VALUES_SYSLOG_SIZE);
    put_setting(LCM_KEY_OTA_SERVER, x + sizeof(x) - LCM_BASE_SIZE);
    put_setting(LCM_KEY_LCM_BETA, "y");
    put_setting(LCM_KEY_APP_KEY, "11111111111111111111111111111111"
                                 "11111111111111111111111111111111");
    put_led_pin(-13);
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    portal_join();
    portal.setup.attempt = (struct lcm_setup_attempt){.phase = LCM_SETUP_PHASE_FAILED,
                                                      .failed_phase = LCM_SETUP_PHASE_FILE,
                                                      .err = LCM_ERR_DNS,
                                                      .address = {10, 0, 0, 1}};
    memcpy(portal.setup.attempt.release, x, LCM_TAG_SIZE - 1);
    assert_int_equal(portal_command(LCM_SETUP_READ), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_STORED, 99), 0); /* the last one */
    assert_true(has(LCM_ITEM_RELEASE) && has(LCM_ITEM_APP_KEY) && has(LCM_ITEM_LED_PIN));
    setup_text_string(&answer, LCM_ITEM_EMERGENCY, text, sizeof(text));
    assert_int_equal(strlen(text), LCM_BASE_SIZE - 1);
    setup_text_string(&answer, LCM_ITEM_OTA_STRING, text, sizeof(text));
    assert_string_equal(text, x);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_HAS_PASSWORD, 99), 1);
    assert_false(has(LCM_ITEM_PASSWORD));
    assert_null(memmem(answer.bytes, sizeof(answer.bytes), "secret of mine", 14));
}

static void rescan(void)
{
    setup_text_begin(&request, LCM_SETUP_SCAN);
    setup_text_put_u8(&request, LCM_ITEM_RESCAN, 1);
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
}

/* A signal no radio has still is a line of the list. */
static void test_signal_above_zero(void **state)
{
    struct setup_item item;

    (void)state;
    portal_join();
    portal_put_network("near", 3, 5);
    portal_put_network("nearer", 3, 0);
    rescan();
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 1, &item));
    assert_false(setup_text_find(&answer, LCM_ITEM_NETWORK, 2, &item));
    portal.scan_result = LCM_ERR_TIMEOUT;
    rescan();
    assert_false(has(LCM_ITEM_NETWORK));
}

/* ---- commands ---- */

static void test_words_that_are_not_the_word(void **state)
{
    static const char *const words[] = {"", "eras", "erase ", "erasee", "ERASE"};

    (void)state;
    portal_join();
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        setup_text_begin(&request, LCM_SETUP_FACTORY_RESET);
        portal_put(LCM_ITEM_CONFIRMATION, words[i]);
        assert_int_equal(portal_say(), LCM_SETUP_REFUSED);
    }
    assert_false(fake_device_has_setting(&portal.device, LCM_KEY_OTA_COUNT));
    assert_true(fake_portal_run(&portal, 5000));
}

/* All that is wrong is named, not only that the network is missing. */
static void test_wrong_and_without_a_network(void **state)
{
    struct setup_item item;

    (void)state;
    portal_join();
    setup_text_begin(&request, LCM_SETUP_SET);
    portal_put(LCM_ITEM_REPOSITORY, "no repository");
    assert_int_equal(portal_say(), LCM_SETUP_REFUSED);
    assert_true(setup_text_find(&answer, LCM_ITEM_FIELD_ERROR, 0, &item));
    assert_memory_equal(item.value, "\x12\x00\x32\x00", 4);
    assert_false(setup_text_find(&answer, LCM_ITEM_FIELD_ERROR, 1, &item));
}

static void test_forced_without_a_network(void **state)
{
    (void)state;
    portal_join();
    setup_text_begin(&request, LCM_SETUP_SET);
    portal_put(LCM_ITEM_REPOSITORY, "me/lamp");
    setup_text_put_u8(&request, LCM_ITEM_NO_TRIAL, 1);
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_true(portal_is_stored(LCM_KEY_OTA_REPO, "me/lamp"));
    assert_false(fake_device_has_setting(&portal.device, LCM_KEY_WIFI_SSID));
    assert_int_equal(portal.device.join_count, 0);
}

static void test_force_that_is_refused_stores_nothing(void **state)
{
    (void)state;
    portal_join();
    portal_set_network("home", "short");
    setup_text_put_u8(&request, LCM_ITEM_NO_TRIAL, 1);
    assert_int_equal(portal_say(), LCM_SETUP_REFUSED);
    assert_true(fake_portal_run(&portal, 5000));
    assert_false(fake_device_has_setting(&portal.device, LCM_KEY_WIFI_SSID));
}

/* Talking is being there; so is an exchange. */
static void test_who_talks_is_there(void **state)
{
    (void)state;
    portal.config.has_app = true;
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    for (uint32_t i = 0; i < 3; i++) {
        assert_true(fake_portal_run(&portal, LCM_SETUP_IDLE_MS - 1000));
        portal_join();
        assert_true(fake_portal_run(&portal, LCM_SETUP_IDLE_MS - 1000));
        assert_int_equal(portal_command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    }
    assert_false(fake_portal_run(&portal, LCM_SETUP_IDLE_MS + 1000));
}

static void test_identify_ends_dark(void **state)
{
    bool was_lit = false;

    (void)state;
    portal_join();
    /* So that it ends where it would be lit. */
    portal.device.now_ms +=
        2 * LCM_SETUP_BLINK_MS - portal.device.now_ms % (2 * LCM_SETUP_BLINK_MS);
    assert_int_equal(portal_command(LCM_SETUP_IDENTIFY), LCM_SETUP_DONE);
    for (uint32_t i = 0; i < LCM_SETUP_IDENTIFY_MS / 50; i++) {
        assert_true(fake_portal_run(&portal, 50));
        was_lit = was_lit || portal.is_lit;
    }
    assert_true(was_lit);
    assert_true(fake_portal_run(&portal, LCM_SETUP_BLINK_MS));
    assert_false(portal.is_lit);
}

/* ---- requests ---- */

static void test_methods_and_hosts(void **state)
{
    static const struct {
        const char *text;
        uint16_t status;
    } rows[] = {
        {"OPTIONS / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n", 405},
        {"PUT /x HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n", 405},
        {"POST /p1 HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 2\r\n\r\nxx", 302},
        {"POST /p1 HTTP/1.1\r\nContent-Length: 2\r\n\r\nxx", 302},
        {"POST /x HTTP/1.1\r\nHost: 192.168.4.1\r\nOrigin: null\r\nContent-Length: 2\r\n\r\nxx",
         403},
        {"POST /x HTTP/1.1\r\nHost: 192.168.4.1\r\nContent-Length: 1057\r\n\r\n", 413},
        {"POST /x HTTP/1.1\r\nHost: 192.168.4.1\r\nTransfer-Encoding: chunked\r\n\r\n", 400},
        {"GET /i HTTP/1.0\r\n\r\n", 302},
    };
    uint8_t body[FAKE_VISITOR_OUT_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t size = 0;
        assert_int_equal(fake_portal_ask(&portal, rows[i].text, strlen(rows[i].text), body, &size),
                         rows[i].status);
        assert_true(size > 4);
        assert_string_equal(fake_portal_field(&portal, "Content-Type"),
                            "text/plain; charset=utf-8");
        assert_string_equal(fake_portal_field(&portal, "X-Content-Type-Options"), "nosniff");
        assert_null(fake_portal_field(&portal, "Content-Security-Policy"));
        assert_int_equal(fake_portal_field(&portal, "Location") != NULL, rows[i].status == 302);
        assert_null(fake_portal_field(&portal, "Retry-After"));
    }
    assert_int_equal(portal_get("192.168.4.1", "/", (char *)body, NULL), 200);
    assert_string_equal(fake_portal_field(&portal, "Referrer-Policy"), "no-referrer");
    assert_string_equal(fake_portal_field(&portal, "Content-Type"), "text/html; charset=utf-8");
}

/* ---- what else is stored, and left ---- */

static void store_with_led(int pin)
{
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    portal_join();
    portal_set_network("home", "right password");
    if (pin == 0)
        portal_put(LCM_ITEM_LED_PIN, ""); /* none any more */
    else if (pin < 16)
        setup_text_put_u8(&request, LCM_ITEM_LED_PIN, (uint8_t)pin);
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
}

/* The boot configuration follows the LED when one was given, and only then. */
static void test_led_of_the_boot_configuration(void **state)
{
    struct lcm_bootconf bootconf;

    (void)state;
    store_with_led(99); /* not given */
    assert_int_equal(lcm_bootconf_load(&portal.device.flash.port, &bootconf), LCM_ERR_NOT_FOUND);
    store_with_led(2);
    assert_int_equal(portal.device.flash.data[LED_OFFSET], 0x42);
    store_with_led(99);
    assert_int_equal(portal.device.flash.data[LED_OFFSET], 0x42);
    store_with_led(0);
    assert_int_equal(portal.device.flash.data[LED_OFFSET], 0);
}

static void test_nothing_is_left_open(void **state)
{
    (void)state;
    portal_join();
    portal_set_network("home", "right password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    uint32_t leaves = portal.device.leave_count;
    uint32_t alive = portal.device.alive_count;
    assert_true(fake_portal_run(&portal, LCM_SETUP_LINGER_MS - 1000));
    assert_in_range(portal.device.alive_count - alive, 1000, 100000);
    fake_portal_visit(&portal, 3, "GET / HT", 8);
    assert_false(fake_portal_run(&portal, 2000));
    assert_true(portal.visitors[3].is_closed_by_device);
    assert_int_equal(portal.device.leave_count, leaves + 1);
}

/* What cannot be stored is not said to be, and the person may try something shorter. */
static void test_no_room_to_store(void **state)
{
    char filler[LCM_SETTING_TEXT_SIZE];
    struct lcm_settings settings;
    char key[] = "f0";

    (void)state;
    memset(filler, 'f', sizeof(filler) - 1);
    filler[sizeof(filler) - 1] = '\0';
    assert_int_equal(lcm_settings_open(&settings, &portal.device.flash.port), LCM_OK);
    while (lcm_settings_set(&settings, key, filler) == LCM_OK)
        key[1]++;
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    portal_join();
    portal_set_network("home", "right password");
    portal_put(LCM_ITEM_OTA_STRING, filler);
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_FAILED, 5000);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_ERROR, 0), LCM_ERR_NO_SPACE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_STORED, 99), 0);
    assert_non_null(strstr(portal.printed, "not stored"));
    assert_false(fake_device_has_setting(&portal.device, LCM_KEY_WIFI_SSID));
    assert_true(fake_portal_run(&portal, 2 * LCM_SETUP_LINGER_MS));
    portal_set_network("home", "right password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
}

static void visit_with_message(uint32_t which)
{
    static const char head[] =
        "POST /x HTTP/1.1\r\nHost: 192.168.4.1\r\nContent-Length: 1056\r\n\r\n";
    uint8_t text[sizeof(head) - 1 + LCM_MESSAGE_SIZE];

    memcpy(text, head, sizeof(head) - 1);
    assert_int_equal(setup_message_seal(&channel, &request, text + sizeof(head) - 1), LCM_OK);
    fake_portal_visit(&portal, which, text, sizeof(text));
}

/* Two forms that arrive at the same moment: the first one counts, the second one waits. */
static void test_two_forms_at_once(void **state)
{
    uint64_t number;

    (void)state;
    portal_join();
    portal_set_network("first", "first password");
    visit_with_message(0);
    portal_set_network("second", "second password");
    visit_with_message(1);
    number = channel.number;
    assert_true(fake_portal_run(&portal, 200));
    assert_string_equal(portal.setup.values.ssid, "first");
    const uint8_t *end = memmem(portal.visitors[1].out, portal.visitors[1].out_size, "\r\n\r\n", 4);
    assert_non_null(end);
    assert_int_equal(channel.number, number);
    assert_int_equal(setup_message_open(&channel, end + 4, &answer), LCM_OK);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_RESULT, 99), LCM_SETUP_BUSY);
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "first"));
}

static void name_letters(void *context, uint8_t id[6])
{
    (void)context;
    memcpy(id, "\x5C\xCF\x7F\xAB\xCD\xEF", 6);
}

/* Letters: small in the id, large in the name. */
static void test_names(void **state)
{
    (void)state;
    portal.device.system.device_id = name_letters;
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    assert_string_equal(portal.ssid, "LCM-ABCDEF");
    assert_string_equal(portal.setup.device_id, "5ccf7fabcdef");
}

static enum lcm_err no_chance(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    (void)dst;
    (void)size;
    return LCM_ERR_ENTROPY;
}

/* Without a code there is no set-up; without chance no session, and the door stays as it was. */
static void test_no_chance(void **state)
{
    uint8_t share[LCM_SETUP_POINT_SIZE] = {4};

    (void)state;
    portal.device.entropy.fill = no_chance;
    assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 503);
    assert_string_equal(fake_portal_field(&portal, "Retry-After"), "1");
    memset(portal.device.flash.data + LCM_CODE_ADDR, 0xFF, LCM_SECTOR_SIZE);
    assert_int_equal(lcm_setup_begin(&portal.setup, &portal.config), LCM_ERR_ENTROPY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_answers_of_a_new_device, portal_set_up),
        cmocka_unit_test_setup(test_longest_values_fit_an_answer, portal_set_up),
        cmocka_unit_test_setup(test_signal_above_zero, portal_set_up),
        cmocka_unit_test_setup(test_words_that_are_not_the_word, portal_set_up),
        cmocka_unit_test_setup(test_wrong_and_without_a_network, portal_set_up),
        cmocka_unit_test_setup(test_forced_without_a_network, portal_set_up),
        cmocka_unit_test_setup(test_force_that_is_refused_stores_nothing, portal_set_up),
        cmocka_unit_test_setup(test_who_talks_is_there, portal_set_up),
        cmocka_unit_test_setup(test_identify_ends_dark, portal_set_up),
        cmocka_unit_test_setup(test_methods_and_hosts, portal_set_up),
        cmocka_unit_test_setup(test_led_of_the_boot_configuration, portal_set_up),
        cmocka_unit_test_setup(test_nothing_is_left_open, portal_set_up),
        cmocka_unit_test_setup(test_no_room_to_store, portal_set_up),
        cmocka_unit_test_setup(test_two_forms_at_once, portal_set_up),
        cmocka_unit_test_setup(test_names, portal_set_up),
        cmocka_unit_test_setup(test_no_chance, portal_set_up),
    };
    return cmocka_run_group_tests(tests, portal_group_set_up, portal_group_tear_down);
}
