/* SPDX-License-Identifier: Apache-2.0 */
/* The emulated chip as a board: all ports of one device, wired. */
#ifndef LCM_PORT_EMULATOR_GUEST_BOARD_H
#define LCM_PORT_EMULATOR_GUEST_BOARD_H

#include "lcm/ports.h"
#include "port/emulator/guest/guest_air.h"
#include "port/emulator/guest/guest_radio.h"
#include "port/lwip/access_point_port.h"
#include "port/lwip/stack.h"
#include "port/lx106/clock.h"
#include "port/lx106/serial.h"

#define BOARD_CYCLES_PER_MS 40000u /* CCOUNT of the emulator, whatever the CPU's clock */
#define BOARD_LED_PIN 2u           /* lit by 0 */

struct board {
    struct lx106_clock ticks;
    struct guest_radio radio;
    struct lwip_stack stack;
    struct lcm_clock clock;
    struct lcm_ports ports;
};

/* What the board has for set-up, in memory of the caller that is free again afterwards. */
struct board_setup {
    struct guest_air air;
    struct lwip_access_point_port access_point; /* its port: &setup->access_point.port */
    struct lx106_serial serial;                 /* its port: &setup->serial.port */
};

/* Once, at the start of the program. board must not move. */
void board_init(struct board *board);

/* Begin set-up, on a board that is initialised: the ports are there, nothing runs. setup must not
 * move. */
void board_setup_open(struct board *board, struct board_setup *setup);

/* End it: the access point stops. The station's connection stays. */
void board_setup_close(struct board_setup *setup);

/* Nothing to do: wait for at most wait_ms, less when frames may come. */
void board_idle(struct board *board, uint32_t wait_ms);

#endif
