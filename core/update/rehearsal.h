/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rehearsal: look before you leap.
 *
 * One slot cannot hold the old app and the new one, so installing destroys the old
 * one before the new one is complete. Whatever is wrong with a release, a truncated
 * upload, a tampered image, a host that breaks off, must show before that moment.
 * So, when an app that works is at stake, everything the installation will need is
 * downloaded once and judged, sector by sector and as a whole, without writing
 * anything. Only then the sector engine starts. docs/decisions/0002.
 *
 * Used like the sector engine: lcm_rehearsal_next gives ranges, bytes come back
 * through lcm_rehearsal_write.
 */
#ifndef LCM_UPDATE_REHEARSAL_H
#define LCM_UPDATE_REHEARSAL_H

#include <stdbool.h>
#include <stdint.h>

#include <bearssl.h>

#include "core/trust/manifest.h"
#include "core/update/install.h"
#include "lcm/flash.h"

struct lcm_rehearsal {
    const struct lcm_flash *flash;
    const struct lcm_manifest *manifest;
    uint8_t *work; /* LCM_SECTOR_SIZE bytes, the caller's */
    uint32_t slot_addr;
    uint32_t sector;        /* next to look at */
    uint32_t run_end;       /* one past the last sector of the range on its way */
    uint32_t fill;          /* bytes of the current sector in work */
    bool is_extending;      /* looking for the end of a run of wrong sectors */
    br_sha256_context hash; /* of the whole image so far */
};

/* Prepare; nothing is read yet. As lcm_install_init. */
LCM_MUST_CHECK enum lcm_err lcm_rehearsal_init(struct lcm_rehearsal *rehearsal,
                                               const struct lcm_flash *flash,
                                               enum lcm_region region,
                                               const struct lcm_manifest *manifest, uint8_t *work);

/* LCM_PENDING while looking at sectors (two reads of one a call at most); LCM_OK with the next
 * range, or with size 0 when the whole image is proven; LCM_ERR_CORRUPT when it cannot become what
 * the manifest says; LCM_ERR_FLASH. Call it again after a broken transfer, too. */
LCM_MUST_CHECK enum lcm_err lcm_rehearsal_next(struct lcm_rehearsal *rehearsal,
                                               struct lcm_install_range *range);

/* Judge bytes of the range on its way. LCM_ERR_CORRUPT, LCM_ERR_TOO_LONG. */
LCM_MUST_CHECK enum lcm_err lcm_rehearsal_write(struct lcm_rehearsal *rehearsal,
                                                const uint8_t *bytes, size_t size);

/* Image bytes judged so far, for a progress bar. */
uint32_t lcm_rehearsal_bytes_judged(const struct lcm_rehearsal *rehearsal);

#endif
