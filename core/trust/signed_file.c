// SPDX-License-Identifier: Apache-2.0
/*
 * The common part of signed files; see the header. It knows no field of any of them.
 * Invariant: every byte of the signed items was either read by a field or skipped as
 * an optional item nobody here knows.
 */
#include "core/trust/signed_file.h"

#include <string.h>

#include "core/trust/manifest.h"
#include "core/trust/sector.h"

_Static_assert(LCM_TAG_SIGNATURE == LCM_MANIFEST_SIGNATURE &&
                   LCM_TAG_SIGNATURE == LCM_TRUST_SIGNATURE &&
                   LCM_TAG_SIGNATURE == LCM_POINTER_SIGNATURE &&
                   LCM_TAG_SIGNATURE_BEFORE == LCM_TRUST_SIGNATURE_BEFORE,
               "one signature tag for all files");

const struct lcm_signed_kind lcm_signed_trust = {LCM_TRUST_MAGIC, LCM_DOMAIN_TRUST_SECTOR, 1};
const struct lcm_signed_kind lcm_signed_pointer = {LCM_TRUST_POINTER_MAGIC,
                                                   LCM_DOMAIN_TRUST_POINTER, 0};
const struct lcm_signed_kind lcm_signed_manifest = {LCM_MANIFEST_MAGIC, LCM_DOMAIN_MANIFEST, 0};

static size_t signed_field_index(const struct lcm_signed_field *fields, size_t count, uint16_t tag)
{
    size_t index = 0;

    while (index < count && fields[index].tag != tag)
        index++;
    return index;
}

static enum lcm_err signed_check_counts(const struct lcm_signed_field *fields, size_t count,
                                        const uint8_t *seen)
{
    for (size_t i = 0; i < count; i++) {
        if (seen[i] < fields[i].count_min)
            return LCM_ERR_FORMAT;
    }
    return LCM_OK;
}

enum lcm_err lcm_signed_decode(struct lcm_tlv_reader *reader, const struct lcm_signed_field *fields,
                               size_t count, void *object)
{
    uint8_t seen[LCM_SIGNED_FIELDS_MAX] = {0};
    struct lcm_tlv_item item;
    enum lcm_err err;

    if (count > LCM_SIGNED_FIELDS_MAX)
        return LCM_ERR_ARGUMENT;
    while ((err = lcm_tlv_next(reader, &item)) == LCM_OK) {
        size_t index = signed_field_index(fields, count, item.tag);
        if (index == count && item.is_optional)
            continue;
        if (index == count)
            return LCM_ERR_CRITICAL_FIELD;
        if (item.is_optional || seen[index] == fields[index].count_max)
            return LCM_ERR_FORMAT;
        seen[index]++;
        err = fields[index].decode(object, &item);
        if (err != LCM_OK)
            return err;
    }
    if (err != LCM_ERR_NOT_FOUND)
        return LCM_ERR_FORMAT;
    return signed_check_counts(fields, count, seen);
}

enum lcm_err lcm_signed_open(struct lcm_tlv_reader *reader, const struct lcm_signed_kind *kind,
                             const uint8_t *file, size_t size)
{
    enum lcm_err err = lcm_tlv_open(reader, file, size, kind->magic);

    if (err != LCM_OK)
        return err;
    if (kind->first == 0 && file[0] != (uint8_t)kind->magic[0])
        return LCM_ERR_FORMAT;
    return LCM_OK;
}

enum lcm_err lcm_signed_find(struct lcm_tlv_reader *reader, uint16_t tag, struct lcm_tlv_item *item)
{
    enum lcm_err err;

    do {
        err = lcm_tlv_next(reader, item);
    } while (err == LCM_OK && (item->tag != tag || item->is_optional));
    return err;
}

static enum lcm_err signed_read_signature(struct lcm_tlv_reader *reader, struct lcm_tlv_item *item)
{
    if (lcm_tlv_next(reader, item) != LCM_OK || item->is_optional)
        return LCM_ERR_FORMAT;
    if (item->size < LCM_SIGNATURE_SIZE_MIN || item->size > LCM_SIGNATURE_SIZE_MAX)
        return LCM_ERR_FORMAT;
    return LCM_OK;
}

enum lcm_err lcm_signed_signatures(struct lcm_signatures *signatures, const uint8_t *file,
                                   size_t size)
{
    struct lcm_tlv_reader reader;
    enum lcm_err err;

    memset(signatures, 0, sizeof(*signatures));
    lcm_tlv_open_signatures(&reader, file, size);
    err = signed_read_signature(&reader, &signatures->own);
    if (err == LCM_OK && signatures->own.tag == LCM_TAG_SIGNATURE_BEFORE) {
        signatures->before = signatures->own;
        err = signed_read_signature(&reader, &signatures->own);
    }
    if (err != LCM_OK)
        return err;
    signatures->end = reader.cursor;
    return signatures->own.tag == LCM_TAG_SIGNATURE ? LCM_OK : LCM_ERR_FORMAT;
}

enum lcm_verdict lcm_signed_verify(const struct lcm_signed_kind *kind, const uint8_t *file,
                                   const uint8_t key[LCM_KEY_SIZE],
                                   const struct lcm_tlv_item *signature)
{
    br_sha256_context hash;

    lcm_verify_begin(&hash, kind->domain);
    br_sha256_update(&hash, file + kind->first, lcm_tlv_signed_size(file) - kind->first);
    return lcm_verify_finish(&hash, key, signature->value, signature->size);
}
