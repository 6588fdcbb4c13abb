// SPDX-License-Identifier: Apache-2.0
/*
 * Writer of signed TLV files; see the header. It knows frame and signatures, no field.
 * The signed hash is made by OpenSSL, not by the code that checks it on the device.
 * Invariant: size never passes capacity, and a broken writer never yields a file.
 */
#include "host/tlv_write.h"

#include <string.h>

#include <openssl/evp.h>

#include "core/base/bytes.h"
#include "core/base/tlv.h"

void lcm_tlv_write_begin(struct lcm_tlv_writer *writer, uint8_t *file, size_t capacity,
                         const char *magic)
{
    *writer = (struct lcm_tlv_writer){.file = file, .capacity = capacity};
    memset(file, 0, LCM_TLV_HEADER_SIZE);
    memcpy(file, magic, 4);
    writer->size = LCM_TLV_HEADER_SIZE;
}

void lcm_tlv_write(struct lcm_tlv_writer *writer, uint16_t tag, const void *value, size_t size)
{
    uint16_t order = (uint16_t)(tag & ~LCM_TLV_OPTIONAL);

    if (size > UINT16_MAX || order < writer->last_tag ||
        writer->capacity - writer->size < LCM_TLV_ITEM_HEADER_SIZE + size)
        writer->is_broken = true;
    if (writer->is_broken)
        return;
    uint8_t *item = writer->file + writer->size;
    lcm_put_u16(item, tag);
    lcm_put_u16(item + 2, (uint16_t)size);
    if (size > 0)
        memcpy(item + LCM_TLV_ITEM_HEADER_SIZE, value, size);
    writer->size += LCM_TLV_ITEM_HEADER_SIZE + size;
    writer->last_tag = order;
}

void lcm_tlv_write_u8(struct lcm_tlv_writer *writer, uint16_t tag, uint8_t value)
{
    lcm_tlv_write(writer, tag, &value, 1);
}

void lcm_tlv_write_u32(struct lcm_tlv_writer *writer, uint16_t tag, uint32_t value)
{
    uint8_t bytes[4];

    lcm_put_u32(bytes, value);
    lcm_tlv_write(writer, tag, bytes, sizeof(bytes));
}

void lcm_tlv_write_u64(struct lcm_tlv_writer *writer, uint16_t tag, uint64_t value)
{
    uint8_t bytes[8];

    lcm_put_u64(bytes, value);
    lcm_tlv_write(writer, tag, bytes, sizeof(bytes));
}

void lcm_tlv_write_text(struct lcm_tlv_writer *writer, uint16_t tag, const char *text)
{
    lcm_tlv_write(writer, tag, text, strlen(text));
}

enum lcm_err lcm_tlv_write_seal(struct lcm_tlv_writer *writer, struct lcm_failure *failure)
{
    size_t items = writer->size - LCM_TLV_HEADER_SIZE;

    if (writer->is_broken || items > UINT16_MAX)
        return lcm_failure_set(failure, LCM_ERR_TOO_LONG, "the fields do not fit into %zu bytes",
                               writer->capacity);
    lcm_put_u16(writer->file + 4, (uint16_t)items);
    writer->last_tag = 0;
    return LCM_OK;
}

static bool tlv_write_hash(const struct lcm_tlv_writer *writer,
                           const struct lcm_tlv_signing *signing, uint8_t hash[LCM_SHA256_SIZE])
{
    size_t size = lcm_tlv_signed_size(writer->file) - signing->first;
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_ok = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                 EVP_DigestUpdate(context, signing->domain, strlen(signing->domain) + 1) == 1 &&
                 EVP_DigestUpdate(context, writer->file + signing->first, size) == 1 &&
                 EVP_DigestFinal_ex(context, hash, NULL) == 1;

    EVP_MD_CTX_free(context);
    return is_ok;
}

enum lcm_err lcm_tlv_write_sign(struct lcm_tlv_writer *writer,
                                const struct lcm_tlv_signing *signing, const struct lcm_key *key,
                                struct lcm_failure *failure)
{
    uint8_t hash[LCM_SHA256_SIZE];
    uint8_t signature[LCM_SIGNATURE_SIZE_MAX];
    size_t size = 0;

    if (!tlv_write_hash(writer, signing, hash))
        return lcm_failure_set(failure, LCM_ERR_SIGNATURE, "OpenSSL could not hash");
    enum lcm_err err = lcm_keys_sign(key, hash, signature, &size, failure);
    if (err != LCM_OK)
        return err;
    lcm_tlv_write(writer, signing->tag, signature, size);
    if (writer->is_broken)
        return lcm_failure_set(failure, LCM_ERR_TOO_LONG,
                               "the signature does not fit into %zu bytes", writer->capacity);
    return LCM_OK;
}
