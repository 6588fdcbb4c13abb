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
#include "host/spake2_client.h"
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

/* A radio that says nothing: the scan ends, however often somebody asks for it meanwhile. */
static void test_silent_radio_is_given_up(void **state)
{
    (void)state;
    portal_join();
    portal.scan_result = LCM_PENDING;
    for (uint32_t i = 0; i < 3; i++) {
        assert_int_equal(rescan(), LCM_SETUP_DONE);
        assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 1);
        assert_true(fake_portal_run(&portal, LCM_SETUP_SCAN_MS / 3));
    }
    assert_true(fake_portal_run(&portal, 100));
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 0);
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

/* ---- the access point ---- */

/* What a beacon says of its channel is a stranger's word: it must not keep the network closed. */
static void test_stored_network_on_a_channel_of_no_access_point(void **state)
{
    (void)state;
    fake_device_put_setting(&portal.device, LCM_KEY_WIFI_SSID, "home");
    portal_put_network("home", 14, -40);
    portal_put_network("other", 11, -70);
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    assert_int_equal(portal.channel, 11);
    portal.networks[0].channel = 0;
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    assert_int_equal(portal.channel, 11);
    portal.networks[0].channel = 1;
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    assert_int_equal(portal.channel, 1);
    portal.networks[0].channel = 13;
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    assert_int_equal(portal.channel, 13);
}

/* A device that has neither network nor app, and no access point: it tries again, by itself. */
static void test_access_point_that_does_not_open(void **state)
{
    (void)state;
    portal.start_result = LCM_ERR_NO_SPACE;
    fake_portal_begin(&portal);
    portal.visitors[0].is_waiting = true;
    assert_true(fake_portal_run(&portal, LCM_SETUP_IDLE_MS - 1000));
    assert_false(portal.visitors[0].is_here); /* nobody is asked in where nothing is open */
    assert_non_null(strstr(portal.printed, "cannot be opened"));
    assert_false(fake_portal_run(&portal, 3000));
    assert_int_equal(portal.setup.outcome, LCM_SETUP_CHECK);
}

/* ---- trials ---- */

/* A host that answers a few bytes now and then does not keep visitors out for hours. */
static void test_trial_ends_some_time(void **state)
{
    (void)state;
    portal_join();
    portal.device.join_result = LCM_PENDING;
    portal_set_network("home", "right password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    assert_true(fake_portal_run(&portal, 2 * LCM_SETUP_PAUSE_MS));
    /* As if this were a state without a bound of its own. */
    for (uint32_t i = 0; i < LCM_SETUP_TRY_MS / 10000; i++) {
        assert_int_equal(portal.setup.attempt.phase, LCM_SETUP_PHASE_JOIN);
        assert_true(fake_portal_run(&portal, 10000));
        portal.device.lifecycle.entered_ms = portal.device.now_ms;
    }
    assert_int_equal(portal_command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_PHASE, 0), LCM_SETUP_PHASE_FAILED);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_FAILED_PHASE, 0), LCM_SETUP_PHASE_JOIN);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_ERROR, 0), LCM_ERR_TIMEOUT);
    assert_in_range(portal.device.leave_count, 2, 9);
}

/* The person may have been away while it lasted: the end is there to be read. */
static void test_end_of_a_trial_waits_for_its_reader(void **state)
{
    (void)state;
    portal.config.has_app = true;
    fake_portal_begin(&portal);
    assert_true(fake_portal_run(&portal, 100));
    portal_join();
    portal.device.join_result = LCM_PENDING;
    portal_set_network("home", "right password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    assert_true(fake_portal_run(&portal, 25000));
    portal.device.join_result = LCM_ERR_WIFI_PASSWORD;
    assert_true(fake_portal_run(&portal, LCM_SETUP_IDLE_MS));
    assert_int_equal(portal_command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_PHASE, 0), LCM_SETUP_PHASE_FAILED);
}

static bool is_in_memory(const char *text)
{
    return memmem(&portal.setup, sizeof(portal.setup), text, strlen(text)) != NULL ||
           memmem(portal.room, sizeof(portal.room), text, strlen(text)) != NULL ||
           memmem(&portal.device.lifecycle, sizeof(portal.device.lifecycle), text, strlen(text)) !=
               NULL;
}

static void test_password_of_a_failed_trial_is_wiped(void **state)
{
    (void)state;
    portal_join();
    portal.device.join_result = LCM_PENDING;
    portal_set_network("home", "secret of mine");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    assert_true(fake_portal_run(&portal, 1000));
    assert_true(is_in_memory("secret of mine"));
    portal.device.join_result = LCM_ERR_WIFI_PASSWORD;
    assert_true(fake_portal_run(&portal, 1000));
    assert_false(is_in_memory("secret of mine"));
}

static void test_password_of_a_refused_form_is_wiped(void **state)
{
    (void)state;
    portal_join();
    portal_set_network("home", "secret of mine");
    portal_put(LCM_ITEM_REPOSITORY, "no repository");
    assert_int_equal(portal_say(), LCM_SETUP_REFUSED);
    assert_false(is_in_memory("secret of mine"));
    portal_set_network("home", "secret of mine");
    portal_put(LCM_ITEM_CONFIRMATION, "x");
    assert_int_equal(portal_say(), LCM_SETUP_MALFORMED);
    assert_false(is_in_memory("secret of mine"));
}

static void test_password_that_was_stored_is_wiped(void **state)
{
    (void)state;
    portal_join();
    portal_set_network("home", "secret of mine");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    portal_wait_for_phase(LCM_SETUP_PHASE_DONE, 5000);
    assert_false(is_in_memory("secret of mine"));
}

/* ---- the room that is lent ---- */

static void begin_tls_trial(void)
{
    portal.device.resolve_result = LCM_PENDING;
    portal_set_network("home", "right password");
    portal_put(LCM_ITEM_REPOSITORY, "me/lamp");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
}

/* Visitors in the middle of whatever they do go before TLS comes (the fake access point looks), and
 * what TLS leaves behind is not taken for visitors, exchanges or networks. */
static void test_room_goes_and_comes_back(void **state)
{
    (void)state;
    portal_put_network("home", 6, -50);
    portal_join();
    assert_int_equal(rescan(), LCM_SETUP_DONE);
    begin_tls_trial();
    fake_portal_visit(&portal, 1, "GET / HT", 8);
    assert_true(fake_portal_run(&portal, 100));
    assert_true(portal.visitors[1].is_here);
    assert_true(fake_portal_run(&portal, 1000));
    assert_true(portal.is_refusing);
    assert_true(portal.visitors[1].is_closed_by_device);
    for (size_t i = 0; i < sizeof(portal.room); i++)
        assert_int_equal(portal.room[i], 0);
    memset(portal.room, 0xA5, sizeof(portal.room));
    portal.device.resolve_result = LCM_ERR_DNS;
    assert_true(fake_portal_run(&portal, 500));
    assert_false(portal.is_refusing);
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 1);
    assert_int_equal(portal_command(LCM_SETUP_SCAN), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_SCANNING, 99), 0);
    portal_join();
}

/* An exchange whose memory went away is over: its proof is not a wrong code. */
static void test_exchange_before_a_trial_is_forgotten(void **state)
{
    uint8_t body[FAKE_VISITOR_OUT_MAX];
    uint8_t proof[LCM_SETUP_SESSION_SIZE + LCM_SETUP_CONFIRM_SIZE];
    uint8_t share[LCM_SETUP_POINT_SIZE];
    struct spake2_client *client = NULL;

    (void)state;
    portal_join();
    begin_tls_trial();
    assert_int_equal(spake2_client_begin(&client, FAKE_PORTAL_CODE, FAKE_PORTAL_ID, share), LCM_OK);
    assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), body, NULL), 200);
    memcpy(proof, body, LCM_SETUP_SESSION_SIZE);
    assert_int_equal(spake2_client_finish(client, body, body + LCM_SETUP_SESSION_SIZE,
                                          proof + LCM_SETUP_SESSION_SIZE),
                     LCM_OK);
    spake2_client_free(client);
    assert_true(fake_portal_run(&portal, 1000));
    assert_true(portal.is_refusing);
    portal.device.resolve_result = LCM_ERR_DNS;
    assert_true(fake_portal_run(&portal, 500));
    assert_int_equal(fake_portal_post(&portal, "/p2", proof, sizeof(proof), NULL, NULL), 404);
    assert_int_equal(portal.setup.sessions.wrong_codes, 0);
}

/* Done is said when it is stored, not a step before. */
static void test_done_means_stored(void **state)
{
    struct setup_item item;

    (void)state;
    portal_join();
    portal_set_network("home", "right password");
    assert_int_equal(portal_say(), LCM_SETUP_DONE);
    for (uint32_t i = 0; i < 1000 && !portal.setup.attempt.is_stored; i++) {
        assert_int_not_equal(portal.setup.attempt.phase, LCM_SETUP_PHASE_DONE);
        assert_true(fake_portal_run(&portal, 1));
    }
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "home"));
    assert_int_equal(portal_command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    assert_true(setup_text_find(&answer, LCM_ITEM_ADDRESS, 0, &item));
    assert_memory_equal(item.value, "\xC0\xA8\x01\x09", 4);
}

/* ---- page and serial line at once ---- */

/* A form that is refused takes the line's answers with it: the line says so and begins again. */
static void test_form_between_two_answers_of_the_line(void **state)
{
    (void)state;
    portal_type("\nhome\nline password\n");
    assert_true(fake_portal_run(&portal, 100));
    portal_join();
    portal_set_network("page", "short");
    assert_int_equal(portal_say(), LCM_SETUP_REFUSED);
    assert_non_null(strstr(portal.printed, "a visitor sent other values"));
    portal.printed_size = 0;
    portal_type("home\nline password\n\n\n\n\n\n\n\n\n\n");
    assert_true(fake_portal_run(&portal, 3000));
    assert_non_null(strstr(portal.printed, "set-up: stored"));
    assert_true(portal_is_stored(LCM_KEY_WIFI_SSID, "home"));
    assert_true(portal_is_stored(LCM_KEY_WIFI_PASSWORD, "line password"));
}

static void test_malformed_form_between_two_answers_of_the_line(void **state)
{
    (void)state;
    portal_type("\nhome\nhalf a secret");
    assert_true(fake_portal_run(&portal, 100));
    portal_join();
    portal_set_network("page", "page password");
    portal_put(LCM_ITEM_SSID, "again");
    assert_int_equal(portal_say(), LCM_SETUP_MALFORMED);
    assert_non_null(strstr(portal.printed, "a visitor sent other values"));
    assert_false(is_in_memory("half a secret"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_later_scan_is_waited_for, portal_set_up),
        cmocka_unit_test_setup(test_silent_radio_is_given_up, portal_set_up),
        cmocka_unit_test_setup(test_empty_neighbourhood, portal_set_up),
        cmocka_unit_test_setup(test_no_scan_reaches_into_a_trial, portal_set_up),
        cmocka_unit_test_setup(test_no_scan_while_joining, portal_set_up),
        cmocka_unit_test_setup(test_stored_network_on_a_channel_of_no_access_point, portal_set_up),
        cmocka_unit_test_setup(test_access_point_that_does_not_open, portal_set_up),
        cmocka_unit_test_setup(test_trial_ends_some_time, portal_set_up),
        cmocka_unit_test_setup(test_end_of_a_trial_waits_for_its_reader, portal_set_up),
        cmocka_unit_test_setup(test_password_of_a_failed_trial_is_wiped, portal_set_up),
        cmocka_unit_test_setup(test_password_of_a_refused_form_is_wiped, portal_set_up),
        cmocka_unit_test_setup(test_password_that_was_stored_is_wiped, portal_set_up),
        cmocka_unit_test_setup(test_room_goes_and_comes_back, portal_set_up),
        cmocka_unit_test_setup(test_exchange_before_a_trial_is_forgotten, portal_set_up),
        cmocka_unit_test_setup(test_done_means_stored, portal_set_up),
        cmocka_unit_test_setup(test_form_between_two_answers_of_the_line, portal_set_up),
        cmocka_unit_test_setup(test_malformed_form_between_two_answers_of_the_line, portal_set_up),
    };
    return cmocka_run_group_tests(tests, portal_group_set_up, portal_group_tear_down);
}
