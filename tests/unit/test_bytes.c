// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: little-endian numbers at any alignment, and comparisons that see every byte.
 * Method: fixed byte strings; each position changed once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"

static const uint8_t sequence[9] = {0x00, 0xEF, 0xCD, 0xAB, 0x89, 0x67, 0x45, 0x23, 0x81};

static void test_get(void **state)
{
    (void)state;
    assert_int_equal(lcm_get_u16(sequence + 1), 0xCDEF);
    assert_int_equal(lcm_get_u32(sequence + 1), 0x89ABCDEFu);
    assert_true(lcm_get_u64(sequence + 1) == 0x8123456789ABCDEFull);
    assert_int_equal(lcm_get_u32((const uint8_t *)"\xFF\xFF\xFF\xFF"), UINT32_MAX);
}

static void test_put(void **state)
{
    uint8_t buffer[10];

    (void)state;
    memset(buffer, 0x55, sizeof(buffer));
    lcm_put_u64(buffer + 1, 0x8123456789ABCDEFull);
    assert_memory_equal(buffer + 1, sequence + 1, 8);
    assert_int_equal(buffer[0], 0x55);
    assert_int_equal(buffer[9], 0x55);
    lcm_put_u16(buffer, 0x0102);
    assert_memory_equal(buffer, "\x02\x01\xCD", 3);
    lcm_put_u32(buffer, 0x01020304);
    assert_memory_equal(buffer, "\x04\x03\x02\x01\x89", 5);
}

static void test_equal_sees_every_byte(void **state)
{
    uint8_t a[33], b[33];

    (void)state;
    memset(a, 0x3C, sizeof(a));
    memcpy(b, a, sizeof(b));
    assert_true(lcm_bytes_equal(a, b, sizeof(a)));
    assert_true(lcm_bytes_equal(a, b, 0));
    for (size_t i = 0; i < 8 * sizeof(a); i++) {
        b[i / 8] ^= (uint8_t)(1u << i % 8);
        assert_false(lcm_bytes_equal(a, b, sizeof(a)));
        assert_true(lcm_bytes_equal(a, b, i / 8));
        b[i / 8] = 0x3C;
    }
}

static void test_all_sees_every_byte(void **state)
{
    uint8_t a[33];

    (void)state;
    memset(a, 0xFF, sizeof(a));
    assert_true(lcm_bytes_all(a, sizeof(a), 0xFF));
    assert_false(lcm_bytes_all(a, sizeof(a), 0));
    assert_true(lcm_bytes_all(a, 0, 0));
    for (size_t i = 0; i < sizeof(a); i++) {
        a[i] = 0xFE;
        assert_false(lcm_bytes_all(a, sizeof(a), 0xFF));
        a[i] = 0xFF;
    }
}

static void test_wipe(void **state)
{
    uint8_t a[10];

    (void)state;
    memset(a, 7, sizeof(a));
    lcm_bytes_wipe(a + 1, 8);
    assert_memory_equal(a, "\x07\0\0\0\0\0\0\0\0\x07", 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_get),
        cmocka_unit_test(test_put),
        cmocka_unit_test(test_equal_sees_every_byte),
        cmocka_unit_test(test_all_sees_every_byte),
        cmocka_unit_test(test_wipe),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
