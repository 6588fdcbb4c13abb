// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: power-cycle counts are those of the reference, for every position of the marks
 * and across the rewrite of the sector, and a torn write never counts too high.
 * Method: a second counter written after the reference's description runs on its own
 * flash beside ours, on the same flash in turns, all writes are cut, and all reads fail once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/store/bootconf.h"
#include "core/store/bootsector.h"
#include "core/store/power.h"
#include "tests/lib/power_cut.h"
#include "tests/lib/ram_flash.h"

#define SEED 5u
#define FIELD 0x7F0u
#define START 0x1810u
#define LAST 0x1FFCu
#define BOOTS_PER_REWRITE 16224u /* 507 words of 32 marks */

static struct ram_flash ram;
static struct ram_flash reference;

static void write_config(const struct lcm_flash *flash)
{
    struct lcm_bootconf config;
    enum lcm_err err = lcm_bootconf_load(flash, &config);

    if (err == LCM_ERR_NOT_FOUND)
        err = lcm_bootconf_store(flash, &config);
    assert_int_equal(err, LCM_OK);
}

static int setup(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    ram_flash_init(&reference);
    write_config(&ram.port);
    write_config(&reference.port);
    return 0;
}

static uint32_t count(void)
{
    uint32_t value = 0;

    assert_int_equal(lcm_power_count(&ram.port, &value), LCM_OK);
    return value;
}

static void survive(void)
{
    assert_int_equal(lcm_power_survived(&ram.port), LCM_OK);
}

/* ---- the counter of the reference, on plain bytes ---- */

static unsigned bits(uint32_t word)
{
    unsigned result = 0;

    for (; word; word >>= 1)
        result += word & 1;
    return result;
}

static uint32_t word_at(const struct ram_flash *flash, uint32_t addr)
{
    return lcm_get_u32(flash->data + addr);
}

static void put_word(struct ram_flash *flash, uint32_t addr, uint32_t word)
{
    assert_int_equal(word & ~word_at(flash, addr), 0);
    lcm_put_u32(flash->data + addr, word);
}

static unsigned reference_boot(struct ram_flash *flash, bool is_survived)
{
    uint32_t last = word_at(flash, LAST);
    uint32_t addr = START;

    if (last < 33) {
        memset(flash->data + 0x1020, 0xFF, 0xFE0);
        put_word(flash, START, last < 32 ? UINT32_MAX >> last : 0);
    }
    while (word_at(flash, addr) == 0 && addr < LAST)
        addr += 4;
    uint32_t start = word_at(flash, addr);
    uint32_t keep = word_at(flash, addr - FIELD);
    bool has_before = keep == UINT32_MAX && addr > START;
    unsigned result = 1 + bits(~start & keep);
    if (has_before)
        result += bits(word_at(flash, addr - FIELD - 4));
    if (addr < LAST)
        put_word(flash, addr, start >> 1);
    else
        put_word(flash, LAST, result);
    if (is_survived && addr == LAST)
        put_word(flash, LAST, 0);
    if (is_survived && addr < LAST) {
        if (has_before)
            put_word(flash, addr - FIELD - 4, 0);
        put_word(flash, addr - FIELD, start >> 1);
    }
    return result;
}

/* ---- tests ---- */

static void test_short_cycles_add_up(void **state)
{
    (void)state;
    for (uint32_t i = 1; i <= 40; i++)
        assert_int_equal(count(), i);
    survive();
    assert_int_equal(count(), 1);
    assert_int_equal(count(), 2);
    survive();
    survive();
    assert_int_equal(count(), 1);
}

static void test_survived_without_anything_pending_is_no_write(void **state)
{
    (void)state;
    count();
    survive();
    uint32_t operations = ram.operations;
    survive();
    assert_int_equal(ram.operations, operations);
}

static void test_pending(void **state)
{
    uint32_t pending = 99;

    (void)state;
    assert_int_equal(lcm_power_pending(&ram.port, &pending), LCM_OK);
    assert_int_equal(pending, 0);
    count();
    count();
    assert_int_equal(lcm_power_pending(&ram.port, &pending), LCM_OK);
    assert_int_equal(pending, 2);
}

/* Two rewrites long, with runs of up to 9 short cycles: same counts, same flash. */
static void test_same_as_the_reference(void **state)
{
    unsigned run = 0;

    (void)state;
    for (uint32_t boot = 0; boot < 2 * BOOTS_PER_REWRITE + 100; boot++) {
        bool is_survived = run == 0;
        run = run == 0 ? (boot * 7) % 10 : run - 1;
        assert_int_equal(count(), reference_boot(&reference, is_survived));
        if (is_survived)
            survive();
        if (boot % 500 == 0)
            assert_memory_equal(ram.data + 0x1000, reference.data + 0x1000, 0x1000);
    }
    assert_int_equal(ram.erases[1], 1 + 2);
    assert_memory_equal(ram.data + 0x1000, reference.data + 0x1000, 0x1000);
}

static void test_takes_turns_with_the_reference(void **state)
{
    unsigned expected = 1;

    (void)state;
    for (uint32_t boot = 0; boot < BOOTS_PER_REWRITE + 500; boot++) {
        bool is_survived = boot % 5 == 4;
        if (boot % 3 != 0) {
            assert_int_equal(count(), expected);
            if (is_survived)
                survive();
        } else {
            assert_int_equal(reference_boot(&ram, is_survived), expected);
        }
        expected = is_survived ? 1 : expected + 1;
    }
}

/* The reference asks for a rewrite by a 0 there when it replaced the boot program. */
static void test_rewrite_on_request_keeps_the_config(void **state)
{
    struct lcm_bootconf config;

    (void)state;
    count();
    survive();
    lcm_put_u32(ram.data + LAST, 0);
    assert_int_equal(count(), 1);
    assert_int_equal(word_at(&ram, START), UINT32_MAX >> 1);
    assert_int_equal(word_at(&ram, LAST), UINT32_MAX);
    assert_int_equal(lcm_bootconf_load(&ram.port, &config), LCM_OK);
    assert_int_equal(config.slot_addr[1], LCM_SLOT1_ADDR);
}

/* A switch-off in the middle of the word that carries the count over. */
static void test_torn_last_word_is_no_gesture(void **state)
{
    (void)state;
    for (uint32_t addr = START; addr < LAST; addr += 4) {
        lcm_put_u32(ram.data + addr, 0);
        lcm_put_u32(ram.data + addr - FIELD, 0);
    }
    lcm_put_u32(ram.data + LAST, 0xFFFF0003u);
    assert_int_equal(count(), 1);
    assert_int_equal(word_at(&ram, LAST), UINT32_MAX);
}

static void test_any_content_counts_without_setting_bits(void **state)
{
    uint32_t random = SEED;

    (void)state;
    print_message("seed %u\n", SEED);
    for (int round = 0; round < 300; round++) {
        for (uint32_t i = 0x1020; i < 0x2000; i++) {
            random = random * 1103515245u + 12345u;
            ram.data[i] = (uint8_t)(random >> 16);
        }
        if (round % 2) /* else it is rewritten at once */
            lcm_put_u32(ram.data + LAST, UINT32_MAX);
        uint32_t value = count(); /* ram_flash aborts when a bit would be set */
        assert_in_range(value, 1, 65);
        survive();
        count();
    }
}

static void test_flash_error_still_counts(void **state)
{
    uint32_t value = 0;

    (void)state;
    count();
    ram.cut = RAM_FLASH_CUT_BEFORE;
    ram.cut_at = ram.operations;
    assert_int_equal(lcm_power_count(&ram.port, &value), LCM_ERR_FLASH);
    assert_int_equal(value, 2);
}

/* ---- power cuts ---- */

static uint32_t before_boots;

static void prepare(const struct lcm_flash *flash)
{
    uint32_t value;

    write_config(flash);
    for (uint32_t boot = 0; boot < before_boots; boot++) {
        assert_int_equal(lcm_power_count(flash, &value), LCM_OK);
        assert_int_equal(lcm_power_survived(flash), LCM_OK);
    }
    assert_int_equal(lcm_power_count(flash, &value), LCM_OK);
    assert_int_equal(lcm_power_count(flash, &value), LCM_OK);
}

static enum lcm_err operate_count(const struct lcm_flash *flash)
{
    uint32_t value;
    enum lcm_err err = lcm_bootsector_recover(flash);

    return err == LCM_OK ? lcm_power_count(flash, &value) : err;
}

static enum lcm_err operate_survived(const struct lcm_flash *flash)
{
    return lcm_power_survived(flash);
}

static enum lcm_err repair(const struct lcm_flash *flash)
{
    return lcm_bootsector_recover(flash);
}

static const char *check_config(const struct lcm_flash *flash)
{
    struct lcm_bootconf config;

    return lcm_bootconf_load(flash, &config) == LCM_OK && config.slot_addr[0] == LCM_SLOT0_ADDR
               ? NULL
               : "config lost";
}

static const char *check_count(const struct lcm_flash *flash, bool is_done)
{
    uint32_t value = 0;

    if (lcm_power_count(flash, &value) != LCM_OK)
        return "cannot count";
    /* Two short cycles before, and the one that was cut counts or not. */
    if (value != 4 && (is_done || value != 3))
        return "wrong count";
    return check_config(flash);
}

static const char *check_survived(const struct lcm_flash *flash, bool is_done)
{
    uint32_t value = 0;

    if (lcm_power_count(flash, &value) != LCM_OK)
        return "cannot count";
    if (value < 1 || value > (is_done ? 1 : 3))
        return "counts too high";
    if (lcm_power_survived(flash) != LCM_OK || lcm_power_count(flash, &value) != LCM_OK ||
        value != 1)
        return "cannot go on";
    return check_config(flash);
}

/* Around the end of a word, the end of the field and the rewrite behind it. */
static void test_cuts(void **state)
{
    static const uint32_t boots[] = {
        0, 29, 30, 31, BOOTS_PER_REWRITE - 3, BOOTS_PER_REWRITE - 2, BOOTS_PER_REWRITE - 1};
    struct power_cut_test test = {
        .window = {{LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE}, {LCM_BOOTCONF_ADDR, LCM_BOOTCONF_SIZE}},
        .prepare = prepare,
        .repair = repair,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
        before_boots = boots[i];
        test.name = "count";
        test.operate = operate_count;
        test.check = check_count;
        power_cut_run(&test, SEED);
        test.name = "survived";
        test.operate = operate_survived;
        test.check = check_survived;
        power_cut_run(&test, SEED);
    }
}

static enum lcm_err operate_pending(const struct lcm_flash *flash)
{
    uint32_t pending = 99;
    enum lcm_err err = lcm_power_pending(flash, &pending);

    assert_int_equal(pending, err == LCM_OK ? 2 : 99);
    return err;
}

static const char *check_pending(const struct lcm_flash *flash, bool is_done)
{
    (void)is_done;
    return operate_pending(flash) == LCM_OK ? check_config(flash) : "cannot be read";
}

/* In the middle of the field, and where the next power-on rewrites it. */
static void test_failing_reads(void **state)
{
    static const uint32_t boots[] = {0, 40, BOOTS_PER_REWRITE - 2};
    struct power_cut_test test = {
        .window = {{LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE}, {LCM_BOOTCONF_ADDR, LCM_BOOTCONF_SIZE}},
        .prepare = prepare,
        .repair = repair,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(boots) / sizeof(boots[0]); i++) {
        before_boots = boots[i];
        test.name = "count";
        test.operate = operate_count;
        test.check = check_count;
        assert_int_equal(read_fault_run(&test, SEED), 0);
        test.name = "survived";
        test.operate = operate_survived;
        test.check = check_survived;
        assert_int_equal(read_fault_run(&test, SEED), 0);
    }
    before_boots = 40;
    test.name = "pending";
    test.operate = operate_pending;
    test.check = check_pending;
    assert_int_equal(read_fault_run(&test, SEED), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_short_cycles_add_up, setup),
        cmocka_unit_test_setup(test_survived_without_anything_pending_is_no_write, setup),
        cmocka_unit_test_setup(test_pending, setup),
        cmocka_unit_test_setup(test_same_as_the_reference, setup),
        cmocka_unit_test_setup(test_takes_turns_with_the_reference, setup),
        cmocka_unit_test_setup(test_rewrite_on_request_keeps_the_config, setup),
        cmocka_unit_test_setup(test_torn_last_word_is_no_gesture, setup),
        cmocka_unit_test_setup(test_any_content_counts_without_setting_bits, setup),
        cmocka_unit_test_setup(test_flash_error_still_counts, setup),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_failing_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
