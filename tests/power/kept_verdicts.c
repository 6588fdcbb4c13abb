// SPDX-License-Identifier: Apache-2.0
/*
 * Stands in front of lcm_verify_finish in the power-cut harness (linker option --wrap): each
 * signature is verified once, in full; the same digest, key and signature get the same
 * verdict again. Without it a million paths would verify a hundred million times.
 */
#include <stdbool.h>
#include <string.h>

#include "core/trust/verify.h"

#define KEPT_MAX 256u

enum lcm_verdict __real_lcm_verify_finish(br_sha256_context *hash, const uint8_t key[LCM_KEY_SIZE],
                                          const uint8_t *signature, size_t signature_size);
enum lcm_verdict __wrap_lcm_verify_finish(br_sha256_context *hash, const uint8_t key[LCM_KEY_SIZE],
                                          const uint8_t *signature, size_t signature_size);

struct kept_verdict {
    uint8_t digest[LCM_SHA256_SIZE];
    uint8_t key[LCM_KEY_SIZE];
    uint8_t signature[LCM_SIGNATURE_SIZE_MAX];
    size_t signature_size;
    enum lcm_verdict verdict;
};

static struct kept_verdict kept[KEPT_MAX];
static uint32_t kept_count;
static uint32_t kept_next; /* the oldest goes first once the table is full */

static bool kept_fits(const struct kept_verdict *entry, const uint8_t *digest, const uint8_t *key,
                      const uint8_t *signature, size_t signature_size)
{
    return entry->signature_size == signature_size &&
           memcmp(entry->digest, digest, sizeof(entry->digest)) == 0 &&
           memcmp(entry->key, key, sizeof(entry->key)) == 0 &&
           memcmp(entry->signature, signature, signature_size) == 0;
}

enum lcm_verdict __wrap_lcm_verify_finish(br_sha256_context *hash, const uint8_t key[LCM_KEY_SIZE],
                                          const uint8_t *signature, size_t signature_size)
{
    struct kept_verdict entry = {.signature_size = signature_size};

    if (signature_size > LCM_SIGNATURE_SIZE_MAX)
        return __real_lcm_verify_finish(hash, key, signature, signature_size);
    br_sha256_out(hash, entry.digest);
    for (uint32_t i = 0; i < kept_count; i++)
        if (kept_fits(&kept[i], entry.digest, key, signature, signature_size))
            return kept[i].verdict;
    memcpy(entry.key, key, sizeof(entry.key));
    memcpy(entry.signature, signature, signature_size);
    entry.verdict = __real_lcm_verify_finish(hash, key, signature, signature_size);
    kept[kept_next] = entry;
    kept_next = (kept_next + 1) % KEPT_MAX;
    if (kept_count < KEPT_MAX)
        kept_count++;
    return entry.verdict;
}
