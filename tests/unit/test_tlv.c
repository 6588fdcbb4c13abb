// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: signed TLV files are read exactly as docs/SPEC.md section 3 says; malformed ones
 * are refused without reading behind their end.
 * Method: a good file read item by item; each header rule broken; truncation at every
 * length from a buffer of exactly that size (the sanitizer build sees every step over
 * its end); random bytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/tlv.h"

#define SEED 12u
#define SIGNED_SIZE 22u

static const uint8_t good[] = {
    'L',  'C',  'M',  '1',  22,   0,    0,   0, /* frame */
    0x01, 0x00, 1,    0,    0x07,               /* u8 */
    0x03, 0x80, 3,    0,    'a',  'b',  'c',    /* optional text */
    0x03, 0x00, 0,    0,                        /* repeated, empty */
    0x7E, 0x00, 2,    0,    0xAA, 0xBB,         /* blob */
    0x7F, 0x00, 4,    0,    1,    2,    3,   4, /* behind the signed part */
    0xFF, 0xFF, 0xFF, 0xFF,                     /* blank flash */
};

static uint8_t file[sizeof(good)];
static struct lcm_tlv_reader reader;
static struct lcm_tlv_item item;

static int setup(void **state)
{
    (void)state;
    memcpy(file, good, sizeof(file));
    return 0;
}

static enum lcm_err open_file(void)
{
    return lcm_tlv_open(&reader, file, sizeof(file), "LCM1");
}

static void test_read_items(void **state)
{
    uint8_t byte = 0, blob[2];
    char text[4];

    (void)state;
    assert_int_equal(open_file(), LCM_OK);
    assert_int_equal(lcm_tlv_signed_size(file), 8 + SIGNED_SIZE);
    assert_int_equal(lcm_tlv_next(&reader, &item), LCM_OK);
    assert_int_equal(item.tag, 1);
    assert_false(item.is_optional);
    assert_int_equal(lcm_tlv_u8(&item, &byte), LCM_OK);
    assert_int_equal(byte, 7);
    assert_int_equal(lcm_tlv_next(&reader, &item), LCM_OK);
    assert_int_equal(item.tag, 3);
    assert_true(item.is_optional);
    assert_int_equal(lcm_tlv_text(&item, text, sizeof(text)), LCM_OK);
    assert_string_equal(text, "abc");
    assert_int_equal(lcm_tlv_next(&reader, &item), LCM_OK);
    assert_int_equal(item.tag, 3);
    assert_int_equal(item.size, 0);
    assert_int_equal(lcm_tlv_next(&reader, &item), LCM_OK);
    assert_int_equal(lcm_tlv_blob(&item, blob, sizeof(blob)), LCM_OK);
    assert_memory_equal(blob, "\xAA\xBB", 2);
    assert_int_equal(lcm_tlv_next(&reader, &item), LCM_ERR_NOT_FOUND);
    assert_int_equal(lcm_tlv_next(&reader, &item), LCM_ERR_NOT_FOUND);
}

static void test_signatures_end_at_blank_or_at_the_end(void **state)
{
    uint32_t word = 0;

    (void)state;
    for (size_t size = sizeof(file) - 4; size <= sizeof(file); size += 2) {
        assert_int_equal(lcm_tlv_open(&reader, file, size, "LCM1"), LCM_OK);
        lcm_tlv_open_signatures(&reader, file, size);
        assert_int_equal(lcm_tlv_next(&reader, &item), LCM_OK);
        assert_int_equal(item.tag, 0x7F);
        assert_int_equal(lcm_tlv_u32(&item, &word), LCM_OK);
        assert_int_equal(word, 0x04030201);
        assert_int_equal(lcm_tlv_next(&reader, &item), LCM_ERR_NOT_FOUND);
    }
}

static void assert_open(size_t offset, uint8_t value, enum lcm_err expected)
{
    uint8_t old = file[offset];

    file[offset] = value;
    assert_int_equal(open_file(), expected);
    file[offset] = old;
}

static void test_frame(void **state)
{
    (void)state;
    assert_open(0, 0x00, LCM_OK); /* a state byte */
    assert_open(1, 'X', LCM_ERR_FORMAT);
    assert_open(3, '2', LCM_ERR_FORMAT);
    assert_open(6, 1, LCM_ERR_FORMAT);
    assert_open(7, 1, LCM_ERR_FORMAT);
    assert_open(5, 1, LCM_ERR_FORMAT);
    assert_open(4, sizeof(good) - 8, LCM_OK);
    assert_open(4, sizeof(good) - 7, LCM_ERR_FORMAT);
}

/* Walk everything; the last result. */
static enum lcm_err walk(const uint8_t *bytes, size_t size)
{
    enum lcm_err err = lcm_tlv_open(&reader, bytes, size, "LCM1");

    while (err == LCM_OK)
        err = lcm_tlv_next(&reader, &item);
    if (err != LCM_ERR_NOT_FOUND)
        return err;
    lcm_tlv_open_signatures(&reader, bytes, size);
    do {
        err = lcm_tlv_next(&reader, &item);
        if (err == LCM_OK)
            assert_true(item.value + item.size <= bytes + size);
    } while (err == LCM_OK);
    return err;
}

static void test_malformed_items(void **state)
{
    (void)state;
    assert_int_equal(walk(file, sizeof(file)), LCM_ERR_NOT_FOUND);
    file[8] = 0x04; /* descending: 4, 3 */
    assert_int_equal(walk(file, sizeof(file)), LCM_ERR_FORMAT);
    file[8] = 0x01;
    file[9] = 0x80; /* the optional bit does not count for the order */
    assert_int_equal(walk(file, sizeof(file)), LCM_ERR_NOT_FOUND);
    file[10] = 19; /* reaches behind the signed part */
    assert_int_equal(walk(file, sizeof(file)), LCM_ERR_FORMAT);
    file[10] = 1;
    file[4] = 21; /* cuts the last item */
    assert_int_equal(walk(file, sizeof(file)), LCM_ERR_FORMAT);
    file[4] = 19; /* cuts its header */
    assert_int_equal(walk(file, sizeof(file)), LCM_ERR_FORMAT);
}

/* Blank flash is an end only behind the signed items: inside, every byte was signed. */
static void test_end_mark_inside_the_signed_part(void **state)
{
    (void)state;
    memset(file + 20, 0xFF, 4);
    assert_int_equal(walk(file, sizeof(file)), LCM_ERR_FORMAT);
    memcpy(file, good, sizeof(file));
    memset(file + 24, 0xFF, 2); /* in the last item, whose size fits */
    assert_int_equal(walk(file, sizeof(file)), LCM_ERR_FORMAT);
}

static void test_typed_values(void **state)
{
    static const uint8_t bytes[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    uint8_t byte, blob[4];
    uint32_t word;
    uint64_t wide = 0;

    (void)state;
    item.value = bytes;
    for (uint16_t size = 0; size <= 9; size++) {
        item.size = size;
        assert_int_equal(lcm_tlv_u8(&item, &byte), size == 1 ? LCM_OK : LCM_ERR_FORMAT);
        assert_int_equal(lcm_tlv_u32(&item, &word), size == 4 ? LCM_OK : LCM_ERR_FORMAT);
        assert_int_equal(lcm_tlv_u64(&item, &wide), size == 8 ? LCM_OK : LCM_ERR_FORMAT);
        assert_int_equal(lcm_tlv_blob(&item, blob, 4), size == 4 ? LCM_OK : LCM_ERR_FORMAT);
    }
    assert_true(wide == 0x0807060504030201ull);
}

static enum lcm_err text_of(const char *value, uint16_t size, size_t dst_size)
{
    char text[8];

    item.value = (const uint8_t *)value;
    item.size = size;
    return lcm_tlv_text(&item, text, dst_size);
}

static void test_text_values(void **state)
{
    (void)state;
    assert_int_equal(text_of("!~", 2, 3), LCM_OK);
    assert_int_equal(text_of("abc", 3, 3), LCM_ERR_TOO_LONG);
    assert_int_equal(text_of("", 0, 8), LCM_ERR_FORMAT);
    assert_int_equal(text_of("a b", 3, 8), LCM_ERR_FORMAT);
    assert_int_equal(text_of("a\x7F", 2, 8), LCM_ERR_FORMAT);
    assert_int_equal(text_of("a\xC3", 2, 8), LCM_ERR_FORMAT);
    assert_int_equal(text_of("a\0b", 3, 8), LCM_ERR_FORMAT);
    assert_int_equal(text_of("a\n", 2, 8), LCM_ERR_FORMAT);
}

static void test_truncated_and_random(void **state)
{
    uint32_t random = SEED;

    (void)state;
    print_message("seed %u\n", SEED);
    for (size_t size = 0; size <= sizeof(good); size++) {
        for (int round = 0; round < 200; round++) {
            uint8_t *copy = malloc(size + (size == 0));
            assert_non_null(copy);
            memcpy(copy, good, size);
            for (int i = 0; round > 0 && size > 4 && i < 3; i++) {
                random = random * 1103515245u + 12345u;
                copy[4 + (random >> 16) % (size - 4)] = (uint8_t)(random >> 8);
            }
            enum lcm_err err = walk(copy, size);
            assert_true(err == LCM_ERR_NOT_FOUND || err == LCM_ERR_FORMAT);
            free(copy);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_read_items, setup),
        cmocka_unit_test_setup(test_signatures_end_at_blank_or_at_the_end, setup),
        cmocka_unit_test_setup(test_frame, setup),
        cmocka_unit_test_setup(test_malformed_items, setup),
        cmocka_unit_test_setup(test_end_mark_inside_the_signed_part, setup),
        cmocka_unit_test_setup(test_typed_values, setup),
        cmocka_unit_test_setup(test_text_values, setup),
        cmocka_unit_test_setup(test_truncated_and_random, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
