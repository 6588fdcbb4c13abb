// SPDX-License-Identifier: Apache-2.0
/*
 * Key hand-overs of app repositories: making one, and carrying earlier ones on into
 * the next manifest. Whether they lead anywhere is checked by lcm_manifest_encode.
 */
#include <string.h>

#include <openssl/evp.h>

#include "core/base/tlv.h"
#include "core/trust/names.h"
#include "core/trust/signed_file.h"
#include "host/manifest_encode.h"

static bool handover_hash(const char *repository, const uint8_t *next_point, uint8_t *hash)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool is_ok = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
                 EVP_DigestUpdate(context, LCM_DOMAIN_HANDOVER, sizeof(LCM_DOMAIN_HANDOVER)) == 1 &&
                 EVP_DigestUpdate(context, repository, strlen(repository) + 1) == 1 &&
                 EVP_DigestUpdate(context, next_point, LCM_KEY_SIZE) == 1 &&
                 EVP_DigestFinal_ex(context, hash, NULL) == 1;

    EVP_MD_CTX_free(context);
    return is_ok;
}

enum lcm_err lcm_handover_make(struct lcm_handover *handover, const struct lcm_key *old_key,
                               const char *repository, const uint8_t next_point[LCM_KEY_SIZE],
                               struct lcm_failure *failure)
{
    struct lcm_handover result = {.size = 0};
    uint8_t hash[LCM_SHA256_SIZE];
    size_t signature_size = 0;

    if (!lcm_name_is_repository(repository))
        return lcm_failure_set(failure, LCM_ERR_FORMAT, "\"%.63s\" is not owner/name", repository);
    if (!handover_hash(repository, next_point, hash))
        return lcm_failure_set(failure, LCM_ERR_SIGNATURE, "OpenSSL could not hash");
    enum lcm_err err =
        lcm_keys_sign(old_key, hash, result.bytes + LCM_KEY_SIZE, &signature_size, failure);
    if (err != LCM_OK)
        return err;
    lcm_keys_public(old_key, result.bytes);
    result.size = LCM_KEY_SIZE + signature_size;
    *handover = result;
    return LCM_OK;
}

enum lcm_err lcm_handover_read(struct lcm_handover handovers[LCM_HANDOVERS_MAX], size_t *count,
                               uint8_t *signer_key, const uint8_t *file, size_t size)
{
    struct lcm_manifest manifest;
    struct lcm_tlv_reader reader;
    struct lcm_tlv_item item;
    size_t found = 0;

    if (lcm_manifest_decode(&manifest, file, size) != LCM_OK || manifest.type != LCM_FILE_APP ||
        lcm_signed_open(&reader, &lcm_signed_manifest, file, size) != LCM_OK ||
        lcm_signed_find(&reader, LCM_MANIFEST_KEY, &item) != LCM_OK)
        return LCM_ERR_FORMAT;
    if (signer_key != NULL)
        memcpy(signer_key, item.value, LCM_KEY_SIZE);
    while (found < LCM_HANDOVERS_MAX &&
           lcm_signed_find(&reader, LCM_MANIFEST_HANDOVER, &item) == LCM_OK) {
        memcpy(handovers[found].bytes, item.value, item.size);
        handovers[found].size = item.size;
        found++;
    }
    *count = found;
    return LCM_OK;
}
