// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the exception handler of the chip carries byte and half-word loads out as the CPU would.
 * Method: instruction words taken from the assembler's listing, values by hand for every place in a
 * word; instructions that are something else must be refused; fetching across a word border.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "port/lx106/narrow_load.h"

#define L8UI_A3_A5_7 0x070532u   /* l8ui a3, a5, 7 */
#define L16UI_A4_A2_2 0x011242u  /* l16ui a4, a2, 2 */
#define L16SI_A15_A1_6 0x0391F2u /* l16si a15, a1, 6 */
#define L32I_A3_A5_4 0x012532u
#define S8I_A3_A5_7 0x074532u
#define ADD_A2_A3_A4 0x802340u

static void test_recognised(void **state)
{
    (void)state;
    assert_true(narrow_load_is(L8UI_A3_A5_7));
    assert_true(narrow_load_is(L16UI_A4_A2_2));
    assert_true(narrow_load_is(L16SI_A15_A1_6));
    assert_int_equal(narrow_load_target(L8UI_A3_A5_7), 3);
    assert_int_equal(narrow_load_target(L16UI_A4_A2_2), 4);
    assert_int_equal(narrow_load_target(L16SI_A15_A1_6), 15);
}

static void test_others_refused(void **state)
{
    (void)state;
    assert_false(narrow_load_is(L32I_A3_A5_4));
    assert_false(narrow_load_is(S8I_A3_A5_7));
    assert_false(narrow_load_is(ADD_A2_A3_A4));
}

static void test_values(void **state)
{
    const uint32_t word = 0x8180FF7Fu;

    (void)state;
    assert_int_equal(narrow_load_value(L8UI_A3_A5_7, 0x40200000, word), 0x7F);
    assert_int_equal(narrow_load_value(L8UI_A3_A5_7, 0x40200001, word), 0xFF);
    assert_int_equal(narrow_load_value(L8UI_A3_A5_7, 0x40200003, word), 0x81);
    assert_int_equal(narrow_load_value(L16UI_A4_A2_2, 0x40200000, word), 0xFF7F);
    assert_int_equal(narrow_load_value(L16UI_A4_A2_2, 0x40200002, word), 0x8180);
    assert_int_equal(narrow_load_value(L16SI_A15_A1_6, 0x40200002, word), 0xFFFF8180u);
    assert_int_equal(narrow_load_value(L16SI_A15_A1_6, 0x40200000, 0x00007FFFu), 0x7FFF);
}

static void test_fetch_at_each_alignment(void **state)
{
    const uint32_t word = 0x44332211u;
    const uint32_t next = 0x88776655u;

    (void)state;
    assert_int_equal(narrow_load_fetch(0x40100000, word, next), 0x332211u);
    assert_int_equal(narrow_load_fetch(0x40100001, word, next), 0x443322u);
    assert_int_equal(narrow_load_fetch(0x40100002, word, next), 0x554433u);
    assert_int_equal(narrow_load_fetch(0x40100003, word, next), 0x665544u);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recognised),
        cmocka_unit_test(test_others_refused),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_fetch_at_each_alignment),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
