// SPDX-License-Identifier: Apache-2.0
/*
 * Sealing and opening of set-up messages. It knows nothing of what they say.
 *
 * Invariant: the channel's number moves only for a message whose tag fits, and each number seals
 * at most one answer.
 */
#include "portal/message.h"

#include <string.h>

#include "core/base/bytes.h"

#define NONCE_SIZE 12u
#define NONCE_NUMBER_OFFSET 4u /* zeros in front of it */
#define DECRYPT 0
#define ENCRYPT 1

_Static_assert(NONCE_NUMBER_OFFSET + 8u == NONCE_SIZE, "nonce layout");
_Static_assert(LCM_MESSAGE_SIZE == 1056, "docs/SPEC.md section 11.3");

/* Both directions: the text changes in place, the tag goes to tag. */
static void message_run(const struct lcm_crypto *crypto, const uint8_t *key, uint8_t *message,
                        uint8_t tag[LCM_MESSAGE_TAG_SIZE], int direction)
{
    uint8_t nonce[NONCE_SIZE] = {0};

    memcpy(nonce + NONCE_NUMBER_OFFSET, message + LCM_MESSAGE_NUMBER_OFFSET, 8);
    crypto->poly1305(key, nonce, message + LCM_MESSAGE_TEXT_OFFSET, LCM_MESSAGE_TEXT_SIZE, message,
                     LCM_SETUP_SESSION_SIZE, tag, crypto->chacha20, direction);
}

enum lcm_verdict lcm_message_open(struct lcm_message_channel *channel,
                                  const struct lcm_crypto *crypto,
                                  uint8_t message[LCM_MESSAGE_SIZE])
{
    enum lcm_verdict verdict = LCM_VERDICT_INVALID;
    uint8_t tag[LCM_MESSAGE_TAG_SIZE];
    uint64_t number = lcm_get_u64(message + LCM_MESSAGE_NUMBER_OFFSET);

    if (lcm_bytes_equal(message, channel->session, sizeof(channel->session)) &&
        number > channel->last) {
        message_run(crypto, channel->open_key, message, tag, DECRYPT);
        if (lcm_bytes_equal(tag, message + LCM_MESSAGE_TAG_OFFSET, sizeof(tag)))
            verdict = LCM_VERDICT_VALID;
    }
    if (verdict != LCM_VERDICT_VALID) {
        lcm_bytes_wipe(message, LCM_MESSAGE_SIZE);
        return verdict;
    }
    channel->last = number;
    channel->is_answer_due = true;
    return verdict;
}

enum lcm_err lcm_message_seal(struct lcm_message_channel *channel, const struct lcm_crypto *crypto,
                              uint8_t message[LCM_MESSAGE_SIZE])
{
    if (!channel->is_answer_due) {
        lcm_bytes_wipe(message, LCM_MESSAGE_SIZE);
        return LCM_ERR_ARGUMENT;
    }
    channel->is_answer_due = false;
    memcpy(message, channel->session, sizeof(channel->session));
    lcm_put_u64(message + LCM_MESSAGE_NUMBER_OFFSET, channel->last);
    message_run(crypto, channel->seal_key, message, message + LCM_MESSAGE_TAG_OFFSET, ENCRYPT);
    return LCM_OK;
}
