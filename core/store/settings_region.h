/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two regions of the settings area and their headers (docs/SPEC.md section 4). Used by the
 * files settings_*.c only. A region becomes active by its last one-word program, the magic.
 */
#ifndef LCM_STORE_SETTINGS_REGION_H
#define LCM_STORE_SETTINGS_REGION_H

#include <stdbool.h>
#include <stdint.h>

#include "lcm/err.h"
#include "lcm/flash.h"
#include "lcm/layout.h"

#define LCM_SETTINGS_REGION_COUNT 2u
#define LCM_SETTINGS_REGION_SIZE LCM_SECTOR_SIZE
#define LCM_SETTINGS_REGION_HEADER_SIZE 8u
/* Four blank bytes stay at the end: the stock reader looks for 0xFFFF there
 * without checking that the region goes on. */
#define LCM_SETTINGS_REGION_TAIL_SIZE 4u

struct lcm_settings_region_header {
    bool is_valid;
    bool is_active;
};

/* Address of region 0 or 1, and the other way round. */
uint32_t lcm_settings_region_addr(uint32_t index);
uint32_t lcm_settings_region_index(uint32_t region_addr);

/* Program inside the area, through the address guard. */
LCM_MUST_CHECK enum lcm_err lcm_settings_region_program(const struct lcm_flash *flash,
                                                        uint32_t addr, const void *src,
                                                        uint32_t size);

LCM_MUST_CHECK enum lcm_err
lcm_settings_region_load_header(const struct lcm_flash *flash, uint32_t index,
                                struct lcm_settings_region_header *header);

/* The word that makes a region valid; again when it may be half written. LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_settings_region_write_magic(const struct lcm_flash *flash,
                                                            uint32_t index);

/* Header of a region that has none. The magic goes last: a cut before it leaves no header at all.
 */
LCM_MUST_CHECK enum lcm_err lcm_settings_region_write_header(const struct lcm_flash *flash,
                                                             uint32_t index, bool is_active);

LCM_MUST_CHECK enum lcm_err lcm_settings_region_clear_active(const struct lcm_flash *flash,
                                                             uint32_t index);

/* Erase a region. Its magic is broken first, because an erase that is cut short may
 * leave any bit set, the active flag included. */
LCM_MUST_CHECK enum lcm_err lcm_settings_region_wipe(const struct lcm_flash *flash, uint32_t index);

#endif
