// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: texts never leave their buffer, stay terminated, and numbers are parsed
 * strictly.
 * Method: every buffer size around each length, with a guard byte behind the buffer;
 * limits of 64-bit numbers; each kind of bad digit.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/text.h"

static void test_building(void **state)
{
    char buffer[64];
    struct lcm_text text;

    (void)state;
    lcm_text_init(&text, buffer, sizeof(buffer));
    assert_string_equal(buffer, "");
    lcm_text_string(&text, "n=");
    lcm_text_u32(&text, 0);
    lcm_text_char(&text, ' ');
    lcm_text_u64(&text, UINT64_MAX);
    lcm_text_bytes(&text, " xyz", 2);
    lcm_text_hex(&text, (const uint8_t *)"\x00\xAF\x9", 3);
    assert_string_equal(buffer, "n=0 18446744073709551615 x00af09");
    assert_int_equal(text.length, strlen(buffer));
    assert_false(text.truncated);
}

static void test_cut_at_every_size(void **state)
{
    static const char full[] = "abc12345ff";
    char buffer[sizeof(full) + 4];
    struct lcm_text text;

    (void)state;
    for (size_t size = 1; size <= sizeof(full) + 2; size++) {
        memset(buffer, '#', sizeof(buffer));
        lcm_text_init(&text, buffer, size);
        lcm_text_string(&text, "abc");
        lcm_text_u32(&text, 12345);
        lcm_text_hex(&text, (const uint8_t *)"\xFF", 1);
        size_t expected = size - 1 < sizeof(full) - 1 ? size - 1 : sizeof(full) - 1;
        assert_int_equal(text.length, expected);
        assert_memory_equal(buffer, full, expected);
        assert_int_equal(buffer[expected], '\0');
        assert_int_equal(buffer[size], '#');
        assert_int_equal(text.truncated, size < sizeof(full));
    }
}

static void test_copy(void **state)
{
    char buffer[5] = "####";

    (void)state;
    assert_int_equal(lcm_text_copy(buffer, 4, "abc"), LCM_OK);
    assert_string_equal(buffer, "abc");
    assert_int_equal(lcm_text_copy(buffer, 4, "abcd"), LCM_ERR_TOO_LONG);
    assert_string_equal(buffer, "");
    assert_int_equal(lcm_text_copy_bytes(buffer, 4, (const uint8_t *)"a\0b", 3), LCM_ERR_FORMAT);
    assert_string_equal(buffer, "");
    assert_int_equal(lcm_text_copy_bytes(buffer, 4, (const uint8_t *)"xyzzy", 3), LCM_OK);
    assert_string_equal(buffer, "xyz");
    assert_int_equal(lcm_text_copy_bytes(buffer, 1, (const uint8_t *)"", 0), LCM_OK);
    assert_string_equal(buffer, "");
}

static void test_compare(void **state)
{
    (void)state;
    assert_true(lcm_text_equal("a", "a"));
    assert_false(lcm_text_equal("a", "A"));
    assert_true(lcm_text_equal_folded("GitHub.COM", "github.com"));
    assert_false(lcm_text_equal_folded("github.com", "github.co"));
    assert_false(lcm_text_equal_folded("github.co", "github.com"));
    assert_true(lcm_text_equal_folded("", ""));
    assert_false(lcm_text_equal_folded("@", "`")); /* 32 apart, but no letters */
    assert_false(lcm_text_equal_folded("[", "{"));
    assert_int_equal(lcm_text_lower('A'), 'a');
    assert_int_equal(lcm_text_lower('Z'), 'z');
    assert_int_equal(lcm_text_lower('@'), '@');
    assert_int_equal(lcm_text_lower('['), '[');
    assert_int_equal(lcm_text_lower((char)0xC4), (char)0xC4);
}

static enum lcm_err parse(const char *digits, uint64_t *value)
{
    return lcm_text_parse_u64(digits, strlen(digits), value);
}

static void test_parse_number(void **state)
{
    uint64_t value = 77;

    (void)state;
    assert_int_equal(parse("", &value), LCM_ERR_FORMAT);
    assert_int_equal(parse("-1", &value), LCM_ERR_FORMAT);
    assert_int_equal(parse("+1", &value), LCM_ERR_FORMAT);
    assert_int_equal(parse(" 1", &value), LCM_ERR_FORMAT);
    assert_int_equal(parse("1 ", &value), LCM_ERR_FORMAT);
    assert_int_equal(parse("1:", &value), LCM_ERR_FORMAT);
    assert_int_equal(parse("1/", &value), LCM_ERR_FORMAT);
    assert_int_equal(parse("18446744073709551616", &value), LCM_ERR_TOO_LONG);
    assert_int_equal(parse("18446744073709551620", &value), LCM_ERR_TOO_LONG);
    assert_int_equal(parse("99999999999999999999999", &value), LCM_ERR_TOO_LONG);
    assert_true(value == 77);
    assert_int_equal(parse("18446744073709551615", &value), LCM_OK);
    assert_true(value == UINT64_MAX);
    assert_int_equal(parse("0000000000000000000000042", &value), LCM_OK);
    assert_true(value == 42);
    assert_int_equal(lcm_text_parse_u64("123", 2, &value), LCM_OK);
    assert_true(value == 12);
}

static void test_parse_hex(void **state)
{
    uint8_t bytes[3] = {1, 2, 3};

    (void)state;
    assert_int_equal(lcm_text_parse_hex("00fFa", bytes, 2), LCM_ERR_FORMAT);
    assert_int_equal(lcm_text_parse_hex("00f", bytes, 2), LCM_ERR_FORMAT);
    assert_int_equal(lcm_text_parse_hex("00fg", bytes, 2), LCM_ERR_FORMAT);
    assert_int_equal(lcm_text_parse_hex("0x12", bytes, 2), LCM_ERR_FORMAT);
    assert_memory_equal(bytes, "\x01\x02\x03", 3);
    assert_int_equal(lcm_text_parse_hex("a0Ff", bytes, 2), LCM_OK);
    assert_memory_equal(bytes, "\xA0\xFF\x03", 3);
    assert_int_equal(lcm_text_parse_hex("", bytes, 0), LCM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_building),     cmocka_unit_test(test_cut_at_every_size),
        cmocka_unit_test(test_copy),         cmocka_unit_test(test_compare),
        cmocka_unit_test(test_parse_number), cmocka_unit_test(test_parse_hex),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
