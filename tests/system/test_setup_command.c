// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: `lcm setup` sets a device up by script, says why when it does not work, and
 * gives nothing away: no password or code on any screen, nothing to a device that is not the right
 * one. Method: tests/lib/setup_double as the device; the command as a process without terminal. The
 * dialog is in test_setup_dialog.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/lcm_run.h"
#include "tests/lib/setup_double.h"

#define PASSWORD "correct horse battery"

static struct setup_double device;
static struct lcm_run run;
static const uint8_t *value;

static int setup(void **state)
{
    (void)state;
    setup_double_init(&device);
    setup_double_put_networks(&device);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("LCM_SETUP_CODE");
    return 0;
}

/* Neither screen nor wire had it. */
static void assert_secret(void)
{
    assert_false(setup_double_saw(&device, PASSWORD, 8));
    assert_false(setup_double_saw(&device, DOUBLE_CODE, 4));
    assert_null(strstr(run.out, PASSWORD));
    assert_null(strstr(run.err, PASSWORD));
    assert_null(strstr(run.out, "7K3M"));
    assert_null(strstr(run.err, "7K3M"));
}

static void test_set(void **state)
{
    static const char settings[] = "# a lamp\nota_repo=me/lamp\nled_pin=-2\nota_beta=y\n"
                                   "lcm_key=00112233445566778899aabbccddeeff"
                                   "00112233445566778899aabbccddeeff\n";

    (void)state;
    setup_double_play_success(&device);
    workshop_write("code", DOUBLE_CODE_TEXT "\n", strlen(DOUBLE_CODE_TEXT) + 1);
    workshop_write("wifi", PASSWORD "\n", strlen(PASSWORD) + 1);
    workshop_write("lamp.conf", settings, sizeof(settings) - 1);
    setup_double_start(&device);
    lcm_run_ok(&run,
               "setup --url %s --code-file code --set wifi_ssid=home --password-file wifi "
               "--settings lamp.conf",
               device.url);
    setup_double_stop(&device);
    setup_double_expect(&device, LCM_ITEM_SSID, "home");
    setup_double_expect(&device, LCM_ITEM_PASSWORD, PASSWORD);
    setup_double_expect(&device, LCM_ITEM_REPOSITORY, "me/lamp");
    setup_double_expect(&device, LCM_ITEM_LED_PIN, "\xFE");
    setup_double_expect(&device, LCM_ITEM_CHANNEL, "\x01");
    assert_int_equal(setup_double_field(&device, LCM_ITEM_APP_KEY, &value), 32);
    assert_int_equal(value[1], 0x11);
    setup_double_expect(&device, LCM_ITEM_FILE, NULL);
    setup_double_expect(&device, LCM_ITEM_NO_TRIAL, NULL);
    assert_int_equal(device.commands[LCM_SETUP_FINISH], 1);
    assert_non_null(strstr(run.err, "joining the network"));
    assert_non_null(strstr(run.err, "192.168.1.23"));
    assert_non_null(strstr(run.err, "1.2.0"));
    assert_secret();
}

static void test_set_that_fails(void **state)
{
    (void)state;
    setup_double_play_wrong_password(&device);
    setenv("LCM_SETUP_CODE", DOUBLE_CODE_TEXT, 1);
    setup_double_start(&device);
    lcm_run(&run, "setup --url %s --set wifi_ssid=home --set wifi_password=geheim123 --json",
            device.url);
    setup_double_stop(&device);
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.err, "the Wi-Fi password was refused"));
    assert_non_null(strstr(run.err, "Nothing was stored"));
    assert_non_null(strstr(run.err, "can see passwords and keys of the command line"));
    assert_non_null(strstr(run.out, "\"WIFI_PASSWORD\""));
    assert_non_null(strstr(run.out, "\"failed\""));
    assert_null(strstr(run.out, "geheim123"));
    assert_null(strstr(run.err, "geheim123"));
    assert_int_equal(device.commands[LCM_SETUP_FINISH], 0);
}

/* It worked, and the flash would not keep it. */
static void test_not_stored(void **state)
{
    static const struct double_state unstored[] = {
        {.phase = LCM_SETUP_PHASE_JOIN},
        {.phase = LCM_SETUP_PHASE_DONE},
    };

    (void)state;
    setup_double_play(&device, unstored, sizeof(unstored) / sizeof(unstored[0]));
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    setup_double_start(&device);
    lcm_run_refused(1, "did not store", "setup --url %s --set ota_repo=me/lamp", device.url);
    setup_double_stop(&device);
    assert_int_equal(device.commands[LCM_SETUP_FINISH], 0);
}

static void test_save_anyway(void **state)
{
    static const struct double_state stored[] = {
        {.phase = LCM_SETUP_PHASE_NONE},
        {.phase = LCM_SETUP_PHASE_NONE, .is_stored = true},
    };

    (void)state;
    setup_double_play(&device, stored, sizeof(stored) / sizeof(stored[0]));
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    setup_double_start(&device);
    lcm_run_ok(&run, "setup --url %s --set wifi_ssid=cafe --set wifi_password= --save-anyway",
               device.url);
    setup_double_stop(&device);
    setup_double_expect(&device, LCM_ITEM_NO_TRIAL, "\x01");
    setup_double_expect(&device, LCM_ITEM_SSID, "cafe");
    setup_double_expect(&device, LCM_ITEM_PASSWORD, "");
    assert_int_equal(device.commands[LCM_SETUP_FINISH], 1);
}

/* A network of any 32 bytes; other settings alone leave the network as it is. */
static void test_single_settings(void **state)
{
    (void)state;
    setup_double_play_success(&device);
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    workshop_write("raw.conf", "wifi_ssid=\xFF\x01\x80\x1B\nwifi_password=\n", 30);
    setup_double_start(&device);
    lcm_run_ok(&run, "setup --url %s --settings raw.conf", device.url);
    setup_double_expect(&device, LCM_ITEM_SSID, "\xFF\x01\x80\x1B");
    device.was_set = false;
    device.state = 0;
    lcm_run_ok(&run, "setup --url %s --set ota_string=", device.url);
    setup_double_stop(&device);
    setup_double_expect(&device, LCM_ITEM_OTA_STRING, "");
    setup_double_expect(&device, LCM_ITEM_SSID, NULL);
    setup_double_expect(&device, LCM_ITEM_PASSWORD, NULL);
}

static void test_standard_input(void **state)
{
    static const char settings[] = "ota_repo=me/lamp\nota_file=lamp.bin\n";

    (void)state;
    setup_double_play_success(&device);
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    workshop_write("lamp.conf", settings, sizeof(settings) - 1);
    workshop_write("code", DOUBLE_CODE_TEXT "\n", strlen(DOUBLE_CODE_TEXT) + 1);
    setup_double_start(&device);
    lcm_run_from(&run, "lamp.conf", "setup --url %s --settings -", device.url);
    assert_int_equal(run.code, 0);
    setup_double_expect(&device, LCM_ITEM_REPOSITORY, "me/lamp");
    setup_double_expect(&device, LCM_ITEM_FILE, "lamp.bin");
    unsetenv("LCM_SETUP_CODE");
    lcm_run_from(&run, "code", "setup --url %s --code-file - --identify", device.url);
    assert_int_equal(run.code, 0);
    setup_double_stop(&device);
}

static void test_a_refused_setting(void **state)
{
    (void)state;
    device.refused_field = LCM_ITEM_FILE;
    device.refused_error = LCM_ERR_SETTING;
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    setup_double_start(&device);
    lcm_run_refused(3, "ota_file", "setup --url %s --set ota_file=x", device.url);
    lcm_run(&run, "setup --url %s --set ota_file=x --json", device.url);
    setup_double_stop(&device);
    assert_int_equal(run.code, 3);
    assert_non_null(strstr(run.out, "\"refused\""));
    assert_non_null(strstr(run.out, "\"ota_file\""));
    assert_int_equal(device.commands[LCM_SETUP_STATUS], 0);
}

/* The answer to `set` is lost, and so are some polls: the trial that runs is this one. */
static void test_a_device_that_comes_and_goes(void **state)
{
    static const struct double_state slow[] = {
        {.phase = LCM_SETUP_PHASE_JOIN},
        {.phase = LCM_SETUP_PHASE_HOST},
        {.phase = LCM_SETUP_PHASE_DONE, .is_stored = true},
    };

    (void)state;
    setup_double_play(&device, slow, sizeof(slow) / sizeof(slow[0]));
    device.drop_set_answers = 1;
    device.session_ends_after = 2;
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    setup_double_start(&device);
    lcm_run_ok(&run, "setup --url %s --set ota_repo=me/lamp", device.url);
    setup_double_stop(&device);
    assert_int_equal(device.commands[LCM_SETUP_SET], 2);
    assert_true(device.exchanges > 1);
    assert_int_equal(device.wrong_codes, 0);
}

static void test_looking(void **state)
{
    (void)state;
    device.scans = 1;
    device.ssid = DOUBLE_NASTY_NAME;
    device.repository = "me/lamp";
    device.has_password = true;
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    setup_double_start(&device);
    lcm_run_ok(&run, "setup --url %s --status", device.url);
    assert_non_null(strstr(run.out, DOUBLE_ID));
    assert_non_null(strstr(run.out, "me/lamp"));
    assert_non_null(strstr(run.out, "(stored)"));
    assert_non_null(strstr(run.out, "?[2J<script>?'\""));
    lcm_run_ok(&run, "setup --url %s --status --json", device.url);
    assert_non_null(strstr(run.out, "\"ota_repo\":\t\"me/lamp\""));
    lcm_run_ok(&run, "setup --url %s --scan", device.url);
    assert_non_null(strstr(run.out, "home"));
    assert_non_null(strstr(run.out, "caf\xC3\xA9"));
    assert_non_null(strstr(run.out, "?[2J<script>?'\""));
    assert_null(strchr(run.out, '\x1B'));
    lcm_run_ok(&run, "setup --url %s --scan --json", device.url);
    assert_non_null(strstr(run.out, "\"ssid_hex\":\t\"fffe\""));
    lcm_run_ok(&run, "setup --url %s --identify", device.url);
    lcm_run_refused(2, "--yes", "setup --url %s --factory-reset", device.url);
    lcm_run_ok(&run, "setup --url %s --factory-reset --yes", device.url);
    setup_double_stop(&device);
    assert_int_equal(device.commands[LCM_SETUP_SCAN], 3);
    assert_int_equal(device.commands[LCM_SETUP_IDENTIFY], 1);
    assert_int_equal(device.commands[LCM_SETUP_FACTORY_RESET], 1);
}

/* Not the right device, in every way: nothing of the settings goes out. */
static void test_not_this_device(void **state)
{
    (void)state;
    setenv("LCM_SETUP_CODE", "7K3M-Q9XT-A2HC", 1);
    setup_double_start(&device);
    lcm_run_refused(4, "not your device, or the code is wrong",
                    "setup --url %s --set wifi_ssid=home --set wifi_password=", device.url);
    assert_int_equal(device.wrong_codes, 1);
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    device.tamper = DOUBLE_FLIPS_CONFIRM;
    lcm_run_refused(4, "no settings were sent",
                    "setup --url %s --set wifi_ssid=home --set wifi_password=", device.url);
    device.tamper = DOUBLE_FLIPS_SHARE;
    lcm_run_refused(4, "no settings were sent",
                    "setup --url %s --set wifi_ssid=home --set wifi_password=", device.url);
    assert_int_equal(device.messages, 0);
    device.tamper = DOUBLE_FLIPS_ANSWER;
    lcm_run_refused(3, "changed on the way", "setup --url %s --status", device.url);
    device.tamper = DOUBLE_SENDS_RUBBISH;
    lcm_run_refused(5, "no device in set-up", "setup --url %s --status", device.url);
    setup_double_stop(&device);
}

static void test_wrong_usage(void **state)
{
    (void)state;
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    lcm_run_refused(2, "nothing to do", "setup");
    lcm_run_refused(2, "one at a time", "setup --scan --status");
    lcm_run_refused(2, "--save-anyway", "setup --save-anyway --scan");
    lcm_run_refused(2, "did you mean wifi_ssid", "setup --set ssid=home");
    lcm_run_refused(2, "set-up cannot set", "setup --set ota_version=1");
    lcm_run_refused(2, "not valid", "setup --set ota_repo=lamp");
    lcm_run_refused(2, "not the address", "setup --url https://127.0.0.1 --status");
    lcm_run_refused(4, "password is missing", "setup --set wifi_ssid=home");
    lcm_run_refused(5, "no-such-file", "setup --status --code-file no-such-file");
    workshop_write("short", "short\n", 6);
    lcm_run_refused(2, "8 to 64", "setup --set wifi_ssid=home --password-file short");
    setenv("LCM_SETUP_CODE", "7K3M", 1);
    lcm_run_refused(2, "12 letters and digits", "setup --status");
    unsetenv("LCM_SETUP_CODE");
    setup_double_start(&device);
    lcm_run_refused(4, "code is missing", "setup --url %s --status", device.url);
    setup_double_stop(&device);
    assert_int_equal(device.exchanges, 0);
}

static int open_all(void **state)
{
    (void)state;
    workshop_open();
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    workshop_close();
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_set, setup),
        cmocka_unit_test_setup(test_set_that_fails, setup),
        cmocka_unit_test_setup(test_not_stored, setup),
        cmocka_unit_test_setup(test_save_anyway, setup),
        cmocka_unit_test_setup(test_single_settings, setup),
        cmocka_unit_test_setup(test_standard_input, setup),
        cmocka_unit_test_setup(test_a_refused_setting, setup),
        cmocka_unit_test_setup(test_a_device_that_comes_and_goes, setup),
        cmocka_unit_test_setup(test_looking, setup),
        cmocka_unit_test_setup(test_not_this_device, setup),
        cmocka_unit_test_setup(test_wrong_usage, setup),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
