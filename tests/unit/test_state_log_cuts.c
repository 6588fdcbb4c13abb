// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: no power cut gives anything but the payload before or after a store, and a record
 * that cannot be read is not taken for one that is not there.
 * Method: every write operation of append, compaction, format and reset cut in every way,
 * and of the repair too; every read fails once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "lcm/layout.h"
#include "tests/lib/power_cut.h"
#include "tests/lib/state_bench.h"

#define SEED 977u

/* ---- power cuts ---- */

static uint8_t old_value, new_value;

static void prepare_small(const struct lcm_flash *flash)
{
    assert_int_equal(lcm_state_open(&state_log, flash), LCM_OK);
    assert_int_equal(state_bench_store(LCM_STATE_UPDATER, 100), LCM_OK);
    assert_int_equal(state_bench_store(LCM_STATE_TIME_FLOOR, 101), LCM_OK);
    assert_int_equal(state_bench_store(LCM_STATE_APP, 1), LCM_OK);
    assert_int_equal(state_bench_store(LCM_STATE_APP, 2), LCM_OK);
    old_value = 2;
}

static void prepare_full(const struct lcm_flash *flash)
{
    assert_int_equal(lcm_state_open(&state_log, flash), LCM_OK);
    state_bench_fill();
    old_value = (uint8_t)state_bench_load(LCM_STATE_APP);
}

/* The second compaction: the stage of the first one is still in scratch. */
static void prepare_full_again(const struct lcm_flash *flash)
{
    prepare_full(flash);
    assert_int_equal(state_bench_store(LCM_STATE_APP, 222), LCM_OK);
    state_bench_fill();
    old_value = (uint8_t)state_bench_load(LCM_STATE_APP);
}

static enum lcm_err repair(const struct lcm_flash *flash)
{
    return lcm_state_open(&state_log, flash);
}

static enum lcm_err operate_store(const struct lcm_flash *flash)
{
    enum lcm_err err = lcm_state_open(&state_log, flash);

    new_value = 250;
    return err == LCM_OK ? state_bench_store(LCM_STATE_APP, new_value) : err;
}

static const char *check_store(const struct lcm_flash *flash, bool is_done)
{
    int value = state_bench_load(LCM_STATE_APP);

    if (value != new_value && (is_done || value != old_value))
        return "neither the old nor the new payload";
    if (state_bench_load(LCM_STATE_UPDATER) != 100 || state_bench_load(LCM_STATE_TIME_FLOOR) != 101)
        return "another kind changed";
    if (state_bench_store(LCM_STATE_APP, 251) != LCM_OK ||
        lcm_state_open(&state_log, flash) != LCM_OK || state_bench_load(LCM_STATE_APP) != 251 ||
        state_bench_load(LCM_STATE_UPDATER) != 100)
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
    bool is_empty = state_bench_load(LCM_STATE_APP) == -1 &&
                    state_bench_load(LCM_STATE_UPDATER) == -1 &&
                    state_bench_load(LCM_STATE_TIME_FLOOR) == -1;
    bool is_old = state_bench_load(LCM_STATE_APP) == old_value &&
                  state_bench_load(LCM_STATE_UPDATER) == 100 &&
                  state_bench_load(LCM_STATE_TIME_FLOOR) == 101;

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
    return state_bench_load(LCM_STATE_APP) == -1 ? NULL : "not empty";
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

/* ---- failing reads ---- */

static struct lcm_state_log staged_log; /* as a failed compaction left it */
static enum lcm_err (*plain_erase)(void *, uint32_t);

static enum lcm_err erase_of_scratch_only(void *context, uint32_t addr)
{
    return addr == LCM_STATE_ADDR ? LCM_ERR_FLASH : plain_erase(context, addr);
}

/* A compaction that ended with a complete stage. */
static void prepare_staged(const struct lcm_flash *flash)
{
    struct lcm_flash failing = *flash;

    prepare_full(flash);
    plain_erase = flash->erase;
    failing.erase = erase_of_scratch_only;
    assert_int_equal(lcm_state_open(&state_log, &failing), LCM_OK);
    assert_int_equal(state_bench_store(LCM_STATE_APP, 250), LCM_ERR_FLASH);
    staged_log = state_log;
}

/* The same program goes on once the flash works. */
static enum lcm_err operate_go_on(const struct lcm_flash *flash)
{
    state_log = staged_log;
    state_log.flash = flash;
    new_value = 250;
    return state_bench_store(LCM_STATE_APP, new_value);
}

/* Whatever could not be read: a record that is there is never said not to be. */
static enum lcm_err operate_compaction(const struct lcm_flash *flash)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];
    enum lcm_err err = operate_store(flash);
    enum lcm_err load_err = lcm_state_load(&state_log, LCM_STATE_UPDATER, payload);

    assert_int_not_equal(load_err, LCM_ERR_NOT_FOUND);
    return err == LCM_OK ? load_err : err;
}

static void test_failing_reads(void **state)
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
    /* Renewing the last record is a favour: its two reads may fail. */
    assert_int_equal(read_fault_run(&test, SEED), 2);
    test.name = "append with compaction";
    test.prepare = prepare_full;
    test.operate = operate_compaction;
    assert_int_equal(read_fault_run(&test, SEED), 2);
    test.name = "compaction finished by the next start";
    test.prepare = prepare_staged;
    assert_int_equal(read_fault_run(&test, SEED), 0);
    test.name = "compaction finished by the next store";
    test.operate = operate_go_on;
    assert_int_equal(read_fault_run(&test, SEED), 0);
    test.name = "reset";
    test.operate = operate_reset;
    test.check = check_reset;
    assert_int_equal(read_fault_run(&test, SEED), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_failing_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
