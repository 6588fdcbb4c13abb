// SPDX-License-Identifier: Apache-2.0
/*
 * Stands in for port/lx106/trap.c in the small programs of the boot tests: they install
 * no exception handler, so the emulator itself reports an exception, and end in a halt.
 */
#include "port/lx106/trap.h"

void lx106_trap_init(void)
{
}

void lx106_panic(uint32_t cause, uint32_t address)
{
    (void)cause;
    (void)address;
    for (;;) {
    }
}
