// SPDX-License-Identifier: Apache-2.0
/* Installing on a flash in memory; see the header. */
#include "tests/lib/install_bench.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define SECTOR LCM_SECTOR_SIZE
#define SLOT_MAX LCM_SLOT0_IMAGE_SIZE_MAX
#define STEPS_MAX 4096u

struct ram_flash bench_flash;
uint8_t bench_work[SECTOR];
uint8_t bench_image_a[SLOT_MAX];
uint8_t bench_image_b[SLOT_MAX];
struct lcm_manifest bench_manifest_b;

static void deliver_note(struct delivery *delivery, uint32_t from, uint32_t to)
{
    for (uint32_t at = from; at < to; at++)
        if ((at + 1) % SECTOR == 0 || at + 1 == bench_manifest_b.image_size)
            delivery->count[at / SECTOR]++;
}

/* Fetch a range of bench_image_b in pieces of uneven size; stop_after bytes = broken transfer. */
enum lcm_err bench_deliver_range(struct lcm_install *install, struct delivery *delivery,
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
        enum lcm_err err = lcm_install_write(install, bench_image_b + at, size);
        if (err != LCM_OK)
            return err;
        deliver_note(delivery, at, at + size);
        at += size;
    }
    return LCM_OK;
}

enum lcm_err bench_install_next_range(struct lcm_install *install, struct lcm_install_range *range)
{
    uint32_t present = 0;

    for (uint32_t i = 0; i < STEPS_MAX; i++) {
        enum lcm_err err = lcm_install_next(install, range);
        assert_in_range(lcm_install_bytes_present(install), present, bench_manifest_b.image_size);
        present = lcm_install_bytes_present(install); /* progress never goes back */
        if (err != LCM_PENDING)
            return err;
    }
    fail_msg("lcm_install_next never ends");
    return LCM_PENDING;
}

enum lcm_err bench_install_run(struct lcm_install *install, struct delivery *delivery)
{
    struct lcm_install_range range;
    enum lcm_err err = lcm_install_init(install, &bench_flash.port, LCM_REGION_SLOT0,
                                        &bench_manifest_b, bench_work);

    for (uint32_t turns = 0; err == LCM_OK; turns++) {
        assert_in_range(turns, 0, LCM_IMAGE_SECTORS_MAX);
        err = bench_install_next_range(install, &range);
        if (err != LCM_OK || range.size == 0)
            return err;
        memset(bench_work, 0xA5, sizeof(bench_work)); /* a handshake used it */
        err = bench_deliver_range(install, delivery, &range, UINT32_MAX);
    }
    return err;
}

uint32_t bench_total_erases(void)
{
    uint32_t sum = 0;

    for (uint32_t i = 0; i < LCM_FLASH_SIZE / SECTOR; i++)
        sum += bench_flash.erases[i];
    return sum;
}

bool bench_slot_is(const uint8_t *image, uint32_t size)
{
    return memcmp(bench_flash.data + LCM_SLOT0_ADDR, image, size) == 0;
}

void bench_prepare(uint32_t size, uint64_t seed)
{
    ram_flash_init(&bench_flash);
    update_image_make(bench_image_b, size, seed);
    update_manifest_make(&bench_manifest_b, bench_image_b, size);
}
