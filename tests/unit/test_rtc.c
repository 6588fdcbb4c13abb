// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: RTC records have the bytes of rBoot and of the spec, and damaged ones are not used.
 * Method: golden bytes; every single-bit error; garbage.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/store/rtc.h"
#include "tests/lib/vector.h"

static uint8_t rtc[LCM_RTC_SIZE];

static void rtc_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    (void)context;
    assert_true(offset % 4 == 0 && size % 4 == 0 && offset + size <= LCM_RTC_SIZE);
    memcpy(dst, rtc + offset, size);
}

static void rtc_write(void *context, uint32_t offset, const void *src, uint32_t size)
{
    (void)context;
    assert_true(offset % 4 == 0 && size % 4 == 0 && offset + size <= LCM_RTC_SIZE);
    memcpy(rtc + offset, src, size);
}

static const struct lcm_system rtc_system = {.rtc_read = rtc_read, .rtc_write = rtc_write};

static uint8_t golden_boot[12];
static uint8_t golden_updater[16];

static int load_golden(void **state)
{
    (void)state;
    assert_int_equal(vector_load("rtc-boot", golden_boot, sizeof(golden_boot)), 12);
    assert_int_equal(vector_load("rtc-updater", golden_updater, sizeof(golden_updater)), 16);
    return 0;
}

static void test_boot_bytes(void **state)
{
    struct lcm_rtc_boot boot = {LCM_RTC_MODE_TEMPORARY, 0, 0, 1};

    (void)state;
    memset(rtc, 0x55, sizeof(rtc));
    lcm_rtc_boot_store(&rtc_system, &boot);
    assert_memory_equal(rtc, golden_boot, sizeof(golden_boot));
    assert_true(lcm_bytes_all(rtc + 12, sizeof(rtc) - 12, 0x55));
    memset(&boot, 0, sizeof(boot));
    assert_int_equal(lcm_rtc_boot_load(&rtc_system, &boot), LCM_OK);
    assert_int_equal(boot.next_mode, 2);
    assert_int_equal(boot.temp_rom, 1);
}

static void test_updater_bytes(void **state)
{
    struct lcm_rtc_updater updater = {3, 0x1D, 0x1234, 0x4010BABEu};

    (void)state;
    memset(rtc, 0x55, sizeof(rtc));
    lcm_rtc_updater_store(&rtc_system, &updater);
    assert_memory_equal(rtc + 16, golden_updater, sizeof(golden_updater));
    assert_true(lcm_bytes_all(rtc, 16, 0x55));
    assert_true(lcm_bytes_all(rtc + 32, sizeof(rtc) - 32, 0x55));
    memset(&updater, 0, sizeof(updater));
    lcm_rtc_updater_load(&rtc_system, &updater);
    assert_int_equal(updater.hold_off_step, 3);
    assert_int_equal(updater.panic_cause, 0x1D);
    assert_int_equal(updater.crash_count, 0x1234);
    assert_int_equal(updater.panic_address, 0x4010BABEu);
}

static void test_every_bit_error_is_found(void **state)
{
    struct lcm_rtc_updater updater;
    struct lcm_rtc_boot boot;

    (void)state;
    for (unsigned bit = 0; bit < 9 * 8; bit++) {
        memcpy(rtc, golden_boot, sizeof(golden_boot));
        rtc[bit / 8] ^= (uint8_t)(1u << bit % 8);
        memset(&boot, 0xAA, sizeof(boot));
        assert_int_equal(lcm_rtc_boot_load(&rtc_system, &boot), LCM_ERR_CORRUPT);
        assert_true(lcm_bytes_all(&boot, sizeof(boot), 0));
    }
    for (unsigned bit = 0; bit < 16 * 8; bit++) {
        memcpy(rtc + 16, golden_updater, sizeof(golden_updater));
        rtc[16 + bit / 8] ^= (uint8_t)(1u << bit % 8);
        memset(&updater, 0xAA, sizeof(updater));
        lcm_rtc_updater_load(&rtc_system, &updater);
        assert_int_equal(updater.hold_off_step, 0);
        assert_int_equal(updater.crash_count, 0);
        assert_int_equal(updater.panic_address, 0);
    }
}

static void test_garbage(void **state)
{
    struct lcm_rtc_boot boot;

    (void)state;
    for (int value = 0; value < 256; value++) {
        memset(rtc, value, sizeof(rtc));
        assert_int_equal(lcm_rtc_boot_load(&rtc_system, &boot), LCM_ERR_CORRUPT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_boot_bytes),
        cmocka_unit_test(test_updater_bytes),
        cmocka_unit_test(test_every_bit_error_is_found),
        cmocka_unit_test(test_garbage),
    };

    return cmocka_run_group_tests(tests, load_golden, NULL);
}
