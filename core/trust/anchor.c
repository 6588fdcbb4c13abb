// SPDX-License-Identifier: Apache-2.0
/*
 * TLS anchors of a trust sector: (name, key) pairs, each judged for form. Whether a
 * chain ends at one is TLS's business. Invariant: a parsed anchor has a name and a
 * key of a size its kind allows, and all pointers stay inside the item.
 */
#include "core/trust/anchor.h"

#include "core/base/bytes.h"
#include "core/trust/signed_file.h"

#define ANCHOR_HEADER_SIZE 4u /* kind, flags, name size */
#define RSA_SIZE_FIELD_SIZE 2u
#define POINT_UNCOMPRESSED 0x04u
#define DER_SEQUENCE 0x30u

static enum lcm_err anchor_parse_point(struct lcm_anchor *anchor, const uint8_t *key, size_t size)
{
    size_t expected =
        anchor->kind == LCM_ANCHOR_P256 ? (size_t)LCM_KEY_SIZE : (size_t)LCM_ANCHOR_P384_KEY_SIZE;

    if (size != expected || key[0] != POINT_UNCOMPRESSED)
        return LCM_ERR_FORMAT;
    anchor->key = key;
    anchor->key_size = (uint16_t)size;
    anchor->exponent = NULL;
    anchor->exponent_size = 0;
    return LCM_OK;
}

static enum lcm_err anchor_parse_rsa(struct lcm_anchor *anchor, const uint8_t *key, size_t size)
{
    if (size < RSA_SIZE_FIELD_SIZE)
        return LCM_ERR_FORMAT;

    size_t modulus_size = lcm_get_u16(key);
    const uint8_t *modulus = key + RSA_SIZE_FIELD_SIZE;
    size -= RSA_SIZE_FIELD_SIZE;
    if (modulus_size < LCM_ANCHOR_MODULUS_SIZE_MIN || modulus_size > LCM_ANCHOR_MODULUS_SIZE_MAX ||
        modulus_size >= size || modulus[0] == 0)
        return LCM_ERR_FORMAT;
    size -= modulus_size;
    if (size > LCM_ANCHOR_EXPONENT_SIZE_MAX || modulus[modulus_size] == 0)
        return LCM_ERR_FORMAT;
    anchor->key = modulus;
    anchor->key_size = (uint16_t)modulus_size;
    anchor->exponent = modulus + modulus_size;
    anchor->exponent_size = (uint16_t)size;
    return LCM_OK;
}

enum lcm_err lcm_anchor_parse(const struct lcm_tlv_item *item, struct lcm_anchor *anchor)
{
    const uint8_t *bytes = item->value;

    if (item->size < ANCHOR_HEADER_SIZE)
        return LCM_ERR_FORMAT;
    size_t name_size = lcm_get_u16(bytes + 2);
    size_t left = item->size - ANCHOR_HEADER_SIZE;
    if ((bytes[1] & ~LCM_ANCHOR_INTERMEDIATE) != 0 || name_size == 0 || name_size >= left ||
        bytes[ANCHOR_HEADER_SIZE] != DER_SEQUENCE)
        return LCM_ERR_FORMAT;

    struct lcm_anchor result = {
        .kind = (enum lcm_anchor_kind)bytes[0],
        .is_intermediate = (bytes[1] & LCM_ANCHOR_INTERMEDIATE) != 0,
        .name = bytes + ANCHOR_HEADER_SIZE,
        .name_size = (uint16_t)name_size,
    };
    const uint8_t *key = result.name + name_size;
    enum lcm_err err = LCM_ERR_FORMAT;
    if (bytes[0] == LCM_ANCHOR_RSA)
        err = anchor_parse_rsa(&result, key, left - name_size);
    else if (bytes[0] == LCM_ANCHOR_P256 || bytes[0] == LCM_ANCHOR_P384)
        err = anchor_parse_point(&result, key, left - name_size);
    if (err == LCM_OK)
        *anchor = result;
    return err;
}

enum lcm_err lcm_trust_anchor(const uint8_t *file, uint32_t index, struct lcm_anchor *anchor)
{
    struct lcm_tlv_reader reader;
    struct lcm_tlv_item item;
    enum lcm_err err = lcm_signed_open(&reader, &lcm_signed_trust, file, LCM_TRUST_SIZE);

    if (index >= LCM_ANCHORS_MAX)
        return LCM_ERR_NOT_FOUND;
    for (uint32_t i = 0; err == LCM_OK && i <= index; i++)
        err = lcm_signed_find(&reader, LCM_TRUST_ANCHOR, &item);
    if (err != LCM_OK)
        return err;
    return lcm_anchor_parse(&item, anchor);
}
