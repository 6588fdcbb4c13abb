/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sectors of an image as its manifest describes them: size, and whether a sector
 * on flash or in memory has the signed hash. Reads only.
 */
#ifndef LCM_UPDATE_SECTORS_H
#define LCM_UPDATE_SECTORS_H

#include <stdbool.h>
#include <stdint.h>

#include <bearssl.h>

#include "core/trust/manifest.h"
#include "lcm/flash.h"

/* Bytes of a sector: LCM_SECTOR_SIZE, or what is left in the last one. */
uint32_t lcm_sector_size(const struct lcm_manifest *manifest, uint32_t sector);

/* Feed one sector of the slot at slot_addr to a hash. LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_sector_hash(const struct lcm_flash *flash, uint32_t slot_addr,
                                            const struct lcm_manifest *manifest, uint32_t sector,
                                            br_sha256_context *hash);

/* Does the sector on flash have its signed hash? *matches only on LCM_OK; LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_sector_check(const struct lcm_flash *flash, uint32_t slot_addr,
                                             const struct lcm_manifest *manifest, uint32_t sector,
                                             bool *matches);

/* Do these lcm_sector_size bytes have the signed hash? */
bool lcm_sector_matches(const struct lcm_manifest *manifest, uint32_t sector, const uint8_t *bytes);

#endif
