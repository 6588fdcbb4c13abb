// SPDX-License-Identifier: Apache-2.0
/* Cycles to milliseconds; the remainder is carried along, so that nothing is lost. */
#include "port/lx106/clock.h"

void lx106_clock_init(struct lx106_clock *clock, uint32_t cycles_per_ms)
{
    *clock = (struct lx106_clock){.cycles_per_ms = cycles_per_ms, .last_ccount = lx106_ccount()};
}

uint64_t lx106_clock_now_ms(void *context)
{
    struct lx106_clock *clock = context;
    uint32_t now = lx106_ccount();
    uint32_t passed = now - clock->last_ccount;

    clock->last_ccount = now;
    clock->now_ms += passed / clock->cycles_per_ms;
    clock->cycles += passed % clock->cycles_per_ms;
    if (clock->cycles >= clock->cycles_per_ms) {
        clock->cycles -= clock->cycles_per_ms;
        clock->now_ms++;
    }
    return clock->now_ms;
}
