// SPDX-License-Identifier: Apache-2.0
/*
 * Manifest bytes to struct: form, ranges and agreement of the fields with each other.
 * No signature is judged here (manifest_verify.c) and nothing about this device
 * (rules.c). Invariant: a struct given out describes an image that fits the place it
 * names, and has one sector hash per 4 KiB of it.
 */
#include <stdbool.h>
#include <string.h>

#include "core/base/bytes.h"
#include "core/base/tlv.h"
#include "core/trust/manifest.h"
#include "core/trust/names.h"
#include "core/trust/signed_file.h"

#define IMAGE_SIZE_MIN 16u /* an image header */
#define FIELD_COUNT(fields) (sizeof(fields) / sizeof((fields)[0]))

/* What is read before it is known to be good as a whole. */
struct manifest_draft {
    struct lcm_manifest manifest;
    const uint8_t *key; /* tag 0x13, or NULL */
    bool has_handover;
};

/* Where each type of file may go, and how large it may be there. */
struct manifest_place {
    enum lcm_file_type type;
    uint32_t addr;
    uint32_t size_max; /* bytes */
};

static const struct manifest_place manifest_places[] = {
    {LCM_FILE_BOOT, LCM_BOOT_ADDR, LCM_BOOT_IMAGE_SIZE_MAX},
    {LCM_FILE_UPDATER, LCM_SLOT0_ADDR, LCM_SLOT0_IMAGE_SIZE_MAX},
    {LCM_FILE_UPDATER, LCM_SLOT1_ADDR, LCM_SLOT1_IMAGE_SIZE_MAX},
    {LCM_FILE_APP, LCM_SLOT0_ADDR, LCM_SLOT0_IMAGE_SIZE_MAX},
};

static enum lcm_err manifest_text(const struct lcm_tlv_item *item, char *dst, size_t dst_size,
                                  bool (*is_valid)(const char *text))
{
    if (lcm_tlv_text(item, dst, dst_size) != LCM_OK || !is_valid(dst))
        return LCM_ERR_FORMAT;
    return LCM_OK;
}

static enum lcm_err manifest_type(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;
    uint8_t value = 0;

    if (lcm_tlv_u8(item, &value) != LCM_OK || value < LCM_FILE_APP || value > LCM_FILE_BOOT)
        return LCM_ERR_FORMAT;
    draft->manifest.type = (enum lcm_file_type)value;
    return LCM_OK;
}

static enum lcm_err manifest_repository(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    return manifest_text(item, draft->manifest.repository, LCM_REPOSITORY_SIZE,
                         lcm_name_is_repository);
}

static enum lcm_err manifest_file(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    return manifest_text(item, draft->manifest.file, LCM_FILE_SIZE, lcm_name_is_file);
}

static enum lcm_err manifest_channel(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;
    uint8_t value = 0;

    if (lcm_tlv_u8(item, &value) != LCM_OK || value > LCM_CHANNEL_BETA)
        return LCM_ERR_FORMAT;
    draft->manifest.channel = (enum lcm_channel)value;
    return LCM_OK;
}

static enum lcm_err manifest_version(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    return manifest_text(item, draft->manifest.version, LCM_VERSION_SIZE, lcm_name_is_version);
}

static enum lcm_err manifest_sequence(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;
    enum lcm_err err = lcm_tlv_u32(item, &draft->manifest.sequence);

    if (err == LCM_OK && draft->manifest.sequence == 0)
        err = LCM_ERR_FORMAT;
    return err;
}

static enum lcm_err manifest_security_version(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    return lcm_tlv_u32(item, &draft->manifest.security_version);
}

static enum lcm_err manifest_slot_addr(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    return lcm_tlv_u32(item, &draft->manifest.slot_addr);
}

static enum lcm_err manifest_flash_size(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    return lcm_tlv_u32(item, &draft->manifest.flash_size);
}

/* The only version that is compared, so it must have the form that can be. */
static enum lcm_err manifest_updater_min(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;
    struct lcm_version version;
    enum lcm_err err =
        manifest_text(item, draft->manifest.updater_min, LCM_VERSION_SIZE, lcm_name_is_version);

    if (err != LCM_OK)
        return err;
    return lcm_version_parse(draft->manifest.updater_min, &version);
}

static enum lcm_err manifest_image_size(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;
    enum lcm_err err = lcm_tlv_u32(item, &draft->manifest.image_size);

    if (err != LCM_OK)
        return err;
    if (draft->manifest.image_size < IMAGE_SIZE_MIN)
        return LCM_ERR_FORMAT;
    if (draft->manifest.image_size > LCM_SLOT0_IMAGE_SIZE_MAX)
        return LCM_ERR_TOO_LARGE;
    return LCM_OK;
}

static enum lcm_err manifest_sha256(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    return lcm_tlv_blob(item, draft->manifest.sha256, LCM_SHA256_SIZE);
}

static enum lcm_err manifest_sector_hashes(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    if (item->size > sizeof(draft->manifest.sector_hash) || item->size % LCM_SECTOR_HASH_SIZE != 0)
        return LCM_ERR_FORMAT;
    draft->manifest.sector_count = item->size / LCM_SECTOR_HASH_SIZE;
    memcpy(draft->manifest.sector_hash, item->value, item->size);
    return LCM_OK;
}

static enum lcm_err manifest_created(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    return lcm_tlv_u64(item, &draft->manifest.created);
}

static enum lcm_err manifest_key_id(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    return lcm_tlv_blob(item, draft->manifest.key_id, LCM_KEY_ID_SIZE);
}

static enum lcm_err manifest_key(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    if (item->size != LCM_KEY_SIZE)
        return LCM_ERR_FORMAT;
    draft->key = item->value;
    return LCM_OK;
}

static enum lcm_err manifest_handover(void *object, const struct lcm_tlv_item *item)
{
    struct manifest_draft *draft = object;

    if (item->size < LCM_KEY_SIZE + LCM_SIGNATURE_SIZE_MIN ||
        item->size > LCM_KEY_SIZE + LCM_SIGNATURE_SIZE_MAX)
        return LCM_ERR_FORMAT;
    draft->has_handover = true;
    return LCM_OK;
}

/* Deltas and the rollout block are reserved: without the optional bit they are unknown. */
static const struct lcm_signed_field manifest_fields[] = {
    {LCM_MANIFEST_TYPE, 1, 1, manifest_type},
    {LCM_MANIFEST_REPOSITORY, 1, 1, manifest_repository},
    {LCM_MANIFEST_FILE, 1, 1, manifest_file},
    {LCM_MANIFEST_CHANNEL, 1, 1, manifest_channel},
    {LCM_MANIFEST_VERSION, 1, 1, manifest_version},
    {LCM_MANIFEST_SEQUENCE, 1, 1, manifest_sequence},
    {LCM_MANIFEST_SECURITY_VERSION, 1, 1, manifest_security_version},
    {LCM_MANIFEST_SLOT_ADDR, 1, 1, manifest_slot_addr},
    {LCM_MANIFEST_FLASH_SIZE, 1, 1, manifest_flash_size},
    {LCM_MANIFEST_UPDATER_MIN, 0, 1, manifest_updater_min},
    {LCM_MANIFEST_IMAGE_SIZE, 1, 1, manifest_image_size},
    {LCM_MANIFEST_SHA256, 1, 1, manifest_sha256},
    {LCM_MANIFEST_SECTOR_HASHES, 1, 1, manifest_sector_hashes},
    {LCM_MANIFEST_CREATED, 1, 1, manifest_created},
    {LCM_MANIFEST_KEY_ID, 1, 1, manifest_key_id},
    {LCM_MANIFEST_KEY, 0, 1, manifest_key},
    {LCM_MANIFEST_HANDOVER, 0, LCM_HANDOVERS_MAX, manifest_handover},
};
_Static_assert(FIELD_COUNT(manifest_fields) <= LCM_SIGNED_FIELDS_MAX, "counters fit");

static enum lcm_err manifest_check_place(const struct lcm_manifest *manifest)
{
    for (size_t i = 0; i < FIELD_COUNT(manifest_places); i++) {
        const struct manifest_place *place = &manifest_places[i];
        if (place->type == manifest->type && place->addr == manifest->slot_addr)
            return manifest->image_size <= place->size_max ? LCM_OK : LCM_ERR_TOO_LARGE;
    }
    return LCM_ERR_FORMAT;
}

/* Apps carry their key, and the key id names it; other files are signed by a release key. */
static enum lcm_err manifest_check_key(const struct manifest_draft *draft)
{
    uint8_t fingerprint[LCM_FINGERPRINT_SIZE];

    if (draft->manifest.type != LCM_FILE_APP)
        return draft->key == NULL && !draft->has_handover ? LCM_OK : LCM_ERR_FORMAT;
    if (draft->key == NULL)
        return LCM_ERR_FORMAT;
    lcm_key_fingerprint(draft->key, fingerprint);
    return lcm_bytes_equal(fingerprint, draft->manifest.key_id, LCM_KEY_ID_SIZE) ? LCM_OK
                                                                                 : LCM_ERR_FORMAT;
}

static enum lcm_err manifest_check_signature_form(const uint8_t *file, size_t size)
{
    struct lcm_signatures signatures;
    enum lcm_err err = lcm_signed_signatures(&signatures, file, size);

    if (err != LCM_OK)
        return err;
    if (signatures.before.size != 0 || signatures.end != file + size)
        return LCM_ERR_FORMAT;
    return LCM_OK;
}

static enum lcm_err manifest_check(const struct manifest_draft *draft)
{
    enum lcm_err err = manifest_check_place(&draft->manifest);

    if (err != LCM_OK)
        return err;
    uint32_t sectors = (draft->manifest.image_size + LCM_SECTOR_SIZE - 1) / LCM_SECTOR_SIZE;
    if (draft->manifest.sector_count != sectors)
        return LCM_ERR_FORMAT;
    return manifest_check_key(draft);
}

enum lcm_err lcm_manifest_decode(struct lcm_manifest *manifest, const uint8_t *file, size_t size)
{
    struct manifest_draft draft;
    struct lcm_tlv_reader reader;
    enum lcm_err err;

    if (size > LCM_MANIFEST_SIZE_MAX)
        return LCM_ERR_TOO_LONG;
    memset(&draft, 0, sizeof(draft));
    err = lcm_signed_open(&reader, &lcm_signed_manifest, file, size);
    if (err == LCM_OK)
        err = lcm_signed_decode(&reader, manifest_fields, FIELD_COUNT(manifest_fields), &draft);
    if (err == LCM_OK)
        err = manifest_check(&draft);
    if (err == LCM_OK)
        err = manifest_check_signature_form(file, size);
    if (err != LCM_OK)
        return err;
    *manifest = draft.manifest;
    return LCM_OK;
}
