/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealed messages between client and device (docs/SPEC.md section 11.3): ChaCha20-Poly1305 of
 * RFC 8439, one key for each direction, a number that only rises, always the same size.
 *
 * A channel comes out of a key exchange (portal/spake2.h). Then, for each request:
 * lcm_message_open, read the plaintext, write the answer's plaintext in its place,
 * lcm_message_seal. The caller wipes the channel and the buffer when the session ends.
 */
#ifndef LCM_PORTAL_MESSAGE_H
#define LCM_PORTAL_MESSAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fetch/crypto.h"
#include "core/trust/verify.h"
#include "lcm/err.h"
#include "lcm/setup.h"

struct lcm_message_channel {
    uint64_t last; /* highest number that was opened; 0 = none yet */
    uint8_t session[LCM_SETUP_SESSION_SIZE];
    uint8_t open_key[LCM_SETUP_KEY_SIZE]; /* client to device */
    uint8_t seal_key[LCM_SETUP_KEY_SIZE]; /* device to client */
    bool is_answer_due;                   /* opened and not answered: a number seals once */
};

/*
 * Decrypt a request in place; the plaintext is at LCM_MESSAGE_TEXT_OFFSET. It is valid when the
 * session is the channel's, the number is higher than any before, and the tag fits. Otherwise the
 * channel is as it was and the whole message is wiped. The tag is compared in constant time.
 * About 90,000 instructions on lx106.
 */
LCM_MUST_CHECK enum lcm_verdict lcm_message_open(struct lcm_message_channel *channel,
                                                 const struct lcm_crypto *crypto,
                                                 uint8_t message[LCM_MESSAGE_SIZE]);

/*
 * Encrypt the answer's plaintext in place and write everything around it, under the number of the
 * request opened last. LCM_ERR_ARGUMENT (and the message is wiped): there is none, or it was
 * answered already; two plaintexts under one number would give both away.
 */
LCM_MUST_CHECK enum lcm_err lcm_message_seal(struct lcm_message_channel *channel,
                                             const struct lcm_crypto *crypto,
                                             uint8_t message[LCM_MESSAGE_SIZE]);

#endif
