/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Trust sectors: who may sign what, and which TLS anchors are believed
 * (docs/SPEC.md section 3.1), and the trust pointer that announces one (3.2).
 *
 * A decoded sector is small and lives in RAM; the anchors stay in the 4,096-byte
 * file and are walked when a TLS handshake needs them (core/fetch/anchors.h).
 */
#ifndef LCM_TRUST_SECTOR_H
#define LCM_TRUST_SECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/tlv.h"
#include "core/trust/manifest.h"
#include "core/trust/verify.h"
#include "lcm/err.h"
#include "lcm/layout.h"

#define LCM_TRUST_MAGIC "LCT1"
#define LCM_TRUST_POINTER_MAGIC "LCP1"
#define LCM_TRUST_POINTER_SIZE_MAX 256u
#define LCM_TRUST_CHAIN_SECTORS_MAX 64u
#define LCM_HOST_SIZE 64u /* bytes with NUL */
#define LCM_RELEASE_KEYS_MAX 4u
#define LCM_HOST_SUFFIXES_MAX 8u
#define LCM_ANCHORS_MAX 16u

enum lcm_trust_state {
    LCM_TRUST_PENDING = 0xFF,
    LCM_TRUST_ACTIVE = 0x4C, /* "L" */
    LCM_TRUST_RETIRED = 0x00,
};

enum lcm_trust_tag {
    LCM_TRUST_SEQUENCE = 0x01,
    LCM_TRUST_TIME_FLOOR = 0x02,
    LCM_TRUST_REPOSITORY = 0x03,
    LCM_TRUST_HOST = 0x04,
    LCM_TRUST_OWNER_KEY = 0x05,
    LCM_TRUST_RELEASE_KEY = 0x06,
    LCM_TRUST_HOST_SUFFIX = 0x07,
    LCM_TRUST_SECURITY_FLOOR = 0x08,
    LCM_TRUST_ANCHOR = 0x10,
    LCM_TRUST_SIGNATURE_BEFORE = 0x7E,
    LCM_TRUST_SIGNATURE = 0x7F,
};

enum lcm_pointer_tag {
    LCM_POINTER_SEQUENCE = 0x01,
    LCM_POINTER_LENGTH = 0x02,
    LCM_POINTER_SHA256 = 0x03,
    LCM_POINTER_SIGNATURE = 0x7F,
};

enum lcm_anchor_kind {
    LCM_ANCHOR_P256 = 1,
    LCM_ANCHOR_P384 = 2,
    LCM_ANCHOR_RSA = 3,
};
#define LCM_ANCHOR_INTERMEDIATE 0x01u /* flag */

struct lcm_trust {
    uint32_t sequence;
    uint64_t time_floor;                  /* Unix seconds */
    char repository[LCM_REPOSITORY_SIZE]; /* of LifeCycle Manager itself */
    char host[LCM_HOST_SIZE];             /* release host */
    uint8_t owner_key[LCM_KEY_SIZE];
    uint8_t release_key_count;
    uint8_t release_key[LCM_RELEASE_KEYS_MAX][LCM_KEY_SIZE];
    uint8_t suffix_count;
    char suffix[LCM_HOST_SUFFIXES_MAX][LCM_HOST_SIZE];
    uint32_t security_floor[4]; /* by enum lcm_file_type */
    uint8_t anchor_count;
};

/* One TLS anchor; all pointers lead into the sector file. */
struct lcm_anchor {
    enum lcm_anchor_kind kind;
    bool is_intermediate;
    const uint8_t *name; /* DER subject */
    uint16_t name_size;
    const uint8_t *key; /* point, or RSA modulus */
    uint16_t key_size;
    const uint8_t *exponent; /* RSA only */
    uint16_t exponent_size;
};

struct lcm_trust_pointer {
    uint32_t sequence;
    uint8_t sha256[LCM_SHA256_SIZE];
};

/* Decode a sector file of LCM_TRUST_SIZE bytes; byte 0 may hold any state. *trust is
 * written only on LCM_OK. LCM_ERR_FORMAT or LCM_ERR_CRITICAL_FIELD. No signature is checked. */
LCM_MUST_CHECK enum lcm_err lcm_trust_decode(struct lcm_trust *trust, const uint8_t *file);

/* Verify the sector's signature by its own owner key. LCM_OK or LCM_ERR_SIGNATURE. */
LCM_MUST_CHECK enum lcm_err lcm_trust_verify(const struct lcm_trust *trust, const uint8_t *file);

/*
 * May a device that trusts `active` go to the sector `next`? Checks both owner
 * signatures and that the sequence rises. LCM_OK, LCM_ERR_ROLLBACK (sequence not
 * higher), LCM_ERR_KEY_UNKNOWN (owner key changed without the old owner's signature:
 * look into the trust chain), LCM_ERR_SIGNATURE.
 */
LCM_MUST_CHECK enum lcm_err lcm_trust_verify_successor(const struct lcm_trust *active,
                                                       const struct lcm_trust *next,
                                                       const uint8_t *next_file);

/* SHA-256 of a sector file with the state byte taken as active. */
void lcm_trust_hash(const uint8_t *file, uint8_t sha256[LCM_SHA256_SIZE]);

/* Anchor number index (0 .. anchor_count-1) of a sector that decoded without error.
 * LCM_ERR_NOT_FOUND past the last one. */
LCM_MUST_CHECK enum lcm_err lcm_trust_anchor(const uint8_t *file, uint32_t index,
                                             struct lcm_anchor *anchor);

/* true when host is the release host or equal to / below one of the suffixes. */
bool lcm_trust_allows_host(const struct lcm_trust *trust, const char *host);

/* The release key with this key id, or NULL. */
const uint8_t *lcm_trust_release_key(const struct lcm_trust *trust,
                                     const uint8_t key_id[LCM_KEY_ID_SIZE]);

/* Decode a trust pointer and verify it by owner_key. LCM_ERR_FORMAT,
 * LCM_ERR_CRITICAL_FIELD or LCM_ERR_SIGNATURE; *pointer is written also for
 * LCM_ERR_SIGNATURE, so that the caller can walk the trust chain. */
LCM_MUST_CHECK enum lcm_err lcm_trust_pointer_open(struct lcm_trust_pointer *pointer,
                                                   const uint8_t *file, size_t size,
                                                   const uint8_t owner_key[LCM_KEY_SIZE]);

#endif
