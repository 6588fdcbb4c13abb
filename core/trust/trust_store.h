/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The two trust sectors on flash (LCM_TRUST_A_ADDR, LCM_TRUST_B_ADDR): which one is
 * in force, and how a successor takes over without a moment without trust.
 *
 * Byte 0 of a sector is its state, and states only clear bits:
 *     0xFF pending -> 0x4C active -> 0x00 retired
 * A cut can leave bits between two states. A byte that still has all bits of 0x4C is
 * not yet active (pending); one that lost any of them was on its way out (retired).
 *
 * Taking over: erase standby, program bytes 1..4095, read back, activate standby,
 * retire the old one. Until the activation the old sector is active; after it both
 * are, and the higher sequence wins. So one active, valid sector exists at any cut.
 *
 * Which sector is in force (lcm_trust_store_open): the active one; of two, the one
 * with the higher sequence. A pending sector counts only when no active sector is
 * valid. That is safe because this module writes a pending sector only after
 * lcm_trust_verify_successor accepted it, and nothing else may write this region.
 * A retired sector never comes back.
 */
#ifndef LCM_TRUST_STORE_H
#define LCM_TRUST_STORE_H

#include <stdint.h>

#include "core/trust/sector.h"
#include "lcm/err.h"
#include "lcm/flash.h"
#include "lcm/layout.h"

/* Filled by open, install_first and accept; the caller owns it. */
struct lcm_trust_store {
    const struct lcm_flash *flash;
    uint32_t addr; /* of the sector in force; 0 = none */
};

/*
 * Find the sector in force, verify its signature and decode it into *trust. Finishes
 * what a cut interrupted by programming state bytes (a write that fails here is tried
 * again at the next open); never erases. work holds LCM_TRUST_SIZE bytes and is free
 * again afterwards. LCM_ERR_NO_TRUST when no sector is valid, LCM_ERR_FLASH; *trust is
 * written only on LCM_OK. Cost: one P-256 verification, two when one sector is bad.
 */
LCM_MUST_CHECK enum lcm_err lcm_trust_store_open(struct lcm_trust_store *store,
                                                 const struct lcm_flash *flash,
                                                 uint8_t work[LCM_TRUST_SIZE],
                                                 struct lcm_trust *trust);

/* Load the sector in force, byte 0 = "L" as in the published file. LCM_ERR_NO_TRUST
 * when open found none, LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_trust_store_read(const struct lcm_trust_store *store,
                                                 uint8_t file[LCM_TRUST_SIZE]);

/*
 * Put a successor of `active` (the decoded sector in force) in force. The file is
 * verified first: on LCM_ERR_FORMAT, LCM_ERR_CRITICAL_FIELD, LCM_ERR_ROLLBACK,
 * LCM_ERR_KEY_UNKNOWN or LCM_ERR_SIGNATURE nothing is written. LCM_ERR_FLASH: the old
 * sector is still in force. LCM_ERR_NO_TRUST: store is not open. On LCM_OK the new
 * sector is in force, store refers to it and *accepted holds it (accepted == active
 * is allowed). Cost: one or two P-256 verifications, one erase, 4 KiB programmed.
 */
LCM_MUST_CHECK enum lcm_err lcm_trust_store_accept(struct lcm_trust_store *store,
                                                   const struct lcm_trust *active,
                                                   const uint8_t file[LCM_TRUST_SIZE],
                                                   struct lcm_trust *accepted);

/*
 * Put the very first sector in force, for flash images and for devices that have none:
 * the file's own signature is all that is checked, so the caller vouches for the file.
 * LCM_ERR_ARGUMENT when a sector is in force already (use accept; store and *trust then
 * describe that one), LCM_ERR_FORMAT, LCM_ERR_CRITICAL_FIELD, LCM_ERR_SIGNATURE
 * (nothing written) or LCM_ERR_FLASH. work as for open.
 */
LCM_MUST_CHECK enum lcm_err lcm_trust_store_install_first(struct lcm_trust_store *store,
                                                          const struct lcm_flash *flash,
                                                          const uint8_t file[LCM_TRUST_SIZE],
                                                          uint8_t work[LCM_TRUST_SIZE],
                                                          struct lcm_trust *trust);

#endif
