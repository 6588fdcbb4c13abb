/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signed TLV files: the common frame of manifest, trust sector and trust pointer.
 *
 *   0  4  magic (the first byte is a state byte in a trust sector)
 *   4  2  S: size of the signed items
 *   6  2  0
 *   8  S  signed items, tags ascending
 *   .. signature items
 * Item: u16 tag, u16 length, value. Tag bit 15 set = optional: a reader that does
 * not know the tag skips it. Without that bit an unknown tag is an error.
 * Order is by the low 15 bits; equal tags may repeat where the file says so.
 *
 * A reader never copies; values point into the buffer, which stays the caller's.
 */
#ifndef LCM_BASE_TLV_H
#define LCM_BASE_TLV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define LCM_TLV_HEADER_SIZE 8u
#define LCM_TLV_ITEM_HEADER_SIZE 4u
#define LCM_TLV_OPTIONAL 0x8000u
#define LCM_TLV_TAG_END 0xFFFFu

struct lcm_tlv_item {
    uint16_t tag; /* without the optional bit */
    bool is_optional;
    const uint8_t *value;
    uint16_t size;
};

struct lcm_tlv_reader {
    const uint8_t *cursor;
    const uint8_t *end;
    uint16_t last_tag;
    bool is_open_ended; /* blank flash may follow: the signature items */
};

/* Check the frame header (magic bytes 1..3, S within file_size) and read the
 * signed items. LCM_ERR_FORMAT when it is not such a file. */
LCM_MUST_CHECK enum lcm_err lcm_tlv_open(struct lcm_tlv_reader *reader, const uint8_t *file,
                                         size_t file_size, const char *magic);

/* Read the items behind the signed part: the signatures. Call after lcm_tlv_open
 * succeeded on the same file. The end is an 0xFFFF tag or the end of the file; among
 * the signed items that tag is an error. */
void lcm_tlv_open_signatures(struct lcm_tlv_reader *reader, const uint8_t *file, size_t file_size);

/* Next item. LCM_ERR_NOT_FOUND at the end, LCM_ERR_FORMAT for a cut item or
 * descending tags. */
LCM_MUST_CHECK enum lcm_err lcm_tlv_next(struct lcm_tlv_reader *reader, struct lcm_tlv_item *item);

/* Number of bytes that are signed: header + S. Valid after lcm_tlv_open succeeded. */
size_t lcm_tlv_signed_size(const uint8_t *file);

/* Fixed-size values; LCM_ERR_FORMAT when the item has another size. */
LCM_MUST_CHECK enum lcm_err lcm_tlv_u8(const struct lcm_tlv_item *item, uint8_t *value);
LCM_MUST_CHECK enum lcm_err lcm_tlv_u32(const struct lcm_tlv_item *item, uint32_t *value);
LCM_MUST_CHECK enum lcm_err lcm_tlv_u64(const struct lcm_tlv_item *item, uint64_t *value);
LCM_MUST_CHECK enum lcm_err lcm_tlv_blob(const struct lcm_tlv_item *item, uint8_t *dst,
                                         size_t size);
/* Text of 1..dst_size-1 printable ASCII characters. */
LCM_MUST_CHECK enum lcm_err lcm_tlv_text(const struct lcm_tlv_item *item, char *dst,
                                         size_t dst_size);

#endif
