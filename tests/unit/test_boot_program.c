// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a new boot program reaches sector 0 whole, with the board's own flash mode and
 * the version text, and nothing else on flash changes; what is wrong is refused before
 * the sector is erased; equal content costs no write; a failing write is repeated.
 * Method: installs on a flash in memory whose write operations can be made to fail a
 * number of times; the whole sector is compared with one put together by hand.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/boot_program.h"
#include "lcm/layout.h"
#include "tests/lib/update_fixture.h"

#define SECTOR LCM_SECTOR_SIZE
#define SIZE 2000u

static struct ram_flash flash;
static uint8_t image[SECTOR];
static uint8_t sector[SECTOR];
static uint8_t old_sector[SECTOR];
static struct lcm_manifest manifest;

/* The next erases or programs fail, and leave half their work. */
static uint32_t erase_failures;
static uint32_t program_failures;
static enum lcm_err (*good_erase)(void *context, uint32_t addr);
static enum lcm_err (*good_program)(void *context, uint32_t addr, const void *src, uint32_t size);

static enum lcm_err failing_erase(void *context, uint32_t addr)
{
    if (erase_failures == 0)
        return good_erase(context, addr);
    erase_failures--;
    flash.erases[addr / SECTOR]++;
    memset(flash.data + addr, 0xFF, SECTOR / 2);
    return LCM_ERR_FLASH;
}

static enum lcm_err failing_program(void *context, uint32_t addr, const void *src, uint32_t size)
{
    if (program_failures == 0)
        return good_program(context, addr, src, size);
    program_failures--;
    return good_program(context, addr, src, size / 2);
}

/* How many reads succeed before all fail. */
static uint32_t reads_until_failure;
static enum lcm_err (*good_read)(void *context, uint32_t addr, void *dst, uint32_t size);

static enum lcm_err failing_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    if (reads_until_failure == 0)
        return LCM_ERR_FLASH;
    reads_until_failure--;
    return good_read(context, addr, dst, size);
}

static void make_image(uint32_t size)
{
    for (uint32_t i = 0; i < size; i++)
        image[i] = (uint8_t)(i * 13 + 7);
    image[0] = 0xE9;
    update_manifest_make(&manifest, image, size);
    manifest.type = LCM_FILE_BOOT;
    manifest.slot_addr = LCM_BOOT_ADDR;
    memcpy(sector, image, size);
    memset(sector + size, 0xEE, SECTOR - size);
}

static int prepare(void **state)
{
    (void)state;
    ram_flash_init(&flash);
    good_erase = flash.port.erase;
    good_program = flash.port.program;
    good_read = flash.port.read;
    flash.port.read = failing_read;
    reads_until_failure = UINT32_MAX;
    flash.port.erase = failing_erase;
    flash.port.program = failing_program;
    erase_failures = program_failures = 0;
    memset(old_sector, 0x11, sizeof(old_sector));
    old_sector[0] = 0xE9;
    old_sector[2] = 0x03; /* flash mode of this board */
    old_sector[3] = 0x42; /* its size and frequency */
    memcpy(old_sector + LCM_BOOT_VERSION_OFFSET,
           "0.9.0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 16);
    update_flash_put(&flash, 0, old_sector, SECTOR);
    make_image(SIZE);
    return 0;
}

static void assert_installed(uint8_t mode, uint8_t size_and_frequency)
{
    uint8_t expected[SECTOR];
    char version[LCM_BOOT_VERSION_SIZE + 1];

    memset(expected, 0xFF, sizeof(expected));
    memcpy(expected, image, manifest.image_size);
    expected[2] = mode;
    expected[3] = size_and_frequency;
    memcpy(expected + LCM_BOOT_VERSION_OFFSET, "1.0.0", 5);
    assert_memory_equal(flash.data, expected, SECTOR);
    for (uint32_t i = SECTOR; i < LCM_FLASH_SIZE; i++)
        assert_int_equal(flash.data[i], 0xFF);
    lcm_boot_program_version(&flash.port, version);
    assert_string_equal(version, "1.0.0");
}

static void test_install(void **state)
{
    (void)state;
    assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_OK);
    assert_installed(0x03, 0x42);
    assert_int_equal(flash.erases[0], 1);
    assert_int_equal(flash.operations, 2); /* the shortest window there can be */
}

static void test_largest_image(void **state)
{
    (void)state;
    make_image(LCM_BOOT_IMAGE_SIZE_MAX);
    assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_OK);
    assert_installed(0x03, 0x42);
}

static void test_equal_content_is_not_written(void **state)
{
    (void)state;
    assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_OK);
    uint32_t operations = flash.operations;
    make_image(SIZE);
    assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_OK);
    assert_int_equal(flash.operations, operations);
}

/* The program is there, with this in the last 16 bytes. */
static void put_program(const char *version)
{
    memset(old_sector, 0xFF, sizeof(old_sector));
    memcpy(old_sector, image, manifest.image_size);
    memcpy(old_sector + LCM_BOOT_VERSION_OFFSET, version, strlen(version));
    update_flash_put(&flash, 0, old_sector, SECTOR);
}

/* A chip must not go through the window of an erased sector 0 for 16 bytes of text: neither a board
 * that was flashed by cable, nor one whose newer release has the same program. */
static void test_version_alone_is_not_written(void **state)
{
    static const char *const texts[] = {"", "0.9.0", "1.0", "9.9.9"};

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        make_image(SIZE);
        put_program(texts[i]);
        assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_OK);
        assert_int_equal(flash.operations, 0);
        assert_memory_equal(flash.data, old_sector, SECTOR);
    }
}

/* One bit of the program is another program. */
static void test_last_byte_of_the_program_counts(void **state)
{
    (void)state;
    make_image(LCM_BOOT_IMAGE_SIZE_MAX);
    put_program("0.9.0");
    flash.data[LCM_BOOT_VERSION_OFFSET - 1] ^= 1;
    assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_OK);
    assert_installed(image[2], image[3]);
    assert_int_equal(flash.erases[0], 1);
}

static void assert_refused(enum lcm_err expected)
{
    assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), expected);
    assert_int_equal(flash.operations, 0);
    assert_memory_equal(flash.data, old_sector, SECTOR);
}

static void test_refused_before_the_erase(void **state)
{
    (void)state;
    sector[1000] ^= 1;
    assert_refused(LCM_ERR_CORRUPT);
    make_image(SIZE);
    manifest.image_size++;
    assert_refused(LCM_ERR_CORRUPT);
    make_image(SIZE);
    manifest.image_size = LCM_BOOT_IMAGE_SIZE_MAX + 1;
    assert_refused(LCM_ERR_TOO_LARGE);
    manifest.image_size = UINT32_MAX;
    assert_refused(LCM_ERR_TOO_LARGE);
    image[0] = 0xEA;
    update_manifest_make(&manifest, image, SIZE);
    memcpy(sector, image, SIZE);
    assert_refused(LCM_ERR_IMAGE);
}

/* Not being able to read sector 0 is no reason to erase it. */
static void test_unreadable_sector_is_not_erased(void **state)
{
    (void)state;
    for (uint32_t readable = 0; readable < 2; readable++) {
        make_image(SIZE);
        reads_until_failure = readable;
        assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_ERR_FLASH);
        assert_int_equal(flash.operations, 0);
    }
    reads_until_failure = UINT32_MAX;
}

static void test_failing_writes_are_repeated(void **state)
{
    (void)state;
    erase_failures = LCM_BOOT_WRITE_TRIES - 1;
    assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_OK);
    assert_installed(0x03, 0x42);
    (void)prepare(NULL);
    program_failures = LCM_BOOT_WRITE_TRIES - 1;
    assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_OK);
    assert_installed(0x03, 0x42);
}

/* All tries fail; in a later attempt the old program is gone from flash, and with it the
 * board's mode bytes. What a torn sector says must not be taken for them. */
static void test_mode_of_a_torn_sector_is_not_kept(void **state)
{
    (void)state;
    erase_failures = LCM_BOOT_WRITE_TRIES;
    assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_ERR_FLASH);
    assert_int_equal(erase_failures, 0);
    make_image(SIZE);
    assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_OK);
    assert_installed(image[2], image[3]);
}

static void assert_version(const char *bytes, const char *expected)
{
    char version[LCM_BOOT_VERSION_SIZE + 1];

    memcpy(flash.data + LCM_BOOT_VERSION_OFFSET, bytes, LCM_BOOT_VERSION_SIZE);
    lcm_boot_program_version(&flash.port, version);
    assert_string_equal(version, expected);
}

static void test_version_text(void **state)
{
    (void)state;
    assert_version("1.2.3\0\0\0\0\0\0\0\0\0\0\0", "1.2.3");
    assert_version("1.2.3\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "1.2.3");
    assert_version("0123456789abcdef", "0123456789abcdef");
    assert_version("\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "");
    assert_version("1.0 (old)\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "1.0");
}

static void test_long_version_is_cut(void **state)
{
    char version[LCM_BOOT_VERSION_SIZE + 1];

    (void)state;
    strcpy(manifest.version, "1.0.0-0123456789abcdef");
    assert_int_equal(lcm_boot_program_install(&flash.port, &manifest, sector), LCM_OK);
    lcm_boot_program_version(&flash.port, version);
    assert_string_equal(version, "1.0.0-0123456789");
    assert_int_equal(flash.data[SECTOR], 0xFF);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_install, prepare),
        cmocka_unit_test_setup(test_largest_image, prepare),
        cmocka_unit_test_setup(test_equal_content_is_not_written, prepare),
        cmocka_unit_test_setup(test_version_alone_is_not_written, prepare),
        cmocka_unit_test_setup(test_last_byte_of_the_program_counts, prepare),
        cmocka_unit_test_setup(test_refused_before_the_erase, prepare),
        cmocka_unit_test_setup(test_unreadable_sector_is_not_erased, prepare),
        cmocka_unit_test_setup(test_failing_writes_are_repeated, prepare),
        cmocka_unit_test_setup(test_mode_of_a_torn_sector_is_not_kept, prepare),
        cmocka_unit_test_setup(test_version_text, prepare),
        cmocka_unit_test_setup(test_long_version_is_cut, prepare),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
