// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: `lcm setup` sets a device up by script and by dialog, says why when it does not work, and
 * gives nothing away: no password or code on any screen, nothing to a device that is not the right
 * one. Method: tests/lib/setup_double as the device; the command as a process without terminal
 * (lcm_run) and on one (pty_run).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/lcm_run.h"
#include "tests/lib/pty_run.h"
#include "tests/lib/setup_double.h"

#define PASSWORD "correct horse battery"
#define NASTY "\x1B[2J<script>\xE2\x80\xAE'\"" /* clears the screen, turns the direction */

static struct setup_double device;
static struct lcm_run run;
static const uint8_t *value;

static const struct double_state works[] = {
    {.phase = LCM_SETUP_PHASE_NONE},
    {.phase = LCM_SETUP_PHASE_JOIN},
    {.phase = LCM_SETUP_PHASE_FILE},
    {.phase = LCM_SETUP_PHASE_DONE, .is_stored = true},
};

static const struct double_state wrong_password[] = {
    {.phase = LCM_SETUP_PHASE_NONE},
    {.phase = LCM_SETUP_PHASE_JOIN},
    {.phase = LCM_SETUP_PHASE_FAILED,
     .failed_phase = LCM_SETUP_PHASE_JOIN,
     .error = LCM_ERR_WIFI_PASSWORD},
};

static const struct double_network air[] = {
    {-48, 6, true, "home"},
    {-60, 1, false, "caf\xC3\xA9"},
    {-70, 11, true, NASTY},
    {-80, 3, true, "\xFF\xFE"},
};

static int setup(void **state)
{
    (void)state;
    setup_double_init(&device);
    memcpy(device.networks, air, sizeof(air));
    device.network_count = sizeof(air) / sizeof(air[0]);
    setenv("LC_ALL", "C.UTF-8", 1);
    unsetenv("LCM_SETUP_CODE");
    return 0;
}

static void play(const struct double_state *states, size_t count)
{
    memcpy(device.states, states, count * sizeof(states[0]));
    device.state_count = count;
}
#define PLAY(states) play(states, sizeof(states) / sizeof(states[0]))

static void assert_field(enum lcm_item tag, const char *expected)
{
    int size = setup_double_field(&device, tag, &value);

    if (size != (int)strlen(expected) || memcmp(value, expected, strlen(expected)) != 0)
        fail_msg("field 0x%02x is not \"%s\"", (unsigned)tag, expected);
}

static void assert_absent(enum lcm_item tag)
{
    assert_int_equal(setup_double_field(&device, tag, &value), -1);
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

/* ---- by script ---- */

static void test_set(void **state)
{
    static const char settings[] = "# a lamp\nota_repo=me/lamp\nled_pin=-2\nota_beta=y\n"
                                   "lcm_key=00112233445566778899aabbccddeeff"
                                   "00112233445566778899aabbccddeeff\n";

    (void)state;
    PLAY(works);
    workshop_write("code", DOUBLE_CODE_TEXT "\n", strlen(DOUBLE_CODE_TEXT) + 1);
    workshop_write("wifi", PASSWORD "\n", strlen(PASSWORD) + 1);
    workshop_write("lamp.conf", settings, sizeof(settings) - 1);
    setup_double_start(&device);
    lcm_run_ok(&run,
               "setup --url %s --code-file code --set wifi_ssid=home --password-file wifi "
               "--settings lamp.conf",
               device.url);
    setup_double_stop(&device);
    assert_field(LCM_ITEM_SSID, "home");
    assert_field(LCM_ITEM_PASSWORD, PASSWORD);
    assert_field(LCM_ITEM_REPOSITORY, "me/lamp");
    assert_field(LCM_ITEM_LED_PIN, "\xFE");
    assert_field(LCM_ITEM_CHANNEL, "\x01");
    assert_int_equal(setup_double_field(&device, LCM_ITEM_APP_KEY, &value), 32);
    assert_int_equal(value[1], 0x11);
    assert_absent(LCM_ITEM_FILE);
    assert_absent(LCM_ITEM_NO_TRIAL);
    assert_int_equal(device.commands[LCM_SETUP_FINISH], 1);
    assert_non_null(strstr(run.err, "joining the network"));
    assert_non_null(strstr(run.err, "192.168.1.23"));
    assert_non_null(strstr(run.err, "1.2.0"));
    assert_secret();
}

static void test_set_that_fails(void **state)
{
    (void)state;
    PLAY(wrong_password);
    setenv("LCM_SETUP_CODE", DOUBLE_CODE_TEXT, 1);
    setup_double_start(&device);
    lcm_run(&run, "setup --url %s --set wifi_ssid=home --set wifi_password=geheim123 --json",
            device.url);
    setup_double_stop(&device);
    assert_int_equal(run.code, 1);
    assert_non_null(strstr(run.err, "the Wi-Fi password was refused"));
    assert_non_null(strstr(run.err, "Nothing was stored"));
    assert_non_null(strstr(run.err, "can see a password of the command line"));
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
    PLAY(unstored);
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
    PLAY(stored);
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    setup_double_start(&device);
    lcm_run_ok(&run, "setup --url %s --set wifi_ssid=cafe --set wifi_password= --save-anyway",
               device.url);
    setup_double_stop(&device);
    assert_field(LCM_ITEM_NO_TRIAL, "\x01");
    assert_field(LCM_ITEM_SSID, "cafe");
    assert_field(LCM_ITEM_PASSWORD, "");
    assert_int_equal(device.commands[LCM_SETUP_FINISH], 1);
}

/* A network of any 32 bytes; other settings alone leave the network as it is. */
static void test_single_settings(void **state)
{
    (void)state;
    PLAY(works);
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    workshop_write("raw.conf", "wifi_ssid=\xFF\x01\x80\x1B\nwifi_password=\n", 30);
    setup_double_start(&device);
    lcm_run_ok(&run, "setup --url %s --settings raw.conf", device.url);
    assert_field(LCM_ITEM_SSID, "\xFF\x01\x80\x1B");
    device.was_set = false;
    device.state = 0;
    lcm_run_ok(&run, "setup --url %s --set ota_string=", device.url);
    setup_double_stop(&device);
    assert_field(LCM_ITEM_OTA_STRING, "");
    assert_absent(LCM_ITEM_SSID);
    assert_absent(LCM_ITEM_PASSWORD);
}

/* Settings through a pipe, code through the environment. */
static void test_standard_input(void **state)
{
    char command[512];

    (void)state;
    PLAY(works);
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    setup_double_start(&device);
    snprintf(command, sizeof(command),
             "printf 'ota_repo=me/lamp\\nota_file=lamp.bin\\n' | %s setup --url %s --settings - "
             "2>setup.log",
             lcm_run_path(), device.url);
    assert_int_equal(system(command), 0);
    setup_double_stop(&device);
    assert_field(LCM_ITEM_REPOSITORY, "me/lamp");
    assert_field(LCM_ITEM_FILE, "lamp.bin");
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
    PLAY(slow);
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
    device.ssid = NASTY;
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

/* ---- by dialog ---- */

static void test_dialog(void **state)
{
    (void)state;
    PLAY(wrong_password);
    setup_double_start(&device);
    pty_start("setup --url %s", device.url);
    pty_answer("Set-up code of LCM-000001", "7k3m");
    pty_answer("12 letters and digits", "7k3m q9xt a2hc"); /* wrong */
    pty_expect("not your device, or the code is wrong");
    pty_answer("Set-up code", DOUBLE_CODE_TEXT);
    pty_expect(DOUBLE_ID);
    pty_expect("home");
    pty_expect("caf\xC3\xA9");
    pty_answer("Network", "r");
    pty_answer("Network", "1");
    pty_answer("Password of home", "short");
    pty_expect("8 to 64 characters");
    pty_answer("Password of home", "wrong horse battery");
    pty_answer("Repository of the app", "lamp");
    pty_expect("OWNER/NAME");
    pty_answer("Repository of the app", "me/lamp");
    pty_answer("release file", "");
    pty_answer("Fingerprint", "");
    pty_answer("More settings", "");
    pty_expect("joining the network");
    pty_expect("the Wi-Fi password was refused");
    pty_expect("(t)ry again");
    device.was_set = false;
    device.state = 0;
    PLAY(works);
    pty_type("c");
    pty_answer("Network", "1");
    pty_answer("Password of home", PASSWORD);
    pty_answer("Repository of the app", "");
    pty_answer("release file", "");
    pty_answer("Fingerprint", "");
    pty_answer("More settings", "y");
    pty_answer("pre-releases", "y");
    pty_answer("unsigned apps", "");
    pty_answer("Text for the app", "blue light");
    pty_answer("GPIO", "99");
    pty_answer("GPIO", "4");
    pty_answer("reports", "");
    pty_expect("192.168.1.23");
    pty_expect("stored");
    assert_int_equal(pty_end(), 0);
    setup_double_stop(&device);
    assert_field(LCM_ITEM_SSID, "home");
    assert_field(LCM_ITEM_PASSWORD, PASSWORD);
    assert_field(LCM_ITEM_REPOSITORY, "me/lamp");
    assert_field(LCM_ITEM_OTA_STRING, "blue light");
    assert_field(LCM_ITEM_LED_PIN, "\x04");
    assert_field(LCM_ITEM_CHANNEL, "\x01");
    assert_absent(LCM_ITEM_UNSIGNED);
    assert_int_equal(device.wrong_codes, 1);
    assert_int_equal(device.commands[LCM_SETUP_FINISH], 1);
    assert_false(pty_showed("horse"));
    assert_false(pty_showed("Emergency"));
    assert_false(pty_showed("\x1B[2J<"));
    assert_false(setup_double_saw(&device, "horse", 5));
}

/* What is stored is shown and stays; a hidden network; saving without a trial that works. */
static void test_dialog_changes(void **state)
{
    (void)state;
    PLAY(wrong_password);
    device.ssid = "old";
    device.repository = "me/lamp";
    device.has_password = true;
    device.has_beta = true;
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    setup_double_start(&device);
    pty_start("setup --url %s", device.url);
    pty_answer("[old]", "hidden one");
    pty_answer("Password of hidden one", PASSWORD);
    pty_answer("[me/lamp; - deletes]", "-");
    pty_answer("release file", "");
    pty_answer("Fingerprint", "");
    pty_answer("More settings", "y");
    pty_answer("pre-releases", "");
    pty_answer("unsigned apps", "n");
    pty_answer("Text for the app", "");
    pty_answer("GPIO", "");
    pty_answer("reports", "");
    pty_answer("Emergency server", "192.168.1.9:8080");
    pty_expect("(s)ave anyway");
    device.was_set = false;
    device.state = 0;
    PLAY(works);
    pty_type("s");
    pty_expect("stored, without a trial");
    assert_int_equal(pty_end(), 0);
    setup_double_stop(&device);
    assert_field(LCM_ITEM_SSID, "hidden one");
    assert_field(LCM_ITEM_PASSWORD, PASSWORD);
    assert_field(LCM_ITEM_REPOSITORY, "");
    assert_int_equal(setup_double_field(&device, LCM_ITEM_UNSIGNED, &value), 1);
    assert_int_equal(value[0], 0);
    assert_field(LCM_ITEM_EMERGENCY, "192.168.1.9:8080");
    assert_field(LCM_ITEM_NO_TRIAL, "\x01");
    assert_false(pty_showed("horse"));
}

/* Enter at the network keeps it, with its password; leaving changes nothing. */
static void test_dialog_keeps_and_leaves(void **state)
{
    (void)state;
    PLAY(works);
    device.ssid = "old";
    device.has_password = true;
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    setup_double_start(&device);
    pty_start("setup --url %s", device.url);
    pty_answer("Network", "");
    pty_answer("Password of old (Enter keeps the stored one)", "");
    pty_answer("Repository", "me/lamp");
    pty_answer("release file", "");
    pty_answer("Fingerprint", "");
    pty_answer("More settings", "n");
    assert_int_equal(pty_end(), 0);
    assert_absent(LCM_ITEM_SSID);
    assert_absent(LCM_ITEM_PASSWORD);
    pty_start("setup --url %s", device.url);
    pty_expect("Network");
    pty_press(4);
    assert_int_equal(pty_end(), 130);
    pty_start("setup --url %s", device.url);
    pty_answer("Network", "1");
    pty_expect("Password of home");
    pty_press(3);
    assert_int_equal(pty_end(), 130);
    setup_double_stop(&device);
    assert_int_equal(device.commands[LCM_SETUP_SET], 1);
}

/* An open network of the list needs no password. */
static void test_dialog_open_network(void **state)
{
    (void)state;
    PLAY(works);
    setenv("LCM_SETUP_CODE", DOUBLE_CODE, 1);
    setup_double_start(&device);
    pty_start("setup --url %s", device.url);
    pty_answer("Network", "");
    pty_answer("choose a network", "2");
    pty_answer("Repository", "");
    pty_answer("release file", "");
    pty_answer("Fingerprint", "");
    pty_answer("More settings", "");
    assert_int_equal(pty_end(), 0);
    setup_double_stop(&device);
    assert_field(LCM_ITEM_SSID, "caf\xC3\xA9");
    assert_field(LCM_ITEM_PASSWORD, "");
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
        cmocka_unit_test_setup(test_dialog, setup),
        cmocka_unit_test_setup(test_dialog_changes, setup),
        cmocka_unit_test_setup(test_dialog_keeps_and_leaves, setup),
        cmocka_unit_test_setup(test_dialog_open_network, setup),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
