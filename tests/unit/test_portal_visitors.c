// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: visitors who are slow, greedy or many do not keep others out.
 * Method: the whole portal on a fake device, spoken to by the independent client in host/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/keys.h"
#include "portal/page.h"
#include "tests/lib/portal_steps.h"

/* ---- visitors who mean no good ---- */

static void test_slow_visitors_are_shown_out(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";

    (void)state;
    for (uint32_t i = 0; i < 2; i++)
        fake_portal_visit(&portal, i, text, sizeof(text) - 1);
    portal.visitors[0].in_allowed = 1;
    portal.visitors[1].in_allowed = 0;
    for (uint32_t second = 0; second < 9; second++) {
        portal.visitors[0].in_allowed++; /* one byte a second */
        assert_true(fake_portal_run(&portal, 1000));
        assert_true(portal.visitors[0].is_here);
    }
    assert_true(fake_portal_run(&portal, 2000));
    assert_memory_equal(portal.visitors[0].out, "HTTP/1.1 408", 12);
    assert_true(portal.visitors[1].is_closed_by_device);
    assert_int_equal(portal.visitors[1].out_size, 0);
}

static void test_visitors_who_do_not_read_are_shown_out(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";

    (void)state;
    fake_portal_visit(&portal, 0, text, sizeof(text) - 1);
    portal.visitors[0].reads_not = true;
    assert_true(fake_portal_run(&portal, LCM_VISIT_STALL_MS - 100));
    assert_true(portal.visitors[0].is_here);
    assert_true(fake_portal_run(&portal, 300));
    assert_true(portal.visitors[0].is_closed_by_device);
    assert_false(portal.visitors[0].is_orderly);
}

/* All places taken by connections that say nothing: they give way after a second. */
static void test_idle_connections_do_not_lock_out(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
        fake_portal_visit(&portal, i, "", 0);
    assert_true(fake_portal_run(&portal, LCM_VISIT_NEW_MS + 100));
    uint32_t left = 0;
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
        left += portal.visitors[i].is_here ? 1u : 0u;
    assert_int_equal(left, LCM_VISITORS_MAX - 1);
}

static void test_who_leaves_early_is_forgotten(void **state)
{
    (void)state;
    fake_portal_visit(&portal, 0, "GET / HT", 8);
    portal.visitors[0].has_left = true;
    assert_true(fake_portal_run(&portal, 100));
    assert_true(portal.visitors[0].is_closed_by_device);
    portal_join();
}

static void test_who_leaves_while_reading_is_forgotten(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";

    (void)state;
    fake_portal_visit(&portal, 0, text, sizeof(text) - 1);
    portal.visitors[0].reads_not = true;
    assert_true(fake_portal_run(&portal, 100));
    assert_true(portal.visitors[0].is_here);
    portal.visitors[0].has_left = true;
    assert_true(fake_portal_run(&portal, 100));
    assert_true(portal.visitors[0].is_closed_by_device);
    assert_false(portal.visitors[0].is_orderly);
}

static void test_six_at_once(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";

    (void)state;
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
        fake_portal_visit(&portal, i, text, sizeof(text) - 1);
    assert_true(fake_portal_run(&portal, 1000));
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++) {
        assert_true(portal.visitors[i].is_orderly);
        assert_true(portal.visitors[i].out_size > lcm_page_size);
        assert_memory_equal(portal.visitors[i].out, portal.visitors[0].out,
                            portal.visitors[0].out_size);
    }
}

/* Progress keeps a visitor, but not for ever. */
static void test_slow_reader_is_shown_out(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: 192.168.4.1\r\n\r\n";

    (void)state;
    fake_portal_visit(&portal, 0, text, sizeof(text) - 1);
    for (uint32_t i = 0; i < 6; i++) {
        portal.visitors[0].reads_not = true;
        assert_true(fake_portal_run(&portal, LCM_VISIT_STALL_MS - 500));
        assert_true(portal.visitors[0].is_here);
        portal.visitors[0].reads_not = false;
        assert_true(fake_portal_run(&portal, 5)); /* one piece */
    }
    portal.visitors[0].reads_not = true;
    assert_true(fake_portal_run(&portal, 4000));
    assert_true(portal.visitors[0].is_closed_by_device);
    assert_false(portal.visitors[0].is_orderly);
}

/* Four connections that wait, two that speak: only as many are sent away as places are needed. */
static void test_who_has_begun_stays(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
        fake_portal_visit(&portal, i, "GET / HT", i == 0 ? 8 : 0);
    assert_true(fake_portal_run(&portal, LCM_VISIT_NEW_MS - 100));
    for (uint32_t i = 0; i < LCM_VISITORS_MAX; i++)
        assert_true(portal.visitors[i].is_here);
    assert_true(fake_portal_run(&portal, 1000));
    assert_true(portal.visitors[0].is_here);
    assert_false(portal.visitors[1].is_here);
    assert_false(portal.visitors[1].is_orderly);
    assert_true(portal.visitors[2].is_here);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_slow_visitors_are_shown_out, portal_set_up),
        cmocka_unit_test_setup(test_visitors_who_do_not_read_are_shown_out, portal_set_up),
        cmocka_unit_test_setup(test_idle_connections_do_not_lock_out, portal_set_up),
        cmocka_unit_test_setup(test_who_leaves_early_is_forgotten, portal_set_up),
        cmocka_unit_test_setup(test_who_leaves_while_reading_is_forgotten, portal_set_up),
        cmocka_unit_test_setup(test_six_at_once, portal_set_up),
        cmocka_unit_test_setup(test_slow_reader_is_shown_out, portal_set_up),
        cmocka_unit_test_setup(test_who_has_begun_stays, portal_set_up),
    };
    return cmocka_run_group_tests(tests, portal_group_set_up, portal_group_tear_down);
}
