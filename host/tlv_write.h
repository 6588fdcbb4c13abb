/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writer of signed TLV files (the frame of core/base/tlv.h).
 *
 * begin, then the signed items in ascending tag order, then seal (fills in S), then
 * sign once per signature item. Running out of room or order is remembered and
 * reported by seal and sign; nothing is ever written past the capacity.
 */
#ifndef LCM_HOST_TLV_WRITE_H
#define LCM_HOST_TLV_WRITE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "host/failure.h"
#include "host/keys.h"
#include "lcm/err.h"

struct lcm_tlv_writer {
    uint8_t *file;
    size_t capacity; /* bytes */
    size_t size;     /* bytes written so far, the header included */
    uint16_t last_tag;
    bool is_broken; /* did not fit, or items out of order */
};

/* What is signed: the domain, then the bytes first .. end of the signed items. */
struct lcm_tlv_signing {
    uint16_t tag;
    const char *domain;
    size_t first; /* 1 where byte 0 is a state byte, else 0 */
};

/* Start a file in a buffer of the caller; capacity >= LCM_TLV_HEADER_SIZE. */
void lcm_tlv_write_begin(struct lcm_tlv_writer *writer, uint8_t *file, size_t capacity,
                         const char *magic);

/* Append one item. tag may carry LCM_TLV_OPTIONAL. */
void lcm_tlv_write(struct lcm_tlv_writer *writer, uint16_t tag, const void *value, size_t size);
void lcm_tlv_write_u8(struct lcm_tlv_writer *writer, uint16_t tag, uint8_t value);
void lcm_tlv_write_u32(struct lcm_tlv_writer *writer, uint16_t tag, uint32_t value);
void lcm_tlv_write_u64(struct lcm_tlv_writer *writer, uint16_t tag, uint64_t value);
void lcm_tlv_write_text(struct lcm_tlv_writer *writer, uint16_t tag, const char *text);

/* End the signed items. LCM_ERR_TOO_LONG when they did not fit or were out of order. */
LCM_MUST_CHECK enum lcm_err lcm_tlv_write_seal(struct lcm_tlv_writer *writer,
                                               struct lcm_failure *failure);

/* Sign the sealed items and append the signature item. LCM_ERR_TOO_LONG or LCM_ERR_SIGNATURE. */
LCM_MUST_CHECK enum lcm_err lcm_tlv_write_sign(struct lcm_tlv_writer *writer,
                                               const struct lcm_tlv_signing *signing,
                                               const struct lcm_key *key,
                                               struct lcm_failure *failure);

#endif
