/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sector engine at work on a flash in memory: an image to install and a fetcher that
 * delivers it and counts sectors. One bench per test program. Unexpected results fail
 * the test.
 */
#ifndef LCM_TESTS_INSTALL_BENCH_H
#define LCM_TESTS_INSTALL_BENCH_H

#include <stdbool.h>
#include <stdint.h>

#include "core/update/install.h"
#include "tests/lib/update_fixture.h"

/* Whole sectors that were delivered, over any number of runs. */
struct delivery {
    uint32_t count[LCM_IMAGE_SECTORS_MAX];
    uint32_t ranges;
};

extern struct ram_flash bench_flash;
extern uint8_t bench_work[LCM_SECTOR_SIZE];
extern uint8_t bench_image_a[LCM_SLOT0_IMAGE_SIZE_MAX]; /* what may be in the slot before */
extern uint8_t bench_image_b[LCM_SLOT0_IMAGE_SIZE_MAX]; /* what is installed */
extern struct lcm_manifest bench_manifest_b;

/* Blank flash; image b and its manifest. */
void bench_prepare(uint32_t size, uint64_t seed);

/* Call lcm_install_next until it gives a range or a result. */
enum lcm_err bench_install_next_range(struct lcm_install *install, struct lcm_install_range *range);

/* Deliver a range of image b in pieces of uneven size; stop_after bytes = broken transfer. */
enum lcm_err bench_deliver_range(struct lcm_install *install, struct delivery *delivery,
                                 const struct lcm_install_range *range, uint32_t stop_after);

/* A whole installation of image b into slot 0, up to its end or the first error. */
enum lcm_err bench_install_run(struct lcm_install *install, struct delivery *delivery);

/* Sector erases so far. */
uint32_t bench_total_erases(void);

/* Does slot 0 begin with these bytes? */
bool bench_slot_is(const uint8_t *image, uint32_t size);

#endif
