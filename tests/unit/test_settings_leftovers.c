// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: leftovers of other writers and of failing flash are mended, and what is no area of
 * ours is left alone.
 * Method: areas damaged by hand; the independent reader of tests/lib/stock_sysparam; a flash
 * that tears single operations. Power cuts: test_settings_cuts.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "tests/lib/settings_bench.h"
#include "tests/lib/stock_sysparam.h"

/* ---- leftovers of the stock writer ---- */

static void test_region0_erased_is_not_formatted_away(void **state)
{
    char text[LCM_SETTING_TEXT_SIZE];

    (void)state;
    bench_set("wifi_ssid", "home");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK); /* now region 1 */
    memset(ram.data + REGION0, 0xFF, LCM_SECTOR_SIZE);
    bench_reopen();
    bench_expect("wifi_ssid", "home");
    /* and the reference, which looks at 0xF7000 only, finds the area again */
    assert_memory_equal(ram.data + REGION0, "EORp\x01\x40\x00\x00", 8);
    assert_memory_equal(ram.data + REGION1, "EORp\x01\x80\x00\x00", 8);
    assert_true(stock_sysparam_get(&ram.port, "wifi_ssid", text));
    assert_string_equal(text, "home");
}

/* A cut clearing of the flag of one region, then a cut start of the other: the flag of the only
 * region that is left may be between 0 and 1. Its values move to a header that nothing was done to.
 */
static void test_torn_other_region(void **state)
{
    (void)state;
    bench_set("k", "v");
    memset(ram.data + REGION1, 0x45, 3);
    bench_reopen();
    bench_expect("k", "v");
    assert_memory_equal(ram.data + REGION0, "EORp\x01\x00\x00\x00", 8);
    assert_memory_equal(ram.data + REGION1, "EORp\x01\xC0\x00\x00", 8);
}

static void test_both_active_takes_the_one_the_stock_reader_takes(void **state)
{
    (void)state;
    bench_set("k", "old");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    bench_set("k", "dead end");
    ram.data[REGION0 + 5] |= 0x40;
    bench_reopen();
    bench_expect("k", "old");
    assert_int_equal((ram.data[REGION0 + 5] ^ ram.data[REGION1 + 5]) & 0x40, 0x40);
    for (uint32_t i = REGION0; i < REGION0 + 2 * LCM_SECTOR_SIZE - 8; i++)
        assert_memory_not_equal(ram.data + i, "dead end", 8); /* it never comes back */
}

static void test_none_active_keeps_the_values(void **state)
{
    (void)state;
    bench_set("k", "v");
    ram.data[REGION0 + 5] = 0x00;
    bench_reopen();
    bench_expect("k", "v");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    bench_reopen();
    bench_expect("k", "v");
}

/* The stock reader takes the second region then. */
static void test_none_active_takes_the_second(void **state)
{
    char text[LCM_SETTING_TEXT_SIZE];

    (void)state;
    bench_set("k", "old");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    bench_set("k", "new");
    ram.data[REGION1 + 5] = 0x80;
    bench_reopen();
    bench_expect("k", "new");
    assert_true(stock_sysparam_get(&ram.port, "k", text));
    assert_string_equal(text, "new");
}

/* Half an area, or one of regions with several sectors: whose it is nobody knows. */
static void test_foreign_header_is_not_written(void **state)
{
    static const char *const header[] = {"EORp\x02\x40\x00", "EORp\x01\xC0\x00"};

    (void)state;
    for (size_t i = 0; i < sizeof(header) / sizeof(header[0]); i++) {
        ram_flash_init(&ram);
        memcpy(ram.data + REGION0, header[i], 8);
        assert_int_equal(lcm_settings_open(&settings, &ram.port), LCM_ERR_NOT_FOUND);
        assert_int_equal(ram.operations, 0);
    }
}

/* 0 and 0xFFF are no ids: what carries them is neither key nor value. */
static void test_ids_outside_their_range(void **state)
{
    static const uint8_t entries[] = {0x00, 0x80, 0x01, 0x00, 'k', 0x00, 0xA0, 0x01, 0x00, 'v',
                                      0xFF, 0x8F, 0x01, 0x00, 'l', 0xFF, 0xAF, 0x01, 0x00, 'w'};
    struct lcm_setting setting;
    uint32_t cursor = 0;
    char text[8];

    (void)state;
    memcpy(ram.data + REGION0 + 8, entries, sizeof(entries));
    bench_reopen();
    assert_int_equal(lcm_settings_get(&settings, "k", text, sizeof(text)), LCM_ERR_NOT_FOUND);
    assert_int_equal(lcm_settings_get(&settings, "l", text, sizeof(text)), LCM_ERR_NOT_FOUND);
    assert_int_equal(lcm_settings_next(&settings, &cursor, &setting), LCM_ERR_NOT_FOUND);
    bench_set("k", "x");
    bench_set("l", "y");
    bench_reopen();
    bench_expect("k", "x");
    bench_expect("l", "y");
}

/* An app filled the region to its last byte, the tail that we keep blank included. */
static void test_filled_to_the_brim(void **state)
{
    static const uint8_t entries[] = {0x01, 0x80, 0x01, 0x00, 'k',  0x01,
                                      0xA0, 0x01, 0x00, 'v',  0x01, 0x20};
    const uint32_t used = 8 + sizeof(entries) + 2;

    (void)state;
    memcpy(ram.data + REGION0 + 8, entries, sizeof(entries));
    lcm_put_u16(ram.data + REGION0 + used - 2, (uint16_t)(LCM_SECTOR_SIZE - used));
    memset(ram.data + REGION0 + used, 'f', LCM_SECTOR_SIZE - used); /* a deleted value */
    bench_reopen();
    assert_int_equal(settings.end, REGION1);
    bench_set("l", "w");
    bench_reopen();
    bench_expect("k", "v");
    bench_expect("l", "w");
}

/* A replacement that was cut short, and an app that wrote on behind it. */
static void test_replaced_value_does_not_come_back(void **state)
{
    static const uint8_t entries[] = {0x01, 0x80, 0x01, 0x00, 'k',  0x01, 0xA0, 0x01, 0x00,
                                      'a',  0x01, 0xA0, 0x01, 0x00, 'b',  0x02, 0x80, 0x01,
                                      0x00, 'l',  0x02, 0xA0, 0x01, 0x00, 'w'};
    char text[8];

    (void)state;
    memcpy(ram.data + REGION0 + 8, entries, sizeof(entries));
    bench_reopen();
    bench_expect("k", "b");
    assert_true(stock_sysparam_get(&ram.port, "k", text)); /* the app reads the first live one */
    assert_string_equal(text, "b");
    bench_expect("l", "w");
}

static void test_two_alive_values_newest_wins(void **state)
{
    static const uint8_t entries[] = {0x01, 0x80, 0x01, 0x00, 'k', 0x01, 0xA0, 0x01, 0x00, 'a',
                                      0x01, 0xA0, 0x01, 0x00, 'b', 0x01, 0xE0, 0x01, 0x00, 'c'};
    char text[8];

    (void)state;
    memcpy(ram.data + REGION0 + 8, entries, sizeof(entries));
    bench_reopen();
    bench_expect("k", "b");
    assert_true(stock_sysparam_get(&ram.port, "k", text));
    assert_string_equal(text, "b");
    assert_int_equal(lcm_settings_delete(&settings, "k"), LCM_OK);
    assert_false(stock_sysparam_get(&ram.port, "k", text));
}

static void test_entry_of_impossible_length(void **state)
{
    (void)state;
    bench_set("k", "v");
    memcpy(ram.data + settings.end, "\x02\xC0\xFF\xFF", 4);
    bench_reopen();
    bench_expect("k", "v");
    bench_set("l", "w");
    bench_reopen();
    bench_expect("k", "v");
    bench_expect("l", "w");
}

static enum lcm_err (*plain_read)(void *, uint32_t, void *, uint32_t);
static uint32_t misread_at;
static uint32_t misread_count;

/* The first entry is longer than the rest of them all, once. */
static enum lcm_err misreading_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    enum lcm_err err = plain_read(context, addr, dst, size);

    if (addr == REGION0 + 8 && misread_count++ == misread_at)
        ((uint8_t *)dst)[3] |= 0x0E;
    return err;
}

/* A walk that misses entries is not an area that is not there: that would be formatted. */
static void test_entry_that_reads_differently_once(void **state)
{
    (void)state;
    for (misread_at = 0, misread_count = 1; misread_count > misread_at; misread_at++) {
        settings_bench_open(NULL);
        bench_set("k", "v");
        bench_set("l", "w");
        bench_set("l", "x");
        misread_count = 0;
        plain_read = ram.port.read;
        ram.port.read = misreading_read;
        assert_int_equal(lcm_settings_open(&settings, &ram.port), LCM_OK);
        ram.port.read = plain_read;
        bench_reopen();
        bench_expect("k", "v");
        bench_expect("l", "x");
    }
    assert_true(misread_at > 3);
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
    bench_set("k", "old");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK); /* region 0 is stale now */
    bench_set("k", "new");
    enum lcm_err (*erase)(void *, uint32_t) = ram.port.erase;
    ram.port.erase = erase_sets_the_active_bit;
    assert_int_equal(lcm_settings_compact(&settings), LCM_ERR_FLASH);
    ram.port.erase = erase;
    ram_flash_restore_power(&ram);
    bench_reopen();
    bench_expect("k", "new");
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
    bench_set("k", "v");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    memset(ram.data + REGION0, 0xFF, LCM_SECTOR_SIZE);
    enum lcm_err (*program)(void *, uint32_t, const void *, uint32_t) = ram.port.program;
    ram.port.program = program_leaves_the_active_bit;
    assert_int_equal(lcm_settings_open(&settings, &ram.port), LCM_ERR_FLASH);
    ram.port.program = program;
    ram_flash_restore_power(&ram);
    bench_reopen();
    bench_expect("k", "v");
}

static void test_format_wipes_both_sectors(void **state)
{
    (void)state;
    bench_set("wifi_password", "correct horse");
    assert_int_equal(lcm_settings_compact(&settings), LCM_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(lcm_settings_format(&settings, &ram.port), LCM_OK);
        assert_true(lcm_bytes_all(ram.data + REGION0 + 8, LCM_SECTOR_SIZE - 8, 0xFF));
        assert_true(lcm_bytes_all(ram.data + REGION1 + 8, LCM_SECTOR_SIZE - 8, 0xFF));
        bench_set("wifi_password", "correct horse");
    }
}

static void test_flash_error_leaves_a_usable_store(void **state)
{
    (void)state;
    bench_set("k", "old");
    for (uint32_t at = 0; at < 4; at++) {
        ram_flash_restore_power(&ram);
        ram.cut = RAM_FLASH_CUT_TORN;
        ram.cut_at = at;
        assert_int_equal(lcm_settings_set(&settings, "k", at % 2 ? "odd" : "even"), LCM_ERR_FLASH);
        ram_flash_restore_power(&ram); /* the same struct goes on */
        bench_set("k", "good");
        bench_expect("k", "good");
        bench_set("k", "old");
    }
    bench_reopen();
    bench_expect("k", "old");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_region0_erased_is_not_formatted_away, settings_bench_open),
        cmocka_unit_test_setup(test_torn_other_region, settings_bench_open),
        cmocka_unit_test_setup(test_both_active_takes_the_one_the_stock_reader_takes,
                               settings_bench_open),
        cmocka_unit_test_setup(test_none_active_keeps_the_values, settings_bench_open),
        cmocka_unit_test_setup(test_none_active_takes_the_second, settings_bench_open),
        cmocka_unit_test_setup(test_foreign_header_is_not_written, settings_bench_open),
        cmocka_unit_test_setup(test_ids_outside_their_range, settings_bench_open),
        cmocka_unit_test_setup(test_filled_to_the_brim, settings_bench_open),
        cmocka_unit_test_setup(test_replaced_value_does_not_come_back, settings_bench_open),
        cmocka_unit_test_setup(test_two_alive_values_newest_wins, settings_bench_open),
        cmocka_unit_test_setup(test_entry_of_impossible_length, settings_bench_open),
        cmocka_unit_test_setup(test_entry_that_reads_differently_once, settings_bench_open),
        cmocka_unit_test_setup(test_torn_erase_cannot_revive_the_stale_region, settings_bench_open),
        cmocka_unit_test_setup(test_torn_header_cannot_activate_an_empty_region,
                               settings_bench_open),
        cmocka_unit_test_setup(test_format_wipes_both_sectors, settings_bench_open),
        cmocka_unit_test_setup(test_flash_error_leaves_a_usable_store, settings_bench_open),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
