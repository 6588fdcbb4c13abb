/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Manifests: what a release says about one binary (docs/SPEC.md section 3.3).
 *
 * lcm_manifest_decode reads the bytes into a struct and judges form only.
 * lcm_manifest_verify checks the signature over the same bytes. The rules of
 * core/trust/rules.h then compare the decoded manifest with the device. Use the
 * struct only after all three, and never the bytes again.
 */
#ifndef LCM_TRUST_MANIFEST_H
#define LCM_TRUST_MANIFEST_H

#include <stddef.h>
#include <stdint.h>

#include "core/base/version.h"
#include "core/trust/verify.h"
#include "lcm/err.h"
#include "lcm/layout.h"

#define LCM_MANIFEST_MAGIC "LCM1"
#define LCM_MANIFEST_SIZE_MAX 4096u
#define LCM_REPOSITORY_SIZE 64u /* bytes with NUL: owner/name */
#define LCM_FILE_SIZE 32u       /* bytes with NUL: file name */
#define LCM_SECTOR_HASH_SIZE 8u
#define LCM_IMAGE_SECTORS_MAX (LCM_SLOT0_IMAGE_SIZE_MAX / LCM_SECTOR_SIZE)
#define LCM_HANDOVERS_MAX 4u

enum lcm_manifest_tag {
    LCM_MANIFEST_TYPE = 0x01,
    LCM_MANIFEST_REPOSITORY = 0x02,
    LCM_MANIFEST_FILE = 0x03,
    LCM_MANIFEST_CHANNEL = 0x04,
    LCM_MANIFEST_VERSION = 0x05,
    LCM_MANIFEST_SEQUENCE = 0x06,
    LCM_MANIFEST_SECURITY_VERSION = 0x07,
    LCM_MANIFEST_SLOT_ADDR = 0x08,
    LCM_MANIFEST_FLASH_SIZE = 0x09,
    LCM_MANIFEST_UPDATER_MIN = 0x0A,
    LCM_MANIFEST_IMAGE_SIZE = 0x0B,
    LCM_MANIFEST_SHA256 = 0x0C,
    LCM_MANIFEST_SECTOR_HASHES = 0x0D,
    LCM_MANIFEST_CREATED = 0x0E,
    LCM_MANIFEST_DELTA = 0x10,
    LCM_MANIFEST_ROLLOUT = 0x11,
    LCM_MANIFEST_KEY_ID = 0x12,
    LCM_MANIFEST_KEY = 0x13,
    LCM_MANIFEST_HANDOVER = 0x14,
    LCM_MANIFEST_SIGNATURE = 0x7F,
};

enum lcm_file_type {
    LCM_FILE_APP = 1,
    LCM_FILE_UPDATER = 2,
    LCM_FILE_BOOT = 3,
};

enum lcm_channel {
    LCM_CHANNEL_STABLE = 0,
    LCM_CHANNEL_BETA = 1,
};

struct lcm_manifest {
    enum lcm_file_type type;
    enum lcm_channel channel;
    char repository[LCM_REPOSITORY_SIZE];
    char file[LCM_FILE_SIZE];
    char version[LCM_VERSION_SIZE];
    char updater_min[LCM_VERSION_SIZE]; /* "" = any */
    uint32_t sequence;
    uint32_t security_version;
    uint32_t slot_addr;
    uint32_t flash_size;
    uint32_t image_size; /* bytes */
    uint64_t created;    /* Unix seconds */
    uint8_t sha256[LCM_SHA256_SIZE];
    uint8_t key_id[LCM_KEY_ID_SIZE];
    uint32_t sector_count; /* ceil(image_size / LCM_SECTOR_SIZE) */
    uint8_t sector_hash[LCM_IMAGE_SECTORS_MAX][LCM_SECTOR_HASH_SIZE];
};

/*
 * Decode size bytes (<= LCM_MANIFEST_SIZE_MAX). *manifest is written only on LCM_OK.
 * LCM_ERR_FORMAT, LCM_ERR_CRITICAL_FIELD, LCM_ERR_TOO_LARGE (image longer than any
 * slot) or LCM_ERR_TOO_LONG (file over the limit). No signature is checked.
 */
LCM_MUST_CHECK enum lcm_err lcm_manifest_decode(struct lcm_manifest *manifest, const uint8_t *file,
                                                size_t size);

/*
 * Verify the signature of a file that decoded without error, by the given key.
 * LCM_OK, or LCM_ERR_SIGNATURE.
 */
LCM_MUST_CHECK enum lcm_err lcm_manifest_verify(const uint8_t *file, size_t size,
                                                const uint8_t key[LCM_KEY_SIZE]);

/*
 * The signer of an app manifest, as a device that pinned a fingerprint sees it:
 * follow the signed hand-overs of the file from the pinned key to the key of tag
 * 0x13 and write that key. pinned == NULL: accept the file's key as it is (first
 * install). LCM_ERR_KEY_UNKNOWN when no hand-over leads there, LCM_ERR_SIGNATURE
 * when one is forged, LCM_ERR_FORMAT when the file carries no key.
 * Cost: one P-256 verification per hand-over followed.
 */
LCM_MUST_CHECK enum lcm_err lcm_manifest_signer(const uint8_t *file, size_t size,
                                                const uint8_t pinned[LCM_FINGERPRINT_SIZE],
                                                uint8_t key[LCM_KEY_SIZE]);

#endif
