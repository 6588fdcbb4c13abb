// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a host that breaks every transfer cannot keep a device busy without end.
 * Method: the judge of broken transfers is asked directly, with what a host can bring about.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/states.h"

#define TRIES_MAX 1000u

static struct lcm_lifecycle lc;

static int clear(void **state)
{
    (void)state;
    memset(&lc, 0, sizeof(lc));
    return 0;
}

/* Goal: three retries without anything new, then it is over. */
static void test_no_progress_ends(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3; i++)
        assert_true(state_may_retry(&lc, LCM_ERR_CLOSED, 0));
    assert_false(state_may_retry(&lc, LCM_ERR_CLOSED, 0));
}

/* Goal: progress gives new retries. */
static void test_progress_goes_on(void **state)
{
    (void)state;
    for (unsigned done = 1; done < TRIES_MAX; done++)
        assert_true(state_may_retry(&lc, LCM_ERR_CLOSED, done));
}

/* Goal: falling back and coming up again is no progress: less, more, less, more is what a host
 * does that breaks off after one byte and after two. */
static void test_up_and_down_is_no_progress(void **state)
{
    unsigned tries = 0;

    (void)state;
    while (tries < TRIES_MAX && state_may_retry(&lc, LCM_ERR_CLOSED, 5 + tries % 2))
        tries++;
    assert_in_range(tries, 3, 10);
}

/* Goal: whatever breaks on the way to a host that is honest gets another try. */
static void test_every_break_is_tried_again(void **state)
{
    static const enum lcm_err breaks[] = {
        LCM_ERR_DNS,     LCM_ERR_CONNECT,  LCM_ERR_TLS,     LCM_ERR_CLOSED,
        LCM_ERR_TIMEOUT, LCM_ERR_TOO_SLOW, LCM_ERR_CORRUPT,
    };

    (void)state;
    for (size_t i = 0; i < sizeof(breaks) / sizeof(breaks[0]); i++) {
        (void)clear(state);
        assert_true(state_may_retry(&lc, breaks[i], 0));
    }
}

/* Goal: an answer that is wrong is not asked for again. */
static void test_refusals_are_final(void **state)
{
    (void)state;
    assert_false(state_may_retry(&lc, LCM_ERR_RANGE, 1));
    assert_false(state_may_retry(&lc, LCM_ERR_HTTP_NOT_FOUND, 1));
    assert_false(state_may_retry(&lc, LCM_ERR_FLASH, 1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_no_progress_ends, clear),
        cmocka_unit_test_setup(test_progress_goes_on, clear),
        cmocka_unit_test_setup(test_up_and_down_is_no_progress, clear),
        cmocka_unit_test_setup(test_every_break_is_tried_again, clear),
        cmocka_unit_test_setup(test_refusals_are_final, clear),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
