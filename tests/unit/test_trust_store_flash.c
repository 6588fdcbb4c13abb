// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a trust sector is in force only when the flash holds it, byte for byte, and a flash
 * that refuses, disturbs or reads differently the second time never takes the last one away.
 * Method: one port function at a time replaced by one that fails at a chosen place; the order
 * of operations and power cuts are in test_trust_store.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/trust/trust_store.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/trust_fixture.h"

static struct trust_fixture fixture;
static struct ram_flash flash;
static struct lcm_flash good_port;
static struct lcm_trust_store store;
static struct lcm_trust trust;
static uint8_t work[LCM_TRUST_SIZE];
static uint8_t first[LCM_TRUST_SIZE]; /* sequence 1 */
static uint8_t next[LCM_TRUST_SIZE];  /* sequence 2 */
static uint32_t fault_addr;           /* where the replaced function fails */
static uint32_t reads_left;           /* until it does */

static int group_set_up(void **state)
{
    (void)state;
    fixture_open(&fixture);
    fixture_sector(&fixture, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT, first);
    fixture_sector(&fixture, 2, FIXTURE_OWNER, FIXTURE_KEY_COUNT, next);
    return 0;
}

static int group_tear_down(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

/* Sector 1 in force in A, B blank. */
static int set_up(void **state)
{
    (void)state;
    ram_flash_init(&flash);
    good_port = flash.port;
    memset(&trust, 0, sizeof(trust));
    memcpy(flash.data + LCM_TRUST_A_ADDR, first, sizeof(first));
    return 0;
}

static enum lcm_err open_store(void)
{
    return lcm_trust_store_open(&store, &flash.port, work, &trust);
}

static enum lcm_err refusing_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    if (reads_left == 0)
        return LCM_ERR_FLASH;
    reads_left--;
    return good_port.read(context, addr, dst, size);
}

/* One byte reads as another from some read on. */
static enum lcm_err flickering_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    enum lcm_err err = good_port.read(context, addr, dst, size);

    if (reads_left > 0)
        reads_left--;
    else if (fault_addr >= addr && fault_addr < addr + size)
        ((uint8_t *)dst)[fault_addr - addr] ^= 1;
    return err;
}

static enum lcm_err refusing_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    return addr == fault_addr ? LCM_ERR_FLASH : good_port.program(context, addr, src, size);
}

/* Programming the last page of a sector clears bits in its first one. */
static enum lcm_err disturbing_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    enum lcm_err err = good_port.program(context, addr, src, size);

    if (addr + size == fault_addr + LCM_TRUST_SIZE)
        flash.data[fault_addr + 100] = 0;
    return err;
}

/* Both looks at a sector must find it good: the first one does not count alone. */
static void test_sector_that_flickers(void **state)
{
    (void)state;
    flash.port.read = flickering_read;
    fault_addr = LCM_TRUST_A_ADDR + 1; /* magic */
    reads_left = 2;                    /* a look at A, one at B */
    assert_int_equal(open_store(), LCM_ERR_NO_TRUST);
    assert_int_equal(store.addr, 0);
    assert_int_equal(trust.sequence, 0);
    reads_left = UINT32_MAX;
    assert_int_equal(open_store(), LCM_OK);
    assert_int_equal(trust.sequence, 1);
}

/* "Cannot be read" is not "nobody is trusted": a first sector would be put over it. */
static void test_flash_that_cannot_be_read(void **state)
{
    (void)state;
    flash.port.read = refusing_read;
    for (uint32_t reads = 0; reads < 3; reads++) {
        reads_left = reads;
        assert_int_equal(open_store(), LCM_ERR_FLASH);
        reads_left = reads;
        assert_int_equal(lcm_trust_store_install_first(&store, &flash.port, next, work, &trust),
                         LCM_ERR_FLASH);
    }
    assert_int_equal(flash.operations, 0);
    assert_memory_equal(flash.data + LCM_TRUST_A_ADDR, first, sizeof(first));
}

static void test_two_forgeries(void **state)
{
    (void)state;
    memcpy(flash.data + LCM_TRUST_B_ADDR, next, sizeof(next));
    flash.data[LCM_TRUST_A_ADDR + LCM_TLV_HEADER_SIZE + 4] = 8; /* sequence */
    flash.data[LCM_TRUST_B_ADDR + LCM_TLV_HEADER_SIZE + 4] = 9;
    assert_int_equal(open_store(), LCM_ERR_NO_TRUST);
    assert_int_equal(store.addr, 0);
    assert_int_equal(trust.sequence, 0);
}

/* A pending sector that cannot be made active serves nevertheless; nothing is retired before. */
static void test_activation_that_fails(void **state)
{
    (void)state;
    memcpy(flash.data + LCM_TRUST_B_ADDR, next, sizeof(next));
    flash.data[LCM_TRUST_B_ADDR] = LCM_TRUST_PENDING;
    flash.data[LCM_TRUST_A_ADDR + LCM_TLV_HEADER_SIZE + 4] = 9; /* A is a forgery by now */
    flash.port.program = refusing_program;
    fault_addr = LCM_TRUST_B_ADDR;
    assert_int_equal(open_store(), LCM_OK);
    assert_int_equal(trust.sequence, 2);
    assert_int_equal(flash.operations, 0);
    flash.port.program = good_port.program;
    assert_int_equal(open_store(), LCM_OK);
    assert_int_equal(flash.data[LCM_TRUST_B_ADDR], LCM_TRUST_ACTIVE);
    assert_int_equal(flash.data[LCM_TRUST_A_ADDR], LCM_TRUST_RETIRED);
}

/* A page that was right when it was written, and is not any more at the end. */
static void test_disturbed_page(void **state)
{
    (void)state;
    assert_int_equal(open_store(), LCM_OK);
    flash.port.program = disturbing_program;
    fault_addr = LCM_TRUST_B_ADDR;
    assert_int_equal(lcm_trust_store_accept(&store, &trust, next, &trust), LCM_ERR_FLASH);
    assert_int_equal(store.addr, LCM_TRUST_A_ADDR);
    assert_int_equal(trust.sequence, 1);
    assert_int_equal(flash.data[LCM_TRUST_A_ADDR], LCM_TRUST_ACTIVE);
    assert_int_equal(flash.data[LCM_TRUST_B_ADDR], LCM_TRUST_PENDING);
}

/* The very first sector must have the form of one before the flash is touched. */
static void test_first_sector_without_form(void **state)
{
    uint8_t file[LCM_TRUST_SIZE] = {0};

    (void)state;
    ram_flash_init(&flash);
    assert_int_equal(lcm_trust_store_install_first(&store, &flash.port, file, work, &trust),
                     LCM_ERR_FORMAT);
    assert_int_equal(store.addr, 0);
    assert_int_equal(flash.operations, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_sector_that_flickers, set_up),
        cmocka_unit_test_setup(test_flash_that_cannot_be_read, set_up),
        cmocka_unit_test_setup(test_two_forgeries, set_up),
        cmocka_unit_test_setup(test_activation_that_fails, set_up),
        cmocka_unit_test_setup(test_disturbed_page, set_up),
        cmocka_unit_test_setup(test_first_sector_without_form, set_up),
    };
    return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
