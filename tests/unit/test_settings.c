// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: settings keep the sysparam format and their limits.
 * Method: golden bytes of an area; areas filled to their limits. Damaged areas:
 * test_settings_leftovers.c; power cuts: test_settings_cuts.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/lib/settings_bench.h"
#include "tests/lib/vector.h"

/* ---- format and values ---- */

static void test_blank_flash_is_not_found_and_stays_blank(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    assert_int_equal(lcm_settings_open(&settings, &ram.port), LCM_ERR_NOT_FOUND);
    assert_int_equal(ram.operations, 0);
    memset(ram.data + REGION0, 0x5A, 2 * LCM_SECTOR_SIZE);
    assert_int_equal(lcm_settings_open(&settings, &ram.port), LCM_ERR_NOT_FOUND);
    assert_int_equal(ram.operations, 0);
}

static void test_golden_bytes(void **state)
{
    static uint8_t golden[LCM_SECTOR_SIZE];

    (void)state;
    bench_set("ota_repo", "a/b");
    assert_int_equal(lcm_settings_set_int8(&settings, "led_pin", -2), LCM_OK);
    assert_int_equal(lcm_settings_set_bool(&settings, "ota_beta", true), LCM_OK);
    assert_int_equal(lcm_settings_set_bool(&settings, "ota_beta", false), LCM_OK);
    assert_int_equal(vector_load("settings-region0", golden, sizeof(golden)), sizeof(golden));
    assert_memory_equal(ram.data + REGION0, golden, sizeof(golden));
    assert_int_equal(vector_load("settings-region1", golden, sizeof(golden)), sizeof(golden));
    assert_memory_equal(ram.data + REGION1, golden, sizeof(golden));
}

static void test_values_survive_reopening(void **state)
{
    int8_t number = 0;

    (void)state;
    bench_set("wifi_ssid", "home net");
    bench_set("wifi_ssid", "other");
    assert_int_equal(lcm_settings_set_int8(&settings, "led_pin", -13), LCM_OK);
    bench_reopen();
    bench_expect("wifi_ssid", "other");
    assert_int_equal(lcm_settings_get_int8(&settings, "led_pin", &number), LCM_OK);
    assert_int_equal(number, -13);
    bench_set("wifi_ssid", "");
    char text[8] = "x";
    assert_int_equal(lcm_settings_get(&settings, "wifi_ssid", text, sizeof(text)),
                     LCM_ERR_NOT_FOUND);
    assert_string_equal(text, "");
    assert_int_equal(lcm_settings_delete(&settings, "never_there"), LCM_OK);
}

/* The last change is written once more, byte for byte. */
static void assert_reopening_changes_nothing(void)
{
    static uint8_t before[LCM_SETTINGS_SIZE];
    uint32_t operations = ram.operations;
    uint32_t erases = ram.erases[REGION0 / LCM_SECTOR_SIZE] + ram.erases[REGION1 / LCM_SECTOR_SIZE];

    memcpy(before, ram.data + LCM_SETTINGS_ADDR, sizeof(before));
    bench_reopen();
    assert_memory_equal(ram.data + LCM_SETTINGS_ADDR, before, sizeof(before));
    assert_in_range(ram.operations - operations, 1, 3);
    assert_int_equal(ram.erases[REGION0 / LCM_SECTOR_SIZE] + ram.erases[REGION1 / LCM_SECTOR_SIZE],
                     erases);
}

static void test_same_value_is_no_write(void **state)
{
    (void)state;
    bench_set("k", "v");
    assert_int_equal(lcm_settings_set_bool(&settings, "b", true), LCM_OK);
    assert_int_equal(lcm_settings_set_int8(&settings, "i", 5), LCM_OK);
    uint32_t operations = ram.operations;
    bench_set("k", "v");
    assert_int_equal(lcm_settings_set_bool(&settings, "b", true), LCM_OK);
    assert_int_equal(lcm_settings_set_int8(&settings, "i", 5), LCM_OK);
    assert_int_equal(ram.operations, operations);
    assert_reopening_changes_nothing();
    operations = ram.operations;
    /* The same byte with another type is another value. */
    bench_set("i", "\x05");
    assert_true(ram.operations > operations);
    bench_expect("i", "\x05");
}

static void test_bool_forms(void **state)
{
    static const char *const yes[] = {"y", "YES", "t", "True", "1"};
    static const char *const no[] = {"n", "No", "f", "FALSE", "0"};

    (void)state;
    for (int i = 0; i < 5; i++) {
        bench_set("b", yes[i]);
        assert_true(lcm_settings_get_bool(&settings, "b", false));
        bench_set("b", no[i]);
        assert_false(lcm_settings_get_bool(&settings, "b", true));
    }
    bench_set("b", "maybe");
    assert_true(lcm_settings_get_bool(&settings, "b", true));
    assert_false(lcm_settings_get_bool(&settings, "b", false));
    bench_set("b", "yesyesyes");
    assert_false(lcm_settings_get_bool(&settings, "b", false));
    assert_true(lcm_settings_get_bool(&settings, "absent", true));
    assert_int_equal(lcm_settings_set_int8(&settings, "b", 0), LCM_OK);
    assert_false(lcm_settings_get_bool(&settings, "b", true));
    assert_int_equal(lcm_settings_set_int8(&settings, "b", 1), LCM_OK);
    assert_true(lcm_settings_get_bool(&settings, "b", false));
}

/* An int32 as an app writes it: binary, 4 bytes. */
static void test_binary_number_of_four_bytes_is_a_bool(void **state)
{
    static const uint8_t entries[] = {0x01, 0x80, 0x01, 0x00, 'b',  0x01, 0xB0, 0x04,
                                      0x00, 0x00, 0x01, 0x00, 0x00, 0x02, 0x80, 0x01,
                                      0x00, 'c',  0x02, 0xB0, 0x02, 0x00, 0x01, 0x00};
    int8_t number;
    char text[8];

    (void)state;
    memcpy(ram.data + REGION0 + 8, entries, sizeof(entries));
    bench_reopen();
    assert_true(lcm_settings_get_bool(&settings, "b", false));
    assert_true(lcm_settings_get_bool(&settings, "c", true));
    assert_false(lcm_settings_get_bool(&settings, "c", false));
    assert_int_equal(lcm_settings_get_int8(&settings, "b", &number), LCM_ERR_FORMAT);
    assert_int_equal(lcm_settings_get(&settings, "b", text, sizeof(text)), LCM_ERR_FORMAT);
}

/* A C string would end early, a number would be made up. */
static void test_value_of_another_type(void **state)
{
    const struct lcm_setting_change change = {"k", (const uint8_t *)"a\0b", 3, false};
    char text[8] = "x";
    int8_t number = 77;

    (void)state;
    assert_int_equal(lcm_settings_change(&settings, &change, 1), LCM_OK);
    assert_int_equal(lcm_settings_get(&settings, "k", text, sizeof(text)), LCM_ERR_FORMAT);
    assert_string_equal(text, "");
    bench_set("i", "5"); /* one byte, but a text */
    assert_int_equal(lcm_settings_get_int8(&settings, "i", &number), LCM_ERR_FORMAT);
    assert_int_equal(number, 77);
}

static void test_limits(void **state)
{
    char key[40], value[300], text[LCM_SETTING_TEXT_SIZE];

    (void)state;
    memset(key, 'k', sizeof(key));
    memset(value, 'v', sizeof(value));
    key[31] = '\0';
    value[255] = '\0';
    bench_set(key, value);
    bench_expect(key, value);
    assert_int_equal(lcm_settings_get(&settings, key, text, 255), LCM_ERR_TOO_LONG);
    assert_string_equal(text, "");
    uint32_t operations = ram.operations;
    value[255] = 'v';
    value[256] = '\0';
    assert_int_equal(lcm_settings_set(&settings, key, value), LCM_ERR_TOO_LONG);
    key[31] = 'k';
    key[32] = '\0';
    assert_int_equal(lcm_settings_set(&settings, key, "x"), LCM_ERR_ARGUMENT);
    assert_int_equal(lcm_settings_set(&settings, "", "x"), LCM_ERR_ARGUMENT);
    assert_int_equal(lcm_settings_delete(&settings, key), LCM_ERR_ARGUMENT);
    assert_int_equal(lcm_settings_delete(&settings, ""), LCM_ERR_ARGUMENT);
    assert_int_equal(ram.operations, operations);
}

static void test_full_area_still_replaces_and_deletes(void **state)
{
    char key[16], value[256];
    unsigned count = 0;
    enum lcm_err err;

    (void)state;
    memset(value, 'a', sizeof(value));
    value[255] = '\0';
    do {
        snprintf(key, sizeof(key), "k%03u", count++);
        uint32_t operations = ram.operations;
        err = lcm_settings_set(&settings, key, value);
        if (err != LCM_OK)
            assert_int_equal(ram.operations, operations);
    } while (err == LCM_OK);
    assert_int_equal(err, LCM_ERR_NO_SPACE);
    assert_true(count >= 13);
    for (unsigned round = 0; round < 3; round++) {
        for (unsigned i = 0; i + 1 < count; i++) {
            snprintf(key, sizeof(key), "k%03u", i);
            value[0] = (char)('b' + round);
            bench_set(key, value);
        }
    }
    bench_reopen();
    for (unsigned i = 0; i + 1 < count; i++) {
        snprintf(key, sizeof(key), "k%03u", i);
        bench_expect(key, value);
    }
    assert_int_equal(lcm_settings_delete(&settings, "k000"), LCM_OK);
    bench_set("k999", value);
}

static void test_ids_run_out(void **state)
{
    (void)state;
    ram.data[REGION0 + 8] = 0xFE; /* dead empty entry with the highest id */
    memcpy(ram.data + REGION0 + 8, "\xFE\x0F\x00\x00", 4);
    bench_reopen();
    bench_set("k", "v");
    bench_set("l", "w");
    bench_reopen();
    bench_expect("k", "v");
    bench_expect("l", "w");
    assert_int_equal(ram.data[REGION1 + 5] & 0x40, 0x40);
}

static void test_listing(void **state)
{
    struct lcm_setting setting;
    uint32_t cursor = 0;

    (void)state;
    bench_set("gone", "x");
    bench_set("text", "hello");
    assert_int_equal(lcm_settings_set_int8(&settings, "number", 7), LCM_OK);
    bench_set("gone", "");
    assert_int_equal(lcm_settings_next(&settings, &cursor, &setting), LCM_OK);
    assert_string_equal(setting.key, "text");
    assert_false(setting.is_binary);
    assert_int_equal(setting.size, 5);
    assert_string_equal((const char *)setting.value, "hello");
    assert_int_equal(lcm_settings_next(&settings, &cursor, &setting), LCM_OK);
    assert_string_equal(setting.key, "number");
    assert_true(setting.is_binary);
    assert_int_equal(setting.size, 1);
    assert_int_equal(setting.value[0], 7);
    assert_int_equal(lcm_settings_next(&settings, &cursor, &setting), LCM_ERR_NOT_FOUND);
}

static void test_compacting_twice_wipes_secrets(void **state)
{
    (void)state;
    bench_set("wifi_password", "correct horse");
    bench_set("keep", "me");
    assert_int_equal(lcm_settings_delete(&settings, "wifi_password"), LCM_OK);
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    for (uint32_t i = REGION0; i < REGION0 + 2 * LCM_SECTOR_SIZE - 7; i++)
        assert_memory_not_equal(ram.data + i, "correct", 7);
    bench_expect("keep", "me");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_blank_flash_is_not_found_and_stays_blank, settings_bench_open),
        cmocka_unit_test_setup(test_golden_bytes, settings_bench_open),
        cmocka_unit_test_setup(test_values_survive_reopening, settings_bench_open),
        cmocka_unit_test_setup(test_same_value_is_no_write, settings_bench_open),
        cmocka_unit_test_setup(test_bool_forms, settings_bench_open),
        cmocka_unit_test_setup(test_binary_number_of_four_bytes_is_a_bool, settings_bench_open),
        cmocka_unit_test_setup(test_value_of_another_type, settings_bench_open),
        cmocka_unit_test_setup(test_limits, settings_bench_open),
        cmocka_unit_test_setup(test_full_area_still_replaces_and_deletes, settings_bench_open),
        cmocka_unit_test_setup(test_ids_run_out, settings_bench_open),
        cmocka_unit_test_setup(test_listing, settings_bench_open),
        cmocka_unit_test_setup(test_compacting_twice_wipes_secrets, settings_bench_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
