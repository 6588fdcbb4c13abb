/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rewriting the sector 0x1000 of the boot program (docs/SPEC.md section 6) without
 * a moment in which a power cut loses it. Below bootconf.h and power.h; other code
 * uses those.
 */
#ifndef LCM_STORE_BOOTSECTOR_H
#define LCM_STORE_BOOTSECTOR_H

#include <stdint.h>

#include "lcm/err.h"
#include "lcm/flash.h"

#define LCM_BOOTSECTOR_HEAD_SIZE 32u     /* bytes in front of the marks: config and spare */
#define LCM_BOOTSECTOR_MARKS_SIZE 0x7F0u /* bytes of one field of marks */
#define LCM_BOOTSECTOR_PENDING_MAX 31u   /* short cycles a fresh field can begin with */

/*
 * Erase the sector and write head plus a fresh field of marks that says `pending`
 * (more than 31 count as 31) short cycles. What is to be written is staged in scratch
 * sector 0xF6000 first. LCM_ERR_FLASH: the sector is as before, or is finished by
 * lcm_bootsector_recover.
 */
LCM_MUST_CHECK enum lcm_err lcm_bootsector_rewrite(const struct lcm_flash *flash,
                                                   const uint8_t head[LCM_BOOTSECTOR_HEAD_SIZE],
                                                   uint32_t pending);

/* Finish a rewrite that a power cut interrupted; cheap when there is none. Call
 * before the sector or the scratch sectors are used. LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_bootsector_recover(const struct lcm_flash *flash);

#endif
