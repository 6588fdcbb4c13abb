// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: whatever a device finds on its flash and on its network, the life cycle ends, or
 * waits and tries again; an app that can run always runs, in bounded time; a program
 * never overwrites the slot it runs from; a gesture is obeyed once.
 * Method: the state table is read directly (the source is included); the rest runs on a
 * fake device with a clock of its own: blank, damaged and failing flash, no Wi-Fi
 * settings, no trust sector, networks that refuse or never answer.
 */
#include "core/update/lifecycle.c" // NOLINT(bugprone-suspicious-include): the table is private

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/update/holdoff.h"
#include "core/update/keys.h"
#include "tests/lib/device_parts.h"
#include "tests/lib/fake_device.h"
#include "tests/lib/update_fixture.h"

#define MINUTE_MS 60000u
#define WEEK_MS 604800000u

static struct fake_device device;

static int set_up(void **state)
{
    (void)state;
    fake_device_init(&device);
    return 0;
}

static void put_trust(void)
{
    update_flash_put(&device.flash, LCM_TRUST_A_ADDR, parts.sector, sizeof(parts.sector));
}

static void put_app(void)
{
    update_flash_put(&device.flash, LCM_SLOT0_ADDR, parts.app, sizeof(parts.app));
}

/* Trust, Wi-Fi and an app repository: what a set-up device has. */
static void put_everything(void)
{
    put_trust();
    fake_device_put_setting(&device, LCM_KEY_WIFI_SSID, "home");
    fake_device_put_setting(&device, LCM_KEY_OTA_REPO, "someone/lamp");
}

static void assert_ends(uint64_t within_ms, enum lcm_outcome outcome, enum lcm_err result)
{
    assert_true(fake_device_run(&device, device.now_ms + within_ms));
    assert_int_equal(device.lifecycle.outcome, outcome);
    assert_int_equal(device.lifecycle.result, result);
}

/* No app: it keeps trying, with waits that grow to the longest one. */
static void assert_keeps_trying(enum lcm_err result)
{
    assert_false(fake_device_run(&device, device.now_ms + 4ull * WEEK_MS));
    assert_int_equal(device.lifecycle.result, result);
    assert_in_range(device.wait_count, 6, 20);
    for (uint32_t i = 1; i < 6; i++)
        assert_true(device.waits[i] > device.waits[i - 1]);
    assert_in_range(device.waits[device.wait_count - 1], WEEK_MS / 2, WEEK_MS);
}

/* ---- the table ---- */

static void test_every_state_has_a_row(void **state)
{
    (void)state;
    for (unsigned i = 0; i < STATE_COUNT; i++) {
        assert_non_null(state_table[i].name);
        assert_non_null(state_table[i].step);
        assert_in_range(state_table[i].on_ok, STATE_START, STATE_END);
        for (unsigned j = 0; j < i; j++)
            assert_string_not_equal(state_table[i].name, state_table[j].name);
        /* Only the end leads to itself. */
        assert_true(state_table[i].on_ok != i || i == STATE_END);
    }
}

/* ---- what is on flash ---- */

static void test_blank_flash(void **state)
{
    (void)state;
    fake_device_begin(&device, 1);
    assert_keeps_trying(LCM_ERR_NO_TRUST);
    assert_int_equal(device.join_count, 0);
}

static void test_no_trust_sector(void **state)
{
    (void)state;
    put_everything();
    memset(device.flash.data + LCM_TRUST_A_ADDR, 0xFF, LCM_TRUST_SIZE);
    fake_device_begin(&device, 1);
    assert_keeps_trying(LCM_ERR_NO_TRUST);
    put_app();
    fake_device_begin(&device, 1);
    assert_ends(MINUTE_MS, LCM_OUTCOME_BOOT_APP, LCM_ERR_NO_TRUST);
}

static void test_no_wifi_settings(void **state)
{
    (void)state;
    put_trust();
    fake_device_begin(&device, 1);
    assert_ends(MINUTE_MS, LCM_OUTCOME_SETUP, LCM_ERR_NO_WIFI_SETTINGS);
    assert_int_equal(device.lifecycle.failures, 0); /* nobody is to blame: no hold-off */
    put_app();
    fake_device_begin(&device, 1);
    assert_ends(MINUTE_MS, LCM_OUTCOME_BOOT_APP, LCM_ERR_NO_WIFI_SETTINGS);
}

static void test_damaged_settings_area(void **state)
{
    uint64_t random = 20261122;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)random);
    for (uint32_t turn = 0; turn < 20; turn++) {
        (void)set_up(state);
        put_trust();
        for (uint32_t i = 0; i < LCM_SETTINGS_SIZE; i++)
            device.flash.data[LCM_SETTINGS_ADDR + i] = (uint8_t)ram_flash_random(&random);
        for (uint32_t i = 0; i < LCM_STATE_SIZE; i++)
            device.flash.data[LCM_STATE_ADDR + i] = (uint8_t)ram_flash_random(&random);
        fake_device_begin(&device, 1);
        assert_ends(MINUTE_MS, LCM_OUTCOME_SETUP, LCM_ERR_NO_WIFI_SETTINGS);
    }
}

/* Flash that refuses every write: nothing crashes, the app still boots. */
static void test_failing_flash(void **state)
{
    (void)state;
    device.flash.is_off = true;
    fake_device_begin(&device, 1);
    assert_keeps_trying(LCM_ERR_FLASH);
    put_app();
    fake_device_begin(&device, 1);
    assert_ends(MINUTE_MS, LCM_OUTCOME_BOOT_APP, LCM_ERR_FLASH);
}

/* What failed at the start is tried again from the start. */
static void test_start_is_repeated(void **state)
{
    (void)state;
    put_everything();
    memset(device.flash.data + LCM_TRUST_A_ADDR, 0xFF, LCM_TRUST_SIZE);
    fake_device_begin(&device, 1);
    assert_false(fake_device_run(&device, device.now_ms + 100));
    put_trust();
    assert_false(fake_device_run(&device, device.now_ms + MINUTE_MS));
    assert_true(device.join_count > 0);
    assert_int_equal(device.lifecycle.result, LCM_ERR_DNS);
}

/* ---- the network ---- */

static void test_wifi_never_answers(void **state)
{
    uint64_t started_ms = device.now_ms;

    (void)state;
    put_everything();
    put_app();
    device.join_result = LCM_PENDING;
    fake_device_begin(&device, 1);
    assert_ends(5 * MINUTE_MS, LCM_OUTCOME_BOOT_APP, LCM_ERR_TIMEOUT);
    assert_in_range(device.now_ms - started_ms, 30000, 32000);
    assert_int_equal(device.datagram_count, 0);
}

static void test_wrong_password(void **state)
{
    (void)state;
    put_everything();
    device.join_result = LCM_ERR_WIFI_PASSWORD;
    fake_device_begin(&device, 1);
    assert_keeps_trying(LCM_ERR_WIFI_PASSWORD);
}

/* Clock and syslog server are hints: each costs five seconds, no more. */
static void test_hints_never_answer(void **state)
{
    (void)state;
    put_everything();
    put_app();
    fake_device_put_setting(&device, LCM_KEY_SYSLOG, "logs.example:5514");
    device.utc_s = 0;
    device.resolve_result = LCM_PENDING;
    uint64_t started_ms = device.now_ms;
    fake_device_begin(&device, 1);
    assert_ends(5 * MINUTE_MS, LCM_OUTCOME_BOOT_APP, LCM_ERR_TIMEOUT);
    assert_true(fake_device_was_in(&device, "find LifeCycle Manager release"));
    assert_in_range(device.now_ms - started_ms, 20000, 23000); /* 5 + 5 + 10 of the fetch */
}

static void test_no_host(void **state)
{
    (void)state;
    put_everything();
    fake_device_begin(&device, 1);
    assert_keeps_trying(LCM_ERR_DNS);
    assert_true(device.datagram_count > 0);
}

/* Failures are kept over a soft reset, not over power-off. */
static void test_hold_off_survives_a_reset(void **state)
{
    (void)state;
    put_everything();
    put_app();
    for (uint8_t failures = 1; failures < 9; failures++) {
        fake_device_begin(&device, 1);
        assert_ends(5 * MINUTE_MS, LCM_OUTCOME_BOOT_APP, LCM_ERR_DNS);
        assert_int_equal(device.lifecycle.failures, failures < 6 ? failures : 6);
        if (device.wait_count > 0) /* the product comes first */
            assert_in_range(device.waits[0], 1, LCM_HOLDOFF_WITH_APP_MAX_MS);
    }
    memset(device.rtc, 0xB7, sizeof(device.rtc));
    fake_device_begin(&device, 1);
    assert_ends(5 * MINUTE_MS, LCM_OUTCOME_BOOT_APP, LCM_ERR_DNS);
    assert_int_equal(device.wait_count, 0);
}

/* ---- bounds ---- */

static void test_end_is_stable(void **state)
{
    (void)state;
    put_trust();
    fake_device_begin(&device, 1);
    assert_ends(MINUTE_MS, LCM_OUTCOME_SETUP, LCM_ERR_NO_WIFI_SETTINGS);
    uint32_t states = device.state_count;
    uint32_t operations = device.flash.operations;
    for (uint32_t i = 0; i < 1000; i++) {
        device.now_ms += WEEK_MS;
        assert_int_equal(lcm_lifecycle_step(&device.lifecycle), LCM_OK);
        assert_int_equal(device.lifecycle.outcome, LCM_OUTCOME_SETUP);
    }
    assert_int_equal(device.state_count, states);
    assert_int_equal(device.flash.operations, operations);
    assert_int_equal(lcm_lifecycle_waits_until_ms(&device.lifecycle), 0);
    assert_string_equal(lcm_lifecycle_state_name(&device.lifecycle), "end");
}

static void test_watchdog_is_fed_every_step(void **state)
{
    (void)state;
    put_everything();
    fake_device_begin(&device, 1);
    for (uint32_t i = 1; i < 500; i++) {
        assert_int_equal(lcm_lifecycle_step(&device.lifecycle), LCM_PENDING);
        assert_int_equal(device.alive_count, i);
        device.now_ms += 10;
    }
}

/* Run until a state is about to be entered. */
static void run_to(enum lcm_state wanted)
{
    for (uint32_t i = 0; device.lifecycle.state != wanted; i++) {
        assert_true(i < 10000);
        assert_int_equal(lcm_lifecycle_step(&device.lifecycle), LCM_PENDING);
        device.now_ms += 10;
    }
}

/* An app that could run waits at most 30 minutes, whatever keeps the run busy. */
static void test_run_with_app_is_bounded(void **state)
{
    (void)state;
    put_everything();
    put_app();
    device.join_result = LCM_PENDING;
    fake_device_begin(&device, 1);
    run_to(STATE_JOIN);
    device.now_ms = device.lifecycle.started_ms + 30 * MINUTE_MS - 4000;
    uint64_t joined_ms = device.now_ms;
    assert_ends(MINUTE_MS, LCM_OUTCOME_BOOT_APP, LCM_ERR_TIMEOUT);
    assert_in_range(device.now_ms - joined_ms, 4000, 5000);
}

/* The bound ends the run at once and with its own reason, also where a state would have
 * gone on after a failure of its own. */
static void test_bound_in_the_middle_of_a_request(void **state)
{
    (void)state;
    put_everything();
    put_app();
    device.resolve_result = LCM_PENDING;
    fake_device_begin(&device, 1);
    run_to(STATE_FIND_LCM);
    device.lifecycle.state = STATE_FIND_APP;
    device.now_ms = device.lifecycle.started_ms + 30 * MINUTE_MS - 4000;
    assert_ends(MINUTE_MS, LCM_OUTCOME_BOOT_APP, LCM_ERR_TIMEOUT);
    assert_false(fake_device_was_in(&device, "locate certificates"));
}

static void test_run_without_app_is_not_bounded(void **state)
{
    (void)state;
    put_everything();
    device.join_result = LCM_PENDING;
    fake_device_begin(&device, 1);
    run_to(STATE_JOIN);
    device.now_ms = device.lifecycle.started_ms + 40 * MINUTE_MS;
    device.join_result = LCM_OK;
    assert_false(fake_device_run(&device, device.now_ms + 2 * MINUTE_MS));
    assert_int_equal(device.lifecycle.result, LCM_ERR_DNS);
}

/* ---- gestures ---- */

static void test_factory_reset_gesture(void **state)
{
    (void)state;
    put_everything();
    put_app();
    fake_device_put_count(&device, 14);
    uint64_t started_ms = device.now_ms;
    fake_device_begin(&device, 1);
    assert_ends(5 * MINUTE_MS, LCM_OUTCOME_SETUP, LCM_ERR_NO_WIFI_SETTINGS);
    assert_true(device.now_ms - started_ms >= 10000); /* time to pull the plug */
    assert_false(fake_device_has_setting(&device, LCM_KEY_OTA_REPO));
    assert_int_equal(device.flash.data[LCM_SLOT0_ADDR], 0xFF);
    /* Obeyed once: the next start is an ordinary one. */
    fake_device_put_setting(&device, LCM_KEY_OTA_REPO, "someone/lamp");
    fake_device_begin(&device, 1);
    assert_ends(5 * MINUTE_MS, LCM_OUTCOME_SETUP, LCM_ERR_NO_WIFI_SETTINGS);
    assert_false(fake_device_was_in(&device, "countdown"));
    assert_true(fake_device_has_setting(&device, LCM_KEY_OTA_REPO));
}

static void test_gesture_without_trust(void **state)
{
    (void)state;
    fake_device_put_setting(&device, LCM_KEY_WIFI_SSID, "home");
    fake_device_put_count(&device, 8);
    fake_device_begin(&device, 1);
    assert_false(fake_device_run(&device, device.now_ms + MINUTE_MS));
    assert_false(fake_device_has_setting(&device, LCM_KEY_WIFI_SSID));
    assert_int_equal(device.lifecycle.result, LCM_ERR_NO_TRUST);
}

/* An app may hand a count over in the settings; it is used once. */
static void test_count_in_the_settings(void **state)
{
    (void)state;
    put_everything();
    fake_device_put_setting(&device, LCM_KEY_OTA_COUNT, "6");
    fake_device_put_setting(&device, LCM_KEY_OTA_COUNT_STEP, "1");
    fake_device_begin(&device, 1);
    assert_ends(5 * MINUTE_MS, LCM_OUTCOME_SETUP, LCM_ERR_NO_WIFI_SETTINGS);
    assert_false(fake_device_has_setting(&device, LCM_KEY_OTA_COUNT));
    assert_false(fake_device_has_setting(&device, LCM_KEY_WIFI_SSID));
    assert_true(fake_device_has_setting(&device, LCM_KEY_OTA_REPO));
}

/* ---- emergency server ---- */

static void put_emergency(void)
{
    put_everything();
    fake_device_put_setting(&device, LCM_KEY_LCM_BETA, "y");
    fake_device_put_setting(&device, LCM_KEY_OTA_SERVER, "rescue.example:8080/lcm");
}

static void test_emergency_is_one_try(void **state)
{
    (void)state;
    put_emergency();
    fake_device_begin(&device, 1);
    assert_false(fake_device_run(&device, device.now_ms + MINUTE_MS));
    assert_true(fake_device_was_in(&device, "emergency server"));
    assert_true(fake_device_was_in(&device, "find LifeCycle Manager release")); /* later */
    assert_false(fake_device_has_setting(&device, LCM_KEY_OTA_SERVER));
    assert_false(fake_device_has_setting(&device, LCM_KEY_LCM_BETA));
}

/* otaboot runs in slot 0: it must not write an otaboot over itself. */
static void test_installer_has_no_emergency(void **state)
{
    (void)state;
    put_emergency();
    fake_device_begin(&device, 0);
    assert_false(fake_device_run(&device, device.now_ms + MINUTE_MS));
    assert_false(fake_device_was_in(&device, "locate installer"));
}

static void test_running_slot_is_never_written(void **state)
{
    (void)state;
    for (uint32_t slot = 0; slot < 2; slot++) {
        (void)set_up(state);
        put_everything();
        fake_device_begin(&device, slot);
        run_to(STATE_JOIN);
        update_manifest_make(&device.lifecycle.manifest, parts.app, sizeof(parts.app));
        device.lifecycle.file.slot_addr = slot == 0 ? LCM_SLOT0_ADDR : LCM_SLOT1_ADDR;
        assert_int_equal(state_install_begin(&device.lifecycle), LCM_ERR_GUARD);
        device.lifecycle.file.slot_addr = slot == 1 ? LCM_SLOT0_ADDR : LCM_SLOT1_ADDR;
        assert_int_equal(state_install_begin(&device.lifecycle), LCM_OK);
    }
}

/* ---- what the settings say ---- */

static void assert_pin(const char *value, bool is_pinned, uint8_t first_byte)
{
    (void)set_up(NULL);
    put_everything();
    if (value != NULL)
        fake_device_put_setting(&device, LCM_KEY_APP_KEY, value);
    fake_device_begin(&device, 1);
    run_to(STATE_SLOT_CHECK);
    assert_int_equal(device.lifecycle.has_pinned_key, is_pinned);
    assert_int_equal(device.lifecycle.pinned_key[0], first_byte);
}

/* A fingerprint that cannot be read must not open the device to any key. */
static void test_unreadable_pin_fits_no_key(void **state)
{
    (void)state;
    assert_pin(NULL, false, 0);
    assert_pin("ab000000000000000000000000000000000000000000000000000000000000cd", true, 0xAB);
    assert_pin("ab00", true, 0);
    assert_pin("ab:0000000000000000000000000000000000000000000000000000000000000", true, 0);
    assert_pin("ab000000000000000000000000000000000000000000000000000000000000cd00", true, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_every_state_has_a_row, set_up),
        cmocka_unit_test_setup(test_blank_flash, set_up),
        cmocka_unit_test_setup(test_no_trust_sector, set_up),
        cmocka_unit_test_setup(test_no_wifi_settings, set_up),
        cmocka_unit_test_setup(test_damaged_settings_area, set_up),
        cmocka_unit_test_setup(test_failing_flash, set_up),
        cmocka_unit_test_setup(test_start_is_repeated, set_up),
        cmocka_unit_test_setup(test_wifi_never_answers, set_up),
        cmocka_unit_test_setup(test_wrong_password, set_up),
        cmocka_unit_test_setup(test_hints_never_answer, set_up),
        cmocka_unit_test_setup(test_no_host, set_up),
        cmocka_unit_test_setup(test_hold_off_survives_a_reset, set_up),
        cmocka_unit_test_setup(test_end_is_stable, set_up),
        cmocka_unit_test_setup(test_watchdog_is_fed_every_step, set_up),
        cmocka_unit_test_setup(test_run_with_app_is_bounded, set_up),
        cmocka_unit_test_setup(test_bound_in_the_middle_of_a_request, set_up),
        cmocka_unit_test_setup(test_run_without_app_is_not_bounded, set_up),
        cmocka_unit_test_setup(test_factory_reset_gesture, set_up),
        cmocka_unit_test_setup(test_gesture_without_trust, set_up),
        cmocka_unit_test_setup(test_count_in_the_settings, set_up),
        cmocka_unit_test_setup(test_emergency_is_one_try, set_up),
        cmocka_unit_test_setup(test_installer_has_no_emergency, set_up),
        cmocka_unit_test_setup(test_running_slot_is_never_written, set_up),
        cmocka_unit_test_setup(test_unreadable_pin_fits_no_key, set_up),
    };

    return cmocka_run_group_tests(tests, device_parts_open, device_parts_close);
}
