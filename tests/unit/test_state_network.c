// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what settings and RTC memory hold when the network is up is used as written, and what is
 * malformed costs a report, never the check for updates: address of the syslog server, key of the
 * reports, last crash, address of an emergency server.
 * Method: whole runs of the fake device up to a release host that takes no connection.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/store/rtc.h"
#include "core/update/keys.h"
#include "core/update/states.h"
#include "tests/lib/device_parts.h"
#include "tests/lib/fake_device.h"
#include "tests/lib/update_fixture.h"

#define MINUTE_MS 60000u

static struct fake_device device;
static char crash_text[128];
static unsigned crash_count;

static void note_crash(void *context, const struct lcm_event *event)
{
    (void)context;
    if (event->id != LCM_EVENT_PANIC)
        return;
    strncpy(crash_text, event->text, sizeof(crash_text) - 1);
    crash_count++;
}

static int set_up(void **state)
{
    (void)state;
    crash_count = 0;
    fake_device_init(&device);
    update_flash_put(&device.flash, LCM_TRUST_A_ADDR, parts.sector, sizeof(parts.sector));
    update_flash_put(&device.flash, LCM_SLOT0_ADDR, parts.app, sizeof(parts.app));
    fake_device_put_setting(&device, LCM_KEY_WIFI_SSID, "home");
    fake_device_put_setting(&device, LCM_KEY_OTA_REPO, "someone/lamp");
    device.resolve_result = LCM_OK;
    device.observer.event = note_crash;
    return 0;
}

/* A run gets as far as the release host, whatever came before. */
static void run_check(void)
{
    fake_device_begin(&device, 1);
    assert_true(fake_device_run(&device, device.now_ms + MINUTE_MS));
    assert_int_equal(device.lifecycle.outcome, LCM_OUTCOME_BOOT_APP);
    assert_int_equal(device.lifecycle.result, LCM_ERR_CONNECT);
}

/* ---- syslog ---- */

/* Port 0: no reports go there. */
static void assert_syslog(const char *address, uint16_t port)
{
    (void)set_up(NULL);
    fake_device_put_setting(&device, LCM_KEY_SYSLOG, address);
    run_check();
    assert_int_equal(device.lifecycle.report.has_syslog, port != 0);
    assert_int_equal(device.lifecycle.report.syslog.port, port);
}

static void test_syslog_port(void **state)
{
    (void)state;
    assert_syslog("logs.example", 514);
    assert_syslog("logs.example:1", 1);
    assert_syslog("logs.example:65535", 65535);
}

static void test_malformed_syslog_port(void **state)
{
    (void)state;
    assert_syslog("logs.example:", 0);
    assert_syslog("logs.example:0", 0);
    assert_syslog("logs.example:65536", 0);
    assert_syslog("logs.example:5514x", 0);
    assert_syslog("logs.example:514:514", 0);
    assert_syslog("logs.example:99999999999999999999999999", 0);
}

static void assert_key(const char *hex, bool has_key)
{
    fake_device_put_setting(&device, LCM_KEY_TELEMETRY, hex);
    run_check();
    assert_true(device.lifecycle.report.has_syslog);
    assert_int_equal(device.lifecycle.report.source.has_telemetry_key, has_key);
}

/* A key that cannot be read is none; the reports go out without a code. */
static void test_telemetry_key(void **state)
{
    (void)state;
    fake_device_put_setting(&device, LCM_KEY_SYSLOG, "logs.example");
    assert_key("ab00", false);
    assert_key("ab000000000000000000000000000000000000000000000000000000000000cg", false);
    assert_key("ab000000000000000000000000000000000000000000000000000000000000cd0", false);
    assert_key("ab000000000000000000000000000000000000000000000000000000000000cd", true);
    assert_int_equal(device.lifecycle.report.source.telemetry_key[0], 0xAB);
    assert_int_equal(device.lifecycle.report.source.telemetry_key[31], 0xCD);
}

/* ---- crash ---- */

static void test_crash_is_told_once(void **state)
{
    const struct lcm_rtc_updater crash = {
        .panic_cause = 28, .crash_count = 3, .panic_address = 0x402012AF};
    struct lcm_rtc_updater left;

    (void)state;
    lcm_rtc_updater_store(&device.system, &crash);
    run_check();
    assert_int_equal(crash_count, 1);
    assert_string_equal(crash_text, "restarted after a crash: cause 28 at 0x402012af");
    run_check();
    assert_int_equal(crash_count, 1);
    lcm_rtc_updater_load(&device.system, &left);
    assert_int_equal(left.crash_count, 3);
}

/* ---- emergency server ---- */

static void put_emergency(const char *server)
{
    (void)set_up(NULL);
    fake_device_put_setting(&device, LCM_KEY_LCM_BETA, "y");
    fake_device_put_setting(&device, LCM_KEY_OTA_SERVER, server);
}

static void assert_emergency(const char *server, bool is_plain, uint16_t port, const char *path)
{
    put_emergency(server);
    run_check();
    assert_true(fake_device_was_in(&device, "locate installer"));
    assert_string_equal(device.lifecycle.base.host, "rescue.example");
    assert_int_equal(device.lifecycle.base.is_plain, is_plain);
    assert_int_equal(device.lifecycle.base.port, port);
    assert_string_equal(device.lifecycle.base.path, path);
}

static void test_emergency_address(void **state)
{
    (void)state;
    assert_emergency("rescue.example", true, 80, "/");
    assert_emergency("rescue.example:8080/lcm", true, 8080, "/lcm");
    assert_emergency("http://rescue.example/lcm", true, 80, "/lcm");
    assert_emergency("https://rescue.example", false, 443, "/");
}

/* What a device reads in front of the address makes it too long: refused, not cut. */
static void test_emergency_address_too_long(void **state)
{
    char server[LCM_BASE_SIZE];

    (void)state;
    memset(server, 'a', sizeof(server));
    memcpy(server, "rescue.example/", 15);
    server[LCM_BASE_SIZE - sizeof("http://") + 1] = '\0';
    put_emergency(server);
    fake_device_begin(&device, 1);
    assert_true(fake_device_run(&device, device.now_ms + MINUTE_MS));
    assert_int_equal(device.lifecycle.result, LCM_ERR_TOO_LONG);
    assert_false(fake_device_has_setting(&device, LCM_KEY_OTA_SERVER)); /* one try */
    assert_false(fake_device_has_setting(&device, LCM_KEY_LCM_BETA));
    server[LCM_BASE_SIZE - sizeof("http://")] = '\0';
    put_emergency(server);
    run_check();
    assert_int_equal(strlen(device.lifecycle.base_text), LCM_BASE_SIZE - 1);
}

static enum lcm_err (*program)(void *context, uint32_t addr, const void *src, uint32_t size);
static uint32_t writes_before_failure;
static uint32_t broken_addr;

/* One place cannot be written, however often it is tried; the others can. */
static enum lcm_err program_but_one_place(void *context, uint32_t addr, const void *src,
                                          uint32_t size)
{
    if (writes_before_failure-- == 0)
        broken_addr = addr;
    return addr == broken_addr ? LCM_ERR_FLASH : program(context, addr, src, size);
}

/* The emergency's own step with one place that is broken; LCM_OK when it does not get so far. */
static enum lcm_err emergency_with_broken_place(uint32_t number)
{
    put_emergency("rescue.example");
    fake_device_begin(&device, 1);
    while (device.lifecycle.state != STATE_EMERGENCY)
        assert_int_equal(lcm_lifecycle_step(&device.lifecycle), LCM_PENDING);
    writes_before_failure = number;
    broken_addr = UINT32_MAX;
    program = device.flash.port.program;
    device.flash.port.program = program_but_one_place;
    enum lcm_err err = state_emergency_step(&device.lifecycle);
    device.flash.port.program = program;
    return err;
}

/* A setting that could not be cleared would start an emergency at every check. */
static void test_emergency_needs_cleared_settings(void **state)
{
    uint32_t number = 0;

    (void)state;
    while (emergency_with_broken_place(number) != LCM_OK) {
        assert_null(device.lifecycle.download.base);
        assert_int_equal(device.lifecycle.download.mode, LCM_TLS_VERIFY);
        number++;
    }
    assert_in_range(number, 2, 10); /* both settings were written */
    assert_false(fake_device_has_setting(&device, LCM_KEY_OTA_SERVER));
    assert_false(fake_device_has_setting(&device, LCM_KEY_LCM_BETA));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_syslog_port, set_up),
        cmocka_unit_test_setup(test_malformed_syslog_port, set_up),
        cmocka_unit_test_setup(test_telemetry_key, set_up),
        cmocka_unit_test_setup(test_crash_is_told_once, set_up),
        cmocka_unit_test_setup(test_emergency_address, set_up),
        cmocka_unit_test_setup(test_emergency_address_too_long, set_up),
        cmocka_unit_test_setup(test_emergency_needs_cleared_settings, set_up),
    };

    return cmocka_run_group_tests(tests, device_parts_open, device_parts_close);
}
