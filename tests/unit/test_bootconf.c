// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the rBoot config is read and written as the reference does, a store keeps the
 * power-cycle marks, and no power cut loses config or marks.
 * Method: golden bytes; foreign bytes that must stay; all cuts of a store and of the
 * recovery, and a failure of each of their reads; every LED pin.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/store/bootconf.h"
#include "core/store/power.h"
#include "tests/lib/power_cut.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/vector.h"

#define SEED 31u

static uint8_t golden[LCM_BOOTCONF_SIZE];

static struct ram_flash ram;

static int setup(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    assert_int_equal(vector_load("bootconf", golden, sizeof(golden)), sizeof(golden));
    return 0;
}

static void test_defaults_when_there_is_none(void **state)
{
    struct lcm_bootconf config;

    (void)state;
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_ERR_NOT_FOUND);
    assert_int_equal(config.slot_count, 2);
    assert_int_equal(config.current_slot, 0);
    assert_int_equal(config.slot_addr[0], 0x2000);
    assert_int_equal(config.slot_addr[1], 0x8D000);
    assert_int_equal(config.led, 0);
    assert_int_equal(ram.operations, 0);
    memcpy(ram.data + LCM_BOOTCONF_ADDR, golden, sizeof(golden));
    ram.data[LCM_BOOTCONF_ADDR + 1] = 2;
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_ERR_NOT_FOUND);
    ram.data[LCM_BOOTCONF_ADDR + 1] = 1;
    ram.data[LCM_BOOTCONF_ADDR + 5] = 5;
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_ERR_NOT_FOUND);
    ram.data[LCM_BOOTCONF_ADDR + 5] = 0;
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_ERR_NOT_FOUND);
    assert_int_equal(config.slot_count, 2);
}

static void test_golden_bytes(void **state)
{
    struct lcm_bootconf config;

    (void)state;
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_ERR_NOT_FOUND);
    config.led = 0x52;
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    assert_memory_equal(ram.data + LCM_BOOTCONF_ADDR, golden, sizeof(golden));
    uint32_t operations = ram.operations;
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    assert_int_equal(ram.operations, operations);

    struct lcm_bootconf loaded;
    assert_int_equal(lcm_bootconf_load(&ram.port, &loaded), LCM_OK);
    assert_memory_equal(&loaded, &config, sizeof(config));
    assert_int_equal(ram.operations, operations);
}

/* The reference leaves no checksum behind the config; bytes it may use stay. */
static void test_foreign_bytes_stay(void **state)
{
    struct lcm_bootconf config;

    (void)state;
    memcpy(ram.data + LCM_BOOTCONF_ADDR, golden, 24);
    ram.data[LCM_BOOTCONF_ADDR + 6] = 0x77;
    memcpy(ram.data + LCM_BOOTCONF_ADDR + 25, "foreign", 7);
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_OK);
    config.current_slot = 1;
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    assert_int_equal(ram.data[LCM_BOOTCONF_ADDR + 3], 1);
    assert_int_equal(ram.data[LCM_BOOTCONF_ADDR + 6], 0x77);
    assert_memory_equal(ram.data + LCM_BOOTCONF_ADDR + 25, "foreign", 7);
}

static void test_garbage_in_the_sector_gives_no_marks(void **state)
{
    struct lcm_bootconf config;
    uint32_t count;

    (void)state;
    memset(ram.data + LCM_BOOTCONF_ADDR, 0x35, LCM_BOOTCONF_SIZE);
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_ERR_NOT_FOUND);
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    assert_int_equal(ram.data[LCM_BOOTCONF_ADDR + 6], 0);
    assert_int_equal(lcm_power_count(&ram.port, &count), LCM_OK);
    assert_int_equal(count, 1);
}

static void test_store_keeps_the_marks(void **state)
{
    struct lcm_bootconf config;
    uint32_t count;

    (void)state;
    (void)(lcm_bootconf_load(&ram.port, &config) == LCM_OK);
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    for (uint32_t i = 1; i <= 3; i++) {
        assert_int_equal(lcm_power_count(&ram.port, &count), LCM_OK);
        assert_int_equal(count, i);
    }
    config.led = 0x44;
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    assert_int_equal(lcm_power_count(&ram.port, &count), LCM_OK);
    assert_int_equal(count, 4);
}

/* A fresh field begins with 31 short cycles at most: its first word stays in use. */
static void test_store_keeps_31_marks_at_most(void **state)
{
    struct lcm_bootconf config;
    uint32_t count;

    (void)state;
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_ERR_NOT_FOUND);
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    for (uint32_t i = 0; i < 40; i++)
        assert_int_equal(lcm_power_count(&ram.port, &count), LCM_OK);
    assert_int_equal(count, 40);
    config.led = 0x44;
    assert_int_equal(lcm_bootconf_store(&ram.port, &config), LCM_OK);
    assert_int_equal(lcm_power_pending(&ram.port, &count), LCM_OK);
    assert_int_equal(count, 31);
    assert_int_equal(lcm_power_count(&ram.port, &count), LCM_OK);
    assert_int_equal(count, 32);
}

static void test_led_byte(void **state)
{
    struct lcm_led led;

    (void)state;
    assert_int_equal(lcm_bootconf_led_encode(2), 0x42);
    assert_int_equal(lcm_bootconf_led_encode(-2), 0x52);
    assert_int_equal(lcm_bootconf_led_encode(15), 0x4F);
    assert_int_equal(lcm_bootconf_led_encode(0), 0);
    assert_int_equal(lcm_bootconf_led_encode(16), 0);
    assert_int_equal(lcm_bootconf_led_encode(-128), 0);
    for (int8_t pin = 6; pin <= 11; pin++)
        assert_int_equal(lcm_bootconf_led_encode(pin), 0);
    for (int pin = -15; pin <= 15; pin++) {
        uint8_t byte = lcm_bootconf_led_encode((int8_t)pin);
        assert_int_equal(lcm_bootconf_led_decode(byte, &led), byte != 0);
        if (byte != 0) {
            assert_int_equal(led.gpio, pin < 0 ? -pin : pin);
            assert_int_equal(led.is_active_high, pin < 0);
        }
    }
    assert_false(lcm_bootconf_led_decode(0x00, &led));
    assert_false(lcm_bootconf_led_decode(0xFF, &led));
    assert_false(lcm_bootconf_led_decode(0xC2, &led));
    assert_false(lcm_bootconf_led_decode(0x46, &led));
    assert_false(lcm_bootconf_led_decode(0x40, &led));
}

/* ---- power cuts ---- */

static void prepare(const struct lcm_flash *flash)
{
    struct lcm_bootconf config;
    uint32_t count;

    assert_int_equal(lcm_bootconf_load(flash, &config), LCM_ERR_NOT_FOUND);
    config.led = 0x42;
    assert_int_equal(lcm_bootconf_store(flash, &config), LCM_OK);
    for (int i = 0; i < 40; i++) {
        assert_int_equal(lcm_power_count(flash, &count), LCM_OK);
        assert_int_equal(lcm_power_survived(flash), LCM_OK);
    }
    assert_int_equal(lcm_power_count(flash, &count), LCM_OK);
    assert_int_equal(lcm_power_count(flash, &count), LCM_OK);
}

static enum lcm_err operate(const struct lcm_flash *flash)
{
    struct lcm_bootconf config;
    enum lcm_err err = lcm_bootconf_load(flash, &config);

    if (err != LCM_OK)
        return err;
    config.led = 0x5D;
    config.current_slot = 1;
    return lcm_bootconf_store(flash, &config);
}

static enum lcm_err repair(const struct lcm_flash *flash)
{
    struct lcm_bootconf config;

    return lcm_bootconf_load(flash, &config);
}

static const char *check(const struct lcm_flash *flash, bool is_done)
{
    struct lcm_bootconf config;
    uint32_t pending = 99;

    if (lcm_bootconf_load(flash, &config) != LCM_OK)
        return "config lost";
    bool is_new = config.led == 0x5D && config.current_slot == 1;
    bool is_old = config.led == 0x42 && config.current_slot == 0;
    if (config.slot_addr[1] != LCM_SLOT1_ADDR || (!is_new && (is_done || !is_old)))
        return "neither the old nor the new config";
    if (lcm_power_pending(flash, &pending) != LCM_OK || pending != 2)
        return "marks lost";
    return operate(flash) == LCM_OK ? NULL : "cannot go on";
}

static void test_cuts(void **state)
{
    struct power_cut_test test = {
        .name = "store",
        .window = {{LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE}, {LCM_BOOTCONF_ADDR, LCM_BOOTCONF_SIZE}},
        .prepare = prepare,
        .operate = operate,
        .repair = repair,
        .check = check,
    };

    (void)state;
    assert_true(power_cut_run(&test, SEED) > 50);
}

/* ---- failing reads ---- */

static uint32_t refused_addr; /* no program begins here */
static enum lcm_err (*plain_program)(void *, uint32_t, const void *, uint32_t);

static enum lcm_err refusing_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    return addr == refused_addr ? LCM_ERR_FLASH : plain_program(context, addr, src, size);
}

/* A rewrite that ended in front of the new head: only the stage knows the config. */
static void prepare_staged(const struct lcm_flash *flash)
{
    struct lcm_flash refusing = *flash;

    prepare(flash);
    plain_program = flash->program;
    refusing.program = refusing_program;
    refused_addr = LCM_BOOTCONF_ADDR;
    assert_int_equal(operate(&refusing), LCM_ERR_FLASH);
}

static const char *check_staged(const struct lcm_flash *flash, bool is_done)
{
    (void)is_done;
    return check(flash, true);
}

static void test_failing_reads(void **state)
{
    struct power_cut_test test = {
        .name = "store",
        .window = {{LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE}, {LCM_BOOTCONF_ADDR, LCM_BOOTCONF_SIZE}},
        .prepare = prepare,
        .operate = operate,
        .repair = repair,
        .check = check,
    };

    (void)state;
    assert_int_equal(read_fault_run(&test, SEED), 0);
    test.name = "recovery";
    test.prepare = prepare_staged;
    test.operate = repair;
    test.check = check_staged;
    assert_int_equal(read_fault_run(&test, SEED), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_defaults_when_there_is_none, setup),
        cmocka_unit_test_setup(test_golden_bytes, setup),
        cmocka_unit_test_setup(test_foreign_bytes_stay, setup),
        cmocka_unit_test_setup(test_garbage_in_the_sector_gives_no_marks, setup),
        cmocka_unit_test_setup(test_store_keeps_the_marks, setup),
        cmocka_unit_test_setup(test_store_keeps_31_marks_at_most, setup),
        cmocka_unit_test_setup(test_led_byte, setup),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_failing_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
