/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Flash port: raw NOR flash, addressed from 0.
 *
 * NOR rules: erase sets a whole sector to 0xFF; program can only clear bits.
 * Programming a bit from 0 to 1 is a bug in the caller; a port may ignore or
 * abort, but may not erase. Core never calls these directly: erase and program
 * go through lcm_region_* (core/base/region.h), which checks who may write where.
 *
 * Every function returns LCM_OK or LCM_ERR_FLASH. After an error the touched
 * range holds any mix of old and new bytes. Calls block for one operation
 * (a sector erase takes up to 400 ms on real parts) and are never re-entered.
 */
#ifndef LCM_FLASH_H
#define LCM_FLASH_H

#include <stdint.h>

#include "lcm/err.h"

struct lcm_flash {
    uint32_t size;        /* bytes, a multiple of sector_size */
    uint32_t sector_size; /* bytes; LCM_SECTOR_SIZE */
    void *context;

    /* Copy size bytes at addr to dst. Any alignment; addr + size <= flash size. */
    enum lcm_err (*read)(void *context, uint32_t addr, void *dst, uint32_t size);

    /* Program size bytes at addr. Any alignment: a port that can only program
     * words pads with 0xFF, which leaves the neighbours as they are. */
    enum lcm_err (*program)(void *context, uint32_t addr, const void *src, uint32_t size);

    /* Erase the sector that starts at addr (a multiple of sector_size). */
    enum lcm_err (*erase)(void *context, uint32_t addr);
};

#endif
