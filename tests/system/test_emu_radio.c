// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a program on the emulated chip joins what the world file describes, gets an address, is
 * reached from outside, and comes to terms with networks that refuse or vanish. Method: the example
 * app with settings in its flash, run by `lcm emu` in small worlds; its UART and its web page tell.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/store/settings.h"
#include "lcm/layout.h"
#include "port/host/host_flash.h"
#include "tests/lib/fixture_chip.h"
#include "tests/lib/fixture_process.h"

#define APP "blink/1.0.0/main.bin"
#define NETWORK "network home password open-sesame"

static void set_text(struct lcm_settings *settings, const char *key, const char *value)
{
    assert_int_equal(lcm_settings_set(settings, key, value), LCM_OK);
}

static void open_chip(struct fixture_chip *chip)
{
    struct host_flash flash;
    struct lcm_settings settings;

    fixture_chip_open(chip);
    fixture_chip_place(chip, APP, LCM_SLOT0_ADDR);
    assert_true(host_flash_open(&flash, chip->flash_path));
    assert_int_equal(lcm_settings_format(&settings, &flash.port), LCM_OK);
    set_text(&settings, "wifi_ssid", "home");
    set_text(&settings, "wifi_password", "open-sesame");
    host_flash_close(&flash);
}

static void run_in(struct fixture_chip *chip, const char *world, const char *until,
                   unsigned timeout_s)
{
    char path[128];
    char options[256];

    snprintf(path, sizeof(path), "%s/world", chip->folder);
    fixture_write_file(path, (const uint8_t *)world, strlen(world));
    snprintf(options, sizeof(options), "--world|%s|--until|%s|--timeout|%u", path, until,
             timeout_s);
    fixture_chip_run(chip, options);
    unlink(path);
}

static void test_joins_and_has_an_address(void **state)
{
    struct fixture_chip chip;

    (void)state;
    open_chip(&chip);
    run_in(&chip, NETWORK "\n", "blink: works", 20);
    fixture_chip_expect(&chip, "blink: http://10.0.2.15/");
    fixture_chip_close(&chip);
}

static void test_refused(void **state)
{
    static const char *const worlds[] = {
        "network home password other-sesame\n",
        "network elsewhere password open-sesame\n",
        NETWORK " fails always\n",
    };
    struct fixture_chip chip;

    (void)state;
    open_chip(&chip);
    for (size_t i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++) {
        run_in(&chip, worlds[i], "blink: works", 6);
        fixture_chip_expect(&chip, "blink: set up for Wi-Fi");
        assert_false(fixture_chip_printed(&chip, "blink: works"));
    }
    fixture_chip_close(&chip);
}

static void test_joins_after_failures(void **state)
{
    struct fixture_chip chip;

    (void)state;
    open_chip(&chip);
    run_in(&chip, NETWORK " fails 3\n", "blink: works", 20);
    assert_true(fixture_chip_printed(&chip, "blink: works"));
    fixture_chip_close(&chip);
}

/* The network goes away while DHCP is at work, and comes back. */
static void test_comes_back(void **state)
{
    struct fixture_chip chip;

    (void)state;
    open_chip(&chip);
    run_in(&chip, NETWORK " lost-after 600 2000\n", "blink: works", 25);
    assert_true(fixture_chip_printed(&chip, "blink: works"));
    fixture_chip_close(&chip);
}

static void test_world_with_a_mistake(void **state)
{
    struct fixture_chip chip;

    (void)state;
    open_chip(&chip);
    run_in(&chip, NETWORK "\nnetwrok x\n", "blink", 20);
    assert_int_not_equal(chip.exit_code, 0);
    assert_false(fixture_chip_printed(&chip, "blink"));
    fixture_chip_close(&chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_joins_and_has_an_address), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_joins_after_failures),     cmocka_unit_test(test_comes_back),
        cmocka_unit_test(test_world_with_a_mistake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
