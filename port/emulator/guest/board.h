/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated chip as a board: all ports of one device, wired. */
#ifndef LCM_PORT_EMULATOR_GUEST_BOARD_H
#define LCM_PORT_EMULATOR_GUEST_BOARD_H

#include "lcm/ports.h"
#include "port/emulator/guest/guest_radio.h"
#include "port/lwip/stack.h"
#include "port/lx106/clock.h"

#define BOARD_CYCLES_PER_MS 40000u /* CCOUNT of the emulator, whatever the CPU's clock */
#define BOARD_LED_PIN 2u           /* lit by 0 */

struct board {
    struct lx106_clock ticks;
    struct guest_radio radio;
    struct lwip_stack stack;
    struct lcm_clock clock;
    struct lcm_ports ports;
};

/* Once, at the start of the program. board must not move. */
void board_init(struct board *board);

/* Nothing to do: wait for at most wait_ms, less when frames may come. */
void board_idle(struct board *board, uint32_t wait_ms);

#endif
