// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a person at a terminal sets a device up by the dialog of `lcm setup`, can put a mistake
 * right, and sees no password and nothing harmful on the screen. Method: tests/lib/setup_double as
 * the device, pty_run as terminal and person.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/lcm_run.h"
#include "tests/lib/pty_run.h"
#include "tests/lib/setup_double.h"

#define PASSWORD "correct horse battery"

static struct setup_double device;
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

static void test_dialog(void **state)
{
    (void)state;
    setup_double_play_wrong_password(&device);
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
    setup_double_play_success(&device);
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
    setup_double_expect(&device, LCM_ITEM_SSID, "home");
    setup_double_expect(&device, LCM_ITEM_PASSWORD, PASSWORD);
    setup_double_expect(&device, LCM_ITEM_REPOSITORY, "me/lamp");
    setup_double_expect(&device, LCM_ITEM_OTA_STRING, "blue light");
    setup_double_expect(&device, LCM_ITEM_LED_PIN, "\x04");
    setup_double_expect(&device, LCM_ITEM_CHANNEL, "\x01");
    setup_double_expect(&device, LCM_ITEM_UNSIGNED, NULL);
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
    setup_double_play_wrong_password(&device);
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
    setup_double_play_success(&device);
    pty_type("s");
    pty_expect("stored, without a trial");
    assert_int_equal(pty_end(), 0);
    setup_double_stop(&device);
    setup_double_expect(&device, LCM_ITEM_SSID, "hidden one");
    setup_double_expect(&device, LCM_ITEM_PASSWORD, PASSWORD);
    setup_double_expect(&device, LCM_ITEM_REPOSITORY, "");
    assert_int_equal(setup_double_field(&device, LCM_ITEM_UNSIGNED, &value), 1);
    assert_int_equal(value[0], 0);
    setup_double_expect(&device, LCM_ITEM_EMERGENCY, "192.168.1.9:8080");
    setup_double_expect(&device, LCM_ITEM_NO_TRIAL, "\x01");
    assert_false(pty_showed("horse"));
}

/* Enter at the network keeps it, with its password; leaving changes nothing. */
static void test_dialog_keeps_and_leaves(void **state)
{
    (void)state;
    setup_double_play_success(&device);
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
    setup_double_expect(&device, LCM_ITEM_SSID, NULL);
    setup_double_expect(&device, LCM_ITEM_PASSWORD, NULL);
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
    setup_double_play_success(&device);
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
    setup_double_expect(&device, LCM_ITEM_SSID, "caf\xC3\xA9");
    setup_double_expect(&device, LCM_ITEM_PASSWORD, "");
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
        cmocka_unit_test_setup(test_dialog, setup),
        cmocka_unit_test_setup(test_dialog_changes, setup),
        cmocka_unit_test_setup(test_dialog_keeps_and_leaves, setup),
        cmocka_unit_test_setup(test_dialog_open_network, setup),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
