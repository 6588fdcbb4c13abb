// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the sector engine brings a slot to exactly the signed content and touches
 * nothing else, whatever the slot holds and however the transfer goes.
 * Method: images of several shapes are installed on a strict NOR flash by a fetcher
 * that counts every sector; transfers break everywhere, bring wrong or too many bytes.
 * Sweeps of the whole flash check that no byte outside the image changed. Power cuts are
 * test_install_cuts.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/image/image.h"
#include "tests/lib/install_bench.h"

#define SECTOR LCM_SECTOR_SIZE
#define SLOT_MAX LCM_SLOT0_IMAGE_SIZE_MAX

/* No byte outside the sectors of an image of `size` bytes may differ from 0xFF. */
static void assert_rest_untouched(uint32_t size)
{
    uint32_t end = LCM_SLOT0_ADDR + (size + SECTOR - 1) / SECTOR * SECTOR;

    for (uint32_t i = 0; i < LCM_SLOT0_ADDR; i++)
        assert_int_equal(bench_flash.data[i], 0xFF);
    for (uint32_t i = end; i < LCM_FLASH_SIZE; i++)
        assert_int_equal(bench_flash.data[i], 0xFF);
}

/* ---- plain runs ---- */

static void install_and_check(uint32_t size)
{
    struct lcm_install install;
    struct delivery delivery = {{0}, 0};
    struct lcm_image image;
    uint32_t sectors = (size + SECTOR - 1) / SECTOR;

    bench_prepare(size, size);
    assert_int_equal(bench_install_run(&install, &delivery), LCM_OK);
    assert_true(bench_slot_is(bench_image_b, size));
    assert_rest_untouched(size);
    assert_int_equal(lcm_image_check(&bench_flash.port, LCM_SLOT0_ADDR, SLOT_MAX, &image), LCM_OK);
    for (uint32_t i = 0; i < sectors; i++)
        assert_int_equal(delivery.count[i], 1);
    assert_int_equal(bench_total_erases(), sectors);
    assert_int_equal(install.counters.erases, sectors);
    assert_int_equal(install.counters.sectors_changed, sectors);
    assert_int_equal(install.counters.sectors_matching, 0);
    assert_int_equal(lcm_install_bytes_present(&install), size);
}

static void test_blank_slot_all_sizes(void **state)
{
    static const uint32_t sizes[] = {48,
                                     64,
                                     SECTOR - 1,
                                     SECTOR,
                                     SECTOR + 1,
                                     SECTOR + 48,
                                     2 * SECTOR - 16,
                                     2 * SECTOR,
                                     5 * SECTOR + 1234,
                                     LCM_INSTALL_RUN_SECTORS_MAX * SECTOR,
                                     (LCM_INSTALL_RUN_SECTORS_MAX + 2) * SECTOR + 9,
                                     SLOT_MAX};

    (void)state;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        install_and_check(sizes[i]);
}

static void test_size_limits(void **state)
{
    struct lcm_install install;

    (void)state;
    bench_prepare(SLOT_MAX, 1);
    bench_manifest_b.image_size = SLOT_MAX + 1;
    assert_int_equal(lcm_install_init(&install, &bench_flash.port, LCM_REGION_SLOT0,
                                      &bench_manifest_b, bench_work),
                     LCM_ERR_TOO_LARGE);
    bench_manifest_b.image_size = LCM_SLOT1_IMAGE_SIZE_MAX + 1;
    assert_int_equal(lcm_install_init(&install, &bench_flash.port, LCM_REGION_SLOT1,
                                      &bench_manifest_b, bench_work),
                     LCM_ERR_TOO_LARGE);
    bench_manifest_b.image_size = LCM_IMAGE_HEADER_SIZE - 1;
    assert_int_equal(lcm_install_init(&install, &bench_flash.port, LCM_REGION_SLOT0,
                                      &bench_manifest_b, bench_work),
                     LCM_ERR_IMAGE);
    assert_int_equal(bench_flash.operations, 0);
}

static void test_nothing_to_do(void **state)
{
    struct lcm_install install;
    struct delivery delivery = {{0}, 0};

    (void)state;
    bench_prepare(5 * SECTOR + 77, 3);
    update_flash_put(&bench_flash, LCM_SLOT0_ADDR, bench_image_b, bench_manifest_b.image_size);
    assert_int_equal(bench_install_run(&install, &delivery), LCM_OK);
    assert_int_equal(bench_flash.operations, 0);
    assert_int_equal(delivery.ranges, 0);
    assert_int_equal(install.counters.sectors_matching, 6);
}

/* An image that ends early leaves the tail of a longer one behind it alone. */
static void test_shorter_image_leaves_the_tail(void **state)
{
    struct lcm_install install;
    struct delivery delivery = {{0}, 0};

    (void)state;
    bench_prepare(2 * SECTOR + 100, 4);
    update_image_make(bench_image_a, 6 * SECTOR, 5);
    update_flash_put(&bench_flash, LCM_SLOT0_ADDR, bench_image_a, 6 * SECTOR);
    assert_int_equal(bench_install_run(&install, &delivery), LCM_OK);
    assert_true(bench_slot_is(bench_image_b, bench_manifest_b.image_size));
    assert_memory_equal(bench_flash.data + LCM_SLOT0_ADDR + 3 * SECTOR, bench_image_a + 3 * SECTOR,
                        3 * SECTOR);
    assert_int_equal(bench_total_erases(), 3);
}

/* Repair: one damaged byte anywhere costs that sector, and sector 0 (its header was
 * taken away meanwhile), nothing else. */
static void test_repair_every_sector(void **state)
{
    (void)state;
    for (uint32_t bad = 0; bad < 6; bad++) {
        struct lcm_install install;
        struct delivery delivery = {{0}, 0};

        bench_prepare(5 * SECTOR + 500, 6);
        update_flash_put(&bench_flash, LCM_SLOT0_ADDR, bench_image_b, bench_manifest_b.image_size);
        bench_flash.data[LCM_SLOT0_ADDR + bad * SECTOR + 300] ^= 0x10;
        assert_int_equal(bench_install_run(&install, &delivery), LCM_OK);
        assert_true(bench_slot_is(bench_image_b, bench_manifest_b.image_size));
        for (uint32_t i = 0; i < 6; i++)
            assert_int_equal(delivery.count[i], i == bad || i == 0 ? 1 : 0);
        assert_int_equal(bench_total_erases(), bad == 0 ? 1 : 2);
    }
}

/* A few changed sectors of an update are all that is fetched and erased. */
static void test_only_changed_sectors(void **state)
{
    struct lcm_install install;
    struct delivery delivery = {{0}, 0};

    (void)state;
    bench_prepare(20 * SECTOR, 7);
    update_flash_put(&bench_flash, LCM_SLOT0_ADDR, bench_image_b, bench_manifest_b.image_size);
    bench_flash.data[LCM_SLOT0_ADDR + 20] ^= 1;
    bench_flash.data[LCM_SLOT0_ADDR + 4 * SECTOR] ^= 1;
    bench_flash.data[LCM_SLOT0_ADDR + 5 * SECTOR + 9] ^= 1;
    bench_flash.data[LCM_SLOT0_ADDR + 19 * SECTOR + 4095] ^= 1;
    assert_int_equal(bench_install_run(&install, &delivery), LCM_OK);
    assert_true(bench_slot_is(bench_image_b, bench_manifest_b.image_size));
    assert_int_equal(bench_total_erases(), 4);
    assert_int_equal(delivery.ranges, 3);
    assert_int_equal(install.counters.sectors_matching, 16);
}

/* lcm_install_next looks at one sector a call: a watchdog waits between the calls. */
static uint32_t read_bytes;
static enum lcm_err (*plain_read)(void *context, uint32_t addr, void *dst, uint32_t size);

static enum lcm_err counting_read(void *context, uint32_t addr, void *dst, uint32_t size)
{
    read_bytes += size;
    return plain_read(context, addr, dst, size);
}

static void test_one_sector_per_call(void **state)
{
    struct lcm_install install;
    struct lcm_install_range range = {0, 0};
    enum lcm_err err = LCM_PENDING;

    (void)state;
    bench_prepare(60 * SECTOR, 8);
    plain_read = bench_flash.port.read;
    bench_flash.port.read = counting_read;
    assert_int_equal(lcm_install_init(&install, &bench_flash.port, LCM_REGION_SLOT0,
                                      &bench_manifest_b, bench_work),
                     LCM_OK);
    while (err == LCM_PENDING) {
        read_bytes = 0;
        err = lcm_install_next(&install, &range);
        assert_in_range(read_bytes, 0, SECTOR + 64);
    }
    assert_int_equal(err, LCM_OK);
    assert_int_equal(range.first, SECTOR);
    assert_int_equal(range.size, 59 * SECTOR);
}

/* ---- broken transfers ---- */

/* Break the transfer once at every point; the engine goes on and fetches at most the
 * sector it was in twice. */
static void test_broken_transfer_everywhere(void **state)
{
    uint32_t size = 3 * SECTOR + 50;

    (void)state;
    for (uint32_t at = 0; at < size + 2 * SECTOR; at += 211) {
        struct lcm_install install;
        struct lcm_install_range range;
        struct delivery delivery = {{0}, 0};
        uint32_t budget = at; /* bytes until the line breaks */

        bench_prepare(size, 9);
        assert_int_equal(lcm_install_init(&install, &bench_flash.port, LCM_REGION_SLOT0,
                                          &bench_manifest_b, bench_work),
                         LCM_OK);
        for (uint32_t turns = 0; turns < 10; turns++) {
            assert_int_equal(bench_install_next_range(&install, &range), LCM_OK);
            if (range.size == 0)
                break;
            assert_int_equal(bench_deliver_range(&install, &delivery, &range, budget), LCM_OK);
            budget = budget > range.size ? budget - range.size : UINT32_MAX;
        }
        assert_int_equal(range.size, 0);
        assert_true(bench_slot_is(bench_image_b, size));
        assert_int_equal(bench_total_erases(), 4);
        for (uint32_t i = 0; i < 4; i++) /* whole sectors: a started one does not count */
            assert_int_equal(delivery.count[i], 1);
    }
}

static void test_wrong_bytes_are_not_written(void **state)
{
    (void)state;
    for (uint32_t bad = 0; bad < 3; bad++) {
        struct lcm_install install;
        struct delivery delivery = {{0}, 0};

        bench_prepare(2 * SECTOR + 333, 10);
        bench_image_b[bad * SECTOR + 200] ^= 0x40; /* behind the back of the manifest */
        assert_int_equal(bench_install_run(&install, &delivery), LCM_ERR_CORRUPT);
        assert_int_equal(bench_flash.erases[LCM_SLOT0_ADDR / SECTOR + bad], 0);
        bench_image_b[bad * SECTOR + 200] ^= 0x40;
        /* The same engine goes on with good bytes. */
        struct lcm_install_range range;
        for (uint32_t turns = 0; turns < 4; turns++) {
            assert_int_equal(bench_install_next_range(&install, &range), LCM_OK);
            if (range.size > 0)
                assert_int_equal(bench_deliver_range(&install, &delivery, &range, UINT32_MAX),
                                 LCM_OK);
        }
        assert_true(bench_slot_is(bench_image_b, bench_manifest_b.image_size));
        assert_int_equal(bench_total_erases(), 3);
    }
}

static void test_too_many_bytes(void **state)
{
    struct lcm_install install;
    struct lcm_install_range range;

    (void)state;
    bench_prepare(2 * SECTOR + 10, 11);
    assert_int_equal(lcm_install_init(&install, &bench_flash.port, LCM_REGION_SLOT0,
                                      &bench_manifest_b, bench_work),
                     LCM_OK);
    assert_int_equal(lcm_install_write(&install, bench_image_b, 1), LCM_ERR_TOO_LONG);
    assert_int_equal(bench_install_next_range(&install, &range), LCM_OK);
    assert_int_equal(range.first + range.size, bench_manifest_b.image_size);
    assert_int_equal(lcm_install_write(&install, bench_image_b + SECTOR, range.size), LCM_OK);
    assert_int_equal(lcm_install_write(&install, bench_image_b, 1), LCM_ERR_TOO_LONG);
    assert_int_equal(bench_install_next_range(&install, &range), LCM_OK);
    assert_int_equal(range.size, SECTOR);
    assert_int_equal(lcm_install_write(&install, bench_image_b, SECTOR + 1), LCM_ERR_TOO_LONG);
    assert_int_equal(bench_flash.erases[LCM_SLOT0_ADDR / SECTOR], 0);
    assert_int_equal(bench_install_next_range(&install, &range), LCM_OK);
    assert_int_equal(range.size, 0);
    assert_true(bench_slot_is(bench_image_b, bench_manifest_b.image_size));
    assert_int_equal(lcm_install_write(&install, bench_image_b, 1), LCM_ERR_TOO_LONG);
}

/* Nothing good has arrived yet: the old app still boots. */
static void test_old_image_stays_until_a_good_sector(void **state)
{
    struct lcm_install install;
    struct lcm_install_range range;
    struct lcm_image image;

    (void)state;
    bench_prepare(3 * SECTOR, 16);
    update_image_make(bench_image_a, 2 * SECTOR, 17);
    update_flash_put(&bench_flash, LCM_SLOT0_ADDR, bench_image_a, 2 * SECTOR);
    assert_int_equal(lcm_install_init(&install, &bench_flash.port, LCM_REGION_SLOT0,
                                      &bench_manifest_b, bench_work),
                     LCM_OK);
    assert_int_equal(bench_install_next_range(&install, &range), LCM_OK);
    assert_int_equal(lcm_install_write(&install, bench_image_b + SECTOR, SECTOR - 1), LCM_OK);
    assert_int_equal(lcm_install_write(&install, bench_image_b, 1), LCM_ERR_CORRUPT);
    assert_int_equal(bench_flash.operations, 0);
    assert_int_equal(bench_install_next_range(&install, &range), LCM_OK);
    assert_int_equal(lcm_install_write(&install, bench_image_b + SECTOR, SECTOR), LCM_OK);
    assert_int_equal(lcm_image_check(&bench_flash.port, LCM_SLOT0_ADDR, SLOT_MAX, &image),
                     LCM_ERR_IMAGE);
}

/* Every sector hash is right, the whole is not: the slot must not become bootable. */
static void test_wrong_whole_hash(void **state)
{
    struct lcm_install install;
    struct lcm_install_range range;
    struct delivery delivery = {{0}, 0};

    (void)state;
    bench_prepare(2 * SECTOR + 333, 12);
    bench_manifest_b.sha256[31] ^= 1;
    assert_int_equal(bench_install_run(&install, &delivery), LCM_ERR_CORRUPT);
    assert_int_equal(bench_flash.data[LCM_SLOT0_ADDR], 0);
    assert_int_equal(bench_flash.erases[LCM_SLOT0_ADDR / SECTOR], 0);
    assert_int_equal(bench_install_next_range(&install, &range), LCM_ERR_CORRUPT);
}

/* A slot whose content is garbage in every sector, with a header that looks fine. */
static void test_from_torn_content(void **state)
{
    uint64_t random = 20261122;
    struct lcm_install install;
    struct delivery delivery = {{0}, 0};

    (void)state;
    print_message("seed %llu\n", (unsigned long long)random);
    bench_prepare(6 * SECTOR + 48, 15);
    for (uint32_t i = 0; i < 7 * SECTOR; i++)
        bench_flash.data[LCM_SLOT0_ADDR + i] = (uint8_t)ram_flash_random(&random);
    update_flash_put(&bench_flash, LCM_SLOT0_ADDR, bench_image_b, 3 * SECTOR);
    assert_int_equal(bench_install_run(&install, &delivery), LCM_OK);
    assert_true(bench_slot_is(bench_image_b, bench_manifest_b.image_size));
    assert_int_equal(bench_total_erases(), 5); /* 3..6, and 0 for its header */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blank_slot_all_sizes),
        cmocka_unit_test(test_size_limits),
        cmocka_unit_test(test_nothing_to_do),
        cmocka_unit_test(test_shorter_image_leaves_the_tail),
        cmocka_unit_test(test_repair_every_sector),
        cmocka_unit_test(test_only_changed_sectors),
        cmocka_unit_test(test_one_sector_per_call),
        cmocka_unit_test(test_broken_transfer_everywhere),
        cmocka_unit_test(test_wrong_bytes_are_not_written),
        cmocka_unit_test(test_too_many_bytes),
        cmocka_unit_test(test_old_image_stays_until_a_good_sector),
        cmocka_unit_test(test_wrong_whole_hash),
        cmocka_unit_test(test_from_torn_content),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
