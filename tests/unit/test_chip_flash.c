// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the emulated flash chip only clears bits, counts what happens to it, and after a power cut
 * at any operation holds nothing, half or all of that operation and never anything later.
 * Method: a flash file in a folder of its own, known contents, every way to cut, both operations.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "port/emulator/chip_flash.h"

#define SECTOR 0x8C000u

struct fixture {
    char path[64];
    struct chip_flash flash;
};

static int open_blank(void **state)
{
    struct fixture *fixture = calloc(1, sizeof(*fixture));

    assert_non_null(fixture);
    snprintf(fixture->path, sizeof(fixture->path), "/tmp/lcm-chip-flash-XXXXXX");
    int fd = mkstemp(fixture->path);
    assert_true(fd >= 0);
    assert_int_equal(ftruncate(fd, LCM_FLASH_SIZE), 0);
    close(fd);
    assert_true(chip_flash_open(&fixture->flash, fixture->path));
    assert_true(chip_flash_erase(&fixture->flash, SECTOR));
    *state = fixture;
    return 0;
}

static int remove_file(void **state)
{
    struct fixture *fixture = *state;

    chip_flash_close(&fixture->flash);
    unlink(fixture->path);
    free(fixture);
    return 0;
}

static void check_bytes(struct chip_flash *flash, uint32_t addr, uint32_t size, uint8_t value)
{
    uint8_t bytes[LCM_SECTOR_SIZE];

    assert_true(chip_flash_read(flash, addr, bytes, size));
    for (uint32_t i = 0; i < size; i++)
        assert_int_equal(bytes[i], value);
}

static void test_program_only_clears(void **state)
{
    struct chip_flash *flash = &((struct fixture *)*state)->flash;
    static const uint8_t first[4] = {0xF0, 0xF0, 0xF0, 0xF0};
    static const uint8_t second[4] = {0x3C, 0x3C, 0x3C, 0x3C};

    assert_true(chip_flash_program(flash, SECTOR, first, 4));
    assert_int_equal(flash->refused_bits, 0);
    assert_true(chip_flash_program(flash, SECTOR, second, 4));
    check_bytes(flash, SECTOR, 4, 0x30);
    check_bytes(flash, SECTOR + 4, 60, 0xFF);
    assert_int_equal(flash->refused_bits, 4 * 2);
    assert_int_equal(flash->program_count, 2);
    assert_int_equal(flash->program_bytes, 8);
    assert_int_equal(flash->operation_count, 3);
    assert_int_equal(flash->erase_count[SECTOR / LCM_SECTOR_SIZE], 1);
}

static void test_outside_is_refused(void **state)
{
    struct chip_flash *flash = &((struct fixture *)*state)->flash;
    uint8_t bytes[8] = {0};

    assert_false(chip_flash_read(flash, LCM_FLASH_SIZE - 4, bytes, 8));
    assert_false(chip_flash_program(flash, LCM_FLASH_SIZE - 4, bytes, 8));
    assert_false(chip_flash_program(flash, UINT32_MAX, bytes, 8));
    assert_false(chip_flash_erase(flash, LCM_FLASH_SIZE));
    assert_false(chip_flash_erase(flash, SECTOR + 4));
    assert_int_equal(flash->operation_count, 1);
}

static void test_cut_program(void **state)
{
    struct chip_flash *flash = &((struct fixture *)*state)->flash;
    static const uint32_t done[] = {
        [CHIP_FLASH_CUT_BEFORE] = 0,
        [CHIP_FLASH_CUT_TORN] = 128,
        [CHIP_FLASH_CUT_AFTER] = 256,
    };
    uint8_t zero[256] = {0};

    for (uint32_t way = 0; way < 3; way++) {
        flash->cut_at = 0;
        flash->is_cut = false;
        assert_true(chip_flash_erase(flash, SECTOR));
        flash->cut = (enum chip_flash_cut)way;
        flash->cut_at = flash->operation_count + 2;
        assert_true(chip_flash_program(flash, SECTOR, zero, sizeof(zero)));
        assert_false(chip_flash_program(flash, SECTOR + 256, zero, sizeof(zero)));
        assert_true(flash->is_cut);
        check_bytes(flash, SECTOR, 256 + done[way], 0);
        check_bytes(flash, SECTOR + 256 + done[way], 512 - done[way], 0xFF);

        /* Without power nothing happens any more. */
        uint32_t count = flash->operation_count;
        assert_false(chip_flash_program(flash, SECTOR + 1024, zero, sizeof(zero)));
        assert_false(chip_flash_erase(flash, SECTOR));
        assert_int_equal(flash->operation_count, count);
        check_bytes(flash, SECTOR + 1024, 256, 0xFF);
        check_bytes(flash, SECTOR, 256, 0);
    }
}

static void test_cut_erase(void **state)
{
    struct chip_flash *flash = &((struct fixture *)*state)->flash;
    static const uint32_t blank[] = {
        [CHIP_FLASH_CUT_BEFORE] = 0,
        [CHIP_FLASH_CUT_TORN] = LCM_SECTOR_SIZE / 2,
        [CHIP_FLASH_CUT_AFTER] = LCM_SECTOR_SIZE,
    };
    uint8_t pattern[LCM_SECTOR_SIZE];

    memset(pattern, 0x5A, sizeof(pattern));
    for (uint32_t way = 0; way < 3; way++) {
        flash->cut_at = 0;
        flash->is_cut = false;
        assert_true(chip_flash_erase(flash, SECTOR));
        assert_true(chip_flash_program(flash, SECTOR, pattern, sizeof(pattern)));
        flash->cut = (enum chip_flash_cut)way;
        flash->cut_at = flash->operation_count + 1;
        assert_false(chip_flash_erase(flash, SECTOR));
        check_bytes(flash, SECTOR, blank[way], 0xFF);
        check_bytes(flash, SECTOR + blank[way], LCM_SECTOR_SIZE - blank[way], 0x5A);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_program_only_clears, open_blank, remove_file),
        cmocka_unit_test_setup_teardown(test_outside_is_refused, open_blank, remove_file),
        cmocka_unit_test_setup_teardown(test_cut_program, open_blank, remove_file),
        cmocka_unit_test_setup_teardown(test_cut_erase, open_blank, remove_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
