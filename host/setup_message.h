/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's end of a set-up session's messages (docs/SPEC.md section 11.3), by OpenSSL and apart
 * from the device's code: what they agree on is the specification.
 *
 * A struct setup_text is a plaintext: items, then zeros. It may hold a password: wipe it.
 */
#ifndef LCM_HOST_SETUP_MESSAGE_H
#define LCM_HOST_SETUP_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"
#include "lcm/setup.h"

struct setup_text {
    uint8_t bytes[LCM_MESSAGE_TEXT_SIZE];
    size_t size; /* bytes of items; the rest is zero */
    bool is_cut; /* an item did not fit */
};

/* Start a request. */
void setup_text_begin(struct setup_text *text, enum lcm_setup_command command);

/* Append an item; one that does not fit is left out and sets is_cut. */
void setup_text_put(struct setup_text *text, enum lcm_item tag, const void *value, size_t size);
void setup_text_put_u8(struct setup_text *text, enum lcm_item tag, uint8_t value);

/* Item of an answer; value points into the text. */
struct setup_item {
    unsigned tag;
    const uint8_t *value;
    size_t size;
};

/* Item number index (from 0) of an answer with this tag; false when there is none. */
bool setup_text_find(const struct setup_text *text, enum lcm_item tag, size_t index,
                     struct setup_item *item);

/* A number of one or two bytes; fallback when it is absent or of another size. */
unsigned setup_text_number(const struct setup_text *text, enum lcm_item tag, unsigned fallback);

/* The text of an item as a string in dst; "" when it is absent, longer, or has a NUL. */
void setup_text_string(const struct setup_text *text, enum lcm_item tag, char *dst, size_t size);

/* Is it an answer: a result, whole items, zeros behind them? */
bool setup_text_is_answer(const struct setup_text *text);

struct setup_channel {
    uint8_t session[LCM_SETUP_SESSION_SIZE];
    uint8_t seal_key[LCM_SETUP_KEY_SIZE]; /* client to device */
    uint8_t open_key[LCM_SETUP_KEY_SIZE]; /* device to client */
    uint64_t number;                      /* of the last request; 0 = none yet */
};

/* Seal a request under the next number. LCM_ERR_NO_SPACE when OpenSSL has no memory. */
LCM_MUST_CHECK enum lcm_err setup_message_seal(struct setup_channel *channel,
                                               const struct setup_text *text,
                                               uint8_t message[LCM_MESSAGE_SIZE]);

/* Open the answer to the request sealed last. LCM_ERR_SIGNATURE: another session or number, or
 * not sealed by the device; LCM_ERR_FORMAT: sealed, but no answer. *text is wiped then. */
LCM_MUST_CHECK enum lcm_err setup_message_open(const struct setup_channel *channel,
                                               const uint8_t message[LCM_MESSAGE_SIZE],
                                               struct setup_text *text);

#endif
