/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sector engine: brings a slot to the content a manifest describes.
 *
 * The per-sector hashes of the manifest make the flash its own journal. A sector is
 * done when its content has the right hash, so the same code installs, resumes after
 * a cut, and repairs; sectors that match are neither fetched nor erased.
 *
 * Order, and why no cut can boot a mixture: right before the first erase (a sector has
 * arrived and its hash is right) the mark, the first byte of the slot, is programmed to zero
 * (no erase needed), so the slot is not bootable; a transfer that brings nothing good
 * leaves the slot as it was. Nothing but the mark: with other bits of the header gone, an image
 * whose mark is still there would boot and not be what was signed. Half gone, the mark is never
 * another one: no part of the bits of 0xEA makes 0xE9. Sectors 1.. follow; sector 0 is received
 * last, the SHA-256 of the whole image is checked with sector 0 still in RAM, and only then sector
 * 0 is erased and programmed, its 16 header bytes after the rest, the mark as the very last program
 * operation.
 *
 * A cut in a program operation can leave cells that read right now and wrong later. So when the
 * slot is not bootable at the start (an installation was cut), sectors that match are programmed
 * once more with the bytes they have: no erase, and every cell is 0 or 1 for good.
 *
 * Use: init; then call lcm_install_next until it gives a byte range, fetch that
 * range into lcm_install_write, call lcm_install_next again, and so on until it
 * returns LCM_OK with range->size == 0: the image is complete and verified.
 * A broken transfer needs no clean-up: call lcm_install_next again, it offers what
 * is still missing (at most one sector is fetched twice).
 *
 * The work buffer belongs to the engine during each call, and from the first byte of a range
 * until lcm_install_next offers another; a TLS handshake may use it before that byte arrives.
 */
#ifndef LCM_UPDATE_INSTALL_H
#define LCM_UPDATE_INSTALL_H

#include <stdbool.h>
#include <stdint.h>

#include <bearssl.h>

#include "core/base/region.h"
#include "core/trust/manifest.h"
#include "lcm/flash.h"

#define LCM_IMAGE_HEADER_SIZE 16u       /* what makes a slot bootable: v2 header */
#define LCM_IMAGE_MARK_SIZE 1u          /* its first byte: without it nothing is an image */
#define LCM_INSTALL_RUN_SECTORS_MAX 64u /* sectors asked for in one Range request */

enum lcm_install_phase {
    LCM_INSTALL_SCAN,    /* comparing sectors 1.. with their hashes */
    LCM_INSTALL_EXTEND,  /* how far does the run of wrong sectors go? */
    LCM_INSTALL_RECEIVE, /* a range of sectors 1.. is on its way */
    LCM_INSTALL_FIRST,   /* sector 0 is on its way */
    LCM_INSTALL_HASH,    /* whole image, sector 0 from RAM or flash */
    LCM_INSTALL_COMMIT,  /* sector 0 goes to flash */
    LCM_INSTALL_COMPLETE,
};

/* Bytes [first, first + size) of the image. */
struct lcm_install_range {
    uint32_t first;
    uint32_t size;
};

struct lcm_install_counters {
    uint32_t erases;
    uint32_t sectors_changed;
    uint32_t sectors_matching;
};

struct lcm_install {
    const struct lcm_flash *flash;
    const struct lcm_manifest *manifest;
    uint8_t *work; /* LCM_SECTOR_SIZE bytes, the caller's */
    enum lcm_region region;
    enum lcm_install_phase phase;
    uint32_t slot_addr;
    uint32_t sector;       /* next to scan, receive or hash */
    uint32_t run_end;      /* one past the last sector of the range on its way */
    uint32_t fill;         /* bytes of the current sector in work */
    bool is_first_in_work; /* sector 0 waits in work for the commit */
    bool is_resumed;       /* the slot was not bootable at the start */
    bool is_invalidated;   /* its mark was cleared by this run */
    br_sha256_context hash;
    struct lcm_install_counters counters;
};

/*
 * Prepare. manifest must have passed decode, verify and rules, and must live as
 * long as the engine. Nothing is written. LCM_ERR_TOO_LARGE when the image does not
 * fit the region, LCM_ERR_IMAGE when it is shorter than a header, LCM_ERR_FLASH.
 */
LCM_MUST_CHECK enum lcm_err lcm_install_init(struct lcm_install *install,
                                             const struct lcm_flash *flash, enum lcm_region region,
                                             const struct lcm_manifest *manifest, uint8_t *work);

/*
 * Go on: LCM_PENDING while comparing or hashing (one sector a call); LCM_OK with the
 * next range to fetch, or with size 0 when the image is complete; LCM_ERR_CORRUPT
 * when all sectors match but the whole image does not (a slot that was changed stays
 * not bootable); LCM_ERR_FLASH or LCM_ERR_GUARD.
 */
LCM_MUST_CHECK enum lcm_err lcm_install_next(struct lcm_install *install,
                                             struct lcm_install_range *range);

/*
 * Take bytes of the range on its way. A sector is checked against its signed hash
 * before it is programmed and read back after. LCM_ERR_CORRUPT when the hash is
 * wrong (nothing of that sector is written), LCM_ERR_TOO_LONG for bytes past the range.
 */
LCM_MUST_CHECK enum lcm_err lcm_install_write(struct lcm_install *install, const uint8_t *bytes,
                                              size_t size);

/* Cells of the mark that read at random all read right now and then: three of them once in eight
 * times. */
#define LCM_INSTALL_KEEP_TRIES 256u

/*
 * Make sure that the program in this slot starts again: its mark may have been half written when
 * power went; it is written once more. Cost: one program of one byte. LCM_ERR_IMAGE: there is no
 * mark, nothing was written. LCM_ERR_FLASH: or the mark had begun to go, which only an erase heals.
 */
LCM_MUST_CHECK enum lcm_err lcm_install_keep_slot(const struct lcm_flash *flash,
                                                  enum lcm_region region);

/* The program in this slot starts no more: its mark is programmed to zero, which needs no erase.
 * Before the first erase in a slot, so that no part of a program is left that starts.
 * LCM_ERR_FLASH.
 */
LCM_MUST_CHECK enum lcm_err lcm_install_end_slot(const struct lcm_flash *flash,
                                                 enum lcm_region region);

/* Image bytes that are in place or wait in work, for a progress bar; never goes back by
 * more than the sector a broken transfer had begun. */
uint32_t lcm_install_bytes_present(const struct lcm_install *install);

#endif
