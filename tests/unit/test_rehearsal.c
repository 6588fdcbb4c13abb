// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a rehearsal accepts exactly what the sector engine could install, asks for no
 * byte twice and writes nothing.
 * Method: images that differ from the slot in chosen sectors; transfers that break
 * everywhere, bring wrong or too many bytes; every write operation is counted.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/image/image.h"
#include "core/update/rehearsal.h"
#include "tests/lib/update_fixture.h"

#define SECTOR LCM_SECTOR_SIZE
#define SIZE (70 * SECTOR + 123)

static struct ram_flash flash;
static uint8_t image[SIZE];
static uint8_t work[SECTOR];
static struct lcm_manifest manifest;
static struct lcm_rehearsal rehearsal;
static uint32_t delivered;

static int prepare(void **state)
{
    (void)state;
    ram_flash_init(&flash);
    update_image_make(image, SIZE, 3);
    update_manifest_make(&manifest, image, SIZE);
    delivered = 0;
    return 0;
}

static int assert_no_writes(void **state)
{
    (void)state;
    return flash.operations == 0 ? 0 : -1;
}

static enum lcm_err next(struct lcm_install_range *range)
{
    for (uint32_t i = 0; i < 1000; i++) {
        enum lcm_err err = lcm_rehearsal_next(&rehearsal, range);
        if (err != LCM_PENDING)
            return err;
    }
    fail_msg("lcm_rehearsal_next never ends");
    return LCM_PENDING;
}

static enum lcm_err deliver(const struct lcm_install_range *range, uint32_t size)
{
    for (uint32_t at = 0; at < size; at += 1000) {
        uint32_t step = size - at < 1000 ? size - at : 1000;
        enum lcm_err err = lcm_rehearsal_write(&rehearsal, image + range->first + at, step);
        if (err != LCM_OK)
            return err;
        delivered += step;
    }
    return LCM_OK;
}

static enum lcm_err run(void)
{
    struct lcm_install_range range;
    enum lcm_err err =
        lcm_rehearsal_init(&rehearsal, &flash.port, LCM_REGION_SLOT0, &manifest, work);

    while (err == LCM_OK) {
        err = next(&range);
        if (err != LCM_OK || range.size == 0)
            return err;
        memset(work, 0xA5, sizeof(work)); /* a handshake used it */
        err = deliver(&range, range.size);
    }
    return err;
}

static void test_blank_slot(void **state)
{
    (void)state;
    assert_int_equal(run(), LCM_OK);
    assert_int_equal(delivered, SIZE);
    assert_int_equal(lcm_rehearsal_bytes_judged(&rehearsal), SIZE);
}

static void test_only_changed_sectors_are_fetched(void **state)
{
    (void)state;
    update_flash_put(&flash, LCM_SLOT0_ADDR, image, SIZE);
    assert_int_equal(run(), LCM_OK);
    assert_int_equal(delivered, 0);
    flash.data[LCM_SLOT0_ADDR] ^= 1;
    flash.data[LCM_SLOT0_ADDR + 9 * SECTOR + 77] ^= 1;
    flash.data[LCM_SLOT0_ADDR + 70 * SECTOR + 122] ^= 1;
    assert_int_equal(run(), LCM_OK);
    assert_int_equal(delivered, 2 * SECTOR + 123);
}

static void test_broken_transfers(void **state)
{
    (void)state;
    for (uint32_t at = 1; at < 3 * SECTOR; at += 333) {
        struct lcm_install_range range;

        (void)prepare(state);
        assert_int_equal(
            lcm_rehearsal_init(&rehearsal, &flash.port, LCM_REGION_SLOT0, &manifest, work), LCM_OK);
        assert_int_equal(next(&range), LCM_OK);
        assert_int_equal(deliver(&range, at), LCM_OK);
        assert_int_equal(next(&range), LCM_OK);
        assert_int_equal(range.first, at / SECTOR * SECTOR);
        while (range.size > 0) {
            assert_int_equal(deliver(&range, range.size), LCM_OK);
            assert_int_equal(next(&range), LCM_OK);
        }
        assert_in_range(delivered, SIZE, SIZE + SECTOR);
    }
}

static void test_wrong_bytes(void **state)
{
    (void)state;
    for (uint32_t at = 5; at < SIZE; at += 9 * SECTOR) {
        image[at] ^= 1;
        assert_int_equal(run(), LCM_ERR_CORRUPT);
        image[at] ^= 1;
    }
    manifest.sha256[0] ^= 1;
    assert_int_equal(run(), LCM_ERR_CORRUPT); /* all sectors right, the whole is not */
}

/* Either form of image boots; what has neither is refused although its hashes are right. */
static void test_only_what_can_boot(void **state)
{
    (void)state;
    for (unsigned magic = 0; magic < 256; magic++) {
        bool is_image = magic == LCM_IMAGE_MAGIC_V1 || magic == LCM_IMAGE_MAGIC_V2;

        image[0] = (uint8_t)magic;
        update_manifest_make(&manifest, image, SIZE);
        assert_int_equal(run(), is_image ? LCM_OK : LCM_ERR_IMAGE);
    }
}

static void test_too_many_bytes(void **state)
{
    struct lcm_install_range range;

    (void)state;
    assert_int_equal(lcm_rehearsal_init(&rehearsal, &flash.port, LCM_REGION_SLOT0, &manifest, work),
                     LCM_OK);
    assert_int_equal(lcm_rehearsal_write(&rehearsal, image, 1), LCM_ERR_TOO_LONG);
    assert_int_equal(next(&range), LCM_OK);
    assert_int_equal(range.size, LCM_INSTALL_RUN_SECTORS_MAX * SECTOR);
    assert_int_equal(deliver(&range, range.size), LCM_OK);
    assert_int_equal(lcm_rehearsal_write(&rehearsal, image, 1), LCM_ERR_TOO_LONG);
    manifest.image_size = LCM_SLOT0_IMAGE_SIZE_MAX + 1;
    assert_int_equal(lcm_rehearsal_init(&rehearsal, &flash.port, LCM_REGION_SLOT0, &manifest, work),
                     LCM_ERR_TOO_LARGE);
}

/* One sector a call is looked at (and, when it matches, read once more for the whole). */
static uint32_t read_bytes;
static enum lcm_err (*plain_read)(void *context, uint32_t addr, void *dst, uint32_t size);

static enum lcm_err counting_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    read_bytes += size;
    return plain_read(context, addr, dst, size);
}

static void test_one_sector_per_call(void **state)
{
    struct lcm_install_range range;
    enum lcm_err err = LCM_PENDING;

    (void)state;
    update_flash_put(&flash, LCM_SLOT0_ADDR, image, 5 * SECTOR);
    plain_read = flash.port.read;
    flash.port.read = counting_read;
    assert_int_equal(lcm_rehearsal_init(&rehearsal, &flash.port, LCM_REGION_SLOT0, &manifest, work),
                     LCM_OK);
    while (err == LCM_PENDING) {
        read_bytes = 0;
        err = lcm_rehearsal_next(&rehearsal, &range);
        assert_in_range(read_bytes, 0, 2 * SECTOR);
    }
    assert_int_equal(err, LCM_OK);
    assert_int_equal(range.first, 5 * SECTOR);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_blank_slot, prepare, assert_no_writes),
        cmocka_unit_test_setup_teardown(test_only_changed_sectors_are_fetched, prepare,
                                        assert_no_writes),
        cmocka_unit_test_setup_teardown(test_broken_transfers, prepare, assert_no_writes),
        cmocka_unit_test_setup_teardown(test_wrong_bytes, prepare, assert_no_writes),
        cmocka_unit_test_setup_teardown(test_only_what_can_boot, prepare, assert_no_writes),
        cmocka_unit_test_setup_teardown(test_too_many_bytes, prepare, assert_no_writes),
        cmocka_unit_test_setup_teardown(test_one_sector_per_call, prepare, assert_no_writes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
