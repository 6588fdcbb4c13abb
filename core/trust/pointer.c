// SPDX-License-Identifier: Apache-2.0
/*
 * Trust pointers: the small signed file that announces a sector. It is read even when
 * its signature is by an owner this device does not know yet, because only then can
 * the caller see that there is a chain to walk. Invariant: LCM_OK means that the
 * given owner key signed it.
 */
#include "core/base/tlv.h"
#include "core/trust/sector.h"
#include "core/trust/signed_file.h"

#define FIELD_COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))

static enum lcm_err pointer_sequence(void *object, const struct lcm_tlv_item *item)
{
    struct lcm_trust_pointer *pointer = object;
    enum lcm_err err = lcm_tlv_u32(item, &pointer->sequence);

    if (err == LCM_OK && pointer->sequence == 0)
        err = LCM_ERR_FORMAT;
    return err;
}

static enum lcm_err pointer_length(void *object, const struct lcm_tlv_item *item)
{
    uint32_t length = 0;

    (void)object;
    if (lcm_tlv_u32(item, &length) != LCM_OK || length != LCM_TRUST_SIZE)
        return LCM_ERR_FORMAT;
    return LCM_OK;
}

static enum lcm_err pointer_sha256(void *object, const struct lcm_tlv_item *item)
{
    struct lcm_trust_pointer *pointer = object;

    return lcm_tlv_blob(item, pointer->sha256, LCM_SHA256_SIZE);
}

static const struct lcm_signed_field pointer_fields[] = {
    {LCM_POINTER_SEQUENCE, 1, 1, pointer_sequence},
    {LCM_POINTER_LENGTH, 1, 1, pointer_length},
    {LCM_POINTER_SHA256, 1, 1, pointer_sha256},
};

static enum lcm_err pointer_decode(struct lcm_trust_pointer *pointer,
                                   struct lcm_signatures *signatures, const uint8_t *file,
                                   size_t size)
{
    struct lcm_tlv_reader reader;
    enum lcm_err err = lcm_signed_open(&reader, &lcm_signed_pointer, file, size);

    if (err == LCM_OK)
        err = lcm_signed_decode(&reader, pointer_fields, FIELD_COUNT(pointer_fields), pointer);
    if (err == LCM_OK)
        err = lcm_signed_signatures(signatures, file, size);
    if (err == LCM_OK && (signatures->before.size != 0 || signatures->end != file + size))
        err = LCM_ERR_FORMAT;
    return err;
}

enum lcm_err lcm_trust_pointer_open(struct lcm_trust_pointer *pointer, const uint8_t *file,
                                    size_t size, const uint8_t owner_key[LCM_KEY_SIZE])
{
    struct lcm_trust_pointer result;
    struct lcm_signatures signatures;
    enum lcm_err err;

    if (size > LCM_TRUST_POINTER_SIZE_MAX)
        return LCM_ERR_FORMAT;
    err = pointer_decode(&result, &signatures, file, size);
    if (err != LCM_OK)
        return err;
    *pointer = result;
    if (lcm_signed_verify(&lcm_signed_pointer, file, owner_key, &signatures.own) !=
        LCM_VERDICT_VALID)
        return LCM_ERR_SIGNATURE;
    return LCM_OK;
}
