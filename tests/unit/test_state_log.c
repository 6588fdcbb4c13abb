// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the last stored payload of each kind is read back, and no power cut gives
 * anything but the payload before or after a store.
 * Method: golden bytes; a full log; torn and foreign content; every write operation of
 * append, compaction, format and reset cut in every way, and of the repair too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/store/state_log.h"
#include "tests/lib/power_cut.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/vector.h"

#define SEED 977u
#define RECORDS 63u

static struct ram_flash ram;
static struct lcm_state_log state_log;

static int setup(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    return 0;
}

static enum lcm_err store(enum lcm_state_kind kind, uint8_t value)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];

    memset(payload, value, sizeof(payload));
    payload[0] = (uint8_t)kind;
    return lcm_state_store(&state_log, kind, payload);
}

/* Value of a kind: -1 none, -2 not a payload of ours. */
static int load(enum lcm_state_kind kind)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];
    enum lcm_err err = lcm_state_load(&state_log, kind, payload);

    if (err == LCM_ERR_NOT_FOUND)
        return -1;
    if (err != LCM_OK || payload[0] != (uint8_t)kind ||
        !lcm_bytes_all(payload + 1, sizeof(payload) - 1, payload[1]))
        return -2;
    return payload[1];
}

static void test_golden_bytes(void **state)
{
    static uint8_t golden[LCM_STATE_SIZE];

    (void)state;
    assert_int_equal(store(LCM_STATE_TAG_APP, 0x33), LCM_OK);
    assert_int_equal(vector_load("state", golden, sizeof(golden)), sizeof(golden));
    assert_memory_equal(ram.data + LCM_STATE_ADDR, golden, sizeof(golden));
}

static void test_last_one_wins_and_same_is_no_write(void **state)
{
    (void)state;
    assert_int_equal(load(LCM_STATE_APP), -1);
    assert_int_equal(store(LCM_STATE_APP, 1), LCM_OK);
    assert_int_equal(store(LCM_STATE_UPDATER, 2), LCM_OK);
    assert_int_equal(store(LCM_STATE_APP, 3), LCM_OK);
    uint32_t operations = ram.operations;
    assert_int_equal(store(LCM_STATE_APP, 3), LCM_OK);
    assert_int_equal(ram.operations, operations);
    /* Opening writes the last record once more, byte for byte. */
    static uint8_t before[LCM_STATE_SIZE];
    memcpy(before, ram.data + LCM_STATE_ADDR, sizeof(before));
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    assert_int_equal(ram.operations, operations + 1);
    assert_memory_equal(ram.data + LCM_STATE_ADDR, before, sizeof(before));
    assert_int_equal(load(LCM_STATE_APP), 3);
    assert_int_equal(load(LCM_STATE_UPDATER), 2);
    assert_int_equal(load(LCM_STATE_BOOT), -1);
}

static void test_kinds_are_bounded(void **state)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE] = {0};

    (void)state;
    assert_int_equal(lcm_state_store(&state_log, (enum lcm_state_kind)0, payload),
                     LCM_ERR_ARGUMENT);
    assert_int_equal(lcm_state_store(&state_log, (enum lcm_state_kind)16, payload),
                     LCM_ERR_ARGUMENT);
    assert_int_equal(lcm_state_load(&state_log, (enum lcm_state_kind)16, payload),
                     LCM_ERR_NOT_FOUND);
    assert_int_equal(store(LCM_STATE_KIND_MAX, 9), LCM_OK);
    assert_int_equal(load(LCM_STATE_KIND_MAX), 9);
}

static void test_many_compactions_with_all_kinds(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 30; round++) {
        for (unsigned kind = 1; kind <= LCM_STATE_KIND_MAX; kind++)
            assert_int_equal(store((enum lcm_state_kind)kind, (uint8_t)(round + kind)), LCM_OK);
    }
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    for (unsigned kind = 1; kind <= LCM_STATE_KIND_MAX; kind++)
        assert_int_equal(load((enum lcm_state_kind)kind), 29 + kind);
    /* 450 records; 63 in the first sector, 48 after each compaction */
    assert_int_equal(ram.erases[LCM_STATE_ADDR / LCM_SECTOR_SIZE], 1 + 9);
    assert_int_equal(state_log.generation, 1 + 9);
}

static void test_foreign_content_is_formatted(void **state)
{
    (void)state;
    memset(ram.data + LCM_STATE_ADDR, 0xA5, LCM_STATE_SIZE);
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    assert_int_equal(load(LCM_STATE_APP), -1);
    assert_int_equal(store(LCM_STATE_APP, 4), LCM_OK);
    assert_int_equal(load(LCM_STATE_APP), 4);
}

static void test_torn_record_is_skipped(void **state)
{
    (void)state;
    assert_int_equal(store(LCM_STATE_APP, 1), LCM_OK);
    ram.cut = RAM_FLASH_CUT_TORN;
    ram.cut_at = ram.operations;
    assert_int_equal(store(LCM_STATE_APP, 2), LCM_ERR_FLASH);
    assert_int_equal(load(LCM_STATE_APP), 1);
    ram_flash_restore_power(&ram);
    assert_int_equal(store(LCM_STATE_APP, 3), LCM_OK); /* without reopening */
    assert_int_equal(load(LCM_STATE_APP), 3);
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    assert_int_equal(load(LCM_STATE_APP), 3);
}

static void fill(void)
{
    uint8_t value = 1;

    assert_int_equal(store(LCM_STATE_UPDATER, 100), LCM_OK);
    assert_int_equal(store(LCM_STATE_TIME_FLOOR, 101), LCM_OK);
    while (state_log.next <= RECORDS)
        assert_int_equal(store(LCM_STATE_APP, value++), LCM_OK);
    assert_int_equal(store(LCM_STATE_APP, (uint8_t)(value - 1)), LCM_OK); /* no write */
}

/* A flash that fails without losing power: the same struct must not lose anything. */
static void test_flash_error_during_compaction(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < 12; at++) {
        setup(NULL);
        fill();
        int before = load(LCM_STATE_APP);
        ram_flash_restore_power(&ram);
        ram.cut = RAM_FLASH_CUT_TORN;
        ram.cut_at = at;
        enum lcm_err err = store(LCM_STATE_APP, 77);
        if (ram.is_off)
            assert_int_equal(err, LCM_ERR_FLASH);
        ram_flash_restore_power(&ram);
        assert_int_equal(store(LCM_STATE_BOOT, 55), LCM_OK);
        assert_int_equal(load(LCM_STATE_APP), err == LCM_OK ? 77 : before);
        assert_int_equal(load(LCM_STATE_UPDATER), 100);
        assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
        assert_int_equal(load(LCM_STATE_BOOT), 55);
        assert_int_equal(load(LCM_STATE_APP), err == LCM_OK ? 77 : before);
    }
}

static void test_old_stage_is_not_replayed(void **state)
{
    static uint8_t stage[LCM_SECTOR_SIZE];

    (void)state;
    fill();
    assert_int_equal(store(LCM_STATE_APP, 200), LCM_OK); /* compacts, generation 2 */
    memcpy(stage, ram.data + LCM_SCRATCH_ADDR, sizeof(stage));
    memcpy(stage, "LCST", 4); /* as if the stage had never been invalidated */
    memcpy(ram.data + LCM_SCRATCH_ADDR, stage, sizeof(stage));
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    assert_int_equal(load(LCM_STATE_APP), 200);
    assert_memory_equal(ram.data + LCM_SCRATCH_ADDR, "\0\0\0\0", 4);
}

/* ---- power cuts ---- */

static uint8_t old_value, new_value;

static void prepare_small(const struct lcm_flash *flash)
{
    assert_int_equal(lcm_state_open(&state_log, flash), LCM_OK);
    assert_int_equal(store(LCM_STATE_UPDATER, 100), LCM_OK);
    assert_int_equal(store(LCM_STATE_TIME_FLOOR, 101), LCM_OK);
    assert_int_equal(store(LCM_STATE_APP, 1), LCM_OK);
    assert_int_equal(store(LCM_STATE_APP, 2), LCM_OK);
    old_value = 2;
}

static void prepare_full(const struct lcm_flash *flash)
{
    assert_int_equal(lcm_state_open(&state_log, flash), LCM_OK);
    fill();
    old_value = (uint8_t)load(LCM_STATE_APP);
}

/* The second compaction: the stage of the first one is still in scratch. */
static void prepare_full_again(const struct lcm_flash *flash)
{
    prepare_full(flash);
    assert_int_equal(store(LCM_STATE_APP, 222), LCM_OK);
    fill();
    old_value = (uint8_t)load(LCM_STATE_APP);
}

static enum lcm_err repair(const struct lcm_flash *flash)
{
    return lcm_state_open(&state_log, flash);
}

static enum lcm_err operate_store(const struct lcm_flash *flash)
{
    enum lcm_err err = lcm_state_open(&state_log, flash);

    new_value = 250;
    return err == LCM_OK ? store(LCM_STATE_APP, new_value) : err;
}

static const char *check_store(const struct lcm_flash *flash, bool is_done)
{
    int value = load(LCM_STATE_APP);

    if (value != new_value && (is_done || value != old_value))
        return "neither the old nor the new payload";
    if (load(LCM_STATE_UPDATER) != 100 || load(LCM_STATE_TIME_FLOOR) != 101)
        return "another kind changed";
    if (store(LCM_STATE_APP, 251) != LCM_OK || lcm_state_open(&state_log, flash) != LCM_OK ||
        load(LCM_STATE_APP) != 251 || load(LCM_STATE_UPDATER) != 100)
        return "cannot go on";
    return NULL;
}

static enum lcm_err operate_reset(const struct lcm_flash *flash)
{
    enum lcm_err err = lcm_state_open(&state_log, flash);

    return err == LCM_OK ? lcm_state_reset(&state_log) : err;
}

static const char *check_reset(const struct lcm_flash *flash, bool is_done)
{
    bool is_empty = load(LCM_STATE_APP) == -1 && load(LCM_STATE_UPDATER) == -1 &&
                    load(LCM_STATE_TIME_FLOOR) == -1;
    bool is_old = load(LCM_STATE_APP) == old_value && load(LCM_STATE_UPDATER) == 100 &&
                  load(LCM_STATE_TIME_FLOOR) == 101;

    (void)flash;
    return is_empty || (!is_done && is_old) ? NULL : "neither all records nor none";
}

static void prepare_garbage(const struct lcm_flash *flash)
{
    uint8_t byte = 0x5A;

    for (uint32_t i = 0; i < LCM_STATE_SIZE; i++)
        assert_int_equal(flash->program(flash->context, LCM_STATE_ADDR + i, &byte, 1), LCM_OK);
    old_value = 0;
}

static const char *check_format(const struct lcm_flash *flash, bool is_done)
{
    (void)flash;
    (void)is_done;
    return load(LCM_STATE_APP) == -1 ? NULL : "not empty";
}

static void test_cuts(void **state)
{
    struct power_cut_test test = {
        .name = "append",
        .window = {{LCM_SCRATCH_ADDR, LCM_SCRATCH_SIZE}, {LCM_STATE_ADDR, LCM_STATE_SIZE}},
        .prepare = prepare_small,
        .operate = operate_store,
        .repair = repair,
        .check = check_store,
    };

    (void)state;
    power_cut_run(&test, SEED);
    test.name = "append with compaction";
    test.prepare = prepare_full;
    assert_true(power_cut_run(&test, SEED) > 200);
    test.name = "second compaction";
    test.prepare = prepare_full_again;
    power_cut_run(&test, SEED);
    test.name = "reset";
    test.operate = operate_reset;
    test.check = check_reset;
    power_cut_run(&test, SEED);
    test.name = "format";
    test.prepare = prepare_garbage;
    test.operate = repair;
    test.check = check_format;
    power_cut_run(&test, SEED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_golden_bytes, setup),
        cmocka_unit_test_setup(test_last_one_wins_and_same_is_no_write, setup),
        cmocka_unit_test_setup(test_kinds_are_bounded, setup),
        cmocka_unit_test_setup(test_many_compactions_with_all_kinds, setup),
        cmocka_unit_test_setup(test_foreign_content_is_formatted, setup),
        cmocka_unit_test_setup(test_torn_record_is_skipped, setup),
        cmocka_unit_test_setup(test_flash_error_during_compaction, setup),
        cmocka_unit_test_setup(test_old_stage_is_not_replayed, setup),
        cmocka_unit_test(test_cuts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
