// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a linked program becomes exactly the image the chip expects, and no damaged
 * ELF file can make the builder read outside its bytes or write a wrong image.
 * Method: a golden image worked out by hand from the format's description; refusals
 * one by one; 20,000 seeded mutations and every truncation, whose results must either
 * be refused or pass the device's own image check (run with the sanitizers).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>
#include <fcntl.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "core/image/image.h"
#include "host/elf.h"
#include "host/image_view.h"
#include "lcm/layout.h"
#include "tests/lib/elf_fixture.h"

#define MUTATIONS 20000

static const struct image_options v2 = {IMAGE_V2, 3, 0x20, NULL};
static const struct image_options v1 = {IMAGE_V1, 0, 0x20, NULL};
static uint8_t elf[ELF_FIXTURE_SIZE_MAX];

/* Error lines of expected refusals are not of interest here. */
static int build_quietly(const uint8_t *bytes, size_t size, const struct image_options *options,
                         struct file_content *image)
{
    struct file_content file = {NULL, size};
    uint8_t *copy = malloc(size > 0 ? size : 1); /* exact size: sanitizers see every overrun */
    int saved = dup(STDERR_FILENO);
    int null = open("/dev/null", O_WRONLY);
    int result = 0;

    memcpy(copy, bytes, size);
    file.bytes = copy;
    dup2(null, STDERR_FILENO);
    result = image_build("x.elf", &file, options, image);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(null);
    free(copy);
    return result;
}

static void test_golden_v2(void **state)
{
    static const uint8_t code[4] = {0xA0, 0xA1, 0xA2, 0xA3};
    static const uint8_t ram[4] = {0x01, 0x02, 0x04, 0x08};
    static const uint8_t data[3] = {0x10, 0x20, 0x40};
    static const uint8_t golden[80] = {
        /* v2 header: EA 04, DOUT, 1 MiB/40 MHz, entry, 0, size of the flash code */
        0xEA, 0x04, 0x03, 0x20, 0x00, 0x00, 0x10, 0x40, 0, 0, 0, 0, 0x10, 0, 0, 0,
        /* flash code, padded to 16 */
        0xA0, 0xA1, 0xA2, 0xA3, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        /* v1 header: two segments; data first, as it has the lower address */
        0xE9, 0x02, 0x03, 0x20, 0x00, 0x00, 0x10, 0x40, 0x00, 0x80, 0xFE, 0x3F, 4, 0, 0, 0, 0x10,
        0x20, 0x40, 0x00, 0x00, 0x00, 0x10, 0x40, 4, 0, 0, 0, 0x01, 0x02, 0x04, 0x08,
        /* padding; checksum EF ^ 10 ^ 20 ^ 40 ^ 01 ^ 02 ^ 04 ^ 08 = 90 */
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x90};
    const struct elf_fixture_section sections[] = {
        {0x40100000, ram, 4}, {0x40202010, code, 4}, {0x3FFE8000, data, 3}};
    size_t size = elf_fixture_build(elf, 0x40100000, sections, 3);
    struct file_content image = {NULL, 0};

    (void)state;
    assert_int_equal(build_quietly(elf, size, &v2, &image), CLI_OK);
    assert_int_equal(image.size, sizeof(golden));
    assert_memory_equal(image.bytes, golden, sizeof(golden));
    file_free(&image);
}

static void test_golden_v1_boot(void **state)
{
    static const uint8_t ram[4] = {0x01, 0x02, 0x04, 0x08};
    static const uint8_t golden[32] = {
        0xE9, 0x01, 0x00, 0x20, 0x00, 0x00, 0x10, 0x40, 0x00, 0x00, 0x10, 0x40, 4, 0, 0, 0,
        0x01, 0x02, 0x04, 0x08, 0,    0,    0,    0,    0,    0,    0,    0,    0, 0, 0, 0xE0};
    const struct elf_fixture_section sections[] = {{0x40100000, ram, 4}};
    struct image_options options = v1;
    size_t size = elf_fixture_build(elf, 0x40100000, sections, 1);
    struct file_content image = {NULL, 0};

    (void)state;
    options.boot_version = "1.2.3";
    assert_int_equal(build_quietly(elf, size, &options, &image), CLI_OK);
    assert_int_equal(image.size, LCM_BOOT_SIZE);
    assert_memory_equal(image.bytes, golden, sizeof(golden));
    assert_true(lcm_bytes_all(image.bytes + 32, LCM_BOOT_VERSION_OFFSET - 32, 0xFF));
    assert_memory_equal(image.bytes + LCM_BOOT_VERSION_OFFSET, "1.2.3\xFF", 6);
    file_free(&image);
}

/* The checksum is the last byte of a 16-byte line, whatever the segments' sizes. */
static void test_padding(void **state)
{
    static const uint8_t ram[64] = {1, 2, 3};

    (void)state;
    for (uint32_t bytes = 4; bytes <= sizeof(ram); bytes += 4) {
        const struct elf_fixture_section section = {0x40100000, ram, bytes};
        size_t size = elf_fixture_build(elf, 0x40100000, &section, 1);
        struct file_content image = {NULL, 0};

        assert_int_equal(build_quietly(elf, size, &v1, &image), CLI_OK);
        assert_int_equal(image.size, (16 + bytes) / 16 * 16 + 16);
        file_free(&image);
    }
}

static void refuse(const struct elf_fixture_section *sections, size_t count, uint32_t entry,
                   const struct image_options *options)
{
    struct file_content image = {NULL, 0};
    size_t size = elf_fixture_build(elf, entry, sections, count);

    assert_int_equal(build_quietly(elf, size, options, &image), CLI_ERROR);
    assert_null(image.bytes);
}

static void test_refusals(void **state)
{
    static const uint8_t bytes[64] = {1};
    const struct elf_fixture_section wrong_slot[] = {{0x40100000, bytes, 4},
                                                     {0x40202000, bytes, 16}};
    const struct elf_fixture_section outside[] = {{0x40100000, bytes, 4}, {0x40108000, bytes, 4}};
    const struct elf_fixture_section overlap[] = {{0x40100000, bytes, 8}, {0x40100004, bytes, 8}};
    const struct elf_fixture_section flash[] = {{0x40100000, bytes, 4}, {0x40202010, bytes, 16}};
    const struct elf_fixture_section odd[] = {{0x40100000, bytes, 4}, {0x3FFE8002, bytes, 4}};

    (void)state;
    refuse(wrong_slot, 2, 0x40100000, &v2);
    refuse(outside, 2, 0x40100000, &v1);
    refuse(overlap, 2, 0x40100000, &v1);
    refuse(flash, 2, 0x40100000, &v1);     /* v1 has no flash code */
    refuse(flash, 1, 0x40100000, &v2);     /* v2 needs some */
    refuse(flash + 1, 1, 0x40202010, &v2); /* nothing in RAM */
    refuse(flash, 2, 0x40202010, &v2);     /* entry in flash */
    refuse(odd, 2, 0x40100000, &v1);       /* unaligned RAM */
}

static void test_slot_is_told_from_the_code(void **state)
{
    static const uint32_t slots[] = {LCM_SLOT0_ADDR, LCM_SLOT1_ADDR};

    (void)state;
    for (int i = 0; i < 2; i++) {
        size_t size = elf_fixture_app(elf, slots[i], 1024, "1.0.0");
        struct file_content image = {NULL, 0};
        struct image_view view;

        assert_int_equal(build_quietly(elf, size, &v2, &image), CLI_OK);
        assert_int_equal(image_view_parse(&view, image.bytes, image.size), LCM_OK);
        assert_int_equal(view.verdict, LCM_OK);
        assert_int_equal(view.slot, i);
        assert_true(view.has_identity);
        assert_string_equal(view.identity.version, "1.0.0");
        image.bytes[image.size - 1] ^= 1;
        assert_int_equal(image_view_parse(&view, image.bytes, image.size), LCM_OK);
        assert_int_not_equal(view.verdict, LCM_OK);
        assert_int_not_equal(view.checksum, view.checksum_computed);
        file_free(&image);
    }
}

/* Whatever comes out must pass the device's check. */
static void check_build(const uint8_t *bytes, size_t size)
{
    struct file_content image = {NULL, 0};
    struct lcm_image_reader reader;
    struct lcm_image parsed;

    if (build_quietly(bytes, size, &v2, &image) != CLI_OK)
        return;
    lcm_image_reader_init_bytes(&reader, image.bytes, (uint32_t)image.size);
    assert_int_equal(lcm_image_parse(&reader, &parsed), LCM_OK);
    file_free(&image);
}

static void test_damaged_files(void **state)
{
    size_t size = elf_fixture_app(elf, LCM_SLOT0_ADDR, 256, "1.0.0");
    uint8_t *copy = malloc(size);
    const char *given = getenv("SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 0) : (unsigned)time(NULL);

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (size_t cut = 0; cut < size; cut++)
        check_build(elf, cut);
    for (int i = 0; i < MUTATIONS; i++) {
        memcpy(copy, elf, size);
        for (int j = 0; j < 1 + rand() % 3; j++) {
            static const uint8_t values[] = {0, 1, 0x7F, 0x80, 0xFF, 0x40};
            /* headers matter most: the front of the file */
            size_t place = (size_t)rand() % (rand() % 4 != 0 ? 252 : size);

            copy[place] = rand() % 2 != 0 ? (uint8_t)rand() : values[rand() % 6];
        }
        check_build(copy, size);
    }
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_v2),
        cmocka_unit_test(test_golden_v1_boot),
        cmocka_unit_test(test_padding),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_slot_is_told_from_the_code),
        cmocka_unit_test(test_damaged_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
