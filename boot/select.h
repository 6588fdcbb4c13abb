/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The boot program's one decision: which slot starts.
 *
 *   power cycles > 4            -> slot 1 (updater)
 *   else temporary boot asked   -> the slot asked for, once
 *   else                        -> current slot of the config
 *   chosen image damaged        -> the other slot
 *
 * Life cycle, in each boot: lcm_boot_select, wait out the window that choice->count
 * asks for (LED on), lcm_boot_survived, load and start the image. The code decides
 * and writes its marks; loading, LED and waiting belong to the caller.
 */
#ifndef LCM_BOOT_SELECT_H
#define LCM_BOOT_SELECT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/image/image.h"
#include "lcm/err.h"
#include "lcm/ports.h"

#define LCM_BOOT_USER_CYCLES_MAX 4u /* counts that belong to the app */

struct lcm_boot_choice {
    uint8_t slot;
    uint8_t led;            /* LED byte of the config; lcm_bootconf_led_decode */
    bool is_fallback;       /* the slot that should have started is damaged */
    uint32_t addr;          /* flash address of the slot */
    uint32_t count;         /* power cycles in a row, this one included; 1 after a soft reset */
    struct lcm_image image; /* the checked image at addr */
};

/*
 * Decide. Finishes an interrupted config write, writes a default config when there is
 * none, counts the power cycle when is_power_on (a soft reset does not count, and
 * a power-on has no RTC request), tells the started program through RTC memory what
 * was booted (next_mode 0, temp_rom = count).
 *
 * Flash that cannot be written does not keep a device from booting. LCM_ERR_IMAGE:
 * neither slot holds a bootable image; only led and count of *choice are set, and
 * RTC memory is as before. Cost: reads the RAM segments of one or two images.
 */
LCM_MUST_CHECK enum lcm_err lcm_boot_select(const struct lcm_flash *flash,
                                            const struct lcm_system *system, bool is_power_on,
                                            struct lcm_boot_choice *choice);

/* The window passed: the next power-on counts from 1. LCM_ERR_FLASH (boot anyway). */
LCM_MUST_CHECK enum lcm_err lcm_boot_survived(const struct lcm_flash *flash);

#endif
