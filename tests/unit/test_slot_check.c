// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: slot 0 counts as an app only when it holds a bootable image that is not an
 * installer; and it counts as the installed one only when every byte is.
 * Method: images with and without identity on a flash in memory, one wrong byte in each
 * sector, lengths outside the slot; writes are counted (there must be none).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/image/identity.h"
#include "core/update/slot_check.h"
#include "tests/lib/update_fixture.h"

#define SECTOR LCM_SECTOR_SIZE
#define SIZE (3 * SECTOR + 160)

static struct ram_flash flash;
static uint8_t image[SIZE];
static struct lcm_manifest manifest;

static int prepare(void **state)
{
    (void)state;
    ram_flash_init(&flash);
    update_image_make(image, SIZE, 5);
    update_manifest_make(&manifest, image, SIZE);
    update_flash_put(&flash, LCM_SLOT0_ADDR, image, SIZE);
    return 0;
}

static int assert_no_writes(void **state)
{
    (void)state;
    return flash.operations == 0 ? 0 : -1;
}

static enum lcm_err run(uint32_t image_size, uint32_t *steps)
{
    struct lcm_slot_check check;
    enum lcm_err err = LCM_PENDING;

    lcm_slot_check_begin(&check, &flash.port, image_size);
    for (*steps = 0; err == LCM_PENDING; (*steps)++)
        err = lcm_slot_check_step(&check, manifest.sha256);
    assert_int_equal(lcm_slot_check_step(&check, manifest.sha256), err);
    return err;
}

static void put_identity(uint8_t type)
{
    struct lcm_identity identity = {
        .type = type, .version = "1.0.0", .repository = "a/b", .file = "main.bin"};
    uint8_t block[LCM_IDENTITY_SIZE];

    assert_int_equal(lcm_identity_encode(&identity, block), LCM_OK);
    update_flash_put(&flash, LCM_SLOT0_ADDR + LCM_IDENTITY_OFFSET, block, sizeof(block));
}

static void test_has_app(void **state)
{
    (void)state;
    assert_true(lcm_slot_has_app(&flash.port)); /* an app without identity */
    put_identity(LCM_IDENTITY_APP);
    assert_true(lcm_slot_has_app(&flash.port));
    put_identity(LCM_IDENTITY_UPDATER);
    assert_false(lcm_slot_has_app(&flash.port));
    put_identity(LCM_IDENTITY_BOOT);
    assert_false(lcm_slot_has_app(&flash.port));
}

static void test_has_no_app(void **state)
{
    (void)state;
    flash.data[LCM_SLOT0_ADDR] = 0;
    assert_false(lcm_slot_has_app(&flash.port));
    memset(flash.data + LCM_SLOT0_ADDR, 0xFF, SIZE);
    assert_false(lcm_slot_has_app(&flash.port));
    memset(flash.data + LCM_SLOT0_ADDR, 0, SIZE);
    assert_false(lcm_slot_has_app(&flash.port));
}

static void test_as_recorded(void **state)
{
    uint32_t steps = 0;

    (void)state;
    assert_int_equal(run(SIZE, &steps), LCM_OK);
    assert_int_equal(steps, 5);             /* one sector a call, then the verdict */
    flash.data[LCM_SLOT0_ADDR + SIZE] ^= 1; /* behind the image */
    assert_int_equal(run(SIZE, &steps), LCM_OK);
    for (uint32_t at = 100; at < SIZE; at += SECTOR) {
        flash.data[LCM_SLOT0_ADDR + at] ^= 1;
        assert_int_equal(run(SIZE, &steps), LCM_ERR_CORRUPT);
        flash.data[LCM_SLOT0_ADDR + at] ^= 1;
    }
}

static void test_wrong_lengths(void **state)
{
    uint32_t steps = 0;

    (void)state;
    assert_int_equal(run(SIZE - 1, &steps), LCM_ERR_CORRUPT);
    assert_int_equal(run(SIZE + 1, &steps), LCM_ERR_CORRUPT);
    assert_int_equal(run(LCM_SLOT0_IMAGE_SIZE_MAX, &steps), LCM_ERR_CORRUPT);
    assert_int_equal(steps, 139);
    assert_int_equal(run(LCM_SLOT0_IMAGE_SIZE_MAX + 1, &steps), LCM_ERR_CORRUPT);
    assert_int_equal(steps, 1);
    assert_int_equal(run(UINT32_MAX, &steps), LCM_ERR_CORRUPT);
    assert_int_equal(steps, 1);
    assert_int_equal(run(0, &steps), LCM_ERR_CORRUPT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_has_app, prepare, assert_no_writes),
        cmocka_unit_test_setup_teardown(test_has_no_app, prepare, assert_no_writes),
        cmocka_unit_test_setup_teardown(test_as_recorded, prepare, assert_no_writes),
        cmocka_unit_test_setup_teardown(test_wrong_lengths, prepare, assert_no_writes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
