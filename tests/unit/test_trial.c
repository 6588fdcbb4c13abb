// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a trial goes the way of a check with the values it was given, says in which phase
 * it failed and why, and leaves no trace: nothing on flash, no failure counted, no report,
 * lent memory untouched. A network that cannot be joined leads to set-up where it should.
 * Method: the fake device; a trial against real servers is in the system tests of set-up.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/keys.h"
#include "core/update/states.h"
#include "tests/lib/device_parts.h"
#include "tests/lib/fake_device.h"
#include "tests/lib/update_fixture.h"

#define MINUTE_MS 60000u

static struct fake_device device;

static struct lcm_trial trial;

static int set_up(void **state)
{
    (void)state;
    fake_device_init(&device);
    update_flash_put(&device.flash, LCM_TRUST_A_ADDR, parts.sector, sizeof(parts.sector));
    fake_device_put_setting(&device, LCM_KEY_WIFI_SSID, "stored");
    fake_device_put_setting(&device, LCM_KEY_OTA_REPO, "stored/app");
    trial = (struct lcm_trial){
        .ssid = "tried", .password = "tried password", .repository = "tried/app", .file = ""};
    device.trial = &trial;
    device.has_setup = true;
    return 0;
}

static void put_app(void)
{
    update_flash_put(&device.flash, LCM_SLOT0_ADDR, parts.app, sizeof(parts.app));
}

/* Run the trial to its end, with its lent memory watched. */
static void assert_trial_ends(enum lcm_err result, enum lcm_setup_phase phase)
{
    static uint8_t flash_before[LCM_FLASH_SIZE];
    uint8_t rtc_before[LCM_RTC_SIZE];

    /* Opening settings and install state for the first time may mend and format. */
    struct lcm_state_log log;
    assert_int_equal(lcm_state_open(&log, &device.flash.port), LCM_OK);
    memcpy(flash_before, device.flash.data, sizeof(flash_before));
    memcpy(rtc_before, device.rtc, sizeof(rtc_before));
    memset(device.lifecycle.lent, 0xA5, sizeof(device.lifecycle.lent));
    fake_device_begin(&device, 1);
    assert_true(fake_device_run(&device, device.now_ms + 5 * MINUTE_MS));
    assert_int_equal(device.lifecycle.outcome, LCM_OUTCOME_TRIED);
    assert_int_equal(device.lifecycle.result, result);
    assert_int_equal(lcm_lifecycle_trial_phase(&device.lifecycle), phase);
    assert_false(lcm_lifecycle_uses_tls_buffer(&device.lifecycle));
    assert_memory_equal(device.flash.data, flash_before, sizeof(flash_before));
    assert_memory_equal(device.rtc, rtc_before, sizeof(rtc_before));
    assert_int_equal(device.datagram_count, 0);
    for (size_t i = 0; i < sizeof(device.lifecycle.lent); i++)
        assert_int_equal(device.lifecycle.lent[i], 0xA5);
}

static void test_wrong_password(void **state)
{
    (void)state;
    device.join_result = LCM_ERR_WIFI_PASSWORD;
    assert_trial_ends(LCM_ERR_WIFI_PASSWORD, LCM_SETUP_PHASE_JOIN);
}

static void test_silent_network(void **state)
{
    (void)state;
    device.join_result = LCM_PENDING;
    assert_trial_ends(LCM_ERR_TIMEOUT, LCM_SETUP_PHASE_JOIN);
}

static void test_no_address(void **state)
{
    (void)state;
    device.join_result = LCM_PENDING;
    device.has_link = true;
    assert_trial_ends(LCM_ERR_NO_ADDRESS, LCM_SETUP_PHASE_JOIN);
}

static void test_without_repository(void **state)
{
    (void)state;
    trial.repository = "";
    assert_trial_ends(LCM_OK, LCM_SETUP_PHASE_DONE);
    assert_false(fake_device_was_in(&device, "find app release"));
}

static void test_unknown_host(void **state)
{
    (void)state;
    assert_trial_ends(LCM_ERR_DNS, LCM_SETUP_PHASE_HOST);
    assert_string_equal(device.lifecycle.app_repository, "tried/app");
    assert_string_equal(device.lifecycle.app_file, "main.bin");
    assert_false(fake_device_was_in(&device, "find LifeCycle Manager release"));
    assert_false(fake_device_was_in(&device, "hold-off"));
}

static void test_unreachable_host(void **state)
{
    (void)state;
    device.resolve_result = LCM_OK;
    assert_trial_ends(LCM_ERR_CONNECT, LCM_SETUP_PHASE_HOST);
}

/* A check would go on for LifeCycle Manager's own files; a trial is about trust in the host. */
static void test_certificate_that_is_not_trusted(void **state)
{
    (void)state;
    device.resolve_result = LCM_ERR_CERTIFICATE; /* as any step of a connection may say */
    assert_trial_ends(LCM_ERR_CERTIFICATE, LCM_SETUP_PHASE_HOST);
    assert_false(fake_device_was_in(&device, "server invalid"));
}

/* An app that could run does not end the trial, and a gesture's count is left alone. */
static void test_app_and_gesture_do_not_matter(void **state)
{
    (void)state;
    put_app();
    fake_device_put_count(&device, 9);
    assert_trial_ends(LCM_ERR_DNS, LCM_SETUP_PHASE_HOST);
    assert_true(fake_device_has_setting(&device, LCM_KEY_WIFI_SSID));
}

/* What is stored says the opposite of what is tried. */
static void test_values_are_those_of_the_trial(void **state)
{
    (void)state;
    fake_device_put_setting(&device, LCM_KEY_OTA_FILE, "stored.bin");
    fake_device_put_setting(&device, LCM_KEY_APP_KEY, "not readable, and not asked for");
    trial.file = "tried.bin";
    trial.is_app_beta = true;
    trial.is_unsigned_allowed = true;
    assert_trial_ends(LCM_ERR_DNS, LCM_SETUP_PHASE_HOST);
    assert_string_equal(device.lifecycle.app_file, "tried.bin");
    assert_true(device.lifecycle.is_app_beta);
    assert_true(device.lifecycle.is_unsigned_allowed);
    assert_false(device.lifecycle.has_pinned_key);
    fake_device_put_setting(&device, LCM_KEY_OTA_BETA, "y");
    fake_device_put_setting(&device, LCM_KEY_UNSIGNED, "y");
    trial.is_app_beta = false;
    trial.is_unsigned_allowed = false;
    trial.has_pinned_key = true;
    assert_trial_ends(LCM_ERR_DNS, LCM_SETUP_PHASE_HOST);
    assert_false(device.lifecycle.is_app_beta);
    assert_false(device.lifecycle.is_unsigned_allowed);
    assert_true(device.lifecycle.has_pinned_key);
}

/* A name longer than any setting is not cut to the name of something else. */
static void test_texts_that_are_too_long(void **state)
{
    char repository[LCM_REPOSITORY_SIZE + 1] = "o/";
    char file[LCM_FILE_SIZE + 1] = "";

    (void)state;
    memset(repository + 2, 'r', sizeof(repository) - 3);
    memset(file, 'f', sizeof(file) - 1);
    trial.repository = repository;
    trial.file = file;
    assert_trial_ends(LCM_OK, LCM_SETUP_PHASE_DONE);
    assert_string_equal(device.lifecycle.app_repository, "");
    assert_string_equal(device.lifecycle.app_file, "");
    assert_false(fake_device_was_in(&device, "find app release"));
}

/* Behind the host no fake goes: the ways from there, one by one. */
static void test_ways_to_the_end(void **state)
{
    struct lcm_lifecycle *lc = &device.lifecycle;

    (void)state;
    assert_trial_ends(LCM_ERR_DNS, LCM_SETUP_PHASE_HOST);
    lc->failure = LCM_OK;
    assert_int_equal(state_find_app_choose(lc, LCM_ERR_HTTP_NOT_FOUND), STATE_FAILED);
    assert_int_equal(lc->failure, LCM_ERR_HTTP_NOT_FOUND);
    assert_int_equal(state_find_app_choose(lc, LCM_OK), STATE_APP_LOCATE);
    assert_int_equal(state_app_locate_choose(lc, LCM_OK), STATE_TRIAL_END);
    assert_int_equal(state_app_locate_choose(lc, LCM_ERR_TIMEOUT), STATE_FAILED);
    lc->sub_step = 0; /* the manifest is missing */
    assert_int_equal(state_app_locate_choose(lc, LCM_ERR_HTTP_NOT_FOUND), STATE_FAILED);
    assert_int_equal(lc->failure, LCM_ERR_UNSIGNED);
    lc->is_unsigned_allowed = true;
    assert_int_equal(state_app_locate_choose(lc, LCM_ERR_HTTP_NOT_FOUND),
                     STATE_APP_SIGNATURE_LOCATE);
    assert_int_equal(state_app_signature_locate_choose(lc, LCM_OK), STATE_TRIAL_END);
    assert_int_equal(state_app_signature_locate_choose(lc, LCM_ERR_HTTP_NOT_FOUND), STATE_FAILED);
    lc->has_pinned_key = true;
    assert_int_equal(state_app_locate_choose(lc, LCM_ERR_HTTP_NOT_FOUND), STATE_FAILED);
    assert_int_equal(lc->failure, LCM_ERR_UNSIGNED);
}

static enum lcm_setup_phase phase_in(enum lcm_state in)
{
    device.lifecycle.state = (uint8_t)in;
    return lcm_lifecycle_trial_phase(&device.lifecycle);
}

static void test_phases_of_the_last_states(void **state)
{
    (void)state;
    fake_device_begin(&device, 1);
    assert_int_equal(phase_in(STATE_FIND_APP), LCM_SETUP_PHASE_HOST);
    device.lifecycle.fetch.connection.state = LCM_CONNECTION_OPEN; /* it is the host, but silent */
    assert_int_equal(phase_in(STATE_FIND_APP), LCM_SETUP_PHASE_REPOSITORY);
    device.lifecycle.fetch.connection.state = LCM_CONNECTION_CLOSED;
    device.lifecycle.fetch.parser.response.status = 404; /* the host spoke: about the repository */
    assert_int_equal(phase_in(STATE_FIND_APP), LCM_SETUP_PHASE_REPOSITORY);
    assert_int_equal(phase_in(STATE_APP_LOCATE), LCM_SETUP_PHASE_FILE);
    assert_int_equal(phase_in(STATE_APP_SIGNATURE_LOCATE), LCM_SETUP_PHASE_FILE);
    assert_int_equal(phase_in(STATE_TRIAL_END), LCM_SETUP_PHASE_DONE);
    assert_false(lcm_lifecycle_uses_tls_buffer(&device.lifecycle));
    (void)phase_in(STATE_APP_LOCATE);
    assert_true(lcm_lifecycle_uses_tls_buffer(&device.lifecycle));
}

static void test_phase_follows_the_states(void **state)
{
    (void)state;
    device.join_result = LCM_PENDING;
    fake_device_begin(&device, 1);
    assert_int_equal(lcm_lifecycle_trial_phase(&device.lifecycle), LCM_SETUP_PHASE_JOIN);
    (void)fake_device_run(&device, device.now_ms + 1000);
    assert_int_equal(lcm_lifecycle_trial_phase(&device.lifecycle), LCM_SETUP_PHASE_JOIN);
    assert_false(lcm_lifecycle_uses_tls_buffer(&device.lifecycle));
    device.join_result = LCM_OK;
    device.utc_s = 0;
    (void)fake_device_run(&device, device.now_ms + 1000);
    assert_int_equal(lcm_lifecycle_trial_phase(&device.lifecycle), LCM_SETUP_PHASE_CLOCK);
    assert_false(lcm_lifecycle_uses_tls_buffer(&device.lifecycle));
    device.utc_s = 1795342830;
    device.resolve_result = LCM_PENDING;
    (void)fake_device_run(&device, device.now_ms + 1000);
    assert_int_equal(lcm_lifecycle_trial_phase(&device.lifecycle), LCM_SETUP_PHASE_HOST);
    assert_true(lcm_lifecycle_uses_tls_buffer(&device.lifecycle));
}

/* ---- when a normal run leads to set-up ---- */

static void run_normally(enum lcm_outcome outcome, enum lcm_err result, uint8_t failures)
{
    device.trial = NULL;
    fake_device_begin(&device, 1);
    assert_true(fake_device_run(&device, device.now_ms + 5 * MINUTE_MS));
    assert_int_equal(device.lifecycle.outcome, outcome);
    assert_int_equal(device.lifecycle.result, result);
    assert_int_equal(device.lifecycle.failures, failures);
}

/* The first time it may only have been slow: one more try, then set-up, now and after each reset.
 */
static void test_network_that_refuses_leads_to_setup(void **state)
{
    (void)state;
    device.join_result = LCM_ERR_WIFI_PASSWORD;
    run_normally(LCM_OUTCOME_SETUP, LCM_ERR_WIFI_PASSWORD, 1);
    assert_int_equal(device.wait_count, 1);
    run_normally(LCM_OUTCOME_SETUP, LCM_ERR_WIFI_PASSWORD, 1);
    assert_int_equal(device.wait_count, 1);
}

/* However often it fails: nobody is there who could enter anything. */
static void test_app_comes_before_setup(void **state)
{
    (void)state;
    put_app();
    device.join_result = LCM_ERR_WIFI_PASSWORD;
    for (uint8_t failures = 1; failures < 4; failures++)
        run_normally(LCM_OUTCOME_BOOT_APP, LCM_ERR_WIFI_PASSWORD, failures);
}

static void test_gesture_leads_to_setup_even_with_an_app(void **state)
{
    (void)state;
    put_app();
    device.join_result = LCM_ERR_WIFI_NOT_FOUND;
    fake_device_put_count(&device, 5);
    run_normally(LCM_OUTCOME_SETUP, LCM_ERR_WIFI_NOT_FOUND, 0);
    fake_device_put_count(&device, 8); /* forget the network */
    run_normally(LCM_OUTCOME_SETUP, LCM_ERR_NO_WIFI_SETTINGS, 0);
}

static void test_host_failures_do_not_lead_to_setup(void **state)
{
    (void)state;
    put_app();
    fake_device_put_count(&device, 5);
    run_normally(LCM_OUTCOME_BOOT_APP, LCM_ERR_DNS, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_wrong_password, set_up),
        cmocka_unit_test_setup(test_silent_network, set_up),
        cmocka_unit_test_setup(test_no_address, set_up),
        cmocka_unit_test_setup(test_without_repository, set_up),
        cmocka_unit_test_setup(test_unknown_host, set_up),
        cmocka_unit_test_setup(test_unreachable_host, set_up),
        cmocka_unit_test_setup(test_app_and_gesture_do_not_matter, set_up),
        cmocka_unit_test_setup(test_certificate_that_is_not_trusted, set_up),
        cmocka_unit_test_setup(test_values_are_those_of_the_trial, set_up),
        cmocka_unit_test_setup(test_texts_that_are_too_long, set_up),
        cmocka_unit_test_setup(test_ways_to_the_end, set_up),
        cmocka_unit_test_setup(test_phases_of_the_last_states, set_up),
        cmocka_unit_test_setup(test_phase_follows_the_states, set_up),
        cmocka_unit_test_setup(test_network_that_refuses_leads_to_setup, set_up),
        cmocka_unit_test_setup(test_app_comes_before_setup, set_up),
        cmocka_unit_test_setup(test_gesture_leads_to_setup_even_with_an_app, set_up),
        cmocka_unit_test_setup(test_host_failures_do_not_lead_to_setup, set_up),
    };
    return cmocka_run_group_tests(tests, device_parts_open, device_parts_close);
}
