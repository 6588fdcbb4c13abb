// SPDX-License-Identifier: Apache-2.0
/*
 * Signatures of trust sectors: a sector by itself, and a sector as the successor of
 * another. Storing one is trust_store.c's business. Invariant: a changed owner key is
 * accepted only under the signature of the owner key in force.
 */
#include <string.h>

#include "core/base/bytes.h"
#include "core/trust/sector.h"
#include "core/trust/signed_file.h"

/* Verify the signature item with this tag; an absent one is not valid. */
static enum lcm_err sector_verify_item(const uint8_t *file, const uint8_t key[LCM_KEY_SIZE],
                                       uint16_t tag)
{
    struct lcm_tlv_reader reader;
    struct lcm_signatures signatures;

    if (lcm_signed_open(&reader, &lcm_signed_trust, file, LCM_TRUST_SIZE) != LCM_OK ||
        lcm_signed_signatures(&signatures, file, LCM_TRUST_SIZE) != LCM_OK)
        return LCM_ERR_SIGNATURE;

    const struct lcm_tlv_item *item =
        tag == LCM_TRUST_SIGNATURE ? &signatures.own : &signatures.before;
    if (item->size == 0 ||
        lcm_signed_verify(&lcm_signed_trust, file, key, item) != LCM_VERDICT_VALID)
        return LCM_ERR_SIGNATURE;
    return LCM_OK;
}

enum lcm_err lcm_trust_verify(const struct lcm_trust *trust, const uint8_t *file)
{
    return sector_verify_item(file, trust->owner_key, LCM_TRUST_SIGNATURE);
}

enum lcm_err lcm_trust_verify_successor(const struct lcm_trust *active,
                                        const struct lcm_trust *next, const uint8_t *next_file)
{
    enum lcm_err err;

    if (next->sequence <= active->sequence)
        return LCM_ERR_ROLLBACK;
    err = lcm_trust_verify(next, next_file);
    if (err != LCM_OK)
        return err;
    if (lcm_bytes_equal(next->owner_key, active->owner_key, LCM_KEY_SIZE))
        return LCM_OK;
    /* Signed by an owner in between: the chain leads there, so this is no forgery. */
    err = sector_verify_item(next_file, active->owner_key, LCM_TRUST_SIGNATURE_BEFORE);
    return err == LCM_OK ? LCM_OK : LCM_ERR_KEY_UNKNOWN;
}

void lcm_trust_hash(const uint8_t *file, uint8_t sha256[LCM_SHA256_SIZE])
{
    const uint8_t state = LCM_TRUST_ACTIVE;
    br_sha256_context hash;

    br_sha256_init(&hash);
    br_sha256_update(&hash, &state, 1);
    br_sha256_update(&hash, file + 1, LCM_TRUST_SIZE - 1);
    br_sha256_out(&hash, sha256);
}
