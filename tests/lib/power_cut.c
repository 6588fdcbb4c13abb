// SPDX-License-Identifier: Apache-2.0
/* Exhaustive power cuts and failing reads around a strict NOR flash; see the header. */
#include "tests/lib/power_cut.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/ram_flash.h"

enum tear {
    TEAR_BEFORE,
    TEAR_FRONT,
    TEAR_BACK,
    TEAR_BITS,
    TEAR_BITS_AGAIN,
    TEAR_AFTER,
    TEAR_COUNT
};

#define CUT_NEVER UINT32_MAX
#define OPERATIONS_MAX 2000u

static struct ram_flash cut_ram;
static struct lcm_flash cut_port;
static enum tear cut_tear;
static uint32_t cut_at;
static uint32_t cut_operations;
static uint32_t cut_random_state;
static uint32_t read_fails_at;
static uint32_t read_count;

struct cut_snapshot {
    uint8_t data[POWER_CUT_WINDOWS][POWER_CUT_WINDOW_MAX];
};

static void cut_save(const struct power_cut_test *test, struct cut_snapshot *snapshot)
{
    for (uint32_t i = 0; i < POWER_CUT_WINDOWS; i++)
        memcpy(snapshot->data[i], cut_ram.data + test->window[i].addr, test->window[i].size);
}

static void cut_restore(const struct power_cut_test *test, const struct cut_snapshot *snapshot)
{
    for (uint32_t i = 0; i < POWER_CUT_WINDOWS; i++)
        memcpy(cut_ram.data + test->window[i].addr, snapshot->data[i], test->window[i].size);
}

static uint32_t cut_random(void)
{
    cut_random_state ^= cut_random_state << 13;
    cut_random_state ^= cut_random_state >> 17;
    cut_random_state ^= cut_random_state << 5;
    return cut_random_state;
}

/* Which bits of byte number index change when the operation is torn. */
static uint8_t cut_changed_bits(uint32_t index, uint32_t size)
{
    switch (cut_tear) {
    case TEAR_FRONT:
        return index < size / 2 ? 0xFF : 0;
    case TEAR_BACK:
        return index < (size + 1) / 2 ? 0 : 0xFF;
    case TEAR_BITS:
    case TEAR_BITS_AGAIN:
        return (uint8_t)cut_random();
    case TEAR_AFTER:
        return 0xFF;
    case TEAR_BEFORE:
    case TEAR_COUNT:
    default:
        return 0;
    }
}

/* true: the power is gone, or goes with this operation, which is then torn here. */
static bool cut_is_off(uint32_t addr, const uint8_t *src, uint32_t size)
{
    if (cut_ram.is_off)
        return true;
    if (cut_operations++ != cut_at)
        return false;
    cut_ram.is_off = true;
    for (uint32_t i = 0; i < size; i++) {
        uint8_t bits = cut_changed_bits(i, size);
        uint8_t target = src != NULL ? src[i] : 0xFF;
        uint8_t old = cut_ram.data[addr + i];
        cut_ram.data[addr + i] = (uint8_t)((old & ~bits) | (target & bits));
    }
    return true;
}

static enum lcm_err cut_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    uint8_t *bytes = dst;

    if (read_count++ != read_fails_at)
        return cut_ram.port.read(context, addr, dst, size);
    for (uint32_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)cut_random();
    return LCM_ERR_FLASH;
}

static enum lcm_err cut_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    const uint8_t *bytes = src;

    for (uint32_t i = 0; i < size; i++)
        assert_int_equal(bytes[i] & ~cut_ram.data[addr + i] & (cut_ram.is_off ? 0 : 0xFF), 0);
    if (cut_is_off(addr, bytes, size))
        return LCM_ERR_FLASH;
    return cut_ram.port.program(context, addr, src, size);
}

static enum lcm_err cut_erase(void *context, uint32_t addr)
{
    if (cut_is_off(addr, NULL, LCM_SECTOR_SIZE))
        return LCM_ERR_FLASH;
    return cut_ram.port.erase(context, addr);
}

static void cut_power_on(uint32_t at, enum tear tear)
{
    ram_flash_restore_power(&cut_ram);
    read_fails_at = CUT_NEVER;
    read_count = 0;
    cut_operations = 0;
    cut_at = at;
    cut_tear = tear;
}

static void cut_check(const struct power_cut_test *test, const char *when, bool is_done)
{
    cut_power_on(CUT_NEVER, TEAR_BEFORE);
    enum lcm_err err = test->repair(&cut_port);
    const char *wrong = err == LCM_OK ? test->check(&cut_port, is_done) : lcm_err_name(err);
    if (wrong != NULL)
        fail_msg("%s, %s: %s", test->name, when, wrong);
}

static void cut_glance(const struct power_cut_test *test, uint32_t at, enum tear tear)
{
    const char *wrong = test->glance != NULL ? test->glance(&cut_port) : NULL;

    if (wrong != NULL)
        fail_msg("%s, cut at operation %u way %d, not repaired: %s", test->name, (unsigned)at,
                 (int)tear, wrong);
}

/* The state in `after_cut` is what a first cut left: cut every repair of it as well. */
static uint32_t cut_repairs(const struct power_cut_test *test, const struct cut_snapshot *after_cut,
                            uint32_t first, enum tear first_tear)
{
    char when[80];
    uint32_t tried = 0;

    for (int tear = TEAR_BEFORE; tear < TEAR_COUNT; tear++) {
        for (uint32_t at = 0; at < OPERATIONS_MAX; at++) {
            cut_restore(test, after_cut);
            cut_power_on(at, (enum tear)tear);
            enum lcm_err err = test->repair(&cut_port);
            bool was_cut = cut_ram.is_off;
            (void)err;
            snprintf(when, sizeof(when), "cut at operation %u way %d, repair cut at %u way %d",
                     (unsigned)first, (int)first_tear, (unsigned)at, tear);
            cut_check(test, when, false);
            tried++;
            if (!was_cut)
                break;
        }
    }
    return tried;
}

static void cut_init(const struct power_cut_test *test, uint32_t seed)
{
    for (uint32_t i = 0; i < POWER_CUT_WINDOWS; i++)
        assert_true(test->window[i].size <= POWER_CUT_WINDOW_MAX);
    ram_flash_init(&cut_ram);
    cut_port = cut_ram.port;
    cut_port.read = cut_read;
    cut_port.program = cut_program;
    cut_port.erase = cut_erase;
    cut_random_state = seed | 1u;
    cut_power_on(CUT_NEVER, TEAR_BEFORE);
}

uint32_t power_cut_run(const struct power_cut_test *test, uint32_t seed)
{
    static struct cut_snapshot before, after_cut;
    uint32_t tried = 0;

    cut_init(test, seed);
    test->prepare(&cut_port);
    cut_save(test, &before);
    for (int tear = TEAR_BEFORE; tear < TEAR_COUNT; tear++) {
        for (uint32_t at = 0; at < OPERATIONS_MAX; at++) {
            cut_restore(test, &before);
            cut_power_on(at, (enum tear)tear);
            enum lcm_err err = test->operate(&cut_port);
            if (!cut_ram.is_off) {
                assert_int_equal(err, LCM_OK);
                cut_check(test, "without a cut", true);
                break;
            }
            cut_save(test, &after_cut);
            cut_glance(test, at, (enum tear)tear);
            tried += cut_repairs(test, &after_cut, at, (enum tear)tear);
        }
    }
    print_message("%s: %u combinations of cuts, seed %u\n", test->name, (unsigned)tried,
                  (unsigned)seed);
    return tried;
}

/* true: that many reads were made, and the last one failed. */
static bool read_fault_try(const struct power_cut_test *test, uint32_t at, bool *is_reported)
{
    char when[40];

    cut_power_on(CUT_NEVER, TEAR_BEFORE);
    read_fails_at = at;
    enum lcm_err err = test->operate(&cut_port);
    bool has_failed = read_count > at;
    if (err != LCM_OK)
        assert_int_equal(err, LCM_ERR_FLASH);
    *is_reported = err != LCM_OK;
    snprintf(when, sizeof(when), "read %u fails", (unsigned)at);
    cut_check(test, when, !*is_reported);
    return has_failed;
}

uint32_t read_fault_run(const struct power_cut_test *test, uint32_t seed)
{
    static struct cut_snapshot before;
    bool is_reported = false;
    uint32_t silent = 0;
    uint32_t at = 0;

    cut_init(test, seed);
    test->prepare(&cut_port);
    cut_save(test, &before);
    for (; read_fault_try(test, at, &is_reported); at++) {
        silent += !is_reported;
        cut_restore(test, &before);
    }
    assert_false(is_reported);
    assert_true(at > 0);
    print_message("%s: %u failing reads, seed %u\n", test->name, (unsigned)at, (unsigned)seed);
    return silent;
}
