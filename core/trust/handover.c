// SPDX-License-Identifier: Apache-2.0
/*
 * From the key a device pinned to the key that signs today: an app repository hands
 * its key over by a signature of the old key, and manifests carry these hand-overs.
 * The manifest's own signature is not checked here (lcm_manifest_verify).
 * Invariant: a key is given out only when the pinned key is that key, or every
 * hand-over from the pinned key on is valid.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/trust/manifest.h"
#include "core/trust/signed_file.h"

/* The keys of a file in order: old keys of the hand-overs, then the signer. */
struct handover_chain {
    const uint8_t *key[LCM_HANDOVERS_MAX + 1];
    struct lcm_tlv_item signature[LCM_HANDOVERS_MAX]; /* by key[i] over key[i + 1] */
    size_t count;                                     /* of hand-overs */
    struct lcm_tlv_item repository;
};

static enum lcm_err handover_add(struct handover_chain *chain, const struct lcm_tlv_item *item)
{
    if (chain->count == LCM_HANDOVERS_MAX || item->size < LCM_KEY_SIZE)
        return LCM_ERR_FORMAT;
    chain->key[chain->count] = item->value;
    chain->signature[chain->count] = *item;
    chain->signature[chain->count].value += LCM_KEY_SIZE;
    chain->signature[chain->count].size = (uint16_t)(item->size - LCM_KEY_SIZE);
    chain->count++;
    return LCM_OK;
}

static enum lcm_err handover_collect(struct handover_chain *chain, const uint8_t *file, size_t size)
{
    struct lcm_tlv_reader reader;
    struct lcm_tlv_item key;
    struct lcm_tlv_item item;
    enum lcm_err err = lcm_signed_open(&reader, &lcm_signed_manifest, file, size);

    memset(chain, 0, sizeof(*chain));
    if (err == LCM_OK)
        err = lcm_signed_find(&reader, LCM_MANIFEST_REPOSITORY, &chain->repository);
    if (err == LCM_OK)
        err = lcm_signed_find(&reader, LCM_MANIFEST_KEY, &key);
    if (err != LCM_OK || key.size != LCM_KEY_SIZE)
        return LCM_ERR_FORMAT;
    while ((err = lcm_signed_find(&reader, LCM_MANIFEST_HANDOVER, &item)) == LCM_OK) {
        err = handover_add(chain, &item);
        if (err != LCM_OK)
            return err;
    }
    chain->key[chain->count] = key.value;
    return err == LCM_ERR_NOT_FOUND ? LCM_OK : LCM_ERR_FORMAT;
}

static enum lcm_verdict handover_verify(const struct handover_chain *chain, size_t index)
{
    const struct lcm_tlv_item *signature = &chain->signature[index];
    br_sha256_context hash;

    lcm_verify_begin(&hash, LCM_DOMAIN_HANDOVER);
    br_sha256_update(&hash, chain->repository.value, chain->repository.size);
    br_sha256_update(&hash, "", 1);
    br_sha256_update(&hash, chain->key[index + 1], LCM_KEY_SIZE);
    return lcm_verify_finish(&hash, chain->key[index], signature->value, signature->size);
}

/* Where the pinned key stands, the nearest place to the signer; count + 1 when nowhere. */
static size_t handover_find(const struct handover_chain *chain,
                            const uint8_t pinned[LCM_FINGERPRINT_SIZE])
{
    uint8_t fingerprint[LCM_FINGERPRINT_SIZE];

    for (size_t left = chain->count + 1; left > 0; left--) {
        lcm_key_fingerprint(chain->key[left - 1], fingerprint);
        if (lcm_bytes_equal(fingerprint, pinned, LCM_FINGERPRINT_SIZE))
            return left - 1;
    }
    return chain->count + 1;
}

enum lcm_err lcm_manifest_signer(const uint8_t *file, size_t size,
                                 const uint8_t pinned[LCM_FINGERPRINT_SIZE],
                                 uint8_t key[LCM_KEY_SIZE])
{
    struct handover_chain chain;
    enum lcm_err err = handover_collect(&chain, file, size);

    if (err != LCM_OK)
        return err;
    size_t start = pinned == NULL ? chain.count : handover_find(&chain, pinned);
    if (start > chain.count)
        return LCM_ERR_KEY_UNKNOWN;
    for (size_t i = start; i < chain.count; i++) {
        if (handover_verify(&chain, i) != LCM_VERDICT_VALID)
            return LCM_ERR_SIGNATURE;
    }
    memcpy(key, chain.key[chain.count], LCM_KEY_SIZE);
    return LCM_OK;
}
