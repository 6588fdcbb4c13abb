/* SPDX-License-Identifier: Apache-2.0 */
/* Console port (lcm/console.h) of the chip: UART 0 by ROM functions, the LED of the boot
 * configuration. */
#ifndef LCM_PORT_LX106_SERIAL_H
#define LCM_PORT_LX106_SERIAL_H

#include "core/store/bootconf.h"
#include "lcm/console.h"
#include "lcm/flash.h"

struct lx106_serial {
    bool has_led;
    struct lcm_led led;
    struct lcm_console port; /* pass &serial->port; the struct must not move */
};

/* Reads from flash which LED there is. */
void lx106_serial_init(struct lx106_serial *serial, const struct lcm_flash *flash);

#endif
