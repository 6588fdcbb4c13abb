// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: visitors who are slow, greedy or many do not keep others out; the serial line asks the same
 * questions and prints no password.
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

/* ---- the serial line ---- */

static void type(const char *text)
{
    size_t size = strlen(text);

    memcpy(portal.typed + portal.typed_size, text, size);
    portal.typed_size += size;
}

static void test_serial_menu(void **state)
{
    (void)state;
    type(
        "\r\nhome\nright passwort\b\b\bword!\nno repo\nme/lamp\n\n\ny\n\nparam 1\n-13\nlogs:514\n");
    portal.device.resolve_result = LCM_OK; /* connect fails: host not reachable */
    assert_true(fake_portal_run(&portal, 500));
    assert_non_null(strstr(portal.printed, "that is not valid"));
    assert_null(strstr(portal.printed, "right"));
    type("\n");
    assert_true(fake_portal_run(&portal, 3000));
    assert_non_null(strstr(portal.printed, "not stored: host not reachable"));
    assert_false(portal_is_stored(LCM_KEY_WIFI_SSID, "home"));
    type("home\nright password\n\n\n\n\n\n\n\n\n\n");
    assert_true(fake_portal_run(&portal, 3000));
    assert_non_null(strstr(portal.printed, "set-up: stored"));
    assert_true(portal_is_stored(LCM_KEY_WIFI_PASSWORD, "right password"));
    assert_null(strstr(portal.printed, "right"));
}

static void test_serial_menu_is_offered_for_a_while(void **state)
{
    (void)state;
    assert_non_null(strstr(portal.printed, "press <enter>"));
    assert_true(fake_portal_run(&portal, LCM_SETUP_MENU_WINDOW_MS + 1000));
    type("\n");
    assert_true(fake_portal_run(&portal, 1000));
    assert_null(strstr(portal.printed, "Wi-Fi network:"));
}

static void test_no_serial_menu_with_a_stored_network(void **state)
{
    (void)state;
    fake_device_put_setting(&portal.device, LCM_KEY_WIFI_SSID, "stored");
    portal.printed_size = 0;
    fake_portal_begin(&portal);
    type("\n");
    assert_true(fake_portal_run(&portal, 1000));
    assert_null(strstr(portal.printed, "press <enter>"));
    assert_null(strstr(portal.printed, "Wi-Fi network:"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_slow_visitors_are_shown_out, portal_set_up),
        cmocka_unit_test_setup(test_visitors_who_do_not_read_are_shown_out, portal_set_up),
        cmocka_unit_test_setup(test_idle_connections_do_not_lock_out, portal_set_up),
        cmocka_unit_test_setup(test_who_leaves_early_is_forgotten, portal_set_up),
        cmocka_unit_test_setup(test_six_at_once, portal_set_up),
        cmocka_unit_test_setup(test_serial_menu, portal_set_up),
        cmocka_unit_test_setup(test_serial_menu_is_offered_for_a_while, portal_set_up),
        cmocka_unit_test_setup(test_no_serial_menu_with_a_stored_network, portal_set_up),
    };
    return cmocka_run_group_tests(tests, portal_group_set_up, portal_group_tear_down);
}
