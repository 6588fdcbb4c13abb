// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: hold-off times are the documented ones, jitter keeps them between half and all
 * of the nominal time and reaches both ends, and nothing overflows or grows for ever.
 * Method: the table of docs written again here, both ends and the middle of the random
 * numbers, a seeded sample (printed), every count of failures a byte can hold.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/update/holdoff.h"
#include "tests/lib/ram_flash.h"

static const uint32_t nominal_ms[] = {0, 1000, 20000, 400000, 8000000, 160000000, 604800000};

static void test_table(void **state)
{
    (void)state;
    assert_int_equal(LCM_HOLDOFF_STEPS, 6);
    for (uint32_t random = 0; random < 3; random++)
        assert_int_equal(lcm_holdoff_delay_ms(0, random * 0x7FFFFFFFu), 0);
    for (uint32_t step = 1; step <= 6; step++) {
        uint32_t half = nominal_ms[step] / 2;

        assert_int_equal(lcm_holdoff_delay_ms(step, 0), half);
        assert_int_equal(lcm_holdoff_delay_ms(step, half), nominal_ms[step]);
        assert_int_equal(lcm_holdoff_delay_ms(step, half + 1), half);
    }
}

static void test_jitter(void **state)
{
    uint64_t seed = 20261122;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (uint32_t step = 1; step <= 6; step++) {
        uint32_t low = UINT32_MAX;
        uint32_t high = 0;

        for (uint32_t i = 0; i < 2000; i++) {
            uint32_t delay = lcm_holdoff_delay_ms(step, (uint32_t)ram_flash_random(&seed));

            assert_in_range(delay, nominal_ms[step] / 2, nominal_ms[step]);
            low = delay < low ? delay : low;
            high = delay > high ? delay : high;
        }
        assert_true(low < nominal_ms[step] / 100 * 55);
        assert_true(high > nominal_ms[step] / 100 * 95);
    }
}

static void test_saturation(void **state)
{
    (void)state;
    for (uint32_t failures = 6; failures < 300; failures++)
        assert_int_equal(lcm_holdoff_delay_ms(failures, 77), lcm_holdoff_delay_ms(6, 77));
    assert_int_equal(lcm_holdoff_delay_ms(UINT32_MAX, 0), 302400000);
    for (uint32_t failures = 0; failures < 256; failures++)
        assert_int_equal(lcm_holdoff_next((uint8_t)failures), failures < 6 ? failures + 1 : 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_jitter),
        cmocka_unit_test(test_saturation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
