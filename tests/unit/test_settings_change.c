// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: several values change at once or not at all, whatever the power does; other keys stay;
 * what does not fit or is not valid changes nothing.
 * Method: direct calls, then every write operation of a change cut in every way, every
 * operation of the repair too, read by us and by the independent reader.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/store/settings.h"
#include "lcm/layout.h"
#include "tests/lib/power_cut.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/stock_sysparam.h"

#define SEED 20261128u

static struct lcm_settings settings;
static struct ram_flash flash;

static const struct lcm_setting_change changes[] = {
    {"wifi_ssid", (const uint8_t *)"new net", 7, false},
    {"wifi_password", (const uint8_t *)"new password", 12, false},
    {"ota_repo", NULL, 0, false},
    {"led_pin", (const uint8_t *)"\xFE", 1, true},
    {"absent", NULL, 0, false},
};
#define CHANGE_COUNT (sizeof(changes) / sizeof(changes[0]))

static void prepare(const struct lcm_flash *port)
{
    assert_int_equal(lcm_settings_format(&settings, port), LCM_OK);
    assert_int_equal(lcm_settings_set(&settings, "wifi_ssid", "older net"), LCM_OK);
    assert_int_equal(lcm_settings_set(&settings, "wifi_ssid", "old net"), LCM_OK);
    assert_int_equal(lcm_settings_set(&settings, "wifi_password", "old password"), LCM_OK);
    assert_int_equal(lcm_settings_set(&settings, "ota_repo", "old/app"), LCM_OK);
    assert_int_equal(lcm_settings_set(&settings, "app_key", "kept"), LCM_OK);
}

static void prepare_second(const struct lcm_flash *port)
{
    prepare(port);
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
}

static bool is_text(const struct lcm_flash *port, const char *key, const char *expected)
{
    char ours[LCM_SETTING_TEXT_SIZE];
    char stock[LCM_SETTING_TEXT_SIZE];
    bool is_ours = lcm_settings_get(&settings, key, ours, sizeof(ours)) == LCM_OK;
    bool is_stock = stock_sysparam_get(port, key, stock);

    if (expected == NULL)
        return !is_ours && !is_stock;
    return is_ours && is_stock && strcmp(ours, expected) == 0 && strcmp(stock, expected) == 0;
}

static bool is_before(const struct lcm_flash *port)
{
    int8_t led;

    return is_text(port, "wifi_ssid", "old net") &&
           is_text(port, "wifi_password", "old password") && is_text(port, "ota_repo", "old/app") &&
           is_text(port, "app_key", "kept") &&
           lcm_settings_get_int8(&settings, "led_pin", &led) == LCM_ERR_NOT_FOUND;
}

static bool is_after(const struct lcm_flash *port)
{
    int8_t led;

    return is_text(port, "wifi_ssid", "new net") &&
           is_text(port, "wifi_password", "new password") && is_text(port, "ota_repo", NULL) &&
           is_text(port, "app_key", "kept") &&
           lcm_settings_get_int8(&settings, "led_pin", &led) == LCM_OK && led == -2;
}

static int set_up(void **state)
{
    (void)state;
    ram_flash_init(&flash);
    prepare(&flash.port);
    return 0;
}

static void test_change(void **state)
{
    (void)state;
    assert_int_equal(lcm_settings_change(&settings, changes, CHANGE_COUNT), LCM_OK);
    assert_true(is_after(&flash.port));
    assert_int_equal(lcm_settings_open(&settings, &flash.port), LCM_OK);
    assert_true(is_after(&flash.port));
    assert_int_equal(lcm_settings_set(&settings, "wifi_ssid", "next"), LCM_OK);
    assert_true(is_text(&flash.port, "wifi_ssid", "next"));
}

static void test_old_values_are_gone_after_a_compaction(void **state)
{
    (void)state;
    assert_int_equal(lcm_settings_change(&settings, changes, CHANGE_COUNT), LCM_OK);
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    for (uint32_t i = LCM_SETTINGS_ADDR; i < LCM_SETTINGS_ADDR + LCM_SETTINGS_SIZE - 12; i++)
        assert_memory_not_equal(flash.data + i, "old password", 12);
}

static void test_keys_that_begin_alike_stay(void **state)
{
    (void)state;
    assert_int_equal(lcm_settings_set(&settings, "wifi", "short"), LCM_OK);
    assert_int_equal(lcm_settings_set(&settings, "wifi_ssid2", "long"), LCM_OK);
    assert_int_equal(lcm_settings_change(&settings, changes, CHANGE_COUNT), LCM_OK);
    assert_true(is_after(&flash.port));
    assert_true(is_text(&flash.port, "wifi", "short"));
    assert_true(is_text(&flash.port, "wifi_ssid2", "long"));
}

/* The flash refuses at some operation of the change and works again: what is written then, without
 * opening anew, is there after the next start, and so is the change or what was before. */
static void test_writing_goes_on_after_a_failure(void **state)
{
    bool has_failed = true;

    (void)state;
    for (uint32_t at = 0; has_failed; at++) {
        for (uint32_t second = 0; second < 2; second++) {
            ram_flash_init(&flash);
            (second ? prepare_second : prepare)(&flash.port);
            flash.operations = 0;
            flash.cut = RAM_FLASH_CUT_BEFORE;
            flash.cut_at = at;
            has_failed = lcm_settings_change(&settings, changes, CHANGE_COUNT) != LCM_OK;
            ram_flash_restore_power(&flash);
            assert_int_equal(lcm_settings_set(&settings, "later", "value"), LCM_OK);
            assert_int_equal(lcm_settings_open(&settings, &flash.port), LCM_OK);
            assert_true(is_text(&flash.port, "later", "value"));
            assert_true(is_before(&flash.port) || is_after(&flash.port));
        }
    }
}

static void assert_refused(const struct lcm_setting_change *list, size_t count, enum lcm_err err)
{
    static uint8_t before[LCM_FLASH_SIZE];

    memcpy(before, flash.data, sizeof(before));
    assert_int_equal(lcm_settings_change(&settings, list, count), err);
    assert_memory_equal(flash.data, before, sizeof(before));
    assert_true(is_before(&flash.port));
}

static void test_what_is_not_valid_changes_nothing(void **state)
{
    static const uint8_t bytes[LCM_SETTING_VALUE_MAX + 1] = {'x'};
    const struct lcm_setting_change no_key[] = {changes[0], {"", bytes, 1, false}};
    const struct lcm_setting_change long_key[] = {
        changes[0], {"a key of thirty-two characters..", bytes, 1, false}};
    const struct lcm_setting_change long_value[] = {
        changes[0], {"key", bytes, LCM_SETTING_VALUE_MAX + 1, false}};

    (void)state;
    assert_refused(no_key, 2, LCM_ERR_ARGUMENT);
    assert_refused(long_key, 2, LCM_ERR_ARGUMENT);
    assert_refused(long_value, 2, LCM_ERR_TOO_LONG);
}

/* As much as fits with the reserve, to the byte. */
static void test_space(void **state)
{
    static uint8_t bytes[LCM_SETTING_VALUE_MAX];
    static char keys[15][4];
    struct lcm_setting_change list[15];
    uint32_t capacity = LCM_SECTOR_SIZE - 8 - 4;
    uint32_t live = 8 + 9 + 7 + 8 + 13 + 12 + 8 + 8 + 7 + 8 + 7 + 4;
    uint32_t room = capacity - live - (4 + LCM_SETTING_VALUE_MAX);
    size_t count = 0;

    (void)state;
    memset(bytes, 'b', sizeof(bytes));
    while (room > 8 + 3 + 1) {
        uint32_t size = room - 11 < sizeof(bytes) ? room - 11 : (uint32_t)sizeof(bytes);
        if (room - 11 - size > 0 && room - 11 - size < 12)
            size -= 12;
        keys[count][0] = 'k';
        keys[count][1] = (char)('a' + count);
        keys[count][2] = 'k';
        list[count] = (struct lcm_setting_change){keys[count], bytes, (uint16_t)size, false};
        room -= 11 + size;
        count++;
    }
    assert_int_equal(room, 0);
    list[count - 1].size++;
    assert_refused(list, count, LCM_ERR_NO_SPACE);
    list[count - 1].size--;
    assert_int_equal(lcm_settings_change(&settings, list, count), LCM_OK);
    assert_true(is_before(&flash.port));
}

/* A region that no writer makes: two keys share one value, and the pairs are longer than a region.
 * What does not fit is left behind; the other values stay, and the area takes new ones. */
static void test_pairs_longer_than_a_region(void **state)
{
    static const uint8_t key[] = {0x07, 0x80, 0x01, 0x00, 'x'};
    static const uint8_t again[] = {0x07, 0x80, 0x01, 0x00, 'y'};
    static const uint8_t value[] = {0x07, 0xA0, 0xC0, 0x09}; /* 2,496 bytes */
    uint8_t *end = flash.data + settings.end;

    (void)state;
    memcpy(end, key, sizeof(key));
    memcpy(end + sizeof(key), again, sizeof(again));
    memcpy(end + sizeof(key) + sizeof(again), value, sizeof(value));
    assert_int_equal(lcm_settings_open(&settings, &flash.port), LCM_OK);
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    assert_true(is_before(&flash.port));
    assert_int_equal(lcm_settings_open(&settings, &flash.port), LCM_OK);
    assert_int_equal(lcm_settings_change(&settings, changes, CHANGE_COUNT), LCM_OK);
    assert_true(is_after(&flash.port));
}

/* ---- cuts ---- */

static enum lcm_err repair(const struct lcm_flash *port)
{
    return lcm_settings_open(&settings, port);
}

static enum lcm_err operate(const struct lcm_flash *port)
{
    enum lcm_err err = lcm_settings_open(&settings, port);

    return err == LCM_OK ? lcm_settings_change(&settings, changes, CHANGE_COUNT) : err;
}

static const char *check(const struct lcm_flash *port, bool is_done)
{
    if (is_done && !is_after(port))
        return "the change is not there";
    if (!is_before(port) && !is_after(port))
        return "a mixture of old and new values";
    if (lcm_settings_set(&settings, "further", "value") != LCM_OK ||
        lcm_settings_open(&settings, port) != LCM_OK || !is_text(port, "further", "value"))
        return "cannot go on";
    return is_before(port) || is_after(port) ? NULL : "an older value came back";
}

static void run_cuts(const char *name, void (*start)(const struct lcm_flash *))
{
    const struct power_cut_test test = {
        .name = name,
        .window = {{LCM_SETTINGS_ADDR, LCM_SETTINGS_SIZE}},
        .prepare = start,
        .operate = operate,
        .repair = repair,
        .check = check,
    };

    print_message("%s: %u combinations\n", name, power_cut_run(&test, SEED));
}

static void test_cuts(void **state)
{
    (void)state;
    run_cuts("change from region 0", prepare);
    run_cuts("change from region 1", prepare_second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_change, set_up),
        cmocka_unit_test_setup(test_old_values_are_gone_after_a_compaction, set_up),
        cmocka_unit_test_setup(test_keys_that_begin_alike_stay, set_up),
        cmocka_unit_test(test_writing_goes_on_after_a_failure),
        cmocka_unit_test_setup(test_what_is_not_valid_changes_nothing, set_up),
        cmocka_unit_test_setup(test_space, set_up),
        cmocka_unit_test_setup(test_pairs_longer_than_a_region, set_up),
        cmocka_unit_test(test_cuts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
