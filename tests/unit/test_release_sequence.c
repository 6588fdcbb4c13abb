// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a later version always gets a higher sequence number, pre-releases included;
 * versions the formula does not cover are refused, never wrapped around.
 * Method: an ascending list of versions, known numbers, and the limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tools/release_sequence.h"

static void test_ascending(void **state)
{
    static const char *const versions[] = {
        "0.0.1-beta.1", "0.0.1",     "0.1.0",        "1.0.0-1", "1.0.0-rc.9",
        "1.0.0-rc.10",  "1.0.0",     "1.0.1-beta.1", "1.0.1",   "1.0.999",
        "1.1.0",        "1.999.999", "v2.0.0",       "41.0.0",  "41.999.999",
    };
    uint32_t last = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        uint32_t sequence = 0;

        assert_int_equal(release_sequence(versions[i], &sequence), LCM_OK);
        assert_true(sequence > last);
        last = sequence;
    }
}

static void test_numbers_never_change(void **state)
{
    uint32_t sequence = 0;

    (void)state;
    assert_int_equal(release_sequence("1.2.3", &sequence), LCM_OK);
    assert_int_equal(sequence, 100200399);
    assert_int_equal(release_sequence("1.2.3-beta.7", &sequence), LCM_OK);
    assert_int_equal(sequence, 100200307);
}

static void test_limits(void **state)
{
    static const char *const bad[] = {
        "42.0.0", "1.1000.0", "1.0.1000", "1.0.0-beta.99", "1.0.0-b4294967297", "", "1.2", "x"};
    uint32_t sequence = 7;

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_not_equal(release_sequence(bad[i], &sequence), LCM_OK);
    assert_int_equal(sequence, 7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ascending),
        cmocka_unit_test(test_numbers_never_change),
        cmocka_unit_test(test_limits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
