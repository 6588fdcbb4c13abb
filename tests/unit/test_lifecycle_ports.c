// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a run needs nobody who watches it and no random numbers, and a connection that is
 * distrusted twice ends it instead of starting it over and over.
 * Method: the fake device with one of its ports or observers missing or failing; what is on
 * flash and on the network varies in test_lifecycle.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/keys.h"
#include "core/update/states.h"
#include "tests/lib/device_parts.h"
#include "tests/lib/fake_device.h"
#include "tests/lib/update_fixture.h"

#define MINUTE_MS 60000u

static struct fake_device device;

/* A set-up device with an app. */
static int set_up(void **state)
{
    (void)state;
    fake_device_init(&device);
    update_flash_put(&device.flash, LCM_TRUST_A_ADDR, parts.sector, sizeof(parts.sector));
    update_flash_put(&device.flash, LCM_SLOT0_ADDR, parts.app, sizeof(parts.app));
    fake_device_put_setting(&device, LCM_KEY_WIFI_SSID, "home");
    fake_device_put_setting(&device, LCM_KEY_OTA_REPO, "someone/lamp");
    return 0;
}

static void assert_boots_app(enum lcm_err result)
{
    assert_true(fake_device_run(&device, device.now_ms + 5 * MINUTE_MS));
    assert_int_equal(device.lifecycle.outcome, LCM_OUTCOME_BOOT_APP);
    assert_int_equal(device.lifecycle.result, result);
}

static void begin_observed_by(const struct lcm_observer *observer)
{
    fake_device_begin(&device, 1);
    device.config.observer = observer;
    lcm_lifecycle_init(&device.lifecycle, &device.config);
}

static void test_nobody_watches(void **state)
{
    static const struct lcm_observer blind;

    (void)state;
    begin_observed_by(NULL);
    assert_boots_app(LCM_ERR_DNS);
    (void)set_up(state);
    begin_observed_by(&blind);
    assert_boots_app(LCM_ERR_DNS);
    assert_int_equal(device.state_count, 0);
}

static enum lcm_err no_entropy(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    memset(dst, 0x35, size);
    return LCM_ERR_ENTROPY;
}

/* Without random numbers devices still spread: each is at another moment of its own clock. */
static void test_no_random_numbers(void **state)
{
    (void)state;
    device.entropy.fill = no_entropy;
    fake_device_begin(&device, 1);
    for (uint32_t i = 0; i < 3; i++) {
        device.now_ms += 12345;
        assert_int_equal(lifecycle_random(&device.lifecycle), device.now_ms);
    }
    assert_boots_app(LCM_ERR_DNS);
}

/* Once per run the host may be untrusted; a second time is a failure like any other. */
static void test_distrusted_twice(void **state)
{
    uint32_t count = 0;

    (void)state;
    device.resolve_result = LCM_ERR_CERTIFICATE; /* as any step of a connection may say */
    fake_device_begin(&device, 1);
    assert_boots_app(LCM_ERR_CERTIFICATE);
    for (uint32_t i = 0; i < device.state_count; i++)
        count += strcmp(device.states[i], "server invalid") == 0 ? 1 : 0;
    assert_int_equal(count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_nobody_watches, set_up),
        cmocka_unit_test_setup(test_no_random_numbers, set_up),
        cmocka_unit_test_setup(test_distrusted_twice, set_up),
    };
    return cmocka_run_group_tests(tests, device_parts_open, device_parts_close);
}
