// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the sector engine brings a slot to exactly the signed content, touches nothing
 * else, and never leaves a bootable mixture, wherever the power fails.
 * Method: images of several shapes are installed on a strict NOR flash by a fetcher
 * that counts every sector; then the power is cut at every flash operation in every
 * way (before, front half, random bits, after), and for a small image again at every
 * operation of the resumption. Random bits come from a seed that is printed.
 * Sweeps of the whole flash check that no byte outside the image changed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/image/image.h"
#include "core/update/install.h"
#include "tests/lib/update_fixture.h"

#define SECTOR LCM_SECTOR_SIZE
#define SLOT_MAX LCM_SLOT0_IMAGE_SIZE_MAX
#define SNAPSHOT_SIZE (16u * SECTOR) /* enough for the images of the cut tests */
#define STEPS_MAX 4096u

static const uint64_t cut_seed = 20261122;

static struct ram_flash flash;
static uint8_t work[SECTOR];
static uint8_t image_a[SLOT_MAX];
static uint8_t image_b[SLOT_MAX];
static struct lcm_manifest manifest_b;
static uint8_t snapshot[SNAPSHOT_SIZE];

/* What the fetcher delivered: whole sectors, over any number of runs. */
struct delivery {
    uint32_t count[LCM_IMAGE_SECTORS_MAX];
    uint32_t ranges;
};

static void deliver_note(struct delivery *delivery, uint32_t from, uint32_t to)
{
    for (uint32_t at = from; at < to; at++)
        if ((at + 1) % SECTOR == 0 || at + 1 == manifest_b.image_size)
            delivery->count[at / SECTOR]++;
}

/* Fetch a range of image_b in pieces of uneven size; stop_after bytes = broken transfer. */
static enum lcm_err deliver_range(struct lcm_install *install, struct delivery *delivery,
                                  const struct lcm_install_range *range, uint32_t stop_after)
{
    uint32_t end = range->first + range->size;
    uint32_t at = range->first;

    delivery->ranges++;
    assert_in_range(range->size, 1, LCM_INSTALL_RUN_SECTORS_MAX * SECTOR);
    assert_int_equal(range->first % SECTOR, 0);
    while (at < end && at - range->first < stop_after) {
        uint32_t size = 1 + (at * 7919u) % 1460u;

        if (size > end - at)
            size = end - at;
        if (size > stop_after - (at - range->first))
            size = stop_after - (at - range->first);
        enum lcm_err err = lcm_install_write(install, image_b + at, size);
        if (err != LCM_OK)
            return err;
        deliver_note(delivery, at, at + size);
        at += size;
    }
    return LCM_OK;
}

static enum lcm_err install_next_range(struct lcm_install *install, struct lcm_install_range *range)
{
    uint32_t present = 0;

    for (uint32_t i = 0; i < STEPS_MAX; i++) {
        enum lcm_err err = lcm_install_next(install, range);
        assert_in_range(lcm_install_bytes_present(install), present, manifest_b.image_size);
        present = lcm_install_bytes_present(install); /* progress never goes back */
        if (err != LCM_PENDING)
            return err;
    }
    fail_msg("lcm_install_next never ends");
    return LCM_PENDING;
}

static enum lcm_err install_run(struct lcm_install *install, struct delivery *delivery)
{
    struct lcm_install_range range;
    enum lcm_err err = lcm_install_init(install, &flash.port, LCM_REGION_SLOT0, &manifest_b, work);

    while (err == LCM_OK) {
        err = install_next_range(install, &range);
        if (err != LCM_OK || range.size == 0)
            return err;
        memset(work, 0xA5, sizeof(work)); /* a handshake used it */
        err = deliver_range(install, delivery, &range, UINT32_MAX);
    }
    return err;
}

static uint32_t total_erases(void)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < LCM_FLASH_SIZE / SECTOR; i++)
        sum += flash.erases[i];
    return sum;
}

static bool slot_is(const uint8_t *image, uint32_t size)
{
    return memcmp(flash.data + LCM_SLOT0_ADDR, image, size) == 0;
}

/* No byte outside the sectors of an image of `size` bytes may differ from 0xFF. */
static void assert_rest_untouched(uint32_t size)
{
    uint32_t end = LCM_SLOT0_ADDR + (size + SECTOR - 1) / SECTOR * SECTOR;

    for (uint32_t i = 0; i < LCM_SLOT0_ADDR; i++)
        assert_int_equal(flash.data[i], 0xFF);
    for (uint32_t i = end; i < LCM_FLASH_SIZE; i++)
        assert_int_equal(flash.data[i], 0xFF);
}

static void prepare(uint32_t size, uint64_t seed)
{
    ram_flash_init(&flash);
    update_image_make(image_b, size, seed);
    update_manifest_make(&manifest_b, image_b, size);
}

/* ---- plain runs ---- */

static void install_and_check(uint32_t size)
{
    struct lcm_install install;
    struct delivery delivery = {{0}, 0};
    struct lcm_image image;
    uint32_t sectors = (size + SECTOR - 1) / SECTOR;

    prepare(size, size);
    assert_int_equal(install_run(&install, &delivery), LCM_OK);
    assert_true(slot_is(image_b, size));
    assert_rest_untouched(size);
    assert_int_equal(lcm_image_check(&flash.port, LCM_SLOT0_ADDR, SLOT_MAX, &image), LCM_OK);
    for (uint32_t i = 0; i < sectors; i++)
        assert_int_equal(delivery.count[i], 1);
    assert_int_equal(total_erases(), sectors);
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
    prepare(SLOT_MAX, 1);
    manifest_b.image_size = SLOT_MAX + 1;
    assert_int_equal(lcm_install_init(&install, &flash.port, LCM_REGION_SLOT0, &manifest_b, work),
                     LCM_ERR_TOO_LARGE);
    manifest_b.image_size = LCM_SLOT1_IMAGE_SIZE_MAX + 1;
    assert_int_equal(lcm_install_init(&install, &flash.port, LCM_REGION_SLOT1, &manifest_b, work),
                     LCM_ERR_TOO_LARGE);
    manifest_b.image_size = LCM_IMAGE_HEADER_SIZE - 1;
    assert_int_equal(lcm_install_init(&install, &flash.port, LCM_REGION_SLOT0, &manifest_b, work),
                     LCM_ERR_IMAGE);
    assert_int_equal(flash.operations, 0);
}

static void test_nothing_to_do(void **state)
{
    struct lcm_install install;
    struct delivery delivery = {{0}, 0};

    (void)state;
    prepare(5 * SECTOR + 77, 3);
    update_flash_put(&flash, LCM_SLOT0_ADDR, image_b, manifest_b.image_size);
    assert_int_equal(install_run(&install, &delivery), LCM_OK);
    assert_int_equal(flash.operations, 0);
    assert_int_equal(delivery.ranges, 0);
    assert_int_equal(install.counters.sectors_matching, 6);
}

/* An image that ends early leaves the tail of a longer one behind it alone. */
static void test_shorter_image_leaves_the_tail(void **state)
{
    struct lcm_install install;
    struct delivery delivery = {{0}, 0};

    (void)state;
    prepare(2 * SECTOR + 100, 4);
    update_image_make(image_a, 6 * SECTOR, 5);
    update_flash_put(&flash, LCM_SLOT0_ADDR, image_a, 6 * SECTOR);
    assert_int_equal(install_run(&install, &delivery), LCM_OK);
    assert_true(slot_is(image_b, manifest_b.image_size));
    assert_memory_equal(flash.data + LCM_SLOT0_ADDR + 3 * SECTOR, image_a + 3 * SECTOR, 3 * SECTOR);
    assert_int_equal(total_erases(), 3);
}

/* Repair: one damaged byte anywhere costs that sector, and sector 0 (its header was
 * taken away meanwhile), nothing else. */
static void test_repair_every_sector(void **state)
{
    (void)state;
    for (uint32_t bad = 0; bad < 6; bad++) {
        struct lcm_install install;
        struct delivery delivery = {{0}, 0};

        prepare(5 * SECTOR + 500, 6);
        update_flash_put(&flash, LCM_SLOT0_ADDR, image_b, manifest_b.image_size);
        flash.data[LCM_SLOT0_ADDR + bad * SECTOR + 300] ^= 0x10;
        assert_int_equal(install_run(&install, &delivery), LCM_OK);
        assert_true(slot_is(image_b, manifest_b.image_size));
        for (uint32_t i = 0; i < 6; i++)
            assert_int_equal(delivery.count[i], i == bad || i == 0 ? 1 : 0);
        assert_int_equal(total_erases(), bad == 0 ? 1 : 2);
    }
}

/* A few changed sectors of an update are all that is fetched and erased. */
static void test_only_changed_sectors(void **state)
{
    struct lcm_install install;
    struct delivery delivery = {{0}, 0};

    (void)state;
    prepare(20 * SECTOR, 7);
    update_flash_put(&flash, LCM_SLOT0_ADDR, image_b, manifest_b.image_size);
    flash.data[LCM_SLOT0_ADDR + 20] ^= 1;
    flash.data[LCM_SLOT0_ADDR + 4 * SECTOR] ^= 1;
    flash.data[LCM_SLOT0_ADDR + 5 * SECTOR + 9] ^= 1;
    flash.data[LCM_SLOT0_ADDR + 19 * SECTOR + 4095] ^= 1;
    assert_int_equal(install_run(&install, &delivery), LCM_OK);
    assert_true(slot_is(image_b, manifest_b.image_size));
    assert_int_equal(total_erases(), 4);
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
    prepare(60 * SECTOR, 8);
    plain_read = flash.port.read;
    flash.port.read = counting_read;
    assert_int_equal(lcm_install_init(&install, &flash.port, LCM_REGION_SLOT0, &manifest_b, work),
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

        prepare(size, 9);
        assert_int_equal(
            lcm_install_init(&install, &flash.port, LCM_REGION_SLOT0, &manifest_b, work), LCM_OK);
        for (uint32_t turns = 0; turns < 10; turns++) {
            assert_int_equal(install_next_range(&install, &range), LCM_OK);
            if (range.size == 0)
                break;
            assert_int_equal(deliver_range(&install, &delivery, &range, budget), LCM_OK);
            budget = budget > range.size ? budget - range.size : UINT32_MAX;
        }
        assert_int_equal(range.size, 0);
        assert_true(slot_is(image_b, size));
        assert_int_equal(total_erases(), 4);
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

        prepare(2 * SECTOR + 333, 10);
        image_b[bad * SECTOR + 200] ^= 0x40; /* behind the back of the manifest */
        assert_int_equal(install_run(&install, &delivery), LCM_ERR_CORRUPT);
        assert_int_equal(flash.erases[LCM_SLOT0_ADDR / SECTOR + bad], 0);
        image_b[bad * SECTOR + 200] ^= 0x40;
        /* The same engine goes on with good bytes. */
        struct lcm_install_range range;
        for (uint32_t turns = 0; turns < 4; turns++) {
            assert_int_equal(install_next_range(&install, &range), LCM_OK);
            if (range.size > 0)
                assert_int_equal(deliver_range(&install, &delivery, &range, UINT32_MAX), LCM_OK);
        }
        assert_true(slot_is(image_b, manifest_b.image_size));
        assert_int_equal(total_erases(), 3);
    }
}

static void test_too_many_bytes(void **state)
{
    struct lcm_install install;
    struct lcm_install_range range;

    (void)state;
    prepare(2 * SECTOR + 10, 11);
    assert_int_equal(lcm_install_init(&install, &flash.port, LCM_REGION_SLOT0, &manifest_b, work),
                     LCM_OK);
    assert_int_equal(lcm_install_write(&install, image_b, 1), LCM_ERR_TOO_LONG);
    assert_int_equal(install_next_range(&install, &range), LCM_OK);
    assert_int_equal(range.first + range.size, manifest_b.image_size);
    assert_int_equal(lcm_install_write(&install, image_b + SECTOR, range.size), LCM_OK);
    assert_int_equal(lcm_install_write(&install, image_b, 1), LCM_ERR_TOO_LONG);
    assert_int_equal(install_next_range(&install, &range), LCM_OK);
    assert_int_equal(range.size, SECTOR);
    assert_int_equal(lcm_install_write(&install, image_b, SECTOR + 1), LCM_ERR_TOO_LONG);
    assert_int_equal(flash.erases[LCM_SLOT0_ADDR / SECTOR], 0);
    assert_int_equal(install_next_range(&install, &range), LCM_OK);
    assert_int_equal(range.size, 0);
    assert_true(slot_is(image_b, manifest_b.image_size));
    assert_int_equal(lcm_install_write(&install, image_b, 1), LCM_ERR_TOO_LONG);
}

/* Nothing good has arrived yet: the old app still boots. */
static void test_old_image_stays_until_a_good_sector(void **state)
{
    struct lcm_install install;
    struct lcm_install_range range;
    struct lcm_image image;

    (void)state;
    prepare(3 * SECTOR, 16);
    update_image_make(image_a, 2 * SECTOR, 17);
    update_flash_put(&flash, LCM_SLOT0_ADDR, image_a, 2 * SECTOR);
    assert_int_equal(lcm_install_init(&install, &flash.port, LCM_REGION_SLOT0, &manifest_b, work),
                     LCM_OK);
    assert_int_equal(install_next_range(&install, &range), LCM_OK);
    assert_int_equal(lcm_install_write(&install, image_b + SECTOR, SECTOR - 1), LCM_OK);
    assert_int_equal(lcm_install_write(&install, image_b, 1), LCM_ERR_CORRUPT);
    assert_int_equal(flash.operations, 0);
    assert_int_equal(install_next_range(&install, &range), LCM_OK);
    assert_int_equal(lcm_install_write(&install, image_b + SECTOR, SECTOR), LCM_OK);
    assert_int_equal(lcm_image_check(&flash.port, LCM_SLOT0_ADDR, SLOT_MAX, &image), LCM_ERR_IMAGE);
}

/* Every sector hash is right, the whole is not: the slot must not become bootable. */
static void test_wrong_whole_hash(void **state)
{
    struct lcm_install install;
    struct lcm_install_range range;
    struct delivery delivery = {{0}, 0};

    (void)state;
    prepare(2 * SECTOR + 333, 12);
    manifest_b.sha256[31] ^= 1;
    assert_int_equal(install_run(&install, &delivery), LCM_ERR_CORRUPT);
    assert_int_equal(flash.data[LCM_SLOT0_ADDR], 0);
    assert_int_equal(flash.erases[LCM_SLOT0_ADDR / SECTOR], 0);
    assert_int_equal(install_next_range(&install, &range), LCM_ERR_CORRUPT);
}

/* ---- power cuts ---- */

static const enum ram_flash_cut cut_kinds[] = {RAM_FLASH_CUT_BEFORE, RAM_FLASH_CUT_TORN,
                                               RAM_FLASH_CUT_RANDOM, RAM_FLASH_CUT_AFTER};
#define CUT_KINDS (sizeof(cut_kinds) / sizeof(cut_kinds[0]))

/* Bytes 2..11 of a v2 header are not looked at by anybody who boots it; random bits of a
 * torn header may differ there. */
static bool slot_boots_as(const uint8_t *image, uint32_t size)
{
    return memcmp(flash.data + LCM_SLOT0_ADDR, image, 2) == 0 &&
           memcmp(flash.data + LCM_SLOT0_ADDR + 12, image + 12, size - 12) == 0;
}

struct cut_case {
    uint32_t size_a; /* 0 = blank */
    uint32_t size_b;
};

static void assert_no_mixture(const struct cut_case *cut_case)
{
    struct lcm_image image;

    if (lcm_image_check(&flash.port, LCM_SLOT0_ADDR, SLOT_MAX, &image) != LCM_OK)
        return;
    if (cut_case->size_a > 0 && slot_boots_as(image_a, cut_case->size_a))
        return;
    assert_true(slot_boots_as(image_b, cut_case->size_b));
}

static void cut_restart(enum ram_flash_cut kind, uint32_t at)
{
    ram_flash_restore_power(&flash);
    flash.cut = kind;
    flash.cut_at = at;
}

static void snapshot_save(void)
{
    memcpy(snapshot, flash.data + LCM_SLOT0_ADDR, sizeof(snapshot));
}

static void snapshot_load(void)
{
    memcpy(flash.data + LCM_SLOT0_ADDR, snapshot, sizeof(snapshot));
}

static uint32_t fetched_again(const struct delivery *delivery)
{
    uint32_t again = 0;

    for (uint32_t i = 0; i < manifest_b.sector_count; i++)
        again += delivery->count[i] > 1 ? delivery->count[i] - 1 : 0;
    return again;
}

/* Power is back for good: the installation ends well. */
static void assert_resumes(struct delivery *delivery, uint32_t again_max)
{
    struct lcm_install install;

    cut_restart(RAM_FLASH_NO_CUT, 0);
    assert_int_equal(install_run(&install, delivery), LCM_OK);
    assert_true(slot_is(image_b, manifest_b.image_size));
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
            enum lcm_err err = install_run(&install, &delivery);
            if (!flash.is_off) {
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
    prepare(cut_case->size_b, 14);
    flash.random = cut_seed;
    if (cut_case->size_a > 0) {
        update_image_make(image_a, cut_case->size_a, 13);
        update_flash_put(&flash, LCM_SLOT0_ADDR, image_a, cut_case->size_a);
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
            enum lcm_err err = install_run(&install, &delivery);
            if (!flash.is_off) {
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

/* A slot whose content is garbage in every sector, with a header that looks fine. */
static void test_from_torn_content(void **state)
{
    uint64_t random = cut_seed;
    struct lcm_install install;
    struct delivery delivery = {{0}, 0};

    (void)state;
    prepare(6 * SECTOR + 48, 15);
    for (uint32_t i = 0; i < 7 * SECTOR; i++)
        flash.data[LCM_SLOT0_ADDR + i] = (uint8_t)ram_flash_random(&random);
    update_flash_put(&flash, LCM_SLOT0_ADDR, image_b, 3 * SECTOR);
    assert_int_equal(install_run(&install, &delivery), LCM_OK);
    assert_true(slot_is(image_b, manifest_b.image_size));
    assert_int_equal(total_erases(), 5); /* 3..6, and 0 for its header */
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
        cmocka_unit_test(test_cut_everywhere),
        cmocka_unit_test(test_cut_twice),
        cmocka_unit_test(test_from_torn_content),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
