/* SPDX-License-Identifier: Apache-2.0 */
/* The system port: RTC memory, MAC address, watchdog, CPU clock, reset. */
#ifndef LCM_PORT_LX106_SYSTEM_H
#define LCM_PORT_LX106_SYSTEM_H

#include "lcm/ports.h"

extern const struct lcm_system lx106_system;

/* Start the hardware watchdog (about 8 s), or stop the one the ROM left running. */
void lx106_watchdog_start(void);

/* CPU at 160 MHz (true) or 80 MHz. */
void lx106_cpu_set_fast(bool is_fast);

_Noreturn void lx106_reset(void);

#endif
