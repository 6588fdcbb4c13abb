// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: values are tried before they are stored, what worked is kept when something new does not,
 * and the person learns why.
 * Method: the whole portal on a fake device, spoken to by the independent client in host/.
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

/* ---- scan ---- */

static void test_scan_is_sorted_and_raw(void **state)
{
    struct setup_item item;

    (void)state;
    portal_join();
    portal_put_network("weak", 3, -80);
    portal_put_network("\"><script>\xF0\x9F\x9A\x80\xFF", 9, -40);
    portal_put_network("middle", 1, -60);
    setup_text_begin(&request, LCM_SETUP_SCAN);
    setup_text_put_u8(&request, LCM_ITEM_RESCAN, 1);
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 1);
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 0);
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 0, &item));
    assert_memory_equal(item.value, "\xD8\x09\x01\"><script>\xF0\x9F\x9A\x80\xFF", item.size);
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 1, &item));
    assert_memory_equal(item.value, "\xC4\x01\x01middle", 9);
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 2, &item));
    assert_false(setup_text_find(&answer, LCM_ITEM_NETWORK, 3, &item));
}

/* As many as the room holds, with the longest names, fit one answer. */
static void test_full_scan_fits(void **state)
{
    char ssid[33];
    struct setup_item item;

    (void)state;
    portal_join();
    for (uint32_t i = 0; i < 40; i++) {
        snprintf(ssid, sizeof(ssid), "%032u", i);
        portal_put_network(ssid, 1, (int8_t) - (int)(30 + i));
    }
    (void)portal_command(LCM_SETUP_SCAN);
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, LCM_SETUP_NETWORKS_MAX - 1, &item));
    assert_int_equal(item.size, 3 + 32);
}

/* Where there is nothing to be heard, the radio is not kept busy for ever. */
static void test_scan_of_nothing_ends(void **state)
{
    (void)state;
    portal_join();
    (void)portal_command(LCM_SETUP_SCAN);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 1);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
        assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 0);
    }
}

/* A scan has its time whenever it begins; until it ends the list is the old one. */
static void test_late_scan_has_its_time(void **state)
{
    struct setup_item item;

    (void)state;
    portal_join();
    portal_put_network("home", 3, -60);
    (void)portal_command(LCM_SETUP_SCAN);
    assert_true(fake_portal_run(&portal, LCM_SETUP_SCAN_MS + 1000));
    portal.scan_result = LCM_PENDING;
    setup_text_begin(&request, LCM_SETUP_SCAN);
    setup_text_put_u8(&request, LCM_ITEM_RESCAN, 1);
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    assert_true(fake_portal_run(&portal, LCM_SETUP_SCAN_MS / 2));
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 1);
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 0, &item));
    portal.scan_result = LCM_OK;
    assert_true(fake_portal_run(&portal, 100));
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 0);
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 0, &item));
}

static void test_scan_of_a_silent_radio_ends(void **state)
{
    (void)state;
    portal_join();
    portal.scan_result = LCM_PENDING;
    (void)portal_command(LCM_SETUP_SCAN);
    assert_true(fake_portal_run(&portal, LCM_SETUP_SCAN_MS + 100));
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 0);
}

/* ---- trials ---- */

static void test_wrong_password_then_right(void **state)
{
    (void)state;
    portal_join();
    portal.device.join_result = LCM_ERR_WIFI_PASSWORD;
    portal_set_network("home", "wrong password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_FAILED, 5000);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_ERROR, 0), LCM_ERR_WIFI_PASSWORD);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_FAILED_PHASE, 0), LCM_SETUP_PHASE_JOIN);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_STORED, 99), 0);
    assert_false(portal_is_stored(LCM_KEY_WIFI_SSID, "home"));
    portal.device.join_result = LCM_OK;
    portal_set_network("home", "right password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_STORED, 99), 1);
    assert_in_range(setup_text_number(&answer, LCM_ITEM_LEAVES_IN, 0), 1, 20);
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "home"));
    assert_true(portal_is_stored(LCM_KEY_WIFI_PASSWORD, "right password"));
}

static void test_old_network_survives_a_failed_change(void **state)
{
    (void)state;
    fake_device_put_setting(&portal.device, LCM_KEY_WIFI_SSID, "old");
    fake_device_put_setting(&portal.device, LCM_KEY_WIFI_PASSWORD, "old password");
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    portal_join();
    portal.device.join_result = LCM_ERR_WIFI_NOT_FOUND;
    portal_set_network("new", "new password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_FAILED, 5000);
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "old"));
    assert_true(portal_is_stored(LCM_KEY_WIFI_PASSWORD, "old password"));
}

static void test_save_anyway(void **state)
{
    (void)state;
    portal_join();
    portal.device.join_result = LCM_ERR_WIFI_NOT_FOUND;
    portal_set_network("away", "password away");
    setup_text_put_u8(&request, LCM_ITEM_NO_TRIAL, 1);
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_int_equal(portal.device.join_count, 0);
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "away"));
}

/* TLS needs the visitors' room: they are refused meanwhile, sessions stay, the end is told. */
static void test_trial_of_a_repository(void **state)
{
    (void)state;
    portal_join();
    portal.device.resolve_result = LCM_PENDING;
    portal_set_network("home", "right password");
    portal_put(LCM_ITEM_REPOSITORY, "me/lamp");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    assert_true(fake_portal_run(&portal, 2000));
    assert_true(portal.is_refusing);
    assert_int_equal(portal.setup.attempt.phase, LCM_SETUP_PHASE_HOST);
    portal.device.resolve_result = LCM_ERR_DNS;
    assert_true(fake_portal_run(&portal, 500));
    assert_false(portal.is_refusing);
    assert_int_equal(portal_command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_PHASE, 0), LCM_SETUP_PHASE_FAILED);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_ERROR, 0), LCM_ERR_DNS);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_FAILED_PHASE, 0), LCM_SETUP_PHASE_HOST);
    /* The end is kept for a later session. */
    portal_join();
    assert_int_equal(portal_command(LCM_SETUP_READ), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_ERROR, 0), LCM_ERR_DNS);
}

static void test_nothing_changes_during_a_trial(void **state)
{
    (void)state;
    portal_join();
    portal.device.join_result = LCM_PENDING;
    portal_set_network("home", "right password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_set_network("other", "other password");
    assert_int_equal(portal_say(), LCM_SETUP_BUSY);
    assert_true(fake_portal_run(&portal, 1000));
    portal_set_network("other", "other password");
    assert_int_equal(portal_say(), LCM_SETUP_BUSY);
    assert_int_equal(portal_command(LCM_SETUP_FINISH), LCM_SETUP_BUSY);
    setup_text_begin(&request, LCM_SETUP_FACTORY_RESET);
    portal_put(LCM_ITEM_CONFIRMATION, LCM_SETUP_CONFIRMATION);
    assert_int_equal(portal_say(), LCM_SETUP_BUSY);
    portal.device.join_result = LCM_OK;
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "home"));
}

static void test_led_goes_into_the_boot_configuration(void **state)
{
    (void)state;
    portal_join();
    portal_set_network("home", "right password");
    setup_text_put_u8(&request, LCM_ITEM_LED_PIN, 2);
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_int_equal(portal.device.flash.data[LCM_BOOTCONF_ADDR + 7], 0x42);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_scan_is_sorted_and_raw, portal_set_up),
        cmocka_unit_test_setup(test_full_scan_fits, portal_set_up),
        cmocka_unit_test_setup(test_scan_of_nothing_ends, portal_set_up),
        cmocka_unit_test_setup(test_late_scan_has_its_time, portal_set_up),
        cmocka_unit_test_setup(test_scan_of_a_silent_radio_ends, portal_set_up),
        cmocka_unit_test_setup(test_wrong_password_then_right, portal_set_up),
        cmocka_unit_test_setup(test_old_network_survives_a_failed_change, portal_set_up),
        cmocka_unit_test_setup(test_save_anyway, portal_set_up),
        cmocka_unit_test_setup(test_trial_of_a_repository, portal_set_up),
        cmocka_unit_test_setup(test_nothing_changes_during_a_trial, portal_set_up),
        cmocka_unit_test_setup(test_led_goes_into_the_boot_configuration, portal_set_up),
    };
    return cmocka_run_group_tests(tests, portal_group_set_up, portal_group_tear_down);
}
