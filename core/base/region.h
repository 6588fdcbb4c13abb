/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The address guard: the only way core erases or programs flash.
 *
 * A caller names the region it means to write. The guard refuses anything that
 * is not wholly inside that region, so a wrong length or address can never
 * reach a neighbour: not the other slot, not the settings, not the boot program,
 * not the vendor's radio data. Program verifies by reading back.
 */
#ifndef LCM_BASE_REGION_H
#define LCM_BASE_REGION_H

#include <stdint.h>

#include "lcm/err.h"
#include "lcm/flash.h"

enum lcm_region {
    LCM_REGION_BOOT,     /* sector 0 */
    LCM_REGION_BOOTCONF, /* rBoot config and power-cycle marks */
    LCM_REGION_SLOT0,    /* app or otaboot, without the apps' own sector 0x8C000 */
    LCM_REGION_SLOT1,    /* otamain */
    LCM_REGION_SCRATCH,  /* two sectors for in-place work */
    LCM_REGION_SETTINGS,
    LCM_REGION_TRUST,
    LCM_REGION_STATE,
    LCM_REGION_APP_DATA, /* 0x8C000: erased by factory reset only */
    LCM_REGION_RADIO,    /* 0xFC000: erased by factory reset only */
    LCM_REGION_CODE,     /* set-up code */
    LCM_REGION_COUNT
};

/* First address and size in bytes of a region. */
uint32_t lcm_region_addr(enum lcm_region region);
uint32_t lcm_region_size(enum lcm_region region);

/* LCM_OK when [addr, addr + size) lies inside the region, else LCM_ERR_GUARD. */
LCM_MUST_CHECK enum lcm_err lcm_region_check(enum lcm_region region, uint32_t addr, uint32_t size);

/* Erase one sector and verify that it reads 0xFF. LCM_ERR_GUARD (nothing done) or LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_region_erase(const struct lcm_flash *flash, enum lcm_region region,
                                             uint32_t addr);

/* Program and verify by reading back. LCM_ERR_GUARD (nothing done) or LCM_ERR_FLASH
 * (the range then holds a mix). */
LCM_MUST_CHECK enum lcm_err lcm_region_program(const struct lcm_flash *flash,
                                               enum lcm_region region, uint32_t addr,
                                               const void *src, uint32_t size);

/* LCM_OK when the range on flash equals the bytes; LCM_ERR_CORRUPT when it differs. */
LCM_MUST_CHECK enum lcm_err lcm_flash_compare(const struct lcm_flash *flash, uint32_t addr,
                                              const void *bytes, uint32_t size);

#endif
