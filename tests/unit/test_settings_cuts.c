// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: no power cut loses a setting, brings an older value back or touches another
 * key; an app that starts before the repair reads the old or the new value as well.
 * Method: every write operation of set, replace, delete, compact and format is cut in
 * every way, and every operation of the repair too, and every read fails once; what is
 * left is read by us and by the independent reader of tests/lib/stock_sysparam.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/store/settings.h"
#include "lcm/layout.h"
#include "tests/lib/power_cut.h"
#include "tests/lib/stock_sysparam.h"

#define SEED 20240607u
#define REGION0 LCM_SETTINGS_ADDR
#define REGION1 (LCM_SETTINGS_ADDR + LCM_SECTOR_SIZE)

static struct lcm_settings settings;

static void set(const char *key, const char *text)
{
    assert_int_equal(lcm_settings_set(&settings, key, text), LCM_OK);
}

#define OTHER_COUNT 3u
static const char *const other_key[OTHER_COUNT] = {"wifi_ssid", "wifi_password", "ota_repo"};
static const char *const other_value[OTHER_COUNT] = {"home", "correct horse", "owner/name"};
static const char *old_value; /* NULL = absent */
static const char *new_value;

static void prepare_small(const struct lcm_flash *flash)
{
    assert_int_equal(lcm_settings_format(&settings, flash), LCM_OK);
    for (uint32_t i = 0; i < OTHER_COUNT; i++)
        set(other_key[i], other_value[i]);
    set("target", "oldest");
    set("target", old_value != NULL ? old_value : "");
}

/* No room behind the last entry for anything: the next write compacts. */
static void fill_up(void)
{
    char value[160];
    unsigned count = 0;

    memset(value, 'f', sizeof(value));
    value[150] = '\0';
    while (settings.end < settings.region_addr + LCM_SECTOR_SIZE - 170) {
        value[0] = (char)('a' + count++ % 2);
        set("filler", value);
    }
    while (settings.end < settings.region_addr + LCM_SECTOR_SIZE - 10)
        set("f", count++ % 2 ? "1" : "2");
}

static void prepare_full(const struct lcm_flash *flash)
{
    prepare_small(flash);
    fill_up();
    assert_int_equal(settings.region_addr, REGION0);
}

static void prepare_full_second(const struct lcm_flash *flash)
{
    prepare_small(flash);
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    fill_up();
    assert_int_equal(settings.region_addr, REGION1);
}

static void prepare_second(const struct lcm_flash *flash)
{
    prepare_small(flash);
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
}

static enum lcm_err repair(const struct lcm_flash *flash)
{
    return lcm_settings_open(&settings, flash);
}

static enum lcm_err operate_set(const struct lcm_flash *flash)
{
    enum lcm_err err = lcm_settings_open(&settings, flash);

    return err == LCM_OK ? lcm_settings_set(&settings, "target", new_value != NULL ? new_value : "")
                         : err;
}

static enum lcm_err operate_compact(const struct lcm_flash *flash)
{
    enum lcm_err err = lcm_settings_open(&settings, flash);

    return err == LCM_OK ? lcm_settings_compact(&settings) : err;
}

static bool is_value(const char *text, bool is_found, const char *expected)
{
    return is_found ? expected != NULL && strcmp(text, expected) == 0 : expected == NULL;
}

static const char *check_others(const struct lcm_flash *flash)
{
    char text[LCM_SETTING_TEXT_SIZE];

    for (uint32_t i = 0; i < OTHER_COUNT; i++) {
        if (lcm_settings_get(&settings, other_key[i], text, sizeof(text)) != LCM_OK ||
            strcmp(text, other_value[i]) != 0)
            return "another key changed";
        if (!stock_sysparam_get(flash, other_key[i], text) || strcmp(text, other_value[i]) != 0)
            return "another key differs for the stock reader";
    }
    return NULL;
}

/* The repaired area takes and keeps a further value. */
static const char *check_goes_on(const struct lcm_flash *flash)
{
    char text[LCM_SETTING_TEXT_SIZE];

    if (lcm_settings_set(&settings, "target", "after") != LCM_OK ||
        lcm_settings_open(&settings, flash) != LCM_OK ||
        lcm_settings_get(&settings, "target", text, sizeof(text)) != LCM_OK ||
        strcmp(text, "after") != 0)
        return "cannot go on";
    if (!stock_sysparam_get(flash, "target", text) || strcmp(text, "after") != 0)
        return "stock reader cannot go on";
    if (lcm_settings_delete(&settings, "target") != LCM_OK ||
        stock_sysparam_get(flash, "target", text))
        return "an older value came back";
    return check_others(flash);
}

static const char *check_target(const struct lcm_flash *flash, bool is_done)
{
    char text[LCM_SETTING_TEXT_SIZE], stock[LCM_SETTING_TEXT_SIZE];
    bool is_found = lcm_settings_get(&settings, "target", text, sizeof(text)) == LCM_OK;
    bool is_new = is_value(text, is_found, new_value);
    bool is_stock_found = stock_sysparam_get(flash, "target", stock);

    if (!is_new && (is_done || !is_value(text, is_found, old_value)))
        return "neither the old nor the new value";
    if (is_stock_found != is_found || strcmp(stock, text) != 0)
        return "the stock reader reads something else";
    const char *wrong = check_others(flash);
    return wrong != NULL ? wrong : check_goes_on(flash);
}

/* What an app sees that starts before the updater could mend anything. */
static const char *glance_target(const struct lcm_flash *flash)
{
    char text[LCM_SETTING_TEXT_SIZE];
    bool is_found = stock_sysparam_get(flash, "target", text);

    if (!is_value(text, is_found, old_value) && !is_value(text, is_found, new_value))
        return "an app reads neither the old nor the new value";
    for (uint32_t i = 0; i < OTHER_COUNT; i++) {
        if (!stock_sysparam_get(flash, other_key[i], text) || strcmp(text, other_value[i]) != 0)
            return "an app reads another key differently";
    }
    return NULL;
}

static void run_cuts(const char *name, void (*prepare)(const struct lcm_flash *),
                     enum lcm_err (*operate)(const struct lcm_flash *), const char *from,
                     const char *to)
{
    struct power_cut_test test = {
        .name = name,
        .window = {{LCM_SETTINGS_ADDR, LCM_SETTINGS_SIZE}},
        .prepare = prepare,
        .operate = operate,
        .glance = glance_target,
        .repair = repair,
        .check = check_target,
    };

    old_value = from;
    new_value = to;
    assert_true(power_cut_run(&test, SEED) >= 6);
}

static void test_cuts(void **state)
{
    (void)state;
    run_cuts("add", prepare_small, operate_set, NULL, "new");
    run_cuts("replace", prepare_small, operate_set, "old", "brand new");
    run_cuts("replace in region 1", prepare_second, operate_set, "old", "brand new");
    run_cuts("delete", prepare_small, operate_set, "old", NULL);
    run_cuts("add with compaction", prepare_full, operate_set, NULL, "new");
    run_cuts("replace with compaction 0 to 1", prepare_full, operate_set, "old", "brand new");
    run_cuts("replace with compaction 1 to 0", prepare_full_second, operate_set, "old",
             "brand new");
    run_cuts("delete in a full region", prepare_full, operate_set, "old", NULL);
    run_cuts("compact 0 to 1", prepare_full, operate_compact, "old", "old");
    run_cuts("compact 1 to 0", prepare_full_second, operate_compact, "old", "old");
}

static enum lcm_err operate_format(const struct lcm_flash *flash)
{
    return lcm_settings_format(&settings, flash);
}

static enum lcm_err repair_or_format(const struct lcm_flash *flash)
{
    enum lcm_err err = lcm_settings_open(&settings, flash);

    return err == LCM_ERR_NOT_FOUND ? LCM_OK : err;
}

static const char *check_format(const struct lcm_flash *flash, bool is_done)
{
    struct lcm_setting setting;
    uint32_t cursor = 0;
    enum lcm_err err = lcm_settings_open(&settings, flash);

    if (err == LCM_OK)
        err = lcm_settings_next(&settings, &cursor, &setting);
    if (err == LCM_ERR_NOT_FOUND && (is_done || old_value == NULL))
        return NULL;
    if (is_done || old_value == NULL)
        return "not empty";
    if (err == LCM_ERR_NOT_FOUND) /* empty after a cut: must be a real area */
        return lcm_settings_open(&settings, flash) == LCM_OK ? NULL : "area lost";
    return check_others(flash);
}

static void prepare_blank(const struct lcm_flash *flash)
{
    (void)flash;
}

static void test_cuts_of_format(void **state)
{
    struct power_cut_test test = {
        .name = "format of a blank area",
        .window = {{LCM_SETTINGS_ADDR, LCM_SETTINGS_SIZE}},
        .prepare = prepare_blank,
        .operate = operate_format,
        .repair = repair_or_format,
        .check = check_format,
    };

    (void)state;
    old_value = NULL;
    power_cut_run(&test, SEED);
    old_value = "old";
    test.name = "format of region 0";
    test.prepare = prepare_small;
    test.repair = repair;
    power_cut_run(&test, SEED);
    test.name = "format of region 1";
    test.prepare = prepare_second;
    power_cut_run(&test, SEED);
}

/* ---- failing reads ---- */

static void prepare_types(const struct lcm_flash *flash)
{
    prepare_small(flash);
    assert_int_equal(lcm_settings_set_int8(&settings, "number", -5), LCM_OK);
    assert_int_equal(lcm_settings_set_int8(&settings, "switch", 1), LCM_OK);
}

/* Both regions inactive, the values in the second: it is looked through before it is chosen. */
static void prepare_none_active(const struct lcm_flash *flash)
{
    const uint8_t inactive = 0x80;

    prepare_second(flash);
    assert_int_equal(flash->program(flash->context, REGION1 + 5, &inactive, 1), LCM_OK);
}

static enum lcm_err read_numbers(void)
{
    int8_t number = 77;
    enum lcm_err err = lcm_settings_get_int8(&settings, "number", &number);

    assert_int_equal(number, err == LCM_OK ? -5 : 77);
    if (err != LCM_OK)
        return err;
    /* A switch has no error: the fallback stands for it. */
    return lcm_settings_get_bool(&settings, "switch", false) ? LCM_OK : LCM_ERR_FLASH;
}

static enum lcm_err read_list(void)
{
    static const char *const key[] = {"wifi_ssid", "wifi_password", "ota_repo",
                                      "target",    "number",        "switch"};
    static const char *const value[] = {"home", "correct horse", "owner/name",
                                        "old",  "\xFB",          "\x01"};
    struct lcm_setting setting;
    uint32_t cursor = 0;
    size_t count = 0;
    enum lcm_err err;

    while ((err = lcm_settings_next(&settings, &cursor, &setting)) == LCM_OK) {
        assert_true(count < sizeof(key) / sizeof(key[0]));
        assert_string_equal(setting.key, key[count]);
        assert_string_equal((const char *)setting.value, value[count]);
        count++;
    }
    if (err != LCM_ERR_NOT_FOUND)
        return err;
    assert_int_equal(count, sizeof(key) / sizeof(key[0]));
    return LCM_OK;
}

static enum lcm_err operate_read(const struct lcm_flash *flash)
{
    enum lcm_err err = lcm_settings_open(&settings, flash);

    if (err == LCM_OK)
        err = read_numbers();
    return err == LCM_OK ? read_list() : err;
}

static void run_failing_reads(const char *name, void (*prepare)(const struct lcm_flash *),
                              enum lcm_err (*operate)(const struct lcm_flash *), const char *to)
{
    struct power_cut_test test = {
        .name = name,
        .window = {{LCM_SETTINGS_ADDR, LCM_SETTINGS_SIZE}},
        .prepare = prepare,
        .operate = operate,
        .repair = repair,
        .check = check_target,
    };

    old_value = "old";
    new_value = to;
    assert_int_equal(read_fault_run(&test, SEED), 0);
}

static void test_failing_reads(void **state)
{
    (void)state;
    run_failing_reads("read", prepare_types, operate_read, "old");
    run_failing_reads("open, none active", prepare_none_active, repair, "old");
    run_failing_reads("replace", prepare_small, operate_set, "brand new");
    run_failing_reads("delete", prepare_small, operate_set, NULL);
    run_failing_reads("replace with compaction", prepare_full, operate_set, "brand new");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_cuts_of_format),
        cmocka_unit_test(test_failing_reads),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
