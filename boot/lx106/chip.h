/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of the boot program: flash and RTC memory over ROM functions and registers. */
#ifndef LCM_BOOT_LX106_CHIP_H
#define LCM_BOOT_LX106_CHIP_H

#include "lcm/flash.h"
#include "lcm/ports.h"

extern const struct lcm_flash boot_flash;
extern const struct lcm_system boot_system; /* RTC memory only */

#endif
