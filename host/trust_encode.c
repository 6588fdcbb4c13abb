// SPDX-License-Identifier: Apache-2.0
/*
 * Encoder of trust sectors and pointers. Fields are written as given and judged by the
 * decoder afterwards, so that there is one set of rules. Invariant: a file given out
 * decodes and verifies under the owner key.
 */
#include "host/trust_encode.h"

#include <string.h>

#include "core/base/bytes.h"
#include "host/anchor_encode.h"
#include "host/tlv_write.h"

#define ANCHOR_SIZE_MAX 1024u

static void trust_write_names(struct lcm_tlv_writer *writer, const struct lcm_trust_spec *spec)
{
    uint8_t point[LCM_KEY_SIZE];

    lcm_keys_public(spec->owner, point);
    lcm_tlv_write_u32(writer, LCM_TRUST_SEQUENCE, spec->sequence);
    lcm_tlv_write_u64(writer, LCM_TRUST_TIME_FLOOR, spec->time_floor);
    lcm_tlv_write_text(writer, LCM_TRUST_REPOSITORY, spec->repository);
    lcm_tlv_write_text(writer, LCM_TRUST_HOST, spec->host);
    lcm_tlv_write(writer, LCM_TRUST_OWNER_KEY, point, LCM_KEY_SIZE);
    for (size_t i = 0; i < spec->release_key_count; i++)
        lcm_tlv_write(writer, LCM_TRUST_RELEASE_KEY, spec->release_key[i], LCM_KEY_SIZE);
    for (size_t i = 0; i < spec->suffix_count; i++)
        lcm_tlv_write_text(writer, LCM_TRUST_HOST_SUFFIX, spec->suffix[i]);
}

static void trust_write_floors(struct lcm_tlv_writer *writer, const struct lcm_trust_spec *spec)
{
    for (unsigned type = LCM_FILE_APP; type <= LCM_FILE_BOOT; type++) {
        uint8_t floor[5] = {(uint8_t)type};
        lcm_put_u32(floor + 1, spec->security_floor[type]);
        if (spec->security_floor[type] != 0)
            lcm_tlv_write(writer, LCM_TRUST_SECURITY_FLOOR, floor, sizeof(floor));
    }
}

static enum lcm_err trust_write_anchors(struct lcm_tlv_writer *writer,
                                        const struct lcm_trust_spec *spec,
                                        struct lcm_failure *failure)
{
    uint8_t anchor[ANCHOR_SIZE_MAX];

    for (size_t i = 0; i < spec->anchor_count; i++) {
        size_t size = 0;
        enum lcm_err err =
            lcm_anchor_encode(spec->anchor[i], anchor, sizeof(anchor), &size, failure);
        if (err != LCM_OK)
            return err;
        lcm_tlv_write(writer, LCM_TRUST_ANCHOR, anchor, size);
    }
    return LCM_OK;
}

static enum lcm_err trust_sign(struct lcm_tlv_writer *writer, const struct lcm_trust_spec *spec,
                               struct lcm_failure *failure)
{
    static const struct lcm_tlv_signing before = {LCM_TRUST_SIGNATURE_BEFORE,
                                                  LCM_DOMAIN_TRUST_SECTOR, 1};
    static const struct lcm_tlv_signing own = {LCM_TRUST_SIGNATURE, LCM_DOMAIN_TRUST_SECTOR, 1};
    enum lcm_err err = lcm_tlv_write_seal(writer, failure);

    if (err == LCM_OK && spec->owner_before != NULL)
        err = lcm_tlv_write_sign(writer, &before, spec->owner_before, failure);
    if (err == LCM_OK)
        err = lcm_tlv_write_sign(writer, &own, spec->owner, failure);
    return err;
}

static enum lcm_err trust_check_counts(const struct lcm_trust_spec *spec,
                                       struct lcm_failure *failure)
{
    if (spec->release_key_count == 0 || spec->release_key_count > LCM_RELEASE_KEYS_MAX)
        return lcm_failure_set(failure, LCM_ERR_FORMAT, "%zu release keys: 1 to %u are possible",
                               spec->release_key_count, LCM_RELEASE_KEYS_MAX);
    if (spec->suffix_count > LCM_HOST_SUFFIXES_MAX)
        return lcm_failure_set(failure, LCM_ERR_FORMAT, "%zu host suffixes: at most %u",
                               spec->suffix_count, LCM_HOST_SUFFIXES_MAX);
    if (spec->anchor_count == 0 || spec->anchor_count > LCM_ANCHORS_MAX)
        return lcm_failure_set(failure, LCM_ERR_FORMAT, "%zu TLS anchors: 1 to %u are possible",
                               spec->anchor_count, LCM_ANCHORS_MAX);
    return LCM_OK;
}

static enum lcm_err trust_check_result(const uint8_t *file, struct lcm_failure *failure)
{
    struct lcm_trust trust;
    enum lcm_err err = lcm_trust_decode(&trust, file);

    if (err == LCM_OK)
        err = lcm_trust_verify(&trust, file);
    if (err != LCM_OK)
        return lcm_failure_set(failure, err,
                               "no device would take this trust sector: %s (check sequence, "
                               "repository, hosts and keys)",
                               lcm_err_text(err));
    return LCM_OK;
}

enum lcm_err lcm_trust_encode(const struct lcm_trust_spec *spec, uint8_t file[LCM_TRUST_SIZE],
                              struct lcm_failure *failure)
{
    struct lcm_tlv_writer writer;
    enum lcm_err err = trust_check_counts(spec, failure);

    if (err != LCM_OK)
        return err;
    memset(file, 0xFF, LCM_TRUST_SIZE);
    lcm_tlv_write_begin(&writer, file, LCM_TRUST_SIZE, LCM_TRUST_MAGIC);
    trust_write_names(&writer, spec);
    trust_write_floors(&writer, spec);
    err = trust_write_anchors(&writer, spec, failure);
    if (err == LCM_OK)
        err = trust_sign(&writer, spec, failure);
    if (err == LCM_OK)
        err = trust_check_result(file, failure);
    return err;
}

static void trust_pointer_write(struct lcm_tlv_writer *writer, const struct lcm_trust *trust,
                                const uint8_t *sector, uint8_t *out)
{
    uint8_t hash[LCM_SHA256_SIZE];

    lcm_trust_hash(sector, hash);
    lcm_tlv_write_begin(writer, out, LCM_TRUST_POINTER_SIZE_MAX, LCM_TRUST_POINTER_MAGIC);
    lcm_tlv_write_u32(writer, LCM_POINTER_SEQUENCE, trust->sequence);
    lcm_tlv_write_u32(writer, LCM_POINTER_LENGTH, LCM_TRUST_SIZE);
    lcm_tlv_write(writer, LCM_POINTER_SHA256, hash, sizeof(hash));
}

enum lcm_err lcm_trust_pointer_encode(const uint8_t sector[LCM_TRUST_SIZE],
                                      const struct lcm_key *owner,
                                      uint8_t out[LCM_TRUST_POINTER_SIZE_MAX], size_t *size,
                                      struct lcm_failure *failure)
{
    static const struct lcm_tlv_signing own = {LCM_POINTER_SIGNATURE, LCM_DOMAIN_TRUST_POINTER, 0};
    uint8_t point[LCM_KEY_SIZE];
    struct lcm_trust trust;
    struct lcm_tlv_writer writer;

    lcm_keys_public(owner, point);
    enum lcm_err err = trust_check_result(sector, failure);
    if (err != LCM_OK)
        return err;
    err = lcm_trust_decode(&trust, sector);
    if (err == LCM_OK && !lcm_bytes_equal(trust.owner_key, point, LCM_KEY_SIZE))
        err = lcm_failure_set(failure, LCM_ERR_KEY_UNKNOWN,
                              "this is not the owner key of the sector");
    if (err != LCM_OK)
        return err;
    trust_pointer_write(&writer, &trust, sector, out);
    err = lcm_tlv_write_seal(&writer, failure);
    if (err == LCM_OK)
        err = lcm_tlv_write_sign(&writer, &own, owner, failure);
    if (err == LCM_OK)
        *size = writer.size;
    return err;
}
