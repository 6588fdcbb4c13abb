// SPDX-License-Identifier: Apache-2.0
/*
 * Encoding of the install state records. The log below keeps them power-safe; this
 * file only gives their bytes a meaning.
 */
#include "core/update/records.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/crc32.h"
#include "core/base/text.h"

enum installed_offset {
    INSTALLED_REPOSITORY = 0,
    INSTALLED_SEQUENCE = 4,
    INSTALLED_SECURITY_VERSION = 8,
    INSTALLED_IMAGE_SIZE = 12,
    INSTALLED_KEY_ID = 16,
    INSTALLED_SHA256 = 24,
    INSTALLED_END = 56,
};

enum tag_offset {
    TAG_REPOSITORY = 0,
    TAG_TRUST_SEQUENCE = 4,
    TAG_TEXT = 8,
    TAG_END = 40,
};

_Static_assert(INSTALLED_END == LCM_STATE_PAYLOAD_SIZE, "an installed record fills a payload");
_Static_assert(TAG_END - TAG_TEXT == LCM_TAG_SIZE, "a tag fits its record");

uint32_t lcm_record_repository_hash(const char *repository)
{
    uint32_t crc = 0;

    for (; *repository != '\0'; repository++) {
        char c = lcm_text_lower(*repository);
        crc = lcm_crc32(crc, &c, 1);
    }
    return crc;
}

uint32_t lcm_record_app_hash(const char *repository, const char *file)
{
    uint32_t crc = lcm_crc32(lcm_record_repository_hash(repository), "/", 1);

    return lcm_crc32(crc, file, strlen(file));
}

static uint32_t record_manifest_hash(const struct lcm_manifest *manifest)
{
    return manifest->type == LCM_FILE_APP
               ? lcm_record_app_hash(manifest->repository, manifest->file)
               : lcm_record_repository_hash(manifest->repository);
}

enum lcm_err lcm_record_installed_load(struct lcm_state_log *log, enum lcm_state_kind kind,
                                       uint32_t repository_hash, struct lcm_installed *installed,
                                       uint32_t *image_size)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];
    enum lcm_err err = lcm_state_load(log, kind, payload);

    if (err != LCM_OK)
        return err;
    if (lcm_get_u32(payload + INSTALLED_REPOSITORY) != repository_hash)
        return LCM_ERR_NOT_FOUND;
    memset(installed, 0, sizeof(*installed));
    installed->sequence = lcm_get_u32(payload + INSTALLED_SEQUENCE);
    installed->security_version = lcm_get_u32(payload + INSTALLED_SECURITY_VERSION);
    memcpy(installed->key_id, payload + INSTALLED_KEY_ID, sizeof(installed->key_id));
    memcpy(installed->sha256, payload + INSTALLED_SHA256, sizeof(installed->sha256));
    *image_size = lcm_get_u32(payload + INSTALLED_IMAGE_SIZE);
    return LCM_OK;
}

enum lcm_err lcm_record_installed_store(struct lcm_state_log *log, enum lcm_state_kind kind,
                                        const struct lcm_manifest *manifest)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];

    lcm_put_u32(payload + INSTALLED_REPOSITORY, record_manifest_hash(manifest));
    lcm_put_u32(payload + INSTALLED_SEQUENCE, manifest->sequence);
    lcm_put_u32(payload + INSTALLED_SECURITY_VERSION, manifest->security_version);
    lcm_put_u32(payload + INSTALLED_IMAGE_SIZE, manifest->image_size);
    memcpy(payload + INSTALLED_KEY_ID, manifest->key_id, sizeof(manifest->key_id));
    memcpy(payload + INSTALLED_SHA256, manifest->sha256, sizeof(manifest->sha256));
    return lcm_state_store(log, kind, payload);
}

static void tag_encode(uint8_t payload[LCM_STATE_PAYLOAD_SIZE], uint32_t repository_hash,
                       const char *tag, uint32_t trust_sequence)
{
    size_t size = strlen(tag);

    memset(payload, 0, LCM_STATE_PAYLOAD_SIZE);
    lcm_put_u32(payload + TAG_REPOSITORY, repository_hash);
    lcm_put_u32(payload + TAG_TRUST_SEQUENCE, trust_sequence);
    memcpy(payload + TAG_TEXT, tag, size < LCM_TAG_SIZE ? size : LCM_TAG_SIZE - 1);
}

bool lcm_record_tag_is_processed(struct lcm_state_log *log, enum lcm_state_kind kind,
                                 uint32_t repository_hash, const char *tag, uint32_t trust_sequence)
{
    uint8_t stored[LCM_STATE_PAYLOAD_SIZE];
    uint8_t wanted[LCM_STATE_PAYLOAD_SIZE];

    if (lcm_state_load(log, kind, stored) != LCM_OK)
        return false;
    tag_encode(wanted, repository_hash, tag, trust_sequence);
    return memcmp(stored, wanted, sizeof(stored)) == 0;
}

enum lcm_err lcm_record_tag_store(struct lcm_state_log *log, enum lcm_state_kind kind,
                                  uint32_t repository_hash, const char *tag,
                                  uint32_t trust_sequence)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];

    tag_encode(payload, repository_hash, tag, trust_sequence);
    return lcm_state_store(log, kind, payload);
}

uint64_t lcm_record_time_floor(struct lcm_state_log *log)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE];

    if (lcm_state_load(log, LCM_STATE_TIME_FLOOR, payload) != LCM_OK)
        return 0;
    return lcm_get_u64(payload);
}

enum lcm_err lcm_record_time_floor_raise(struct lcm_state_log *log, uint64_t unix_seconds)
{
    uint8_t payload[LCM_STATE_PAYLOAD_SIZE] = {0};
    enum lcm_err err = lcm_state_load(log, LCM_STATE_TIME_FLOOR, payload);

    if (err == LCM_ERR_FLASH) /* not the same as none, or a damaged one, which is replaced */
        return err;
    if (err == LCM_OK && unix_seconds <= lcm_get_u64(payload))
        return LCM_OK;
    lcm_put_u64(payload, unix_seconds);
    return lcm_state_store(log, LCM_STATE_TIME_FLOOR, payload);
}
