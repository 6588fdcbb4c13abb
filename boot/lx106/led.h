/* SPDX-License-Identifier: Apache-2.0 */
/* An LED at a pin of the chip. */
#ifndef LCM_BOOT_LX106_LED_H
#define LCM_BOOT_LX106_LED_H

#include "core/store/bootconf.h"

/* Make the pin an output and light the LED; and give the pin back. */
void boot_led_on(const struct lcm_led *led);
void boot_led_off(const struct lcm_led *led);

#endif
