/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Install state: small records that must survive any power cut (docs/SPEC.md
 * section 5). One sector, append-only; the last valid record of a kind counts. A
 * torn record does not count, so a store leaves the old or the new payload.
 *
 * A full sector is compacted through scratch sector 0xF5000: a complete copy there
 * is marked valid before the state sector is erased. lcm_state_open finishes what a
 * cut left; call it before anything else uses the scratch sectors.
 *
 * One struct at a time. Stack: below 200 bytes.
 */
#ifndef LCM_STORE_STATE_LOG_H
#define LCM_STORE_STATE_LOG_H

#include <stdbool.h>
#include <stdint.h>

#include "lcm/err.h"
#include "lcm/flash.h"

#define LCM_STATE_PAYLOAD_SIZE 56u

/* What a record is about; the payloads belong to core/update. Append-only. */
enum lcm_state_kind {
    LCM_STATE_APP = 1,
    LCM_STATE_UPDATER = 2,
    LCM_STATE_BOOT = 3,
    LCM_STATE_TAG_LCM = 4,
    LCM_STATE_TAG_APP = 5,
    LCM_STATE_TIME_FLOOR = 6,
    LCM_STATE_KIND_MAX = 15,
};

/* All fields belong to the module. */
struct lcm_state_log {
    const struct lcm_flash *flash;
    uint32_t generation;                    /* compactions so far, as in the sector header */
    bool must_reopen;                       /* a compaction failed half-way */
    uint8_t next;                           /* first slot that is still blank */
    uint8_t newest[LCM_STATE_KIND_MAX + 1]; /* slot of each kind's last record */
};

/*
 * Open the state; finish or drop an interrupted compaction. A sector without a
 * state log is formatted (the reference leaves it as a spare with any content).
 * LCM_ERR_FLASH: *log may only be passed to open again.
 */
LCM_MUST_CHECK enum lcm_err lcm_state_open(struct lcm_state_log *log,
                                           const struct lcm_flash *flash);

/* Copy the payload of the last record of a kind. LCM_ERR_NOT_FOUND, LCM_ERR_FLASH,
 * LCM_ERR_CORRUPT (the record changed since it was opened; payload is not written). LCM_ERR_FLASH
 * also until a compaction that failed is finished. */
LCM_MUST_CHECK enum lcm_err lcm_state_load(const struct lcm_state_log *log,
                                           enum lcm_state_kind kind,
                                           uint8_t payload[LCM_STATE_PAYLOAD_SIZE]);

/*
 * Append a record; a payload that is current already costs no write. The payload
 * must not change during the call. Cost: one program of 64 bytes; when the sector is
 * full also two erases and a copy of at most 15 records. LCM_ERR_ARGUMENT (kind
 * outside 1..15), LCM_ERR_FLASH (the old or the new payload is current).
 */
LCM_MUST_CHECK enum lcm_err lcm_state_store(struct lcm_state_log *log, enum lcm_state_kind kind,
                                            const uint8_t payload[LCM_STATE_PAYLOAD_SIZE]);

/* Forget everything. A cut leaves all records or none. LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_state_reset(struct lcm_state_log *log);

#endif
