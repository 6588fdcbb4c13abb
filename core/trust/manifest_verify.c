// SPDX-License-Identifier: Apache-2.0
/*
 * Signature of a manifest by a key the caller trusts. Which key that is, is the
 * caller's choice: a release key of the trust sector, or what handover.c found.
 * Invariant: LCM_OK means that this key signed these bytes and that the file names it.
 */
#include "core/base/bytes.h"
#include "core/trust/manifest.h"
#include "core/trust/signed_file.h"

/* The rules keep sequences apart by key id, so a file may not name another key. */
static enum lcm_err manifest_check_key_id(const uint8_t *file, size_t size,
                                          const uint8_t key[LCM_KEY_SIZE])
{
    uint8_t fingerprint[LCM_FINGERPRINT_SIZE];
    struct lcm_tlv_reader reader;
    struct lcm_tlv_item item;
    enum lcm_err err = lcm_signed_open(&reader, &lcm_signed_manifest, file, size);

    if (err == LCM_OK)
        err = lcm_signed_find(&reader, LCM_MANIFEST_KEY_ID, &item);
    if (err != LCM_OK || item.size != LCM_KEY_ID_SIZE)
        return LCM_ERR_SIGNATURE;
    lcm_key_fingerprint(key, fingerprint);
    return lcm_bytes_equal(fingerprint, item.value, LCM_KEY_ID_SIZE) ? LCM_OK : LCM_ERR_SIGNATURE;
}

enum lcm_err lcm_manifest_verify(const uint8_t *file, size_t size, const uint8_t key[LCM_KEY_SIZE])
{
    struct lcm_signatures signatures;
    enum lcm_err err = manifest_check_key_id(file, size, key);

    if (err != LCM_OK)
        return err;
    if (lcm_signed_signatures(&signatures, file, size) != LCM_OK || signatures.before.size != 0 ||
        signatures.end != file + size)
        return LCM_ERR_SIGNATURE;
    if (lcm_signed_verify(&lcm_signed_manifest, file, key, &signatures.own) != LCM_VERDICT_VALID)
        return LCM_ERR_SIGNATURE;
    return LCM_OK;
}
