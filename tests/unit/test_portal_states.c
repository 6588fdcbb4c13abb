// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: set-up goes on whatever radio, visitors and cables do at the wrong moment, and keeps no
 * secret longer than it is needed.
 * Method: the whole portal on a fake device, disturbed in each of its states.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/keys.h"
#include "tests/lib/portal_steps.h"

#define SCAN_MS 2500u /* a radio looks at 13 channels */

/* ---- scan ---- */

static unsigned rescan(void)
{
    setup_text_begin(&request, LCM_SETUP_SCAN);
    setup_text_put_u8(&request, LCM_ITEM_RESCAN, 1);
    return portal_say();
}

/* A scan takes its time also when set-up has been open for long. */
static void test_later_scan_is_waited_for(void **state)
{
    struct setup_item item;

    (void)state;
    portal_join();
    portal_put_network("home", 6, -50);
    portal.scan_ms = SCAN_MS;
    assert_true(fake_portal_run(&portal, 2 * LCM_SETUP_SCAN_MS));
    assert_int_equal(rescan(), LCM_SETUP_DONE);
    assert_true(fake_portal_run(&portal, SCAN_MS / 2));
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 1);
    assert_true(fake_portal_run(&portal, SCAN_MS));
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 0);
    assert_true(setup_text_find(&answer, LCM_ITEM_NETWORK, 0, &item));
}

/* Nothing to be heard is an answer, too: who asks once does not make the radio search for ever. */
static void test_empty_neighbourhood(void **state)
{
    (void)state;
    portal_join();
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 0);
}

/* The fake radio fails the test when it writes into what was lent to TLS. */
static void test_no_scan_reaches_into_a_trial(void **state)
{
    (void)state;
    portal_join();
    portal_put_network("home", 6, -50);
    portal.scan_ms = SCAN_MS;
    portal.device.resolve_result = LCM_PENDING;
    assert_int_equal(rescan(), LCM_SETUP_DONE);
    portal_set_network("home", "right password");
    portal_put(LCM_ITEM_REPOSITORY, "me/lamp");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    assert_int_equal(rescan(), LCM_SETUP_DONE); /* the page asks again: not now */
    for (uint32_t i = 0; i < 20 && !portal.is_refusing; i++)
        assert_true(fake_portal_run(&portal, SCAN_MS / 10));
    assert_true(portal.is_refusing);
    assert_true(fake_portal_run(&portal, 2 * SCAN_MS));
}

static void test_no_scan_while_joining(void **state)
{
    (void)state;
    portal_join();
    portal_put_network("home", 6, -50);
    portal.scan_ms = SCAN_MS;
    portal.device.join_result = LCM_PENDING;
    portal_set_network("home", "right password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    assert_true(fake_portal_run(&portal, 1000));
    assert_int_equal(rescan(), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 0);
    assert_true(fake_portal_run(&portal, 100));
    assert_null(portal.scan_networks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_later_scan_is_waited_for, portal_set_up),
        cmocka_unit_test_setup(test_empty_neighbourhood, portal_set_up),
        cmocka_unit_test_setup(test_no_scan_reaches_into_a_trial, portal_set_up),
        cmocka_unit_test_setup(test_no_scan_while_joining, portal_set_up),
    };
    return cmocka_run_group_tests(tests, portal_group_set_up, portal_group_tear_down);
}
