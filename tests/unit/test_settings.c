// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: settings keep the sysparam format, and no power cut loses a value, brings an
 * older one back or touches another key.
 * Method: golden bytes of an area; a second reader written from the format alone, which
 * takes the first match as the stock API does; every write operation of set, replace,
 * delete, compact and format cut in every way, and every operation of the repair too.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/store/settings.h"
#include "tests/lib/power_cut.h"
#include "tests/lib/ram_flash.h"

#define SEED 20240607u
#define REGION0 LCM_SETTINGS_ADDR
#define REGION1 (LCM_SETTINGS_ADDR + LCM_SECTOR_SIZE)

static struct ram_flash ram;
static struct lcm_settings settings;

static int setup(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    assert_int_equal(lcm_settings_format(&settings, &ram.port), LCM_OK);
    return 0;
}

static void reopen(void)
{
    assert_int_equal(lcm_settings_open(&settings, &ram.port), LCM_OK);
}

static void assert_text(const char *key, const char *expected)
{
    char text[LCM_SETTING_TEXT_SIZE];

    assert_int_equal(lcm_settings_get(&settings, key, text, sizeof(text)), LCM_OK);
    assert_string_equal(text, expected);
}

static void set(const char *key, const char *text)
{
    assert_int_equal(lcm_settings_set(&settings, key, text), LCM_OK);
}

/* ---- a reader as the stock API reads ---- */

static const uint8_t *stock_region(const uint8_t *data)
{
    if (lcm_get_u32(data + REGION0) != 0x70524F45u)
        return lcm_get_u32(data + REGION1) == 0x70524F45u ? data + REGION1 : NULL;
    return data[REGION0 + 5] & 0x40 ? data + REGION0 : data + REGION1;
}

/* First live entry from offset on that is a value of this id, or (id 0) this key. */
static const uint8_t *stock_find(const uint8_t *region, const uint8_t *from, unsigned id,
                                 const char *key)
{
    for (const uint8_t *entry = from; entry + 4 <= region + LCM_SECTOR_SIZE;) {
        unsigned flags = lcm_get_u16(entry);
        unsigned size = lcm_get_u16(entry + 2);

        if (flags == 0xFFFF || entry + 4 + size > region + LCM_SECTOR_SIZE)
            return NULL;
        if ((flags & 0xC000) == 0x8000 && id != 0 && (flags & 0x2000) && (flags & 0xFFF) == id)
            return entry;
        if ((flags & 0xC000) == 0x8000 && id == 0 && !(flags & 0x2000) && size == strlen(key) &&
            memcmp(entry + 4, key, size) == 0)
            return entry;
        entry += 4 + size;
    }
    return NULL;
}

static bool stock_get(const struct lcm_flash *flash, const char *key, char *text)
{
    static uint8_t data[LCM_FLASH_SIZE];

    text[0] = '\0';
    assert_int_equal(flash->read(flash->context, REGION0, data + REGION0, 2 * LCM_SECTOR_SIZE),
                     LCM_OK);
    const uint8_t *region = stock_region(data);
    if (region == NULL)
        return false;
    const uint8_t *entry = stock_find(region, region + 8, 0, key);
    if (entry == NULL)
        return false;
    entry = stock_find(region, entry + 4 + lcm_get_u16(entry + 2), lcm_get_u16(entry) & 0xFFF, "");
    if (entry == NULL)
        return false;
    memcpy(text, entry + 4, lcm_get_u16(entry + 2));
    text[lcm_get_u16(entry + 2)] = '\0';
    return true;
}

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
    static const uint8_t golden0[] = {
        0x45, 0x4F, 0x52, 0x70, 0x01, 0x40, 0x00, 0x00,                     /* header */
        0x01, 0x80, 0x08, 0x00, 'o',  't',  'a',  '_',  'r', 'e', 'p', 'o', /* key 1 */
        0x01, 0xA0, 0x03, 0x00, 'a',  '/',  'b',                            /* text 1 */
        0x02, 0x80, 0x07, 0x00, 'l',  'e',  'd',  '_',  'p', 'i', 'n',      /* key 2 */
        0x02, 0xB0, 0x01, 0x00, 0xFE,                                       /* binary 2 */
        0x03, 0x80, 0x08, 0x00, 'o',  't',  'a',  '_',  'b', 'e', 't', 'a', /* key 3 */
        0x03, 0x20, 0x01, 0x00, 'y',                                        /* dead text 3 */
        0x03, 0xA0, 0x01, 0x00, 'n',                                        /* text 3 */
        0xFF, 0xFF,
    };
    static const uint8_t golden1[] = {0x45, 0x4F, 0x52, 0x70, 0x01, 0x80, 0x00, 0x00, 0xFF};

    (void)state;
    set("ota_repo", "a/b");
    assert_int_equal(lcm_settings_set_int8(&settings, "led_pin", -2), LCM_OK);
    assert_int_equal(lcm_settings_set_bool(&settings, "ota_beta", true), LCM_OK);
    assert_int_equal(lcm_settings_set_bool(&settings, "ota_beta", false), LCM_OK);
    assert_memory_equal(ram.data + REGION0, golden0, sizeof(golden0));
    assert_memory_equal(ram.data + REGION1, golden1, sizeof(golden1));
}

static void test_values_survive_reopening(void **state)
{
    int8_t number = 0;

    (void)state;
    set("wifi_ssid", "home net");
    set("wifi_ssid", "other");
    assert_int_equal(lcm_settings_set_int8(&settings, "led_pin", -13), LCM_OK);
    reopen();
    assert_text("wifi_ssid", "other");
    assert_int_equal(lcm_settings_get_int8(&settings, "led_pin", &number), LCM_OK);
    assert_int_equal(number, -13);
    set("wifi_ssid", "");
    char text[8] = "x";
    assert_int_equal(lcm_settings_get(&settings, "wifi_ssid", text, sizeof(text)),
                     LCM_ERR_NOT_FOUND);
    assert_string_equal(text, "");
    assert_int_equal(lcm_settings_delete(&settings, "never_there"), LCM_OK);
}

static void test_same_value_is_no_write(void **state)
{
    (void)state;
    set("k", "v");
    assert_int_equal(lcm_settings_set_bool(&settings, "b", true), LCM_OK);
    assert_int_equal(lcm_settings_set_int8(&settings, "i", 5), LCM_OK);
    uint32_t operations = ram.operations;
    set("k", "v");
    assert_int_equal(lcm_settings_set_bool(&settings, "b", true), LCM_OK);
    assert_int_equal(lcm_settings_set_int8(&settings, "i", 5), LCM_OK);
    reopen();
    assert_int_equal(ram.operations, operations);
    /* The same byte with another type is another value. */
    set("i", "\x05");
    assert_true(ram.operations > operations);
    assert_text("i", "\x05");
}

static void test_bool_forms(void **state)
{
    static const char *const yes[] = {"y", "YES", "t", "True", "1"};
    static const char *const no[] = {"n", "No", "f", "FALSE", "0"};

    (void)state;
    for (int i = 0; i < 5; i++) {
        set("b", yes[i]);
        assert_true(lcm_settings_get_bool(&settings, "b", false));
        set("b", no[i]);
        assert_false(lcm_settings_get_bool(&settings, "b", true));
    }
    set("b", "maybe");
    assert_true(lcm_settings_get_bool(&settings, "b", true));
    assert_false(lcm_settings_get_bool(&settings, "b", false));
    set("b", "yesyesyes");
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
    reopen();
    assert_true(lcm_settings_get_bool(&settings, "b", false));
    assert_true(lcm_settings_get_bool(&settings, "c", true));
    assert_false(lcm_settings_get_bool(&settings, "c", false));
    assert_int_equal(lcm_settings_get_int8(&settings, "b", &number), LCM_ERR_FORMAT);
    assert_int_equal(lcm_settings_get(&settings, "b", text, sizeof(text)), LCM_ERR_FORMAT);
}

static void test_limits(void **state)
{
    char key[40], value[300], text[LCM_SETTING_TEXT_SIZE];

    (void)state;
    memset(key, 'k', sizeof(key));
    memset(value, 'v', sizeof(value));
    key[31] = '\0';
    value[255] = '\0';
    set(key, value);
    assert_text(key, value);
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
            set(key, value);
        }
    }
    reopen();
    for (unsigned i = 0; i + 1 < count; i++) {
        snprintf(key, sizeof(key), "k%03u", i);
        assert_text(key, value);
    }
    assert_int_equal(lcm_settings_delete(&settings, "k000"), LCM_OK);
    set("k999", value);
}

static void test_ids_run_out(void **state)
{
    (void)state;
    ram.data[REGION0 + 8] = 0xFE; /* dead empty entry with the highest id */
    memcpy(ram.data + REGION0 + 8, "\xFE\x0F\x00\x00", 4);
    reopen();
    set("k", "v");
    set("l", "w");
    reopen();
    assert_text("k", "v");
    assert_text("l", "w");
    assert_int_equal(ram.data[REGION1 + 5] & 0x40, 0x40);
}

static void test_listing(void **state)
{
    struct lcm_setting setting;
    uint32_t cursor = 0;

    (void)state;
    set("gone", "x");
    set("text", "hello");
    assert_int_equal(lcm_settings_set_int8(&settings, "number", 7), LCM_OK);
    set("gone", "");
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
    set("wifi_password", "correct horse");
    set("keep", "me");
    assert_int_equal(lcm_settings_delete(&settings, "wifi_password"), LCM_OK);
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    for (uint32_t i = REGION0; i < REGION0 + 2 * LCM_SECTOR_SIZE - 7; i++)
        assert_memory_not_equal(ram.data + i, "correct", 7);
    assert_text("keep", "me");
}

/* ---- leftovers of the stock writer ---- */

static void test_region0_erased_is_not_formatted_away(void **state)
{
    (void)state;
    set("wifi_ssid", "home");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK); /* now region 1 */
    memset(ram.data + REGION0, 0xFF, LCM_SECTOR_SIZE);
    reopen();
    assert_text("wifi_ssid", "home");
    /* and the reference, which looks at 0xF7000 only, finds the area again */
    assert_memory_equal(ram.data + REGION0, "EORp\x01\x00\x00\x00", 8);
}

static void test_both_active_takes_the_one_the_stock_reader_takes(void **state)
{
    (void)state;
    set("k", "old");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    set("k", "dead end");
    ram.data[REGION0 + 5] |= 0x40;
    reopen();
    assert_text("k", "old");
    assert_int_equal(ram.data[REGION1 + 5] & 0x40, 0);
}

static void test_none_active_keeps_the_values(void **state)
{
    (void)state;
    set("k", "v");
    ram.data[REGION0 + 5] = 0x00;
    reopen();
    assert_text("k", "v");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    reopen();
    assert_text("k", "v");
}

static void test_two_alive_values_newest_wins(void **state)
{
    static const uint8_t entries[] = {0x01, 0x80, 0x01, 0x00, 'k', 0x01, 0xA0, 0x01, 0x00, 'a',
                                      0x01, 0xA0, 0x01, 0x00, 'b', 0x01, 0xE0, 0x01, 0x00, 'c'};
    char text[8];

    (void)state;
    memcpy(ram.data + REGION0 + 8, entries, sizeof(entries));
    reopen();
    assert_text("k", "b");
    assert_true(stock_get(&ram.port, "k", text));
    assert_string_equal(text, "b");
    assert_int_equal(lcm_settings_delete(&settings, "k"), LCM_OK);
    assert_false(stock_get(&ram.port, "k", text));
}

static void test_entry_of_impossible_length(void **state)
{
    (void)state;
    set("k", "v");
    memcpy(ram.data + settings.end, "\x02\xC0\xFF\xFF", 4);
    reopen();
    assert_text("k", "v");
    set("l", "w");
    reopen();
    assert_text("k", "v");
    assert_text("l", "w");
}

static enum lcm_err erase_sets_the_active_bit(void *context, uint32_t addr)
{
    struct ram_flash *flash = context;

    flash->data[addr + 5] |= 0x40;
    flash->is_off = true;
    return LCM_ERR_FLASH;
}

/* An erase that is cut short may raise any bit, in the worst case just this one. */
static void test_torn_erase_cannot_revive_the_stale_region(void **state)
{
    (void)state;
    set("k", "old");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK); /* region 0 is stale now */
    set("k", "new");
    enum lcm_err (*erase)(void *, uint32_t) = ram.port.erase;
    ram.port.erase = erase_sets_the_active_bit;
    assert_int_equal(lcm_settings_compact(&settings), LCM_ERR_FLASH);
    ram.port.erase = erase;
    ram_flash_restore_power(&ram);
    reopen();
    assert_text("k", "new");
}

static enum lcm_err program_leaves_the_active_bit(void *context, uint32_t addr, const void *src,
                                                  uint32_t size)
{
    struct ram_flash *flash = context;

    if (flash->is_off)
        return LCM_ERR_FLASH;
    memcpy(flash->data + addr, src, size);
    if (addr == REGION0 + 4) {
        flash->data[addr + 1] |= 0x40;
        flash->is_off = true;
    }
    return LCM_OK;
}

/* The header of the stale region is torn so that it would call the empty region active. */
static void test_torn_header_cannot_activate_an_empty_region(void **state)
{
    (void)state;
    set("k", "v");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    memset(ram.data + REGION0, 0xFF, LCM_SECTOR_SIZE);
    enum lcm_err (*program)(void *, uint32_t, const void *, uint32_t) = ram.port.program;
    ram.port.program = program_leaves_the_active_bit;
    assert_int_equal(lcm_settings_open(&settings, &ram.port), LCM_ERR_FLASH);
    ram.port.program = program;
    ram_flash_restore_power(&ram);
    reopen();
    assert_text("k", "v");
}

static void test_format_wipes_both_sectors(void **state)
{
    (void)state;
    set("wifi_password", "correct horse");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lcm_settings_format(&settings, &ram.port), LCM_OK);
        assert_true(lcm_bytes_all(ram.data + REGION0 + 8, LCM_SECTOR_SIZE - 8, 0xFF));
        assert_true(lcm_bytes_all(ram.data + REGION1 + 8, LCM_SECTOR_SIZE - 8, 0xFF));
        set("wifi_password", "correct horse");
    }
}

static void test_flash_error_leaves_a_usable_store(void **state)
{
    (void)state;
    set("k", "old");
    for (uint32_t at = 0; at < 4; at++) {
        ram_flash_restore_power(&ram);
        ram.cut = RAM_FLASH_CUT_TORN;
        ram.cut_at = at;
        assert_int_equal(lcm_settings_set(&settings, "k", at % 2 ? "odd" : "even"), LCM_ERR_FLASH);
        ram_flash_restore_power(&ram); /* the same struct goes on */
        set("k", "good");
        assert_text("k", "good");
        set("k", "old");
    }
    reopen();
    assert_text("k", "old");
}

/* ---- power cuts ---- */

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
        if (!stock_get(flash, other_key[i], text) || strcmp(text, other_value[i]) != 0)
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
    if (!stock_get(flash, "target", text) || strcmp(text, "after") != 0)
        return "stock reader cannot go on";
    if (lcm_settings_delete(&settings, "target") != LCM_OK || stock_get(flash, "target", text))
        return "an older value came back";
    return check_others(flash);
}

static const char *check_target(const struct lcm_flash *flash, bool is_done)
{
    char text[LCM_SETTING_TEXT_SIZE], stock[LCM_SETTING_TEXT_SIZE];
    bool is_found = lcm_settings_get(&settings, "target", text, sizeof(text)) == LCM_OK;
    bool is_new = is_value(text, is_found, new_value);
    bool is_stock_found = stock_get(flash, "target", stock);

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
    bool is_found = stock_get(flash, "target", text);

    if (!is_value(text, is_found, old_value) && !is_value(text, is_found, new_value))
        return "an app reads neither the old nor the new value";
    for (uint32_t i = 0; i < OTHER_COUNT; i++) {
        if (!stock_get(flash, other_key[i], text) || strcmp(text, other_value[i]) != 0)
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_blank_flash_is_not_found_and_stays_blank, setup),
        cmocka_unit_test_setup(test_golden_bytes, setup),
        cmocka_unit_test_setup(test_values_survive_reopening, setup),
        cmocka_unit_test_setup(test_same_value_is_no_write, setup),
        cmocka_unit_test_setup(test_bool_forms, setup),
        cmocka_unit_test_setup(test_binary_number_of_four_bytes_is_a_bool, setup),
        cmocka_unit_test_setup(test_limits, setup),
        cmocka_unit_test_setup(test_full_area_still_replaces_and_deletes, setup),
        cmocka_unit_test_setup(test_ids_run_out, setup),
        cmocka_unit_test_setup(test_listing, setup),
        cmocka_unit_test_setup(test_compacting_twice_wipes_secrets, setup),
        cmocka_unit_test_setup(test_region0_erased_is_not_formatted_away, setup),
        cmocka_unit_test_setup(test_both_active_takes_the_one_the_stock_reader_takes, setup),
        cmocka_unit_test_setup(test_none_active_keeps_the_values, setup),
        cmocka_unit_test_setup(test_two_alive_values_newest_wins, setup),
        cmocka_unit_test_setup(test_entry_of_impossible_length, setup),
        cmocka_unit_test_setup(test_torn_erase_cannot_revive_the_stale_region, setup),
        cmocka_unit_test_setup(test_torn_header_cannot_activate_an_empty_region, setup),
        cmocka_unit_test_setup(test_format_wipes_both_sectors, setup),
        cmocka_unit_test_setup(test_flash_error_leaves_a_usable_store, setup),
        cmocka_unit_test(test_cuts),
        cmocka_unit_test(test_cuts_of_format),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
