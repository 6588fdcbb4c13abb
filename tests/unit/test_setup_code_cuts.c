// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: power cuts leave the old set-up code, none or the new one, and what cannot be read is not
 * taken for no code.
 * Method: every write operation of a first code, of another code and of a second copy cut in every
 * way, and of the repair too; every read fails once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/store/setup_code.h"
#include "lcm/layout.h"
#include "tests/lib/power_cut.h"

#define SEED 60u
#define CODE "7K3MQ9XTA2HB"
#define OTHER "ZZZZ0000ZZZZ"
#define RECORDS 128u
#define RECORD_SIZE 32u

static enum lcm_err fill(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    memset(dst, 0x5A, size);
    return LCM_OK;
}

static const struct lcm_entropy entropy = {NULL, fill};

/* ---- power cuts ---- */

static const char *cut_old; /* "" = none */

static void prepare_nothing(const struct lcm_flash *flash)
{
    (void)flash;
    cut_old = "";
}

static void prepare_other(const struct lcm_flash *flash)
{
    assert_int_equal(lcm_setup_code_store(flash, OTHER), LCM_OK);
    cut_old = OTHER;
}

static void prepare_same(const struct lcm_flash *flash)
{
    assert_int_equal(lcm_setup_code_store(flash, CODE), LCM_OK);
    cut_old = CODE;
}

/* A sector without room, and one copy of the code in it. */
static void prepare_full(const struct lcm_flash *flash)
{
    static const uint8_t zeros[RECORD_SIZE] = {0};

    for (uint32_t i = 0; i < RECORDS - 1; i++)
        assert_int_equal(
            flash->program(flash->context, LCM_CODE_ADDR + i * RECORD_SIZE, zeros, sizeof(zeros)),
            LCM_OK);
    cut_old = "";
}

static enum lcm_err operate(const struct lcm_flash *flash)
{
    return lcm_setup_code_store(flash, CODE);
}

/* What a start does, but without making a code: that would hide what is there. */
static enum lcm_err repair(const struct lcm_flash *flash)
{
    char loaded[LCM_SETUP_CODE_SIZE];
    enum lcm_err err = lcm_setup_code_load(flash, loaded);

    if (err == LCM_OK)
        err = lcm_setup_code_store(flash, loaded);
    return err == LCM_ERR_NOT_FOUND ? LCM_OK : err;
}

static const char *check(const struct lcm_flash *flash, bool is_done)
{
    char loaded[LCM_SETUP_CODE_SIZE] = "";
    enum lcm_err err = lcm_setup_code_load(flash, loaded);

    if (err != LCM_OK && err != LCM_ERR_NOT_FOUND)
        return "cannot be read";
    if (is_done && strcmp(loaded, CODE) != 0)
        return "stored and not there";
    if (loaded[0] != '\0' && strcmp(loaded, CODE) != 0 && strcmp(loaded, cut_old) != 0)
        return "neither the old code nor the new one";
    if (operate(flash) != LCM_OK || lcm_setup_code_load(flash, loaded) != LCM_OK ||
        strcmp(loaded, CODE) != 0)
        return "cannot go on";
    return NULL;
}

static void run_cuts(const char *name, void (*prepare)(const struct lcm_flash *), uint32_t at_least)
{
    const struct power_cut_test test = {
        .name = name,
        .window = {{LCM_CODE_ADDR, LCM_CODE_SIZE}},
        .prepare = prepare,
        .operate = operate,
        .repair = repair,
        .check = check,
    };

    assert_true(power_cut_run(&test, SEED) >= at_least);
}

static void test_cuts(void **state)
{
    (void)state;
    run_cuts("first code", prepare_nothing, 40);
    run_cuts("another code", prepare_other, 60);
    run_cuts("first code, no room", prepare_full, 60);
}

static enum lcm_err operate_load(const struct lcm_flash *flash)
{
    char loaded[LCM_SETUP_CODE_SIZE] = "untouched";
    enum lcm_err err = lcm_setup_code_load(flash, loaded);

    assert_string_equal(loaded, err == LCM_OK ? cut_old : "untouched");
    return err;
}

/* What cannot be read is not the same as no code: the device keeps the one on its label. */
static enum lcm_err operate_ensure(const struct lcm_flash *flash)
{
    char ensured[LCM_SETUP_CODE_SIZE] = "untouched";
    bool is_made = true;
    enum lcm_err err = lcm_setup_code_ensure(flash, &entropy, ensured, &is_made);

    if (err == LCM_OK)
        assert_false(is_made);
    assert_string_equal(ensured, err == LCM_OK ? cut_old : "untouched");
    return err;
}

static const char *check_kept(const struct lcm_flash *flash, bool is_done)
{
    char loaded[LCM_SETUP_CODE_SIZE] = "";

    (void)is_done;
    if (lcm_setup_code_load(flash, loaded) != LCM_OK || strcmp(loaded, cut_old) != 0)
        return "another code";
    return NULL;
}

static void test_failing_reads(void **state)
{
    struct power_cut_test test = {
        .name = "another code",
        .window = {{LCM_CODE_ADDR, LCM_CODE_SIZE}},
        .prepare = prepare_other,
        .operate = operate,
        .repair = repair,
        .check = check,
    };

    (void)state;
    assert_int_equal(read_fault_run(&test, SEED), 0);
    test.name = "the same code"; /* the rest of the sector counts, too */
    test.prepare = prepare_same;
    assert_int_equal(read_fault_run(&test, SEED), 0);
    test.name = "load";
    test.operate = operate_load;
    test.check = check_kept;
    assert_int_equal(read_fault_run(&test, SEED), 0);
    test.name = "ensure"; /* the look of load counts; then one good copy is enough */
    test.operate = operate_ensure;
    assert_int_equal(read_fault_run(&test, SEED), RECORDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_failing_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
