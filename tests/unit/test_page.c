// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the firmware sends the very page that was built, whatever pieces it is read in.
 * Method: compare with the file the build made; every offset within a word with every small size,
 * and the end of the page, with marks around the buffer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "portal/page.h"

#define PAGE_FILE "build/page/index.html.gz"
#define PAGE_SIZE_MAX 12288u
#define PIECE_SIZE_MAX 13u
#define MARK 0xA5

static uint8_t page[PAGE_SIZE_MAX + 1];

static int load_page(void **state)
{
    FILE *file = fopen(PAGE_FILE, "rb");

    (void)state;
    if (file == NULL)
        return -1;
    size_t size = fread(page, 1, sizeof(page), file);
    fclose(file);
    return size == lcm_page_size ? 0 : -1;
}

static void test_whole_page(void **state)
{
    static uint8_t copy[PAGE_SIZE_MAX];

    (void)state;
    assert_in_range(lcm_page_size, 1024, PAGE_SIZE_MAX);
    lcm_page_read(0, copy, lcm_page_size);
    assert_memory_equal(copy, page, lcm_page_size);
    assert_memory_equal(copy, "\x1F\x8B\x08", 3);
}

static void check_piece(uint32_t offset, uint32_t size)
{
    uint8_t piece[PIECE_SIZE_MAX + 2];

    memset(piece, MARK, sizeof(piece));
    lcm_page_read(offset, piece + 1, size);
    assert_memory_equal(piece + 1, page + offset, size);
    assert_int_equal(piece[0], MARK);
    assert_int_equal(piece[size + 1], MARK);
}

static void test_pieces(void **state)
{
    (void)state;
    for (uint32_t size = 0; size <= PIECE_SIZE_MAX; size++) {
        for (uint32_t offset = 0; offset < 16; offset++)
            check_piece(offset, size);
        for (uint32_t offset = lcm_page_size - 16; offset + size <= lcm_page_size; offset++)
            check_piece(offset, size);
    }
}

static void test_policy(void **state)
{
    (void)state;
    assert_memory_equal(lcm_page_policy, "default-src 'none'; script-src 'sha256-", 39);
    assert_null(strpbrk(lcm_page_policy, "\r\n\""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_whole_page),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_policy),
    };

    return cmocka_run_group_tests(tests, load_page, NULL);
}
