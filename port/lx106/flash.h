/* SPDX-License-Identifier: Apache-2.0 */
/* The flash port on the mask ROM's SPI functions. Knows nothing of regions: the guard is core's. */
#ifndef LCM_PORT_LX106_FLASH_H
#define LCM_PORT_LX106_FLASH_H

#include "lcm/flash.h"

extern const struct lcm_flash lx106_flash;

#endif
