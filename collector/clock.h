/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Is the wall clock to be believed? Age decides what is forgotten and who is silent: a clock that
 * jumped must make nothing old. Where it went is believed when it stayed there for an hour.
 * A machine that slept did not jump: the clock to compare with counts sleep.
 */
#ifndef LCM_COLLECTOR_CLOCK_H
#define LCM_COLLECTOR_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define CLOCK_JUMP_MS 3600000   /* less is no jump */
#define CLOCK_SETTLE_MS 3600000 /* a new time is believed after this */
#define CLOCK_STEADY_MS 60000   /* and may wander so far meanwhile */

struct clock_watch {
    int64_t offset_ms;                /* wall clock minus time since boot, as it is believed */
    int64_t other_ms, other_since_ms; /* where it is instead, and since when */
    bool has_jumped;
};

void clock_watch_init(struct clock_watch *watch, int64_t wall_ms, int64_t boot_ms);
/* Look at the clocks; how far the wall clock is off while has_jumped. */
int64_t clock_watch_look(struct clock_watch *watch, int64_t wall_ms, int64_t boot_ms);

#endif
