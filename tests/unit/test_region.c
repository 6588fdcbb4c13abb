// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: no erase and no program reaches a byte outside the named region, and what flash
 * did not keep is noticed.
 * Method: for every region, ranges around both ends; the map has no overlap and no hole;
 * a flash whose bits are stuck.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/region.h"
#include "tests/lib/ram_flash.h"

static struct ram_flash ram;

static int setup(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    return 0;
}

static void test_map_has_no_overlap_and_no_hole(void **state)
{
    uint32_t total = 0;

    (void)state;
    for (unsigned a = 0; a < LCM_REGION_COUNT; a++) {
        uint32_t addr = lcm_region_addr((enum lcm_region)a);
        uint32_t size = lcm_region_size((enum lcm_region)a);
        assert_true(size > 0 && addr % LCM_SECTOR_SIZE == 0 && size % LCM_SECTOR_SIZE == 0);
        total += size;
        for (unsigned b = 0; b < a; b++) {
            uint32_t other = lcm_region_addr((enum lcm_region)b);
            assert_true(addr >= other + lcm_region_size((enum lcm_region)b) ||
                        other >= addr + size);
        }
    }
    assert_int_equal(total, LCM_FLASH_SIZE);
    assert_int_equal(lcm_region_addr(LCM_REGION_APP_DATA), 0x8C000);
    assert_int_equal(lcm_region_size(LCM_REGION_APP_DATA), 0x1000);
}

static void test_check_at_both_ends(void **state)
{
    (void)state;
    for (unsigned i = 0; i < LCM_REGION_COUNT; i++) {
        enum lcm_region region = (enum lcm_region)i;
        uint32_t addr = lcm_region_addr(region);
        uint32_t size = lcm_region_size(region);
        assert_int_equal(lcm_region_check(region, addr, size), LCM_OK);
        assert_int_equal(lcm_region_check(region, addr + size - 1, 1), LCM_OK);
        assert_int_equal(lcm_region_check(region, addr, size + 1), LCM_ERR_GUARD);
        assert_int_equal(lcm_region_check(region, addr + 1, size), LCM_ERR_GUARD);
        assert_int_equal(lcm_region_check(region, addr - 1, 2), LCM_ERR_GUARD);
        assert_int_equal(lcm_region_check(region, addr + size, 1), LCM_ERR_GUARD);
        assert_int_equal(lcm_region_check(region, addr + 4, 0xFFFFFFFEu), LCM_ERR_GUARD);
        assert_int_equal(lcm_region_check(region, 0xFFFFFFFEu, 4), LCM_ERR_GUARD);
    }
    assert_int_equal(lcm_region_check(LCM_REGION_COUNT, 0, 1), LCM_ERR_GUARD);
    assert_int_equal(lcm_region_check((enum lcm_region)1000, 0, 1), LCM_ERR_GUARD);
}

static void test_erase(void **state)
{
    (void)state;
    memset(ram.data, 0, sizeof(ram.data));
    assert_int_equal(lcm_region_erase(&ram.port, LCM_REGION_TRUST, LCM_TRUST_B_ADDR), LCM_OK);
    assert_int_equal(ram.data[LCM_TRUST_B_ADDR], 0xFF);
    assert_int_equal(ram.data[LCM_TRUST_B_ADDR + 0xFFF], 0xFF);
    assert_int_equal(ram.data[LCM_TRUST_B_ADDR - 1], 0);
    assert_int_equal(ram.data[LCM_TRUST_B_ADDR + 0x1000], 0);
    assert_int_equal(lcm_region_erase(&ram.port, LCM_REGION_TRUST, LCM_STATE_ADDR), LCM_ERR_GUARD);
    assert_int_equal(lcm_region_erase(&ram.port, LCM_REGION_SLOT0, 0x8C000), LCM_ERR_GUARD);
    assert_int_equal(lcm_region_erase(&ram.port, LCM_REGION_TRUST, LCM_TRUST_A_ADDR + 4),
                     LCM_ERR_GUARD);
    assert_int_equal(ram.operations, 1);
}

static void test_program(void **state)
{
    (void)state;
    assert_int_equal(
        lcm_region_program(&ram.port, LCM_REGION_SLOT0, LCM_SLOT0_ADDR + 3, "abcde", 5), LCM_OK);
    assert_memory_equal(ram.data + LCM_SLOT0_ADDR,
                        "\xFF\xFF\xFF"
                        "abcde\xFF",
                        9);
    assert_int_equal(lcm_region_program(&ram.port, LCM_REGION_SLOT0, 0x8BFFE, "abc", 3),
                     LCM_ERR_GUARD);
    assert_int_equal(lcm_region_program(&ram.port, LCM_REGION_SLOT0, LCM_SLOT1_ADDR, "abc", 3),
                     LCM_ERR_GUARD);
    assert_int_equal(ram.operations, 1);
}

static enum lcm_err stuck_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    struct ram_flash *flash = context;

    memcpy(flash->data + addr, src, size);
    flash->data[addr + size - 1] |= 1; /* the last bit does not clear */
    return LCM_OK;
}

static enum lcm_err stuck_erase(void *context, uint32_t addr)
{
    struct ram_flash *flash = context;

    memset(flash->data + addr, 0xFF, LCM_SECTOR_SIZE);
    flash->data[addr + LCM_SECTOR_SIZE - 1] = 0xFE;
    return LCM_OK;
}

static void test_flash_that_does_not_keep_is_noticed(void **state)
{
    uint8_t bytes[200] = {0};

    (void)state;
    ram.port.program = stuck_program;
    ram.port.erase = stuck_erase;
    assert_int_equal(lcm_region_erase(&ram.port, LCM_REGION_STATE, LCM_STATE_ADDR), LCM_ERR_FLASH);
    assert_int_equal(lcm_region_program(&ram.port, LCM_REGION_STATE, LCM_STATE_ADDR, bytes, 200),
                     LCM_ERR_FLASH);
    bytes[199] = 1;
    assert_int_equal(lcm_region_program(&ram.port, LCM_REGION_STATE, LCM_STATE_ADDR, bytes, 200),
                     LCM_OK);
}

static void test_errors_of_the_port_are_passed_on(void **state)
{
    (void)state;
    ram.is_off = true;
    assert_int_equal(lcm_region_erase(&ram.port, LCM_REGION_STATE, LCM_STATE_ADDR), LCM_ERR_FLASH);
    assert_int_equal(lcm_region_program(&ram.port, LCM_REGION_STATE, LCM_STATE_ADDR, "x", 1),
                     LCM_ERR_FLASH);
}

static void test_compare(void **state)
{
    uint8_t bytes[150];

    (void)state;
    memset(bytes, 0x11, sizeof(bytes));
    memcpy(ram.data + 5, bytes, sizeof(bytes));
    assert_int_equal(lcm_flash_compare(&ram.port, 5, bytes, sizeof(bytes)), LCM_OK);
    assert_int_equal(lcm_flash_compare(&ram.port, 5, bytes, 0), LCM_OK);
    for (size_t i = 0; i < sizeof(bytes); i++) {
        bytes[i] = 0x10;
        assert_int_equal(lcm_flash_compare(&ram.port, 5, bytes, sizeof(bytes)), LCM_ERR_CORRUPT);
        bytes[i] = 0x11;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_map_has_no_overlap_and_no_hole, setup),
        cmocka_unit_test_setup(test_check_at_both_ends, setup),
        cmocka_unit_test_setup(test_erase, setup),
        cmocka_unit_test_setup(test_program, setup),
        cmocka_unit_test_setup(test_flash_that_does_not_keep_is_noticed, setup),
        cmocka_unit_test_setup(test_errors_of_the_port_are_passed_on, setup),
        cmocka_unit_test_setup(test_compare, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
