// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: complete images are recognised with their sizes; every damage that the format
 * can show is refused, and nothing outside the allowed range is ever read.
 * Method: well-formed samples; each header field set to values at and past its limits;
 * truncation at every length; random bytes in the headers over a reader that fails
 * the test when asked outside its range.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/image/image.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/sample_image.h"

#define SEED 4711u
#define V1 (16 + SAMPLE_IROM_SIZE) /* offset of the v1 part in a v2 sample */

static uint8_t bytes[SAMPLE_IMAGE_SIZE_MAX];
static uint32_t bytes_size;
static struct lcm_image image;
static struct ram_flash ram;

static enum lcm_err strict_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    (void)context;
    assert_true(offset <= bytes_size && size <= bytes_size - offset);
    memcpy(dst, bytes + offset, size);
    return LCM_OK;
}

static enum lcm_err parse(void)
{
    struct lcm_image_reader reader = {NULL, bytes_size, strict_read};

    return lcm_image_parse(&reader, &image);
}

static int setup_v2(void **state)
{
    (void)state;
    memset(bytes, 0xFF, sizeof(bytes));
    bytes_size = sample_image_v2(bytes, LCM_SLOT0_ADDR);
    return 0;
}

static void test_v1(void **state)
{
    (void)state;
    bytes_size = sample_image_v1(bytes);
    assert_int_equal(parse(), LCM_OK);
    assert_false(image.is_v2);
    assert_int_equal(image.segment_count, 2);
    assert_int_equal(image.size, bytes_size);
    assert_int_equal(image.size, 160 + 16);
    assert_int_equal(image.entry, 0x4010023C);
    assert_int_equal(image.irom_size, 0);
    assert_int_equal(image.ram_offset, 0);
}

static void test_v2(void **state)
{
    (void)state;
    assert_int_equal(parse(), LCM_OK);
    assert_true(image.is_v2);
    assert_int_equal(image.size, bytes_size);
    assert_int_equal(image.irom_size, SAMPLE_IROM_SIZE);
    assert_int_equal(image.ram_offset, V1);
    bytes_size = sizeof(bytes); /* what follows the image does not matter */
    assert_int_equal(parse(), LCM_OK);
    assert_int_equal(image.size, V1 + 176);
}

static void test_on_flash(void **state)
{
    (void)state;
    ram_flash_init(&ram);
    memcpy(ram.data + LCM_SLOT1_ADDR, bytes, bytes_size);
    assert_int_equal(lcm_image_check(&ram.port, LCM_SLOT1_ADDR, LCM_SLOT1_SIZE, &image), LCM_OK);
    assert_int_equal(image.size, bytes_size);
    assert_int_equal(lcm_image_check(&ram.port, LCM_SLOT1_ADDR, bytes_size, &image), LCM_OK);
    assert_int_equal(lcm_image_check(&ram.port, LCM_SLOT1_ADDR, bytes_size - 1, &image),
                     LCM_ERR_IMAGE);
    assert_int_equal(lcm_image_check(&ram.port, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE, &image),
                     LCM_ERR_IMAGE);
    assert_int_equal(lcm_image_check(&ram.port, 0xFFFF0, 0x20, &image), LCM_ERR_IMAGE);
    assert_int_equal(lcm_image_check(&ram.port, 0xFFFFFFF0u, 0x20, &image), LCM_ERR_IMAGE);
    assert_int_equal(lcm_image_check(&ram.port, 0, 0, &image), LCM_ERR_IMAGE);
}

static void test_truncated_at_every_length(void **state)
{
    uint32_t full = bytes_size;

    (void)state;
    for (bytes_size = 0; bytes_size < full; bytes_size++)
        assert_int_equal(parse(), LCM_ERR_IMAGE);
}

static void test_ram_data_is_covered_by_the_checksum(void **state)
{
    (void)state;
    for (uint32_t offset = V1 + 16; offset < V1 + 116; offset++) {
        bytes[offset] ^= 0x10;
        assert_int_equal(parse(), LCM_ERR_IMAGE);
        bytes[offset] ^= 0x10;
    }
    bytes[100] ^= 1; /* irom is not */
    assert_int_equal(parse(), LCM_OK);
}

static void assert_field(uint32_t offset, uint32_t value, enum lcm_err expected)
{
    uint32_t old = lcm_get_u32(bytes + offset);

    lcm_put_u32(bytes + offset, value);
    assert_int_equal(parse(), expected);
    lcm_put_u32(bytes + offset, old);
}

static void test_header_fields(void **state)
{
    (void)state;
    assert_field(0, 0x200000E9u, LCM_ERR_IMAGE);           /* v1 without segments */
    assert_field(0, 0x200005EAu, LCM_ERR_IMAGE);           /* no v2 mark */
    assert_field(12, SAMPLE_IROM_SIZE + 4, LCM_ERR_IMAGE); /* leads to no header */
    assert_field(12, 0xFFFFFFF0u, LCM_ERR_IMAGE);
    assert_field(12, 0xFFFFFFFFu, LCM_ERR_IMAGE);
    assert_field(V1, 0x200000E9u, LCM_ERR_IMAGE); /* no segment */
    assert_field(V1, 0x200011E9u, LCM_ERR_IMAGE); /* 17 segments */
    assert_field(V1, 0x200002EAu, LCM_ERR_IMAGE);
    assert_field(V1 + 4, 0x40100000u, LCM_OK); /* entry */
    assert_field(V1 + 4, 0x40107FFFu, LCM_OK);
    assert_field(V1 + 4, 0x40108000u, LCM_ERR_IMAGE);
    assert_field(V1 + 4, 0x400FFFFFu, LCM_ERR_IMAGE);
    assert_field(V1 + 4, 0x40202010u, LCM_ERR_IMAGE);
}

static void test_segment_bounds(void **state)
{
    uint32_t addr = V1 + 8;

    (void)state;
    assert_field(addr, 0x40108000u - 100, LCM_OK);
    assert_field(addr, 0x40108000u - 96, LCM_ERR_IMAGE);
    assert_field(addr, 0x400FFFFCu, LCM_ERR_IMAGE);
    assert_field(addr, 0x40100002u, LCM_ERR_IMAGE);
    assert_field(addr, 0x3FFE8000u, LCM_OK);
    assert_field(addr, 0x3FFE7FFCu, LCM_ERR_IMAGE);
    assert_field(addr, 0x3FFFC000u - 100, LCM_OK);
    assert_field(addr, 0x3FFFC000u - 96, LCM_ERR_IMAGE);
    assert_field(addr, 0x60000000u, LCM_ERR_IMAGE);
    assert_field(addr, 0xFFFFFFFCu, LCM_ERR_IMAGE);
    assert_field(addr + 4, 98, LCM_ERR_IMAGE);
    assert_field(addr + 4, 0x8004, LCM_ERR_IMAGE);
    assert_field(addr + 4, 0xFFFFFFFCu, LCM_ERR_IMAGE);
}

static void test_number_of_segments(void **state)
{
    (void)state;
    for (uint8_t count = 1; count <= 40; count++) {
        memset(bytes, 0, sizeof(bytes));
        bytes_size = sample_image_v1(bytes);
        bytes[1] = count;
        for (uint32_t i = 0; i < count; i++) {
            lcm_put_u32(bytes + 8 + 8 * i, 0x40100000u);
            lcm_put_u32(bytes + 12 + 8 * i, 0);
        }
        bytes_size = ((8u + 8u * count) | 15u) + 1;
        bytes[bytes_size - 1] = 0xEF;
        assert_int_equal(parse(), count <= 16 ? LCM_OK : LCM_ERR_IMAGE);
    }
}

static void test_random_headers_stay_in_range(void **state)
{
    uint32_t random = SEED;

    (void)state;
    print_message("seed %u\n", SEED);
    for (uint32_t round = 0; round < 20000; round++) {
        uint32_t offset = round % 2 ? round / 2 % 16 : V1 + round / 2 % 24;
        uint8_t old = bytes[offset];
        random = random * 1103515245u + 12345u;
        bytes[offset] = (uint8_t)(random >> 16);
        (void)(parse() == LCM_OK);
        bytes[offset] = old;
    }
    assert_int_equal(parse(), LCM_OK);
}

static bool links_to(uint32_t slot_addr)
{
    struct lcm_image_reader reader;
    bool is_linked = false;

    lcm_image_reader_init_bytes(&reader, bytes, bytes_size);
    assert_int_equal(lcm_image_parse(&reader, &image), LCM_OK);
    assert_int_equal(lcm_image_links_to(&reader, &image, slot_addr, &is_linked), LCM_OK);
    return is_linked;
}

static void test_link_address(void **state)
{
    (void)state;
    assert_true(links_to(LCM_SLOT0_ADDR));
    assert_false(links_to(LCM_SLOT1_ADDR));
    bytes_size = sample_image_v2(bytes, LCM_SLOT1_ADDR);
    assert_true(links_to(LCM_SLOT1_ADDR));
    assert_false(links_to(LCM_SLOT0_ADDR));
    memset(bytes + 16, 0, SAMPLE_IROM_SIZE); /* no evidence: cannot be told */
    assert_true(links_to(LCM_SLOT0_ADDR));
    assert_true(links_to(LCM_SLOT1_ADDR));
    bytes_size = sample_image_v1(bytes);
    assert_true(links_to(LCM_SLOT1_ADDR));
}

/* A small program has a single address of its flash code: the one its start code jumps to. */
static void test_one_address_is_enough(void **state)
{
    (void)state;
    memset(bytes + 16, 0, SAMPLE_IROM_SIZE);
    lcm_put_u32(bytes + 16 + 64, LCM_FLASH_MAP_BASE + LCM_SLOT1_ADDR + LCM_IROM_OFFSET + 32);
    assert_true(links_to(LCM_SLOT1_ADDR));
    assert_false(links_to(LCM_SLOT0_ADDR));
    lcm_put_u32(bytes + 16 + 64, LCM_FLASH_MAP_BASE + LCM_SLOT0_ADDR + LCM_IROM_OFFSET + 32);
    assert_true(links_to(LCM_SLOT0_ADDR));
    assert_false(links_to(LCM_SLOT1_ADDR));
}

/* Only the two slots have an irom to point into. */
static void test_no_slot_cannot_be_told(void **state)
{
    (void)state;
    assert_true(links_to(LCM_SLOT0_ADDR + LCM_SECTOR_SIZE));
}

static uint32_t reads_until_failure;

static enum lcm_err failing_read(void *context, uint32_t offset, void *dst, uint32_t size)
{
    return reads_until_failure-- > 0 ? strict_read(context, offset, dst, size) : LCM_ERR_FLASH;
}

/* What could not be read in full is no verdict on the slot. */
static void test_link_address_of_an_unreadable_image(void **state)
{
    struct lcm_image_reader reader = {NULL, bytes_size, failing_read};
    const uint32_t read_size = 64;
    bool is_linked;

    (void)state;
    assert_int_equal(parse(), LCM_OK);
    for (uint32_t reads = 0; reads * read_size < image.size; reads++) {
        reads_until_failure = reads;
        assert_int_equal(lcm_image_links_to(&reader, &image, LCM_SLOT0_ADDR, &is_linked),
                         LCM_ERR_FLASH);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_v1),
        cmocka_unit_test_setup(test_v2, setup_v2),
        cmocka_unit_test_setup(test_on_flash, setup_v2),
        cmocka_unit_test_setup(test_truncated_at_every_length, setup_v2),
        cmocka_unit_test_setup(test_ram_data_is_covered_by_the_checksum, setup_v2),
        cmocka_unit_test_setup(test_header_fields, setup_v2),
        cmocka_unit_test_setup(test_segment_bounds, setup_v2),
        cmocka_unit_test(test_number_of_segments),
        cmocka_unit_test_setup(test_random_headers_stay_in_range, setup_v2),
        cmocka_unit_test_setup(test_link_address, setup_v2),
        cmocka_unit_test_setup(test_one_address_is_enough, setup_v2),
        cmocka_unit_test_setup(test_no_slot_cannot_be_told, setup_v2),
        cmocka_unit_test_setup(test_link_address_of_an_unreadable_image, setup_v2),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
