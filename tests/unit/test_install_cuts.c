// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the sector engine never leaves a bootable mixture, wherever the power fails, and
 * goes on afterwards fetching at most one sector again.
 * Method: the power is cut at every flash operation of an installation in every way
 * (before, front half, random bits, after), and for small images again at every operation of
 * the resumption. Random bits come from a seed that is printed.
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
#define SNAPSHOT_SIZE (16u * SECTOR) /* enough for these images */

static const uint64_t cut_seed = 20261122;

static uint8_t snapshot[SNAPSHOT_SIZE];

/* ---- power cuts ---- */

static const enum ram_flash_cut cut_kinds[] = {RAM_FLASH_CUT_BEFORE, RAM_FLASH_CUT_TORN,
                                               RAM_FLASH_CUT_RANDOM, RAM_FLASH_CUT_AFTER};
#define CUT_KINDS (sizeof(cut_kinds) / sizeof(cut_kinds[0]))

static bool slot_boots_as(const uint8_t *image, uint32_t size)
{
    return memcmp(bench_flash.data + LCM_SLOT0_ADDR, image, size) == 0;
}

struct cut_case {
    uint32_t size_a; /* 0 = blank */
    uint32_t size_b;
};

static void assert_no_mixture(const struct cut_case *cut_case)
{
    struct lcm_image image;

    if (lcm_image_check(&bench_flash.port, LCM_SLOT0_ADDR, SLOT_MAX, &image) != LCM_OK)
        return;
    if (cut_case->size_a > 0 && slot_boots_as(bench_image_a, cut_case->size_a))
        return;
    assert_true(slot_boots_as(bench_image_b, cut_case->size_b));
}

static void cut_restart(enum ram_flash_cut kind, uint32_t at)
{
    ram_flash_restore_power(&bench_flash);
    bench_flash.cut = kind;
    bench_flash.cut_at = at;
}

static void snapshot_save(void)
{
    memcpy(snapshot, bench_flash.data + LCM_SLOT0_ADDR, sizeof(snapshot));
}

static void snapshot_load(void)
{
    memcpy(bench_flash.data + LCM_SLOT0_ADDR, snapshot, sizeof(snapshot));
}

static uint32_t fetched_again(const struct delivery *delivery)
{
    uint32_t again = 0;

    for (uint32_t i = 0; i < bench_manifest_b.sector_count; i++)
        again += delivery->count[i] > 1 ? delivery->count[i] - 1 : 0;
    return again;
}

/* Power is back for good: the installation ends well. */
static void assert_resumes(struct delivery *delivery, uint32_t again_max)
{
    struct lcm_install install;

    cut_restart(RAM_FLASH_NO_CUT, 0);
    assert_int_equal(bench_install_run(&install, delivery), LCM_OK);
    assert_true(bench_slot_is(bench_image_b, bench_manifest_b.image_size));
    assert_in_range(fetched_again(delivery), 0, again_max);
}

/* Cut the resumption of a broken installation as well. */
static void assert_survives_second_cut(const struct cut_case *cut_case,
                                       const struct delivery *before)
{
    struct lcm_install install;

    snapshot_save();
    for (size_t kind = 0; kind < CUT_KINDS; kind++) {
        for (uint32_t at = 0;; at++) {
            struct delivery delivery = *before;

            snapshot_load();
            cut_restart(cut_kinds[kind], at);
            enum lcm_err err = bench_install_run(&install, &delivery);
            if (!bench_flash.is_off) {
                assert_int_equal(err, LCM_OK);
                break;
            }
            assert_no_mixture(cut_case);
            assert_resumes(&delivery, 2);
        }
    }
}

static void cut_begin(const struct cut_case *cut_case)
{
    bench_prepare(cut_case->size_b, 14);
    bench_flash.random = cut_seed;
    if (cut_case->size_a > 0) {
        update_image_make(bench_image_a, cut_case->size_a, 13);
        update_flash_put(&bench_flash, LCM_SLOT0_ADDR, bench_image_a, cut_case->size_a);
    }
}

/* Returns the number of cuts tried. */
static uint32_t cut_everywhere(const struct cut_case *cut_case, bool is_nested)
{
    struct lcm_install install;
    uint32_t cuts = 0;

    for (size_t kind = 0; kind < CUT_KINDS; kind++) {
        for (uint32_t at = 0;; at++) {
            struct delivery delivery = {{0}, 0};

            cut_begin(cut_case);
            cut_restart(cut_kinds[kind], at);
            enum lcm_err err = bench_install_run(&install, &delivery);
            if (!bench_flash.is_off) {
                assert_int_equal(err, LCM_OK);
                break;
            }
            cuts++;
            assert_no_mixture(cut_case);
            if (is_nested)
                assert_survives_second_cut(cut_case, &delivery);
            else
                assert_resumes(&delivery, 1);
        }
    }
    return cuts;
}

static void test_cut_everywhere(void **state)
{
    static const struct cut_case cases[] = {
        {6 * SECTOR + 100, 5 * SECTOR + 600}, /* update to a shorter image */
        {2 * SECTOR, 5 * SECTOR + 600},       /* to a longer one */
        {0, 4 * SECTOR + 16},                 /* first installation */
        {SECTOR, 1000},                       /* one sector */
    };
    uint32_t cuts = 0;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)cut_seed);
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        cuts += cut_everywhere(&cases[i], false);
    assert_in_range(cuts, 100, 1000);
}

static void test_cut_twice(void **state)
{
    static const struct cut_case cases[] = {
        {3 * SECTOR, 2 * SECTOR + 40},
        {0, SECTOR + 700},
        {700, 900},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_in_range(cut_everywhere(&cases[i], true), 4, 1000);
}

/* Any of the header's bits may have been cleared when the old image stops being one. */
static void test_header_half_cleared(void **state)
{
    static const struct cut_case cut_case = {2 * SECTOR, 3 * SECTOR};
    struct lcm_install install;
    struct delivery delivery = {{0}, 0};

    (void)state;
    print_message("seed %llu\n", (unsigned long long)cut_seed);
    cut_begin(&cut_case);
    snapshot_save();
    for (uint32_t i = 0; i < 50000; i++) {
        snapshot_load();
        cut_restart(RAM_FLASH_CUT_RANDOM, i % 2);
        assert_int_not_equal(bench_install_run(&install, &delivery), LCM_OK);
        assert_no_mixture(&cut_case);
        /* Whatever the image: no count of segments, no entry with fewer bits. */
        assert_memory_equal(bench_flash.data + LCM_SLOT0_ADDR + 1, bench_image_a + 1,
                            LCM_IMAGE_HEADER_SIZE - 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cut_everywhere),
        cmocka_unit_test(test_cut_twice),
        cmocka_unit_test(test_header_half_cleared),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
