/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Configuration of the boot program, in the format of rBoot (docs/SPEC.md section 6):
 * which slots there are, which one boots, and the LED that answers power cycles.
 */
#ifndef LCM_STORE_BOOTCONF_H
#define LCM_STORE_BOOTCONF_H

#include <stdbool.h>
#include <stdint.h>

#include "lcm/err.h"
#include "lcm/flash.h"

#define LCM_BOOTCONF_SLOTS_MAX 4u

struct lcm_bootconf {
    uint8_t mode;         /* 0 = standard */
    uint8_t current_slot; /* boots when nothing else is asked for */
    uint8_t gpio_slot;
    uint8_t slot_count; /* 1..4 */
    uint8_t led;        /* lcm_bootconf_led_encode; 0 = none */
    uint32_t slot_addr[LCM_BOOTCONF_SLOTS_MAX];
};

struct lcm_led {
    uint8_t gpio;
    bool is_active_high; /* lit by 1 */
};

/*
 * Read the configuration, finishing an interrupted store first. LCM_ERR_NOT_FOUND:
 * there is none; *config holds the defaults (slots 0x2000 and 0x8D000, slot 0 boots)
 * and nothing was written. LCM_ERR_FLASH: *config holds the defaults.
 */
LCM_MUST_CHECK enum lcm_err lcm_bootconf_load(const struct lcm_flash *flash,
                                              struct lcm_bootconf *config);

/*
 * Store it; no write when it is stored already. The power-cycle marks go on counting
 * where they are. A cut leaves the old or the new one after lcm_bootconf_load.
 * Cost: two sector erases. LCM_ERR_FLASH.
 */
LCM_MUST_CHECK enum lcm_err lcm_bootconf_store(const struct lcm_flash *flash,
                                               const struct lcm_bootconf *config);

/* LED byte for the setting led_pin: gpio, negative = lit by 1. 0 for a pin that the
 * boot program may not use (0, 6..11, above 15). */
uint8_t lcm_bootconf_led_encode(int8_t led_pin);

/* false: the byte names no usable LED; *led is not written. */
bool lcm_bootconf_led_decode(uint8_t byte, struct lcm_led *led);

#endif
