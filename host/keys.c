// SPDX-License-Identifier: Apache-2.0
/*
 * P-256 private keys in memory: making, signing, verifying, public points. Files are
 * in keys_file.c. It keeps no key beyond lcm_keys_close. Invariant: a struct lcm_key
 * always holds a complete P-256 key pair.
 */
#include "host/keys.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

#include "core/base/text.h"
#include "host/keys_internal.h"

#define POINT_UNCOMPRESSED 0x04u
#define COORDINATE_SIZE 32
#define GROUP_NAME_SIZE 80u
#define GROUP_NAME "prime256v1" /* OpenSSL's name of P-256 */

static bool keys_has_group(const EVP_PKEY *pkey, char *name, size_t size)
{
    if (EVP_PKEY_get_group_name(pkey, name, size, NULL) == 1)
        return true;
    const char *type = EVP_PKEY_get0_type_name(pkey);
    size_t length = type == NULL ? 0 : strlen(type);
    if (length >= size)
        length = size - 1;
    memcpy(name, type == NULL ? "" : type, length);
    name[length] = '\0';
    return false;
}

enum lcm_err keys_check_curve(const EVP_PKEY *pkey, const char *name, struct lcm_failure *failure)
{
    char group[GROUP_NAME_SIZE] = "";

    if (keys_has_group(pkey, group, sizeof(group)) && EVP_PKEY_is_a(pkey, "EC") == 1 &&
        strcmp(group, GROUP_NAME) == 0)
        return LCM_OK;
    return lcm_failure_set(failure, LCM_ERR_ARGUMENT,
                           "%s: the key is %s; LifeCycle Manager uses P-256 (prime256v1) only",
                           name, group);
}

static bool keys_coordinate(const EVP_PKEY *pkey, const char *parameter, uint8_t *dst)
{
    BIGNUM *number = NULL;
    bool is_ok = EVP_PKEY_get_bn_param(pkey, parameter, &number) == 1 &&
                 BN_bn2binpad(number, dst, COORDINATE_SIZE) == COORDINATE_SIZE;

    BN_free(number);
    return is_ok;
}

enum lcm_err keys_point(const EVP_PKEY *pkey, uint8_t point[LCM_KEY_SIZE])
{
    uint8_t result[LCM_KEY_SIZE] = {POINT_UNCOMPRESSED};

    if (!keys_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_X, result + 1) ||
        !keys_coordinate(pkey, OSSL_PKEY_PARAM_EC_PUB_Y, result + 1 + COORDINATE_SIZE))
        return LCM_ERR_FORMAT;
    memcpy(point, result, sizeof(result));
    return LCM_OK;
}

enum lcm_err keys_wrap(struct lcm_key **key, EVP_PKEY *pkey, const char *name,
                       struct lcm_failure *failure)
{
    enum lcm_err err = keys_check_curve(pkey, name, failure);
    struct lcm_key *result = NULL;

    if (err == LCM_OK) {
        result = calloc(1, sizeof(*result));
        if (result == NULL)
            err = lcm_failure_set(failure, LCM_ERR_NO_SPACE, "out of memory");
    }
    if (err == LCM_OK && keys_point(pkey, result->point) != LCM_OK)
        err = lcm_failure_set(failure, LCM_ERR_FORMAT, "%s: the key has no public point", name);
    if (err != LCM_OK) {
        free(result);
        EVP_PKEY_free(pkey);
        return err;
    }
    result->pkey = pkey;
    *key = result;
    return LCM_OK;
}

enum lcm_err lcm_keys_generate(struct lcm_key **key, struct lcm_failure *failure)
{
    EVP_PKEY *pkey = EVP_EC_gen("P-256");

    if (pkey == NULL)
        return lcm_failure_set(failure, LCM_ERR_ENTROPY, "OpenSSL could not make a P-256 key");
    return keys_wrap(key, pkey, "new key", failure);
}

void lcm_keys_close(struct lcm_key *key)
{
    if (key == NULL)
        return;
    EVP_PKEY_free(key->pkey); /* wipes the secret number */
    free(key);
}

void lcm_keys_public(const struct lcm_key *key, uint8_t point[LCM_KEY_SIZE])
{
    memcpy(point, key->point, LCM_KEY_SIZE);
}

static int keys_sign_by(EVP_PKEY_CTX *context, const uint8_t *hash, uint8_t *signature,
                        size_t *size)
{
    return context != NULL && EVP_PKEY_sign_init(context) == 1 &&
           EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
           EVP_PKEY_sign(context, signature, size, hash, LCM_SHA256_SIZE) == 1;
}

enum lcm_err lcm_keys_sign(const struct lcm_key *key, const uint8_t hash[LCM_SHA256_SIZE],
                           uint8_t signature[LCM_SIGNATURE_SIZE_MAX], size_t *size,
                           struct lcm_failure *failure)
{
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key->pkey, NULL);
    uint8_t result[LCM_SIGNATURE_SIZE_MAX];
    size_t result_size = sizeof(result);
    int is_ok = keys_sign_by(context, hash, result, &result_size);

    EVP_PKEY_CTX_free(context);
    if (!is_ok)
        return lcm_failure_set(failure, LCM_ERR_SIGNATURE, "OpenSSL could not sign");
    memcpy(signature, result, result_size);
    *size = result_size;
    return LCM_OK;
}

static EVP_PKEY *keys_from_params(OSSL_PARAM *params)
{
    EVP_PKEY *pkey = NULL;
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);

    if (context == NULL || EVP_PKEY_fromdata_init(context) != 1 ||
        EVP_PKEY_fromdata(context, &pkey, EVP_PKEY_PUBLIC_KEY, params) != 1)
        pkey = NULL;
    EVP_PKEY_CTX_free(context);
    return pkey;
}

EVP_PKEY *keys_from_point(const uint8_t point[LCM_KEY_SIZE])
{
    char group[] = GROUP_NAME;
    uint8_t copy[LCM_KEY_SIZE];

    memcpy(copy, point, sizeof(copy));
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, copy, sizeof(copy)),
        OSSL_PARAM_construct_end(),
    };
    if (point[0] != POINT_UNCOMPRESSED)
        return NULL;
    return keys_from_params(params);
}

enum lcm_err lcm_keys_verify(const uint8_t point[LCM_KEY_SIZE], const uint8_t hash[LCM_SHA256_SIZE],
                             const uint8_t *signature, size_t size)
{
    EVP_PKEY *pkey = keys_from_point(point);
    EVP_PKEY_CTX *context = pkey == NULL ? NULL : EVP_PKEY_CTX_new(pkey, NULL);
    bool is_valid = context != NULL && EVP_PKEY_verify_init(context) == 1 &&
                    EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) == 1 &&
                    EVP_PKEY_verify(context, signature, size, hash, LCM_SHA256_SIZE) == 1;

    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(pkey);
    return is_valid ? LCM_OK : LCM_ERR_SIGNATURE;
}

void lcm_keys_fingerprint(const uint8_t point[LCM_KEY_SIZE], char text[LCM_FINGERPRINT_TEXT_SIZE])
{
    uint8_t fingerprint[LCM_FINGERPRINT_SIZE];
    struct lcm_text writer;

    lcm_key_fingerprint(point, fingerprint);
    lcm_text_init(&writer, text, LCM_FINGERPRINT_TEXT_SIZE);
    lcm_text_hex(&writer, fingerprint, sizeof(fingerprint));
}
