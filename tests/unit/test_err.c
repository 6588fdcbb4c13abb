// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: every result code has a name and a sentence of its own, and a number that is none is
 * answered too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "lcm/err.h"

static void test_names_are_those_of_the_table(void **state)
{
    (void)state;
#define CHECK(number, name, text) \
    assert_int_equal(LCM_ERR_##name, number); \
    assert_string_equal(lcm_err_name(LCM_ERR_##name), #name); \
    assert_string_equal(lcm_err_text(LCM_ERR_##name), text);
    LCM_ERR_TABLE(CHECK)
#undef CHECK
}

static void test_names_and_sentences_are_unique(void **state)
{
    (void)state;
    for (int i = 0; i < LCM_ERR_COUNT; i++) {
        assert_true(lcm_err_text((enum lcm_err)i)[0] != '\0');
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(lcm_err_name((enum lcm_err)i), lcm_err_name((enum lcm_err)j));
            assert_string_not_equal(lcm_err_text((enum lcm_err)i), lcm_err_text((enum lcm_err)j));
        }
    }
}

static void test_number_that_is_none(void **state)
{
    (void)state;
    assert_string_equal(lcm_err_name(LCM_ERR_COUNT), "UNKNOWN");
    assert_string_equal(lcm_err_text(LCM_ERR_COUNT), "unknown error");
    assert_string_equal(lcm_err_name((enum lcm_err)255), "UNKNOWN");
    assert_string_equal(lcm_err_text((enum lcm_err)255), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names_are_those_of_the_table),
        cmocka_unit_test(test_names_and_sentences_are_unique),
        cmocka_unit_test(test_number_that_is_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
