// SPDX-License-Identifier: Apache-2.0
/*
 * Messages of the set-up client: items by hand, ChaCha20-Poly1305 by OpenSSL. It sends nothing.
 *
 * Invariant: a number is used for one request only, also when sending it fails.
 */
#include "host/setup_message.h"

#include <string.h>

#include <openssl/evp.h>

#include "core/base/bytes.h"

#define ITEM_HEADER_SIZE 4u
#define NONCE_SIZE 12

/* ---- items ---- */

void setup_text_begin(struct setup_text *text, enum lcm_setup_command command)
{
    memset(text, 0, sizeof(*text));
    setup_text_put_u8(text, LCM_ITEM_COMMAND, (uint8_t)command);
}

void setup_text_put(struct setup_text *text, enum lcm_item tag, const void *value, size_t size)
{
    uint8_t *item = text->bytes + text->size;

    if (text->size + ITEM_HEADER_SIZE + size > sizeof(text->bytes)) {
        text->is_cut = true;
        return;
    }
    lcm_put_u16(item, (uint16_t)tag);
    lcm_put_u16(item + 2, (uint16_t)size);
    if (size > 0)
        memcpy(item + ITEM_HEADER_SIZE, value, size);
    text->size += ITEM_HEADER_SIZE + size;
}

void setup_text_put_u8(struct setup_text *text, enum lcm_item tag, uint8_t value)
{
    setup_text_put(text, tag, &value, sizeof(value));
}

/* The item at *offset, which moves on. false at the end, and for an item that is cut short. */
static bool text_next(const struct setup_text *text, size_t *offset, struct setup_item *item)
{
    const uint8_t *bytes = text->bytes + *offset;
    size_t left = sizeof(text->bytes) - *offset;

    if (left < ITEM_HEADER_SIZE || lcm_get_u16(bytes) == LCM_ITEM_END)
        return false;
    *item =
        (struct setup_item){lcm_get_u16(bytes), bytes + ITEM_HEADER_SIZE, lcm_get_u16(bytes + 2)};
    if (item->size > left - ITEM_HEADER_SIZE)
        return false;
    *offset += ITEM_HEADER_SIZE + item->size;
    return true;
}

bool setup_text_find(const struct setup_text *text, enum lcm_item tag, size_t index,
                     struct setup_item *item)
{
    size_t offset = 0;

    while (text_next(text, &offset, item)) {
        if (item->tag == (unsigned)tag && index-- == 0)
            return true;
    }
    return false;
}

unsigned setup_text_number(const struct setup_text *text, enum lcm_item tag, unsigned fallback)
{
    struct setup_item item;

    if (!setup_text_find(text, tag, 0, &item))
        return fallback;
    if (item.size == 1)
        return item.value[0];
    return item.size == 2 ? lcm_get_u16(item.value) : fallback;
}

void setup_text_string(const struct setup_text *text, enum lcm_item tag, char *dst, size_t size)
{
    struct setup_item item;

    dst[0] = '\0';
    if (!setup_text_find(text, tag, 0, &item) || item.size >= size ||
        memchr(item.value, '\0', item.size) != NULL)
        return;
    memcpy(dst, item.value, item.size);
    dst[item.size] = '\0';
}

bool setup_text_is_answer(const struct setup_text *text)
{
    struct setup_item item;
    size_t offset = 0;

    if (!text_next(text, &offset, &item) || item.tag != LCM_ITEM_RESULT || item.size != 1)
        return false;
    while (text_next(text, &offset, &item))
        continue;
    return lcm_bytes_all(text->bytes + offset, sizeof(text->bytes) - offset, 0);
}

/* ---- sealing ---- */

static void message_nonce(uint8_t nonce[NONCE_SIZE], uint64_t number)
{
    memset(nonce, 0, NONCE_SIZE);
    lcm_put_u64(nonce + NONCE_SIZE - 8, number);
}

static bool message_encrypt(EVP_CIPHER_CTX *context, const struct setup_channel *channel,
                            const struct setup_text *text, uint8_t message[LCM_MESSAGE_SIZE])
{
    uint8_t nonce[NONCE_SIZE];
    int size = 0;

    message_nonce(nonce, channel->number);
    return EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), NULL, channel->seal_key, nonce) ==
               1 &&
           EVP_EncryptUpdate(context, NULL, &size, channel->session, LCM_SETUP_SESSION_SIZE) == 1 &&
           EVP_EncryptUpdate(context, message + LCM_MESSAGE_TEXT_OFFSET, &size, text->bytes,
                             LCM_MESSAGE_TEXT_SIZE) == 1 &&
           EVP_EncryptFinal_ex(context, message + LCM_MESSAGE_TAG_OFFSET, &size) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, LCM_MESSAGE_TAG_SIZE,
                               message + LCM_MESSAGE_TAG_OFFSET) == 1;
}

enum lcm_err setup_message_seal(struct setup_channel *channel, const struct setup_text *text,
                                uint8_t message[LCM_MESSAGE_SIZE])
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();

    channel->number++;
    memcpy(message, channel->session, LCM_SETUP_SESSION_SIZE);
    lcm_put_u64(message + LCM_MESSAGE_NUMBER_OFFSET, channel->number);
    bool is_sealed = context != NULL && message_encrypt(context, channel, text, message);
    EVP_CIPHER_CTX_free(context);
    return is_sealed ? LCM_OK : LCM_ERR_NO_SPACE;
}

static bool message_decrypt(EVP_CIPHER_CTX *context, const struct setup_channel *channel,
                            const uint8_t message[LCM_MESSAGE_SIZE], struct setup_text *text)
{
    uint8_t nonce[NONCE_SIZE];
    uint8_t tag[LCM_MESSAGE_TAG_SIZE];
    int size = 0;

    message_nonce(nonce, channel->number);
    memcpy(tag, message + LCM_MESSAGE_TAG_OFFSET, sizeof(tag));
    return EVP_DecryptInit_ex(context, EVP_chacha20_poly1305(), NULL, channel->open_key, nonce) ==
               1 &&
           EVP_DecryptUpdate(context, NULL, &size, channel->session, LCM_SETUP_SESSION_SIZE) == 1 &&
           EVP_DecryptUpdate(context, text->bytes, &size, message + LCM_MESSAGE_TEXT_OFFSET,
                             LCM_MESSAGE_TEXT_SIZE) == 1 &&
           EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, LCM_MESSAGE_TAG_SIZE, tag) == 1 &&
           EVP_DecryptFinal_ex(context, tag, &size) == 1;
}

enum lcm_err setup_message_open(const struct setup_channel *channel,
                                const uint8_t message[LCM_MESSAGE_SIZE], struct setup_text *text)
{
    EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
    enum lcm_err err = LCM_ERR_SIGNATURE;

    memset(text, 0, sizeof(*text));
    if (context != NULL && memcmp(message, channel->session, LCM_SETUP_SESSION_SIZE) == 0 &&
        lcm_get_u64(message + LCM_MESSAGE_NUMBER_OFFSET) == channel->number &&
        message_decrypt(context, channel, message, text))
        err = setup_text_is_answer(text) ? LCM_OK : LCM_ERR_FORMAT;
    EVP_CIPHER_CTX_free(context);
    if (err != LCM_OK)
        lcm_bytes_wipe(text, sizeof(*text));
    return err;
}
