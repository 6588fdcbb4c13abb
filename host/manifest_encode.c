// SPDX-License-Identifier: Apache-2.0
/*
 * Manifest encoder; hand-overs are in handover_make.c. Fields are written as given and
 * judged by the decoder afterwards, so that there is one set of rules. Invariant: a
 * file given out decodes, verifies under the key, and its hand-overs hold.
 */
#include "host/manifest_encode.h"

#include <string.h>

#include <openssl/sha.h>

#include "core/base/tlv.h"
#include "host/tlv_write.h"

static void manifest_write_what(struct lcm_tlv_writer *writer, const struct lcm_manifest_spec *spec)
{
    lcm_tlv_write_u8(writer, LCM_MANIFEST_TYPE, (uint8_t)spec->type);
    lcm_tlv_write_text(writer, LCM_MANIFEST_REPOSITORY, spec->repository);
    lcm_tlv_write_text(writer, LCM_MANIFEST_FILE, spec->file);
    lcm_tlv_write_u8(writer, LCM_MANIFEST_CHANNEL, (uint8_t)spec->channel);
    lcm_tlv_write_text(writer, LCM_MANIFEST_VERSION, spec->version);
    lcm_tlv_write_u32(writer, LCM_MANIFEST_SEQUENCE, spec->sequence);
    lcm_tlv_write_u32(writer, LCM_MANIFEST_SECURITY_VERSION, spec->security_version);
    lcm_tlv_write_u32(writer, LCM_MANIFEST_SLOT_ADDR, spec->slot_addr);
    lcm_tlv_write_u32(writer, LCM_MANIFEST_FLASH_SIZE,
                      spec->flash_size == 0 ? LCM_FLASH_SIZE : spec->flash_size);
    if (spec->updater_min != NULL)
        lcm_tlv_write_text(writer, LCM_MANIFEST_UPDATER_MIN, spec->updater_min);
}

static size_t manifest_hash_sectors(const struct lcm_manifest_spec *spec,
                                    uint8_t hashes[LCM_IMAGE_SECTORS_MAX * LCM_SECTOR_HASH_SIZE])
{
    uint8_t hash[LCM_SHA256_SIZE];
    size_t size = 0;

    for (size_t offset = 0; offset < spec->image_size; offset += LCM_SECTOR_SIZE) {
        size_t left = spec->image_size - offset;
        SHA256(spec->image + offset, left < LCM_SECTOR_SIZE ? left : LCM_SECTOR_SIZE, hash);
        memcpy(hashes + size, hash, LCM_SECTOR_HASH_SIZE);
        size += LCM_SECTOR_HASH_SIZE;
    }
    return size;
}

static void manifest_write_image(struct lcm_tlv_writer *writer,
                                 const struct lcm_manifest_spec *spec)
{
    uint8_t hashes[LCM_IMAGE_SECTORS_MAX * LCM_SECTOR_HASH_SIZE];
    uint8_t hash[LCM_SHA256_SIZE];

    SHA256(spec->image, spec->image_size, hash);
    size_t hashes_size = manifest_hash_sectors(spec, hashes);
    lcm_tlv_write_u32(writer, LCM_MANIFEST_IMAGE_SIZE, (uint32_t)spec->image_size);
    lcm_tlv_write(writer, LCM_MANIFEST_SHA256, hash, sizeof(hash));
    lcm_tlv_write(writer, LCM_MANIFEST_SECTOR_HASHES, hashes, hashes_size);
    lcm_tlv_write_u64(writer, LCM_MANIFEST_CREATED, spec->created);
}

static void manifest_write_keys(struct lcm_tlv_writer *writer, const struct lcm_manifest_spec *spec,
                                const uint8_t point[LCM_KEY_SIZE])
{
    uint8_t fingerprint[LCM_FINGERPRINT_SIZE];

    lcm_key_fingerprint(point, fingerprint);
    lcm_tlv_write(writer, LCM_MANIFEST_KEY_ID, fingerprint, LCM_KEY_ID_SIZE);
    if (spec->type == LCM_FILE_APP)
        lcm_tlv_write(writer, LCM_MANIFEST_KEY, point, LCM_KEY_SIZE);
    for (size_t i = 0; i < spec->handover_count; i++)
        lcm_tlv_write(writer, LCM_MANIFEST_HANDOVER, spec->handovers[i].bytes,
                      spec->handovers[i].size);
}

/* A device that pinned the oldest key must get to the signer. */
static enum lcm_err manifest_check_handovers(const struct lcm_manifest_spec *spec,
                                             const uint8_t *file, size_t size)
{
    uint8_t pinned[LCM_FINGERPRINT_SIZE];
    uint8_t key[LCM_KEY_SIZE];

    if (spec->handover_count == 0)
        return LCM_OK;
    lcm_key_fingerprint(spec->handovers[0].bytes, pinned);
    return lcm_manifest_signer(file, size, pinned, key);
}

static enum lcm_err manifest_check_result(const struct lcm_manifest_spec *spec,
                                          const uint8_t point[LCM_KEY_SIZE], const uint8_t *file,
                                          size_t size, struct lcm_failure *failure)
{
    struct lcm_manifest manifest;
    enum lcm_err err = lcm_manifest_decode(&manifest, file, size);

    if (err != LCM_OK)
        return lcm_failure_set(failure, err,
                               "%s: no device would take this manifest: %s (check type, slot, "
                               "names, versions and image size)",
                               spec->file, lcm_err_text(err));
    err = lcm_manifest_verify(file, size, point);
    if (err != LCM_OK)
        return lcm_failure_set(failure, err, "%s: the new signature does not verify", spec->file);
    err = manifest_check_handovers(spec, file, size);
    if (err != LCM_OK)
        return lcm_failure_set(failure, err, "%s: the hand-overs do not lead to this key",
                               spec->file);
    return LCM_OK;
}

static enum lcm_err manifest_check_spec(const struct lcm_manifest_spec *spec,
                                        struct lcm_failure *failure)
{
    if (spec->image_size > LCM_SLOT0_IMAGE_SIZE_MAX)
        return lcm_failure_set(failure, LCM_ERR_TOO_LARGE,
                               "%s: image of %zu bytes, at most %u fit into any slot", spec->file,
                               spec->image_size, LCM_SLOT0_IMAGE_SIZE_MAX);
    if (spec->handover_count > LCM_HANDOVERS_MAX)
        return lcm_failure_set(failure, LCM_ERR_TOO_LONG, "%s: %zu hand-overs, at most %u",
                               spec->file, spec->handover_count, LCM_HANDOVERS_MAX);
    return LCM_OK;
}

enum lcm_err lcm_manifest_encode(const struct lcm_manifest_spec *spec, const struct lcm_key *key,
                                 uint8_t *out, size_t out_size, size_t *size,
                                 struct lcm_failure *failure)
{
    static const struct lcm_tlv_signing signing = {LCM_MANIFEST_SIGNATURE, LCM_DOMAIN_MANIFEST, 0};
    uint8_t point[LCM_KEY_SIZE];
    struct lcm_tlv_writer writer;
    enum lcm_err err = manifest_check_spec(spec, failure);

    if (err != LCM_OK)
        return err;
    if (out_size < LCM_TLV_HEADER_SIZE)
        return lcm_failure_set(failure, LCM_ERR_TOO_LONG, "no room for a manifest");
    lcm_keys_public(key, point);
    lcm_tlv_write_begin(&writer, out, out_size, LCM_MANIFEST_MAGIC);
    manifest_write_what(&writer, spec);
    manifest_write_image(&writer, spec);
    manifest_write_keys(&writer, spec, point);
    err = lcm_tlv_write_seal(&writer, failure);
    if (err == LCM_OK)
        err = lcm_tlv_write_sign(&writer, &signing, key, failure);
    if (err == LCM_OK)
        err = manifest_check_result(spec, point, out, writer.size, failure);
    if (err == LCM_OK)
        *size = writer.size;
    return err;
}
