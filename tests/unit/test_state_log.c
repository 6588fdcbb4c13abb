// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the last stored payload of each kind is read back, and nothing else is taken for
 * one.
 * Method: golden bytes; a full log; torn and foreign content; a flash that fails in the
 * middle of a compaction. Power cuts: test_state_log_cuts.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/base/crc32.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/state_bench.h"
#include "tests/lib/vector.h"

static struct ram_flash ram;

static int setup(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    return 0;
}

static void test_golden_bytes(void **state)
{
    static uint8_t golden[LCM_STATE_SIZE];

    (void)state;
    assert_int_equal(state_bench_store(LCM_STATE_TAG_APP, 0x33), LCM_OK);
    assert_int_equal(vector_load("state", golden, sizeof(golden)), sizeof(golden));
    assert_memory_equal(ram.data + LCM_STATE_ADDR, golden, sizeof(golden));
}

static void test_last_one_wins_and_same_is_no_write(void **state)
{
    (void)state;
    assert_int_equal(state_bench_load(LCM_STATE_APP), -1);
    assert_int_equal(state_bench_store(LCM_STATE_APP, 1), LCM_OK);
    assert_int_equal(state_bench_store(LCM_STATE_UPDATER, 2), LCM_OK);
    assert_int_equal(state_bench_store(LCM_STATE_APP, 3), LCM_OK);
    uint32_t operations = ram.operations;
    assert_int_equal(state_bench_store(LCM_STATE_APP, 3), LCM_OK);
    assert_int_equal(ram.operations, operations);
    /* Opening writes the last record once more, byte for byte. */
    static uint8_t before[LCM_STATE_SIZE];
    memcpy(before, ram.data + LCM_STATE_ADDR, sizeof(before));
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    assert_int_equal(ram.operations, operations + 1);
    assert_memory_equal(ram.data + LCM_STATE_ADDR, before, sizeof(before));
    assert_int_equal(state_bench_load(LCM_STATE_APP), 3);
    assert_int_equal(state_bench_load(LCM_STATE_UPDATER), 2);
    assert_int_equal(state_bench_load(LCM_STATE_BOOT), -1);
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
    assert_int_equal(state_bench_store(LCM_STATE_KIND_MAX, 9), LCM_OK);
    assert_int_equal(state_bench_load(LCM_STATE_KIND_MAX), 9);
}

/* A record as docs/SPEC.md section 5 says, from scratch. */
static void put_record(uint32_t slot, uint8_t kind, uint8_t value)
{
    uint8_t *record = ram.data + LCM_STATE_ADDR + 64 * slot;

    memset(record, 0, 64);
    record[0] = kind;
    memset(record + 4, value, LCM_STATE_PAYLOAD_SIZE);
    record[4] = kind;
    lcm_put_u32(record + 60, lcm_crc32(0, record, 60));
}

/* Kinds nobody stores, with valid checksums: not found, and not renewed as a last record is. */
static void test_record_of_no_kind_does_not_count(void **state)
{
    static const uint8_t kinds[] = {0, LCM_STATE_KIND_MAX + 1, 0xFF};

    (void)state;
    for (size_t i = 0; i < sizeof(kinds); i++) {
        setup(NULL);
        assert_int_equal(state_bench_store(LCM_STATE_APP, 1), LCM_OK);
        put_record(2, kinds[i], 7);
        uint32_t operations = ram.operations;
        assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
        assert_int_equal(ram.operations, operations);
        assert_int_equal(state_bench_load((enum lcm_state_kind)kinds[i]), -1);
        assert_int_equal(state_bench_load(LCM_STATE_APP), 1);
        assert_int_equal(state_bench_store(LCM_STATE_APP, 2), LCM_OK);
        assert_int_equal(state_bench_load(LCM_STATE_APP), 2);
    }
}

/* The flash changed under an open log. */
static void test_record_that_changed_is_not_loaded(void **state)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE] = {99};

    (void)state;
    assert_int_equal(state_bench_store(LCM_STATE_APP, 1), LCM_OK);
    put_record(1, LCM_STATE_UPDATER, 2);
    assert_int_equal(lcm_state_load(&state_log, LCM_STATE_APP, payload), LCM_ERR_CORRUPT);
    assert_int_equal(payload[0], 99);
    ram.data[LCM_STATE_ADDR + 64] ^= 1; /* no valid record at all */
    assert_int_equal(lcm_state_load(&state_log, LCM_STATE_APP, payload), LCM_ERR_CORRUPT);
    assert_int_equal(payload[0], 99);
}

static void test_many_compactions_with_all_kinds(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 30; round++) {
        for (unsigned kind = 1; kind <= LCM_STATE_KIND_MAX; kind++)
            assert_int_equal(state_bench_store((enum lcm_state_kind)kind, (uint8_t)(round + kind)),
                             LCM_OK);
    }
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    for (unsigned kind = 1; kind <= LCM_STATE_KIND_MAX; kind++)
        assert_int_equal(state_bench_load((enum lcm_state_kind)kind), 29 + kind);
    /* 450 records; 63 in the first sector, 48 after each compaction */
    assert_int_equal(ram.erases[LCM_STATE_ADDR / LCM_SECTOR_SIZE], 1 + 9);
    assert_int_equal(state_log.generation, 1 + 9);
}

static void test_foreign_content_is_formatted(void **state)
{
    (void)state;
    memset(ram.data + LCM_STATE_ADDR, 0xA5, LCM_STATE_SIZE);
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    assert_int_equal(state_bench_load(LCM_STATE_APP), -1);
    assert_int_equal(state_bench_store(LCM_STATE_APP, 4), LCM_OK);
    assert_int_equal(state_bench_load(LCM_STATE_APP), 4);
}

static void test_torn_record_is_skipped(void **state)
{
    (void)state;
    assert_int_equal(state_bench_store(LCM_STATE_APP, 1), LCM_OK);
    ram.cut = RAM_FLASH_CUT_TORN;
    ram.cut_at = ram.operations;
    assert_int_equal(state_bench_store(LCM_STATE_APP, 2), LCM_ERR_FLASH);
    assert_int_equal(state_bench_load(LCM_STATE_APP), 1);
    ram_flash_restore_power(&ram);
    assert_int_equal(state_bench_store(LCM_STATE_APP, 3), LCM_OK); /* without reopening */
    assert_int_equal(state_bench_load(LCM_STATE_APP), 3);
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    assert_int_equal(state_bench_load(LCM_STATE_APP), 3);
}

/* A flash that fails without losing power: the same struct must not lose anything. */
static void test_flash_error_during_compaction(void **state)
{
    (void)state;
    for (uint32_t at = 0; at < 12; at++) {
        setup(NULL);
        state_bench_fill();
        int before = state_bench_load(LCM_STATE_APP);
        ram_flash_restore_power(&ram);
        ram.cut = RAM_FLASH_CUT_TORN;
        ram.cut_at = at;
        enum lcm_err err = state_bench_store(LCM_STATE_APP, 77);
        if (ram.is_off)
            assert_int_equal(err, LCM_ERR_FLASH);
        ram_flash_restore_power(&ram);
        assert_int_equal(state_bench_store(LCM_STATE_BOOT, 55), LCM_OK);
        assert_int_equal(state_bench_load(LCM_STATE_APP), err == LCM_OK ? 77 : before);
        assert_int_equal(state_bench_load(LCM_STATE_UPDATER), 100);
        assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
        assert_int_equal(state_bench_load(LCM_STATE_BOOT), 55);
        assert_int_equal(state_bench_load(LCM_STATE_APP), err == LCM_OK ? 77 : before);
    }
}

/* A compaction copies no record that changed, and erases none then. */
static void test_record_that_changed_stops_a_compaction(void **state)
{
    (void)state;
    state_bench_fill();
    ram.data[LCM_STATE_ADDR + 64 * 2 + 10] ^= 1; /* the time floor */
    uint32_t erases = ram.erases[LCM_STATE_ADDR / LCM_SECTOR_SIZE];
    assert_int_equal(state_bench_store(LCM_STATE_APP, 200), LCM_ERR_FLASH);
    assert_int_equal(ram.erases[LCM_STATE_ADDR / LCM_SECTOR_SIZE], erases);
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK); /* the change is known now */
    assert_int_equal(state_bench_store(LCM_STATE_APP, 200), LCM_OK);
    assert_int_equal(state_bench_load(LCM_STATE_APP), 200);
    assert_int_equal(state_bench_load(LCM_STATE_UPDATER), 100);
    assert_int_equal(state_bench_load(LCM_STATE_TIME_FLOOR), -1);
}

/* What counts is in the stage: nothing is loaded until the flash lets it be brought back. */
static void test_failed_compaction_is_finished_first(void **state)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE] = {99};

    (void)state;
    for (uint32_t at = 5; at < 10; at++) { /* erase, three records, header of the stage; then */
        setup(NULL);
        state_bench_fill();
        ram_flash_restore_power(&ram);
        ram.cut = RAM_FLASH_CUT_BEFORE;
        ram.cut_at = at;
        assert_int_equal(state_bench_store(LCM_STATE_APP, 200), LCM_ERR_FLASH);
        assert_int_equal(state_bench_store(LCM_STATE_APP, 200), LCM_ERR_FLASH);
        assert_int_equal(lcm_state_load(&state_log, LCM_STATE_UPDATER, payload), LCM_ERR_FLASH);
        assert_int_equal(payload[0], 99);
        assert_int_equal(lcm_state_reset(&state_log), LCM_ERR_FLASH);
        ram_flash_restore_power(&ram);
        assert_int_equal(state_bench_store(LCM_STATE_APP, 200), LCM_OK);
        assert_int_equal(state_bench_load(LCM_STATE_APP), 200);
        assert_int_equal(state_bench_load(LCM_STATE_UPDATER), 100);
    }
}

static enum lcm_err (*plain_program)(void *, uint32_t, const void *, uint32_t);

static enum lcm_err program_keeps_stage(void *context, uint32_t addr, const void *src,
                                        uint32_t size)
{
    return addr == LCM_SCRATCH_ADDR ? LCM_ERR_FLASH : plain_program(context, addr, src, size);
}

/* The stage is complete, the state sector blank, and an attempt to go on failed as well. */
static void fail_compaction(void)
{
    state_bench_fill();
    ram_flash_restore_power(&ram);
    ram.cut = RAM_FLASH_CUT_BEFORE;
    ram.cut_at = 6;
    assert_int_equal(state_bench_store(LCM_STATE_APP, 200), LCM_ERR_FLASH);
    assert_int_equal(state_bench_store(LCM_STATE_APP, 200), LCM_ERR_FLASH);
    ram_flash_restore_power(&ram);
}

/* A factory reset forgets the copy in the stage as well. */
static void test_reset_after_a_failed_compaction(void **state)
{
    (void)state;
    fail_compaction();
    assert_int_equal(lcm_state_reset(&state_log), LCM_OK);
    for (int opened = 0; opened < 2; opened++) {
        assert_int_equal(state_bench_load(LCM_STATE_APP), -1);
        assert_int_equal(state_bench_load(LCM_STATE_UPDATER), -1);
        assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    }
}

/* A stage that cannot be forgotten: the reset did not happen, and says so. */
static void test_reset_that_cannot_forget_the_stage(void **state)
{
    (void)state;
    fail_compaction();
    plain_program = ram.port.program;
    ram.port.program = program_keeps_stage;
    assert_int_equal(lcm_state_reset(&state_log), LCM_ERR_FLASH);
    ram.port.program = plain_program;
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    assert_int_equal(state_bench_load(LCM_STATE_UPDATER), 100);
    assert_int_equal(lcm_state_reset(&state_log), LCM_OK);
    assert_int_equal(state_bench_load(LCM_STATE_UPDATER), -1);
}

static void test_old_stage_is_not_replayed(void **state)
{
    static uint8_t stage[LCM_SECTOR_SIZE];

    (void)state;
    state_bench_fill();
    assert_int_equal(state_bench_store(LCM_STATE_APP, 200), LCM_OK); /* compacts, generation 2 */
    memcpy(stage, ram.data + LCM_SCRATCH_ADDR, sizeof(stage));
    memcpy(stage, "LCST", 4); /* as if the stage had never been invalidated */
    memcpy(ram.data + LCM_SCRATCH_ADDR, stage, sizeof(stage));
    assert_int_equal(lcm_state_open(&state_log, &ram.port), LCM_OK);
    assert_int_equal(state_bench_load(LCM_STATE_APP), 200);
    assert_memory_equal(ram.data + LCM_SCRATCH_ADDR, "\0\0\0\0", 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_golden_bytes, setup),
        cmocka_unit_test_setup(test_last_one_wins_and_same_is_no_write, setup),
        cmocka_unit_test_setup(test_kinds_are_bounded, setup),
        cmocka_unit_test_setup(test_record_of_no_kind_does_not_count, setup),
        cmocka_unit_test_setup(test_record_that_changed_is_not_loaded, setup),
        cmocka_unit_test_setup(test_many_compactions_with_all_kinds, setup),
        cmocka_unit_test_setup(test_foreign_content_is_formatted, setup),
        cmocka_unit_test_setup(test_torn_record_is_skipped, setup),
        cmocka_unit_test_setup(test_flash_error_during_compaction, setup),
        cmocka_unit_test_setup(test_record_that_changed_stops_a_compaction, setup),
        cmocka_unit_test_setup(test_failed_compaction_is_finished_first, setup),
        cmocka_unit_test_setup(test_reset_after_a_failed_compaction, setup),
        cmocka_unit_test_setup(test_reset_that_cannot_forget_the_stage, setup),
        cmocka_unit_test_setup(test_old_stage_is_not_replayed, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
