// SPDX-License-Identifier: Apache-2.0
/*
 * ECDSA P-256 verification by BearSSL (i15 arithmetic, the m15 curve: the fast pair
 * on a CPU that multiplies 16 by 16 bits).
 *
 * BearSSL reads DER generously; this module first insists on the one canonical form,
 * so that nobody can write the same signature in two ways. It chooses no keys.
 * Invariant: LCM_VERDICT_VALID is stored at exactly one place, after all checks.
 */
#include "core/trust/verify.h"

#include <stdbool.h>
#include <string.h>

#define DER_SEQUENCE 0x30u
#define DER_INTEGER 0x02u
#define DER_HEADER_SIZE 2u
#define DER_SCALAR_SIZE_MAX 33u /* 32 bytes and a leading zero */
#define POINT_UNCOMPRESSED 0x04u

void lcm_verify_begin(br_sha256_context *hash, const char *domain)
{
    br_sha256_init(hash);
    br_sha256_update(hash, domain, strlen(domain) + 1);
}

/* A positive DER integer in its shortest form at the start of bytes; its whole size, or 0. */
static size_t verify_der_integer(const uint8_t *bytes, size_t size)
{
    if (size < DER_HEADER_SIZE + 1 || bytes[0] != DER_INTEGER)
        return 0;

    size_t length = bytes[1];
    const uint8_t *value = bytes + DER_HEADER_SIZE;
    if (length == 0 || length > DER_SCALAR_SIZE_MAX || length > size - DER_HEADER_SIZE)
        return 0;
    if ((value[0] & 0x80) != 0)
        return 0;
    if (value[0] == 0 && (length == 1 || (value[1] & 0x80) == 0))
        return 0;
    return DER_HEADER_SIZE + length;
}

static bool verify_is_canonical(const uint8_t *signature, size_t size)
{
    if (size < DER_HEADER_SIZE || size > LCM_SIGNATURE_SIZE_MAX)
        return false;
    if (signature[0] != DER_SEQUENCE || signature[1] != size - DER_HEADER_SIZE)
        return false;

    const uint8_t *cursor = signature + DER_HEADER_SIZE;
    size_t left = size - DER_HEADER_SIZE;
    size_t r_size = verify_der_integer(cursor, left);
    if (r_size == 0)
        return false;
    cursor += r_size;
    left -= r_size;
    size_t s_size = verify_der_integer(cursor, left);
    return s_size != 0 && s_size == left;
}

enum lcm_verdict lcm_verify_finish(br_sha256_context *hash, const uint8_t key[LCM_KEY_SIZE],
                                   const uint8_t *signature, size_t signature_size)
{
    enum lcm_verdict verdict = LCM_VERDICT_INVALID;
    uint8_t digest[LCM_SHA256_SIZE];
    uint8_t point[LCM_KEY_SIZE];

    br_sha256_out(hash, digest);
    if (key[0] != POINT_UNCOMPRESSED || !verify_is_canonical(signature, signature_size))
        return verdict;
    memcpy(point, key, sizeof(point)); /* BearSSL wants the point writable */

    const br_ec_public_key public_key = {BR_EC_secp256r1, point, sizeof(point)};
    uint32_t is_valid = br_ecdsa_i15_vrfy_asn1(&br_ec_p256_m15, digest, sizeof(digest), &public_key,
                                               signature, signature_size);
    if (is_valid == 1)
        verdict = LCM_VERDICT_VALID;
    return verdict;
}

void lcm_key_fingerprint(const uint8_t key[LCM_KEY_SIZE], uint8_t fingerprint[LCM_FINGERPRINT_SIZE])
{
    br_sha256_context hash;

    br_sha256_init(&hash);
    br_sha256_update(&hash, key, LCM_KEY_SIZE);
    br_sha256_out(&hash, fingerprint);
}
