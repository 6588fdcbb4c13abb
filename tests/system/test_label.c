// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: from a new flash image to the label on the device: `lcm flash compose --code`, `lcm flash
 * inspect
 * --show-code`, `lcm label`; codes are shown where they are asked for and nowhere else.
 * Method: the commands as processes; Debian's zbarimg reads the labels.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "core/store/setup_code.h"
#include "host/memory_flash.h"
#include "lcm/layout.h"
#include "tests/lib/label_scan.h"
#include "tests/lib/lcm_run.h"

#define CODE "7K3MQ9XTA2HB"
#define CODE_TEXT "7K3M-Q9XT-A2HB"

static struct lcm_run run;

static int open_all(void **state)
{
    (void)state;
    workshop_open();
    lcm_run_ok(&run, "trust build --owner owner.pem --release-key release.pem --ca ca.pem "
                     "--repo me/lifecycle --out trust");
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    workshop_close();
    return 0;
}

static void compose(const char *options)
{
    lcm_run_ok(&run, "flash compose -o lamp.flash --trust trust/certs.sector %s", options);
}

/* The code in lamp.flash; "" = none. */
static const char *stored_code(void)
{
    static char code[LCM_SETUP_CODE_SIZE];
    struct memory_flash flash;

    assert_true(memory_flash_open(&flash));
    assert_int_equal(workshop_read("lamp.flash", flash.bytes, LCM_FLASH_SIZE), LCM_FLASH_SIZE);
    if (lcm_setup_code_load(&flash.port, code) != LCM_OK)
        code[0] = '\0';
    memory_flash_close(&flash);
    return code;
}

static unsigned mode_of(const char *path)
{
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 0777;
}

static void test_a_given_code(void **state)
{
    (void)state;
    compose("--code 7k3m-q9xt-a2hb");
    assert_string_equal(stored_code(), CODE);
    assert_string_equal(run.out, "");
    assert_null(strstr(run.err, "7K3M"));
    assert_int_equal(mode_of("lamp.flash"), 0600);
    lcm_run_ok(&run, "flash inspect lamp.flash --style plain");
    assert_non_null(strstr(run.out, "set-up code"));
    assert_non_null(strstr(run.out, "present"));
    assert_null(strstr(run.out, "7K3M"));
    lcm_run_ok(&run, "flash inspect lamp.flash --json");
    assert_null(strstr(run.out, "7K3M"));
    lcm_run_ok(&run, "flash inspect lamp.flash --show-code");
    assert_string_equal(run.out, CODE_TEXT "\n");
    lcm_run_ok(&run, "flash inspect lamp.flash --show-code --json");
    assert_non_null(strstr(run.out, CODE));
}

static void test_a_new_code(void **state)
{
    char first[32];

    (void)state;
    compose("--code new");
    assert_int_equal(strlen(run.out), 15);
    assert_non_null(strstr(run.err, "label"));
    memcpy(first, run.out, 16);
    lcm_run_ok(&run, "flash inspect lamp.flash --show-code");
    assert_string_equal(run.out, first);
    compose("--code new");
    assert_string_not_equal(run.out, first);
}

static void test_no_code(void **state)
{
    (void)state;
    compose("");
    assert_string_equal(stored_code(), "");
    assert_int_equal(mode_of("lamp.flash"), 0644);
    lcm_run_ok(&run, "flash inspect lamp.flash --style plain");
    assert_non_null(strstr(run.out, "the device makes one at its first start"));
    lcm_run_refused(5, "no set-up code", "flash inspect lamp.flash --show-code");
    lcm_run_refused(5, "has no set-up code", "label --id 5ccf7f000001 --flash lamp.flash");
    lcm_run_refused(2, "not a set-up code",
                    "flash compose -o no.flash --trust trust/certs.sector --code abc");
    assert_false(workshop_exists("no.flash"));
}

static void test_labels(void **state)
{
    char text[256];

    (void)state;
    compose("--code " CODE);
    lcm_run_ok(&run, "label --id 5C-CF-7F-3A-D0-01 --flash lamp.flash -o lamp.png");
    label_scan("lamp.png", text, sizeof(text));
    assert_non_null(strstr(text, "WIFI:T:WPA;S:LCM-3AD001;P:" CODE ";;\n"));
    assert_non_null(strstr(text, "http://192.168.4.1/#" CODE "\n"));
    assert_int_equal(mode_of("lamp.png"), 0600);
    lcm_run_ok(&run, "label --id 5ccf7f3ad001 --code 7k3mq9xta2hb -o lamp.svg");
    lcm_run_ok(&run, "label --id 5ccf7f3ad001 --code 7k3mq9xta2hb --format svg");
    assert_int_equal(strncmp(run.out, "<svg ", 5), 0);
    lcm_run_ok(&run, "label --id 5c:cf:7f:3a:d0:01 --code " CODE);
    assert_non_null(strstr(run.out, "LCM-3AD001"));
    assert_non_null(strstr(run.out, CODE_TEXT));
    assert_null(strchr(run.out, '\x1B'));
}

static void test_wrong_usage(void **state)
{
    (void)state;
    lcm_run_refused(2, "--id", "label --code " CODE);
    lcm_run_refused(2, "either", "label --id 5ccf7f3ad001");
    lcm_run_refused(2, "either", "label --id 5ccf7f3ad001 --code " CODE " --flash lamp.flash");
    lcm_run_refused(2, "12 hex digits", "label --id 5ccf7f3ad0 --code " CODE);
    lcm_run_refused(2, "12 hex digits", "label --id 5ccf7f3ad00101 --code " CODE);
    lcm_run_refused(2, "12 hex digits", "label --id 5ccf7f3ad0xx --code " CODE);
    lcm_run_refused(2, "12 letters", "label --id 5ccf7f3ad001 --code 1234");
    lcm_run_refused(2, "text, svg or png", "label --id 5ccf7f3ad001 --format gif --code " CODE);
    lcm_run_refused(3, "not a flash image", "label --id 5ccf7f3ad001 --flash ca.pem");
    lcm_run_refused(5, "no-such-file", "label --id 5ccf7f3ad001 --flash no-such-file");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_given_code), cmocka_unit_test(test_a_new_code),
        cmocka_unit_test(test_no_code),      cmocka_unit_test(test_labels),
        cmocka_unit_test(test_wrong_usage),
    };

    return cmocka_run_group_tests(tests, open_all, close_all);
}
