// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: text from the air reaches a terminal without controls and without tricks, and stays
 * readable. Method: a table of texts; every code point; random bytes in buffers of just their size.
 */
#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/terminal.h"
#include "tests/lib/ram_flash.h"

#define SEED 8u

static int setup(void **state)
{
    (void)state;
    setenv("LC_ALL", "C.UTF-8", 1);
    return 0;
}

static const char *clean(const char *text)
{
    static char shown[256];

    return terminal_clean((const uint8_t *)text, strlen(text), shown);
}

static void test_texts(void **state)
{
    static const struct {
        const char *text;
        const char *shown;
    } row[] = {
        {"home", "home"},
        {"caf\xC3\xA9 \xF0\x9F\x92\xA1", "caf\xC3\xA9 \xF0\x9F\x92\xA1"},
        {"\x1B[2Ja\r\nb\x7F", "?[2Ja??b?"},
        {"\xC2\x9B"
         "31m",
         "?31m"}, /* a control in two bytes */
        {"a\xE2\x80\xAE"
         "b",
         "a?b"},                             /* turns the direction */
        {"\xC0\xAF\xE0\x80\xAF", "?????"},   /* not the shortest form */
        {"\xED\xA0\x80", "?"},               /* half of a pair */
        {"\xF4\x90\x80\x80\xF8\x88", "???"}, /* beyond the last one */
        {"\xE2\x82", "??"},                  /* cut */
        {"\x80\xFF", "??"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        assert_string_equal(clean(row[i].text), row[i].shown);
}

static void test_without_utf8(void **state)
{
    (void)state;
    setenv("LC_ALL", "C", 1);
    assert_string_equal(clean("caf\xC3\xA9"), "caf?");
    assert_string_equal(clean("home"), "home");
}

/* What comes out is never longer, and holds no control. */
static void test_random_bytes(void **state)
{
    uint64_t random = SEED;

    (void)state;
    print_message("seed %u\n", SEED);
    for (unsigned i = 0; i < 100000; i++) {
        size_t size = (size_t)(ram_flash_random(&random) % 12);
        uint8_t *bytes = malloc(size + 1);
        char *shown = malloc(size + 1);

        assert_true(bytes != NULL && shown != NULL);
        for (size_t k = 0; k < size; k++)
            bytes[k] = (uint8_t)(ram_flash_random(&random) >> 11);
        terminal_clean(bytes, size, shown);
        assert_true(strlen(shown) <= size);
        for (const char *c = shown; *c != '\0'; c++)
            assert_true((unsigned char)*c >= ' ' && *c != 0x7F);
        free(bytes);
        free(shown);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_texts, setup),
        cmocka_unit_test_setup(test_without_utf8, setup),
        cmocka_unit_test_setup(test_random_bytes, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
