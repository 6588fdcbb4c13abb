// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the boot program starts the right slot, falls back when it is damaged, and
 * starts an intact image whatever else is wrong.
 * Method: each rule alone; all combinations of request, count and damage against a
 * table; garbage in config sector, scratch and RTC memory; flash that refuses writes;
 * every power cut.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "boot/select.h"
#include "core/base/bytes.h"
#include "core/store/bootconf.h"
#include "core/store/rtc.h"
#include "tests/lib/power_cut.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/sample_image.h"

#define SEED 99u

static struct ram_flash ram;
static uint8_t rtc[LCM_RTC_SIZE];
static struct lcm_boot_choice choice;

static void rtc_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    (void)context;
    memcpy(dst, rtc + offset, size);
}

static void rtc_write(void *context, uint32_t offset, const void *src, uint32_t size)
{
    (void)context;
    memcpy(rtc + offset, src, size);
}

static const struct lcm_system boot_system = {.rtc_read = rtc_read, .rtc_write = rtc_write};

static int setup(void **state)
{
    uint8_t bytes[SAMPLE_IMAGE_SIZE_MAX];
    uint32_t size = sample_image_v2(bytes, LCM_SLOT0_ADDR);

    (void)state;
    ram_flash_init(&ram);
    memcpy(ram.data + LCM_SLOT0_ADDR, bytes, size);
    size = sample_image_v2(bytes, LCM_SLOT1_ADDR);
    memcpy(ram.data + LCM_SLOT1_ADDR, bytes, size);
    memset(rtc, 0xC7, sizeof(rtc));
    return 0;
}

static enum lcm_err boot(bool is_power_on)
{
    return lcm_boot_select(&ram.port, &boot_system, is_power_on, &choice);
}

static void request(uint8_t slot)
{
    struct lcm_rtc_boot record = {LCM_RTC_MODE_TEMPORARY, 0, 0, slot};

    lcm_rtc_boot_store(&boot_system, &record);
}

static void assert_report(uint8_t last_mode, uint8_t last_rom, uint8_t count)
{
    struct lcm_rtc_boot record;

    assert_int_equal(lcm_rtc_boot_load(&boot_system, &record), LCM_OK);
    assert_int_equal(record.next_mode, 0);
    assert_int_equal(record.last_mode, last_mode);
    assert_int_equal(record.last_rom, last_rom);
    assert_int_equal(record.temp_rom, count);
}

static void damage(uint32_t slot_addr)
{
    ram.data[slot_addr] = 0xFF; /* as an update leaves it until its last sector */
}

static void test_first_start_writes_a_config(void **state)
{
    struct lcm_bootconf config;

    (void)state;
    assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.slot, 0);
    assert_int_equal(choice.addr, LCM_SLOT0_ADDR);
    assert_int_equal(choice.count, 1);
    assert_false(choice.is_fallback);
    assert_int_equal(choice.image.ram_offset, 16 + SAMPLE_IROM_SIZE);
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_OK);
    assert_int_equal(config.slot_addr[1], LCM_SLOT1_ADDR);
    assert_report(0, 0, 1);
}

static void test_fifth_power_cycle_starts_the_updater(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 20; i++) {
        assert_int_equal(boot(true), LCM_OK);
        assert_int_equal(choice.count, i);
        assert_int_equal(choice.slot, i > 4);
        assert_report(0, i > 4, (uint8_t)i);
    }
    assert_int_equal(lcm_boot_survived(&ram.port), LCM_OK);
    assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.count, 1);
    assert_int_equal(choice.slot, 0);
}

static void test_soft_reset_does_not_count(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        assert_int_equal(boot(false), LCM_OK);
        assert_int_equal(choice.count, 1);
        assert_int_equal(choice.slot, 0);
    }
    assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.count, 1);
}

static void test_temporary_boot_happens_once(void **state)
{
    (void)state;
    assert_int_equal(boot(true), LCM_OK);
    request(1);
    assert_int_equal(boot(false), LCM_OK);
    assert_int_equal(choice.slot, 1);
    assert_report(2, 1, 1);
    assert_int_equal(boot(false), LCM_OK);
    assert_int_equal(choice.slot, 0);
    request(2); /* no such slot */
    assert_int_equal(boot(false), LCM_OK);
    assert_int_equal(choice.slot, 0);
    request(1); /* RTC memory has no meaning after a power-on */
    assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.slot, 0);
}

static void test_current_slot_of_the_config(void **state)
{
    struct lcm_bootconf config;

    (void)state;
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_ERR_NOT_FOUND);
    config.current_slot = 1;
    config.led = 0x52;
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.slot, 1);
    assert_int_equal(choice.led, 0x52);
    config.current_slot = 7;
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.slot, 0);
}

/* request: 0 or 1 = temporary boot of that slot, 2 = none */
static void test_every_combination_of_damage(void **state)
{
    (void)state;
    for (unsigned broken = 0; broken < 4; broken++) {
        for (uint8_t wish = 0; wish <= 2; wish++) {
            setup(NULL);
            assert_int_equal(boot(true), LCM_OK);
            if (broken & 1)
                damage(LCM_SLOT0_ADDR);
            if (broken & 2)
                damage(LCM_SLOT1_ADDR);
            if (wish < 2)
                request(wish);
            unsigned wanted = wish == 1;
            enum lcm_err err = boot(false);
            if (broken == 3) {
                assert_int_equal(err, LCM_ERR_IMAGE);
                continue;
            }
            bool is_fallback = broken == 1u << wanted;
            assert_int_equal(err, LCM_OK);
            assert_int_equal(choice.is_fallback, is_fallback);
            assert_int_equal(choice.slot, is_fallback ? 1 - wanted : wanted);
            assert_int_equal(choice.addr, choice.slot ? LCM_SLOT1_ADDR : LCM_SLOT0_ADDR);
            assert_report(wish < 2 && !is_fallback ? 2 : 0, choice.slot, 1);
        }
    }
}

static void test_gesture_with_damaged_updater_starts_the_app(void **state)
{
    (void)state;
    damage(LCM_SLOT1_ADDR);
    for (unsigned i = 1; i <= 6; i++)
        assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.count, 6);
    assert_int_equal(choice.slot, 0);
    assert_true(choice.is_fallback);
}

static void test_nothing_bootable_leaves_rtc_memory(void **state)
{
    uint8_t before[LCM_RTC_SIZE];

    (void)state;
    damage(LCM_SLOT0_ADDR);
    damage(LCM_SLOT1_ADDR);
    memcpy(before, rtc, sizeof(rtc));
    assert_int_equal(boot(true), LCM_ERR_IMAGE);
    assert_int_equal(choice.count, 1);
    assert_memory_equal(rtc, before, sizeof(rtc));
}

/* A cut in an app's rewrite of the config can leave any address. One where nothing can boot is
 * not used; the slot is then where the layout has it. */
static void test_slot_addresses_of_the_config_are_bounded(void **state)
{
    static const uint32_t bad[] = {0,       0x1000,  0x2010,      0xF4000,
                                   0xF5000, 0xFF000, 0xFFFFFFFFu, 0x80000000u};
    struct lcm_bootconf config;

    (void)state;
    for (uint8_t slot = 0; slot < 2; slot++) {
        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
            setup(NULL);
            assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_ERR_NOT_FOUND);
            if (bad[i] >= LCM_CODE_ADDR && bad[i] < LCM_FLASH_SIZE) /* even with an image there */
                sample_image_v2(ram.data + bad[i], bad[i]);
            config.slot_addr[slot] = bad[i];
            config.current_slot = slot;
            assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
            assert_int_equal(boot(true), LCM_OK);
            assert_int_equal(choice.slot, slot);
            assert_int_equal(choice.addr, slot == 0 ? LCM_SLOT0_ADDR : LCM_SLOT1_ADDR);
            assert_false(choice.is_fallback);
        }
    }
}

/* Both addresses lost, one program damaged: the other one starts. */
static void test_no_address_of_the_config_is_any_good(void **state)
{
    struct lcm_bootconf config;

    (void)state;
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_ERR_NOT_FOUND);
    config.slot_addr[0] = 0xFFFFFFFFu;
    config.slot_addr[1] = 0xFFFFFFFFu;
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    damage(LCM_SLOT0_ADDR);
    assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.slot, 1);
    assert_int_equal(choice.addr, LCM_SLOT1_ADDR);
    assert_true(choice.is_fallback);
}

static void test_slot_starts_at_a_sector(void **state)
{
    struct lcm_bootconf config;

    (void)state;
    sample_image_v2(ram.data + 0x10010, LCM_SLOT0_ADDR);
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_ERR_NOT_FOUND);
    config.slot_addr[0] = 0x10010;
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.addr, LCM_SLOT0_ADDR);
    sample_image_v2(ram.data + 0x11000, LCM_SLOT0_ADDR);
    config.slot_addr[0] = 0x11000;
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.addr, 0x11000);
}

/* The image of slot 0 may not reach into slot 1. */
static void test_image_longer_than_its_slot(void **state)
{
    (void)state;
    lcm_put_u32(ram.data + LCM_SLOT0_ADDR + 12, LCM_SLOT0_SIZE + SAMPLE_IROM_SIZE);
    assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.slot, 1);
}

static void test_flash_that_cannot_be_written_still_boots(void **state)
{
    (void)state;
    ram.is_off = true;
    assert_int_equal(boot(true), LCM_OK);
    assert_int_equal(choice.slot, 0);
    assert_int_equal(choice.count, 1);
}

static void test_garbage_everywhere_still_boots(void **state)
{
    uint32_t random = SEED;

    (void)state;
    print_message("seed %u\n", SEED);
    for (int round = 0; round < 200; round++) {
        setup(NULL);
        for (uint32_t i = 0; i < LCM_SECTOR_SIZE; i++) {
            random = random * 1103515245u + 12345u;
            ram.data[LCM_BOOTCONF_ADDR + i] = (uint8_t)(random >> 16);
            ram.data[LCM_SCRATCH_ADDR + LCM_SECTOR_SIZE + i] = (uint8_t)(random >> 24);
            rtc[i % sizeof(rtc)] = (uint8_t)(random >> 20);
        }
        if (round % 2) /* a config that is one, but a wild one */
            memcpy(ram.data + LCM_BOOTCONF_ADDR, "\xE1\x01\x00\x09\x00\x02", 6);
        enum lcm_err err = boot(round % 3 == 0);
        if (round % 2 == 0)
            assert_int_equal(err, LCM_OK);
    }
}

/* ---- power cuts ---- */

static uint32_t first_count;

static enum lcm_err operate(const struct lcm_flash *flash)
{
    enum lcm_err err = lcm_boot_select(flash, &boot_system, true, &choice);

    return err == LCM_OK ? lcm_boot_survived(flash) : err;
}

static void prepare(const struct lcm_flash *flash)
{
    uint8_t bytes[SAMPLE_IMAGE_SIZE_MAX];
    uint32_t size = sample_image_v2(bytes, LCM_SLOT0_ADDR);

    assert_int_equal(flash->program(flash->context, LCM_SLOT0_ADDR, bytes, size), LCM_OK);
    for (uint32_t i = 1; i < first_count; i++)
        assert_int_equal(lcm_boot_select(flash, &boot_system, true, &choice), LCM_OK);
}

/* Starts between cut and check are power-ons that last: the gesture is over. */
static enum lcm_err repair(const struct lcm_flash *flash)
{
    return operate(flash);
}

static const char *check(const struct lcm_flash *flash, bool is_done)
{
    struct lcm_bootconf config;

    (void)is_done;
    /* The start under test and the one that was cut may both count as short. */
    if (choice.count > first_count + 2)
        return "counts too high";
    if (lcm_bootconf_load(flash, &config) != LCM_OK || config.slot_addr[1] != LCM_SLOT1_ADDR)
        return "config lost";
    if (operate(flash) != LCM_OK || choice.count != 1 || choice.slot != 0)
        return "does not boot the app";
    return NULL;
}

static void test_cuts(void **state)
{
    struct power_cut_test test = {
        .name = "first start",
        .window = {{LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE}, {LCM_BOOTCONF_ADDR, LCM_BOOTCONF_SIZE}},
        .prepare = prepare,
        .operate = operate,
        .repair = repair,
        .check = check,
    };

    (void)state;
    first_count = 1;
    power_cut_run(&test, SEED);
    test.name = "fourth start";
    first_count = 4;
    power_cut_run(&test, SEED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_first_start_writes_a_config, setup),
        cmocka_unit_test_setup(test_fifth_power_cycle_starts_the_updater, setup),
        cmocka_unit_test_setup(test_soft_reset_does_not_count, setup),
        cmocka_unit_test_setup(test_temporary_boot_happens_once, setup),
        cmocka_unit_test_setup(test_current_slot_of_the_config, setup),
        cmocka_unit_test_setup(test_every_combination_of_damage, setup),
        cmocka_unit_test_setup(test_gesture_with_damaged_updater_starts_the_app, setup),
        cmocka_unit_test_setup(test_nothing_bootable_leaves_rtc_memory, setup),
        cmocka_unit_test_setup(test_slot_addresses_of_the_config_are_bounded, setup),
        cmocka_unit_test_setup(test_no_address_of_the_config_is_any_good, setup),
        cmocka_unit_test_setup(test_slot_starts_at_a_sector, setup),
        cmocka_unit_test_setup(test_image_longer_than_its_slot, setup),
        cmocka_unit_test_setup(test_flash_that_cannot_be_written_still_boots, setup),
        cmocka_unit_test_setup(test_garbage_everywhere_still_boots, setup),
        cmocka_unit_test(test_cuts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
