/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exhaustive power-cut test: cuts the power at every write operation of a call, in
 * every way of tearing below, and cuts it again at every operation of the repair
 * that follows.
 *
 * Ways of tearing: before, front half, back half, each bit on its own (a program has
 * cleared, an erase has set any part of the bits), after.
 */
#ifndef LCM_TESTS_POWER_CUT_H
#define LCM_TESTS_POWER_CUT_H

#include <stdbool.h>
#include <stdint.h>

#include "lcm/flash.h"

#define POWER_CUT_WINDOWS 2u
#define POWER_CUT_WINDOW_MAX 0x8000u /* bytes */

/* Range of flash that the code under test writes. */
struct power_cut_window {
    uint32_t addr;
    uint32_t size; /* at most POWER_CUT_WINDOW_MAX; 0 = unused */
};

struct power_cut_test {
    const char *name;
    struct power_cut_window window[POWER_CUT_WINDOWS];
    /* Bring the blank range into the state before the call. */
    void (*prepare)(const struct lcm_flash *flash);
    /* The call under test. Its result is ignored once the power is cut. */
    enum lcm_err (*operate)(const struct lcm_flash *flash);
    /* Optional: NULL when what others see before any repair is right, else what is
     * wrong. Must not write. */
    const char *(*glance)(const struct lcm_flash *flash);
    /* What runs after every start. */
    enum lcm_err (*repair)(const struct lcm_flash *flash);
    /* NULL when the state is right, else what is wrong. is_done: operate ended
     * without a cut. May write. */
    const char *(*check)(const struct lcm_flash *flash, bool is_done);
};

/* Run it; fails the cmocka test at the first wrong state and says where it was cut.
 * Returns how many combinations of cuts were tried. */
uint32_t power_cut_run(const struct power_cut_test *test, uint32_t seed);

/*
 * The same with reads: each read of the call fails once and yields random bytes; then repair and
 * check run on a flash that works (is_done: the call returned LCM_OK). The call may return LCM_OK
 * or LCM_ERR_FLASH. Returns how many failures it did not report.
 */
uint32_t read_fault_run(const struct power_cut_test *test, uint32_t seed);

#endif
