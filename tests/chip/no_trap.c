// SPDX-License-Identifier: Apache-2.0
/*
 * Programs of the boot tests leave the ROM's exception vectors in place: the emulator carries out
 * accesses to 0x3FF00000 there. A panic, which only a program that returns could cause, is told.
 */
#include "port/lx106/rom.h"
#include "port/lx106/trap.h"

void lx106_trap_init(void)
{
}

void lx106_panic(uint32_t cause, uint32_t address)
{
    ets_printf("\npanic: cause %u at 0x%08x\n", (unsigned)cause, (unsigned)address);
    software_reset();
    for (;;) {
    }
}
