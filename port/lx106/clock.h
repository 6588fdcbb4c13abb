/* SPDX-License-Identifier: Apache-2.0 */
/* Time since the start of the program, counted by the CPU's cycle counter. */
#ifndef LCM_PORT_LX106_CLOCK_H
#define LCM_PORT_LX106_CLOCK_H

#include <stdint.h>

#include "lcm/ports.h"

struct lx106_clock {
    uint32_t cycles_per_ms;
    uint32_t last_ccount;
    uint32_t cycles; /* since the last full millisecond */
    uint64_t now_ms;
};

static inline uint32_t lx106_ccount(void)
{
    uint32_t count;

    __asm__ volatile("rsr.ccount %0" : "=a"(count));
    return count;
}

void lx106_clock_init(struct lx106_clock *clock, uint32_t cycles_per_ms);

/* lcm_clock.now_ms; context is a struct lx106_clock. The counter wraps (27 s at 160 MHz): must be
 * called at least once per wrap. */
uint64_t lx106_clock_now_ms(void *context);

#endif
