/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signature checks: ECDSA P-256 over SHA-256 with a domain tag.
 *
 * A verdict is a type of its own. It starts as failure, and success is a pattern
 * that no cleared or half-written variable holds, so that a glitch or a forgotten
 * assignment cannot turn into "valid".
 */
#ifndef LCM_TRUST_VERIFY_H
#define LCM_TRUST_VERIFY_H

#include <stddef.h>
#include <stdint.h>

#include <bearssl.h>

#include "lcm/err.h"

#define LCM_KEY_SIZE 65u /* uncompressed P-256 point */
#define LCM_KEY_ID_SIZE 8u
#define LCM_FINGERPRINT_SIZE 32u
#define LCM_SIGNATURE_SIZE_MAX 72u /* DER */
#define LCM_SHA256_SIZE 32u

enum lcm_verdict {
    LCM_VERDICT_INVALID = 0,
    LCM_VERDICT_VALID = 0x5AC3D2E1,
};

/* The domains of docs/SPEC.md section 2; the NUL is part of the domain. */
#define LCM_DOMAIN_TRUST_SECTOR "LCM trust sector 1"
#define LCM_DOMAIN_TRUST_POINTER "LCM trust pointer 1"
#define LCM_DOMAIN_MANIFEST "LCM manifest 1"
#define LCM_DOMAIN_HANDOVER "LCM key handover 1"

/* Start the hash of a signed message: SHA-256 fed with the domain and its NUL. */
void lcm_verify_begin(br_sha256_context *hash, const char *domain);

/* Check a DER signature over the finished hash. Cost: one P-256 verification
 * (27 M instructions on lx106). Anything but a correct signature by a valid
 * point gives LCM_VERDICT_INVALID. */
enum lcm_verdict lcm_verify_finish(br_sha256_context *hash, const uint8_t key[LCM_KEY_SIZE],
                                   const uint8_t *signature, size_t signature_size);

/* SHA-256 over a public key; the key id is its first LCM_KEY_ID_SIZE bytes. */
void lcm_key_fingerprint(const uint8_t key[LCM_KEY_SIZE],
                         uint8_t fingerprint[LCM_FINGERPRINT_SIZE]);

#endif
