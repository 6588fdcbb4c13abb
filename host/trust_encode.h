/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Making trust sectors and trust pointers (docs/SPEC.md sections 3.1, 3.2): fields,
 * keys and X.509 certificates in, signed bytes out.
 *
 * The result was decoded and verified by the device's own code (core/trust/).
 */
#ifndef LCM_HOST_TRUST_ENCODE_H
#define LCM_HOST_TRUST_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "core/trust/sector.h"
#include "host/failure.h"
#include "host/keys.h"
#include "lcm/err.h"

/* All pointers stay the caller's and are read during the call only. */
struct lcm_trust_spec {
    uint32_t sequence;      /* 1 .. 2^32-1 */
    uint64_t time_floor;    /* Unix seconds: now */
    const char *repository; /* of LifeCycle Manager itself */
    const char *host;       /* release host */
    const struct lcm_key *owner;
    const struct lcm_key *owner_before; /* NULL when the owner key stays the same */
    uint8_t release_key[LCM_RELEASE_KEYS_MAX][LCM_KEY_SIZE];
    size_t release_key_count; /* 1 .. LCM_RELEASE_KEYS_MAX */
    const char *suffix[LCM_HOST_SUFFIXES_MAX];
    size_t suffix_count;
    uint32_t security_floor[4]; /* by enum lcm_file_type; 0 = none */
    X509 *anchor[LCM_ANCHORS_MAX];
    size_t anchor_count; /* 1 .. LCM_ANCHORS_MAX */
};

/*
 * Encode and sign a sector; file is LCM_TRUST_SIZE bytes, byte 0 = "L". Anchors are
 * written as (subject, public key) pairs; a certificate that is not self-issued is
 * marked as an intermediate. LCM_ERR_TOO_LONG when all of it does not fit,
 * LCM_ERR_ARGUMENT for a certificate key the device cannot use (text names it),
 * or the errors of lcm_trust_decode. file is unspecified after an error.
 */
LCM_MUST_CHECK enum lcm_err lcm_trust_encode(const struct lcm_trust_spec *spec,
                                             uint8_t file[LCM_TRUST_SIZE],
                                             struct lcm_failure *failure);

/*
 * Encode and sign the pointer that announces a sector. owner must be the sector's
 * owner key: LCM_ERR_KEY_UNKNOWN otherwise. *size bytes at out.
 */
LCM_MUST_CHECK enum lcm_err lcm_trust_pointer_encode(const uint8_t sector[LCM_TRUST_SIZE],
                                                     const struct lcm_key *owner,
                                                     uint8_t out[LCM_TRUST_POINTER_SIZE_MAX],
                                                     size_t *size, struct lcm_failure *failure);

#endif
