// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the serial line asks the same questions as the page, takes what people type, and prints no
 * password.
 * Method: the whole portal on a fake device, typed to character by character.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/keys.h"
#include "tests/lib/portal_steps.h"

static void test_serial_menu(void **state)
{
    (void)state;
    portal_type(
        "\r\nhome\nright passwort\b\b\bword!\nno repo\nme/lamp\n\n\ny\n\nparam 1\n-13\nlogs:514\n");
    portal.device.resolve_result = LCM_OK; /* connect fails: host not reachable */
    assert_true(fake_portal_run(&portal, 500));
    assert_non_null(strstr(portal.printed, "that is not valid"));
    assert_null(strstr(portal.printed, "right"));
    portal_type("\n");
    assert_true(fake_portal_run(&portal, 3000));
    assert_non_null(strstr(portal.printed, "not stored: host not reachable"));
    assert_false(portal_is_stored(LCM_KEY_WIFI_SSID, "home"));
    portal_type("home\nright password\n\n\n\n\n\n\n\n\n\n");
    assert_true(fake_portal_run(&portal, 3000));
    assert_non_null(strstr(portal.printed, "set-up: stored"));
    assert_true(portal_is_stored(LCM_KEY_WIFI_PASSWORD, "right password"));
    assert_null(strstr(portal.printed, "right"));
}

static void test_serial_menu_is_offered_for_a_while(void **state)
{
    (void)state;
    assert_non_null(strstr(portal.printed, "press <enter>"));
    assert_true(fake_portal_run(&portal, LCM_SETUP_MENU_WINDOW_MS + 1000));
    portal_type("\n");
    assert_true(fake_portal_run(&portal, 1000));
    assert_null(strstr(portal.printed, "Wi-Fi network:"));
}

static void test_no_serial_menu_with_a_stored_network(void **state)
{
    (void)state;
    fake_device_put_setting(&portal.device, LCM_KEY_WIFI_SSID, "stored");
    portal.printed_size = 0;
    fake_portal_begin(&portal);
    portal_type("\n");
    assert_true(fake_portal_run(&portal, 1000));
    assert_null(strstr(portal.printed, "press <enter>"));
    assert_null(strstr(portal.printed, "Wi-Fi network:"));
}

/* Backspace, controls, ends of lines of all kinds, more than fits: the line stays a line. */
static void test_typing(void **state)
{
    static const char longest[] = "1234567890123456789012345678901234567890123456789012345678901234"
                                  "123456789012345678901234567890123456789012345678901234567890123";

    (void)state;
    _Static_assert(sizeof(longest) == LCM_SERIAL_LINE_SIZE, "fills the line");
    portal_type("\r\n\b\bhomf\b\x7F\x01me\r\nright password\r\n\r\n\r\n\r\n\r\n\r\n");
    portal_type(longest);
    portal_type("56789\n+2\n\n");
    assert_true(fake_portal_run(&portal, 200));
    assert_null(strstr(portal.printed, "not valid"));
    assert_null(strstr(portal.printed, "\x01"));
    portal_type("\n");
    assert_true(fake_portal_run(&portal, 3000));
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "home"));
    assert_true(portal_is_stored(LCM_KEY_OTA_STRING, longest));
    assert_int_equal(portal.device.flash.data[LCM_BOOTCONF_ADDR + 7], 0x42);
}

static bool is_switch_on(const char *key)
{
    struct lcm_settings settings;

    assert_int_equal(lcm_settings_open(&settings, &portal.device.flash.port), LCM_OK);
    return lcm_settings_get_bool(&settings, key, false);
}

static void test_answers_that_are_not_valid(void **state)
{
    static const char *const lines[] = {"\n", "2a", "16", "-16", "300", "--1", "-", "x", "9"};

    (void)state;
    portal_type("\n\nhome\nshort\nright password\n\n\n12\n\nn\nn\n\n");
    for (size_t i = 1; i < sizeof(lines) / sizeof(lines[0]); i++) {
        portal_type(lines[i]);
        portal_type("\n");
    }
    portal_type("-13\n\n");
    assert_true(fake_portal_run(&portal, 500));
    uint32_t count = 0;
    for (const char *at = portal.printed; (at = strstr(at, "not valid")) != NULL; at++)
        count++;
    assert_int_equal(count, 1 + 1 + 1 + 8); /* name, password, key, pins */
    portal_type("\n");
    assert_true(fake_portal_run(&portal, 3000));
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "home"));
    assert_false(is_switch_on(LCM_KEY_OTA_BETA));
    assert_false(is_switch_on(LCM_KEY_UNSIGNED));
    assert_int_equal(portal.device.flash.data[LCM_BOOTCONF_ADDR + 7], 0x5D);
}

/* n at the end begins again, with nothing of before. */
static void test_no_begins_again(void **state)
{
    (void)state;
    portal_type("\nhome\nright password\nme/lamp\n\n\ny\ny\n\n\n\nN\n");
    assert_true(fake_portal_run(&portal, 500));
    assert_int_equal(portal.device.join_count, 0);
    assert_false(lcm_values_is_given(&portal.setup.values, LCM_ITEM_REPOSITORY));
    portal_type("other\n\n\n\n\ny\n\n\n\n\n\n");
    assert_true(fake_portal_run(&portal, 3000));
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "other"));
    assert_false(fake_device_has_setting(&portal.device, LCM_KEY_WIFI_PASSWORD));
    assert_true(is_switch_on(LCM_KEY_OTA_BETA));
}

/* Who types is a person; the dialogue, once open, is not closed by the clock. */
static void test_typing_keeps_it_open(void **state)
{
    (void)state;
    portal.config.has_app = true;
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    portal_type("\n");
    for (uint32_t i = 0; i < 4; i++) {
        assert_true(fake_portal_run(&portal, LCM_SETUP_IDLE_MS - 1000));
        portal_type("h");
    }
    assert_true(fake_portal_run(&portal, 100));
    assert_non_null(strstr(portal.printed, "hhhh"));
    assert_false(fake_portal_run(&portal, LCM_SETUP_IDLE_MS + 1000));
}

/* What is typed while values are tried waits; nothing typed changes them. */
static void test_typing_during_a_trial(void **state)
{
    (void)state;
    portal.device.join_result = LCM_PENDING;
    portal_type("\nhome\nright password\n\n\n\n\n\n\n\n\n\nn\nother\n");
    assert_true(fake_portal_run(&portal, 2000));
    assert_string_equal(portal.setup.values.ssid, "home");
    portal.device.join_result = LCM_OK;
    assert_true(fake_portal_run(&portal, 2000));
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "home"));
    assert_true(portal.setup.menu.is_over);
}

/* The line forgets a password as soon as it is taken. */
static void test_line_is_wiped(void **state)
{
    (void)state;
    portal_type("\nhome\nright password\n");
    assert_true(fake_portal_run(&portal, 200));
    assert_string_equal(portal.setup.values.password, "right password");
    assert_null(memmem(portal.setup.menu.line, sizeof(portal.setup.menu.line), "password", 8));
}

/* The form of a visitor holds what the visitor gave, nothing that was typed. */
static void test_form_while_the_line_is_open(void **state)
{
    (void)state;
    portal_type("\nhome\nline password\nline/app\n\n\ny\n");
    assert_true(fake_portal_run(&portal, 200));
    portal_join();
    portal_set_network("page", "page password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "page"));
    assert_false(fake_device_has_setting(&portal.device, LCM_KEY_OTA_REPO));
    assert_false(fake_device_has_setting(&portal.device, LCM_KEY_OTA_BETA));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_serial_menu, portal_set_up),
        cmocka_unit_test_setup(test_serial_menu_is_offered_for_a_while, portal_set_up),
        cmocka_unit_test_setup(test_no_serial_menu_with_a_stored_network, portal_set_up),
        cmocka_unit_test_setup(test_typing, portal_set_up),
        cmocka_unit_test_setup(test_answers_that_are_not_valid, portal_set_up),
        cmocka_unit_test_setup(test_no_begins_again, portal_set_up),
        cmocka_unit_test_setup(test_typing_keeps_it_open, portal_set_up),
        cmocka_unit_test_setup(test_typing_during_a_trial, portal_set_up),
        cmocka_unit_test_setup(test_line_is_wiped, portal_set_up),
        cmocka_unit_test_setup(test_form_while_the_line_is_open, portal_set_up),
    };
    return cmocka_run_group_tests(tests, portal_group_set_up, portal_group_tear_down);
}
