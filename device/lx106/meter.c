// SPDX-License-Identifier: Apache-2.0
/* Cycles of steps. On the emulated chip, counting instructions, a cycle is 25 of them. */
#include "device/lx106/meter.h"

#include "port/lx106/clock.h"
#include "port/lx106/rom.h"
#include "port/lx106/stack.h"

void meter_begin_step(struct meter *meter)
{
    meter->step_ccount = lx106_ccount();
}

void meter_end_step(struct meter *meter, bool is_shaking)
{
    uint32_t cycles = lx106_ccount() - meter->step_ccount;

    meter->total_cycles += cycles;
    if (is_shaking) {
        meter->handshake_cycles += cycles;
    } else if (meter->handshake_cycles != 0) {
        ets_printf("  handshake: %u cycles\n", (unsigned)meter->handshake_cycles);
        meter->handshake_cycles = 0;
    }
}

void meter_tell_end(const struct meter *meter)
{
    ets_printf("run: %u kilocycles, stack %u bytes\n", (unsigned)(meter->total_cycles / 1000),
               (unsigned)lx106_stack_used());
}
