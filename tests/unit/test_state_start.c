// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a start does not depend on who watches: without an observer the same happens at the same
 * time. A countdown goes with the clock, not with the steps; a count that is no number is none.
 * Method: the fake device with a gesture, a hold-off, and settings that an app may have left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/store/rtc.h"
#include "core/update/keys.h"
#include "core/update/states.h"
#include "tests/lib/device_parts.h"
#include "tests/lib/fake_device.h"

#define MINUTE_MS 60000u
#define KEY_HEX "ab00000000000000000000000000000000000000000000000000000000000001"

static struct fake_device device;
static uint32_t countdown_s[2 * LCM_MODE_COUNTDOWN_S];
static uint32_t countdown_count;

static void note_countdown(void *context, const char *action, uint32_t seconds)
{
    (void)context;
    assert_string_equal(action, lcm_mode_text(LCM_MODE_CHECK));
    assert_true(countdown_count < sizeof(countdown_s) / sizeof(countdown_s[0]));
    countdown_s[countdown_count++] = seconds;
}

static int set_up(void **state)
{
    (void)state;
    countdown_count = 0;
    fake_device_init(&device);
    memcpy(device.flash.data + LCM_TRUST_A_ADDR, parts.sector, sizeof(parts.sector));
    fake_device_put_setting(&device, LCM_KEY_WIFI_SSID, "home");
    device.observer.countdown = note_countdown;
    return 0;
}

/* Milliseconds from power-on to the first try to join, by way of a gesture and a hold-off. */
static uint64_t ms_to_join(bool is_watched)
{
    const struct lcm_rtc_updater failed = {.hold_off_step = 2};

    (void)set_up(NULL);
    fake_device_put_count(&device, LCM_MODE_COUNT_MIN);
    lcm_rtc_updater_store(&device.system, &failed);
    fake_device_begin(&device, 1);
    device.config.observer = is_watched ? &device.observer : NULL;
    lcm_lifecycle_init(&device.lifecycle, &device.config);
    uint64_t started_ms = device.now_ms;
    device.join_result = LCM_ERR_WIFI_NOT_FOUND;
    while (device.join_count == 0)
        assert_false(fake_device_run(&device, device.now_ms + 1));
    return device.now_ms - started_ms;
}

/* ---- settings that cannot be read ---- */

static enum lcm_err (*good_read)(void *context, uint32_t addr, void *dst, uint32_t size);
static uint32_t reads_left; /* until one fails */
static bool has_failed;

static enum lcm_err failing_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    if (has_failed || reads_left-- > 0)
        return good_read(context, addr, dst, size);
    has_failed = true;
    return LCM_ERR_FLASH;
}

/* One read of the start fails: does it start all the same? Then with what is stored. */
static bool start_with_failing_read(uint32_t number)
{
    struct lcm_lifecycle *lc = &device.lifecycle;

    (void)set_up(NULL);
    fake_device_put_setting(&device, LCM_KEY_OTA_REPO, "someone/lamp");
    fake_device_put_setting(&device, LCM_KEY_OTA_FILE, "other.bin");
    fake_device_put_setting(&device, LCM_KEY_OTA_VERSION, "1.2.3");
    fake_device_put_setting(&device, LCM_KEY_APP_KEY, KEY_HEX);
    fake_device_begin(&device, 1);
    good_read = device.flash.port.read;
    device.flash.port.read = failing_read;
    reads_left = number;
    has_failed = false;
    (void)!lcm_lifecycle_step(lc);
    device.flash.port.read = good_read;
    if (!lc->is_started)
        return false;
    assert_string_equal(lc->app_repository, "someone/lamp");
    assert_string_equal(lc->app_file, "other.bin");
    assert_string_equal(lc->app_version, "1.2.3");
    assert_true(lc->has_pinned_key && lc->pinned_key[0] == 0xAB);
    return true;
}

/* Not being able to read a setting is not the same as its absence: no other app's name, no lost
 * key. The start is tried again, which gets over a single failure. */
static void test_failing_reads(void **state)
{
    uint32_t refused = 0, number = 0;

    (void)state;
    do
        refused += !start_with_failing_read(number++);
    while (has_failed); /* until there are no more reads */
    assert_true(refused > 100);
    assert_true(number > refused + 1);
}

static void test_nobody_watches(void **state)
{
    (void)state;
    uint64_t watched_ms = ms_to_join(true);
    assert_true(countdown_count > 0 && device.wait_count > 0);
    assert_int_equal(ms_to_join(false), watched_ms);
    assert_int_equal(countdown_count + device.wait_count, 0);
    assert_true(watched_ms >= 10000 + 10000); /* countdown, and half of the second hold-off */
}

/* A person counts on the ten seconds: they do not pass faster on a fast device. */
static void test_countdown_goes_with_the_clock(void **state)
{
    (void)state;
    fake_device_put_count(&device, LCM_MODE_COUNT_MIN);
    fake_device_begin(&device, 1);
    for (uint32_t ms = 0; ms < 9500; ms += 100, device.now_ms += 100)
        for (unsigned i = 0; i < 10; i++)
            assert_int_equal(lcm_lifecycle_step(&device.lifecycle), LCM_PENDING);
    assert_int_equal(countdown_count, LCM_MODE_COUNTDOWN_S);
    for (uint32_t i = 0; i < LCM_MODE_COUNTDOWN_S; i++)
        assert_int_equal(countdown_s[i], LCM_MODE_COUNTDOWN_S - 1 - i);
    assert_string_equal(lcm_lifecycle_state_name(&device.lifecycle), "countdown");
}

static void assert_no_gesture(const char *count)
{
    (void)set_up(NULL);
    fake_device_put_setting(&device, LCM_KEY_OTA_COUNT, count);
    fake_device_begin(&device, 1);
    assert_false(fake_device_run(&device, device.now_ms + MINUTE_MS));
    assert_false(fake_device_was_in(&device, "countdown"));
    assert_true(device.join_count > 0);
    assert_true(fake_device_has_setting(&device, LCM_KEY_WIFI_SSID));
    assert_false(fake_device_has_setting(&device, LCM_KEY_OTA_COUNT));
}

/* "14" would be a factory reset. */
static void test_count_that_is_no_number(void **state)
{
    (void)state;
    assert_no_gesture("14 ");
    assert_no_gesture("0x14");
    assert_no_gesture("-14");
    assert_no_gesture("00000014"); /* longer than any count */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_failing_reads, set_up),
        cmocka_unit_test_setup(test_nobody_watches, set_up),
        cmocka_unit_test_setup(test_countdown_goes_with_the_clock, set_up),
        cmocka_unit_test_setup(test_count_that_is_no_number, set_up),
    };

    return cmocka_run_group_tests(tests, device_parts_open, device_parts_close);
}
