/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The items in a set-up message, as the device sees them: it reads requests and writes answers
 * (docs/SPEC.md section 11.3).
 *
 * Reader: lcm_items_open, then lcm_items_next up to LCM_ERR_NOT_FOUND. What does not belong into
 * the request is an error, so a caller that walked to the end has a request that is well-formed.
 * Values are not judged: sizes and content of a field are its owner's business. They point into the
 * message.
 *
 * Writer: lcm_items_begin, then lcm_items_put. It may have the bytes of the request, once that is
 * read.
 */
#ifndef LCM_PORTAL_ITEMS_H
#define LCM_PORTAL_ITEMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/tlv.h"
#include "lcm/err.h"
#include "lcm/setup.h"

struct lcm_items_reader {
    const uint8_t *cursor;
    const uint8_t *end;
    enum lcm_setup_command command;
    uint32_t seen[LCM_ITEM_LIMIT / 32u]; /* a bit for each tag */
};

/* Start on the plaintext of a request. LCM_ERR_FORMAT: it does not begin with a command there is.
 */
LCM_MUST_CHECK enum lcm_err lcm_items_open(struct lcm_items_reader *reader, const uint8_t *text,
                                           size_t size);

/* Next item, for lcm_tlv_u8 and its like (core/base/tlv.h); is_optional is false. LCM_ERR_NOT_FOUND
 * at the end. LCM_ERR_FORMAT: cut short; twice in the request; of no request of this kind; a text
 * with a NUL; something behind the end. Stop then. */
LCM_MUST_CHECK enum lcm_err lcm_items_next(struct lcm_items_reader *reader,
                                           struct lcm_tlv_item *item);

struct lcm_items_writer {
    uint8_t *text;
    size_t capacity;
    size_t size; /* bytes of items so far */
    bool is_cut; /* something did not fit */
};

/* Start an answer: fill text with zeros, put the result in front. capacity >= 5. */
void lcm_items_begin(struct lcm_items_writer *writer, uint8_t *text, size_t capacity,
                     enum lcm_setup_result result);

/* Append an item. false: it does not fit; the answer is as it was, and is_cut is set. */
bool lcm_items_put(struct lcm_items_writer *writer, enum lcm_item tag, const void *value,
                   size_t size);
bool lcm_items_put_u8(struct lcm_items_writer *writer, enum lcm_item tag, uint8_t value);
bool lcm_items_put_u16(struct lcm_items_writer *writer, enum lcm_item tag, uint16_t value);
bool lcm_items_put_text(struct lcm_items_writer *writer, enum lcm_item tag, const char *text);

#endif
