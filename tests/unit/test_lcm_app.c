// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the app hook writes the restart record that rBoot reads, and finds settings as the stock
 * sysparam library does, in every state a settings area can be in.
 *
 * Method: the functions ending in _in run on arrays of words. Records are compared byte by byte
 * with the format of rBoot's RTC data; settings areas are laid out by hand, entry by entry.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/image/identity.h"
#include "lcm/lcm_app.h"

#define AREA_SIZE (LCM_APP_REGION_COUNT * LCM_APP_REGION_SIZE)
#define RTC_WORDS 16u
#define KEY(id) (0x8000u | (id))
#define TEXT(id) (0xA000u | (id))
#define BINARY(id) (0xB000u | (id))

LCM_APP_IDENTITY("owner/repository", "main.bin", "1.2.3");

struct area {
    uint32_t words[AREA_SIZE / 4u];
    uint32_t end; /* offset of the next entry */
};

static void area_put(struct area *area, const void *bytes, uint32_t size)
{
    memcpy((uint8_t *)area->words + area->end, bytes, size);
    area->end += size;
}

static void area_u16(struct area *area, uint32_t value)
{
    uint8_t bytes[2] = {(uint8_t)value, (uint8_t)(value >> 8)};

    area_put(area, bytes, sizeof(bytes));
}

/* Write a region's header; the entries that follow go into this region. */
static void area_region(struct area *area, uint32_t region, uint32_t flags_size)
{
    area->end = region * LCM_APP_REGION_SIZE;
    area_put(area, "EORp", 4);
    area_u16(area, flags_size);
    area_u16(area, 0);
}

static void area_entry(struct area *area, uint32_t flags, const char *text)
{
    area_u16(area, flags);
    area_u16(area, (uint32_t)strlen(text));
    area_put(area, text, (uint32_t)strlen(text));
}

static void area_init(struct area *area)
{
    memset(area->words, 0xFF, sizeof(area->words));
    area_region(area, 1, 0x8001);
    area_region(area, 0, 0x4001);
}

static void assert_setting(const struct area *area, const char *key, const char *value)
{
    char buffer[64];

    memset(buffer, '?', sizeof(buffer));
    assert_int_equal(lcm_app_setting_in(area->words, key, buffer, sizeof(buffer)), strlen(value));
    assert_string_equal(buffer, value);
}

static void assert_unset(const struct area *area, const char *key)
{
    char buffer[64] = "kept";

    assert_int_equal(lcm_app_setting_in(area->words, key, buffer, sizeof(buffer)), -1);
    assert_string_equal(buffer, "kept");
}

static void test_identity_block(void **state)
{
    uint8_t expected[132] = {0};
    struct lcm_identity decoded;

    (void)state;
    memcpy(expected, "LCM-ID1", 7);
    expected[8] = 1;
    memcpy(expected + 12, "1.2.3", 5);
    memcpy(expected + 36, "owner/repository", 16);
    memcpy(expected + 100, "main.bin", 8);
    assert_memory_equal(&lcm_identity_block, expected, sizeof(expected));
    assert_int_equal(lcm_identity_decode(expected, &decoded), LCM_OK);
    assert_int_equal(decoded.type, LCM_IDENTITY_APP);
    assert_string_equal(decoded.version, "1.2.3");
}

/* The record as rBoot has it: magic, next mode 2, last mode, last rom, temporary rom 1, checksum.
 */
static void assert_marked(const uint32_t *rtc, uint8_t last_mode, uint8_t last_rom)
{
    uint8_t bytes[12];
    uint8_t expected[9] = {0x68, 0xAE, 0x34, 0x23, 2, last_mode, last_rom, 1, 0xEF};

    for (int i = 0; i < 8; i++)
        expected[8] ^= expected[i];
    memcpy(bytes, rtc, sizeof(bytes));
    assert_memory_equal(bytes, expected, sizeof(expected));
}

static void test_mark_update_on_garbage(void **state)
{
    uint32_t rtc[RTC_WORDS];

    (void)state;
    memset(rtc, 0xA5, sizeof(rtc));
    lcm_app_mark_update_in(rtc);
    assert_marked(rtc, 0, 0);
    for (uint32_t i = 3; i < RTC_WORDS; i++)
        assert_int_equal(rtc[i], 0xA5A5A5A5u);
}

static void test_mark_update_keeps_the_last_start(void **state)
{
    uint32_t rtc[RTC_WORDS] = {0};
    uint8_t record[12] = {0x68, 0xAE, 0x34, 0x23, 0, 7, 1, 3, 0xEF, 0, 0, 0};

    (void)state;
    for (int i = 0; i < 8; i++)
        record[8] ^= record[i];
    memcpy(rtc, record, sizeof(record));
    lcm_app_mark_update_in(rtc);
    assert_marked(rtc, 7, 1);
    lcm_app_mark_update_in(rtc);
    assert_marked(rtc, 7, 1);
}

static void test_confirm_touches_its_word_alone(void **state)
{
    uint32_t rtc[RTC_WORDS] = {0};

    (void)state;
    lcm_app_confirm_in(rtc);
    lcm_app_confirm_in(rtc);
    for (uint32_t i = 0; i + 1 < RTC_WORDS; i++)
        assert_int_equal(rtc[i], 0);
    assert_memory_equal(&rtc[15], "LCOK", 4);
}

static void test_setting_found(void **state)
{
    struct area area;

    (void)state;
    area_init(&area);
    area_entry(&area, KEY(1), "ota_repo");
    area_entry(&area, TEXT(1), "a/b");
    area_entry(&area, KEY(2), "wifi_ssid");
    area_entry(&area, KEY(3), "led_pin");
    area_entry(&area, BINARY(3), "\xFE");
    area_entry(&area, TEXT(2), "My Network");
    assert_setting(&area, "ota_repo", "a/b");
    assert_setting(&area, "wifi_ssid", "My Network");
    assert_setting(&area, "led_pin", "\xFE");
    assert_unset(&area, "ota_rep");
    assert_unset(&area, "ota_repos");
    assert_unset(&area, "a/b");
}

static void test_setting_skips_dead_and_unfinished_entries(void **state)
{
    struct area area;

    (void)state;
    area_init(&area);
    area_u16(&area, 0); /* a header that was cleared */
    area_u16(&area, 0);
    area_entry(&area, KEY(1), "k");
    area_entry(&area, 0x2001, "deleted");
    area_entry(&area, TEXT(1) | 0x4000u, "being written");
    area_entry(&area, TEXT(2), "of another key");
    area_entry(&area, TEXT(1), "older: a power cut kept it alive");
    area_entry(&area, TEXT(1), "value");
    assert_setting(&area, "k", "value");
    area_entry(&area, KEY(3), "no value");
    assert_unset(&area, "no value");
}

static void test_setting_reads_the_active_region(void **state)
{
    struct area area;

    (void)state;
    area_init(&area);
    area_region(&area, 0, 0x0001);
    area_entry(&area, KEY(1), "k");
    area_entry(&area, TEXT(1), "old");
    area_region(&area, 1, 0xC001);
    area_entry(&area, KEY(1), "k");
    area_entry(&area, TEXT(1), "new");
    assert_setting(&area, "k", "new");
    area_region(&area, 1, 0x8001);
    assert_unset(&area, "k");
}

static void test_setting_needs_room_for_the_nul(void **state)
{
    struct area area;
    char buffer[6] = "kept!";

    (void)state;
    area_init(&area);
    area_entry(&area, KEY(1), "k");
    area_entry(&area, TEXT(1), "12345");
    assert_int_equal(lcm_app_setting_in(area.words, "k", buffer, 5), -1);
    assert_int_equal(lcm_app_setting_in(area.words, "k", buffer, 0), -1);
    assert_string_equal(buffer, "kept!");
    assert_int_equal(lcm_app_setting_in(area.words, "k", buffer, 6), 5);
    assert_string_equal(buffer, "12345");
}

/* Fill the active region with one dead entry, so that the next entry starts `left` bytes before
 * the end of the region. */
static void area_fill(struct area *area, uint32_t left)
{
    uint32_t size = LCM_APP_REGION_SIZE - left - area->end - LCM_APP_ENTRY_HEADER_SIZE;

    area_u16(area, 0x2007);
    area_u16(area, size);
    area->end += size;
}

static void test_setting_stays_inside_the_region(void **state)
{
    struct area area;

    (void)state;
    area_init(&area);
    area_entry(&area, KEY(1), "k");
    area_fill(&area, 9);
    area_entry(&area, TEXT(1), "12345"); /* ends with the region */
    assert_setting(&area, "k", "12345");

    area.end -= 7; /* the same entry claims one byte of the next region */
    area_u16(&area, 6);
    assert_unset(&area, "k");

    area_init(&area);
    area_entry(&area, KEY(1), "k");
    area_fill(&area, 2); /* no room for another header: bytes 0xA001 are none */
    area_u16(&area, TEXT(1));
    area_u16(&area, 0);
    assert_unset(&area, "k");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identity_block),
        cmocka_unit_test(test_mark_update_on_garbage),
        cmocka_unit_test(test_mark_update_keeps_the_last_start),
        cmocka_unit_test(test_confirm_touches_its_word_alone),
        cmocka_unit_test(test_setting_found),
        cmocka_unit_test(test_setting_skips_dead_and_unfinished_entries),
        cmocka_unit_test(test_setting_reads_the_active_region),
        cmocka_unit_test(test_setting_needs_room_for_the_nul),
        cmocka_unit_test(test_setting_stays_inside_the_region),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
