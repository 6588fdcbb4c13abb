/* SPDX-License-Identifier: Apache-2.0 */
/* The ports of the boot program: flash, RTC memory and LED over ROM functions and registers. */
#ifndef LCM_BOOT_LX106_CHIP_H
#define LCM_BOOT_LX106_CHIP_H

#include "core/store/bootconf.h"
#include "lcm/flash.h"
#include "lcm/ports.h"

extern const struct lcm_flash boot_flash;
extern const struct lcm_system boot_system; /* RTC memory only */

/* Make the pin an output and light the LED; and give the pin back. */
void boot_led_on(const struct lcm_led *led);
void boot_led_off(const struct lcm_led *led);

#endif
