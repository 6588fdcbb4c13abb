// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the CRC is that of zlib, in one piece or in several.
 * Method: published check values; every split of a text.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/crc32.h"

static void test_check_values(void **state)
{
    static const uint8_t zeros[32] = {0};

    (void)state;
    assert_int_equal(lcm_crc32(0, "123456789", 9), 0xCBF43926u);
    assert_int_equal(lcm_crc32(0, "", 0), 0);
    assert_int_equal(lcm_crc32(0, "a", 1), 0xE8B7BE43u);
    assert_int_equal(lcm_crc32(0, zeros, sizeof(zeros)), 0x190A55ADu);
}

static void test_in_pieces(void **state)
{
    static const char text[] = "The quick brown fox jumps over the lazy dog";

    (void)state;
    for (size_t split = 0; split < sizeof(text); split++) {
        uint32_t crc = lcm_crc32(0, text, split);
        assert_int_equal(lcm_crc32(crc, text + split, sizeof(text) - 1 - split), 0x414FA339u);
        if (split == sizeof(text) - 1)
            break;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_check_values),
        cmocka_unit_test(test_in_pieces),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
