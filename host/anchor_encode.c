// SPDX-License-Identifier: Apache-2.0
/*
 * One TLS anchor: subject name and public key of a certificate, its dates and its
 * signature left behind. It judges no chain. Invariant: what is written is accepted by
 * lcm_anchor_parse, which checks it again.
 */
#include "host/anchor_encode.h"

#include <string.h>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include "core/base/bytes.h"
#include "core/trust/anchor.h"

#define ANCHOR_HEADER_SIZE 4u
#define SUBJECT_TEXT_SIZE 160
#define POINT_UNCOMPRESSED 0x04u
#define P256_COORDINATE_SIZE 32
#define P384_COORDINATE_SIZE 48
#define KEY_BYTES_SIZE_MAX (2u + LCM_ANCHOR_MODULUS_SIZE_MAX + LCM_ANCHOR_EXPONENT_SIZE_MAX)

struct anchor_key {
    uint8_t kind; /* 0 = none the device can use */
    uint8_t bytes[KEY_BYTES_SIZE_MAX];
    size_t size;
};

/* Append a number: padded to length bytes, or as short as it is when length is 0. */
static bool anchor_append_number(struct anchor_key *key, const EVP_PKEY *pkey,
                                 const char *parameter, int length)
{
    BIGNUM *number = NULL;

    if (EVP_PKEY_get_bn_param(pkey, parameter, &number) != 1)
        return false;
    if (length == 0)
        length = BN_num_bytes(number);
    bool is_ok = length > 0 && (size_t)length <= sizeof(key->bytes) - key->size &&
                 BN_bn2binpad(number, key->bytes + key->size, length) == length;
    if (is_ok)
        key->size += (size_t)length;
    BN_free(number);
    return is_ok;
}

static bool anchor_read_point(struct anchor_key *key, const EVP_PKEY *pkey, int coordinate_size)
{
    key->bytes[0] = POINT_UNCOMPRESSED;
    key->size = 1;
    return anchor_append_number(key, pkey, OSSL_PKEY_PARAM_EC_PUB_X, coordinate_size) &&
           anchor_append_number(key, pkey, OSSL_PKEY_PARAM_EC_PUB_Y, coordinate_size);
}

static bool anchor_read_rsa(struct anchor_key *key, const EVP_PKEY *pkey)
{
    key->size = 2;
    if (!anchor_append_number(key, pkey, OSSL_PKEY_PARAM_RSA_N, 0))
        return false;
    size_t modulus_size = key->size - 2;
    lcm_put_u16(key->bytes, (uint16_t)modulus_size);
    return modulus_size >= LCM_ANCHOR_MODULUS_SIZE_MIN &&
           modulus_size <= LCM_ANCHOR_MODULUS_SIZE_MAX &&
           anchor_append_number(key, pkey, OSSL_PKEY_PARAM_RSA_E, 0);
}

static bool anchor_read_key(struct anchor_key *key, const EVP_PKEY *pkey)
{
    char group[80] = "";

    memset(key, 0, sizeof(*key));
    if (pkey == NULL)
        return false;
    if (EVP_PKEY_is_a(pkey, "RSA") == 1) {
        key->kind = LCM_ANCHOR_RSA;
        return anchor_read_rsa(key, pkey);
    }
    if (EVP_PKEY_is_a(pkey, "EC") != 1 ||
        EVP_PKEY_get_group_name(pkey, group, sizeof(group), NULL) != 1)
        return false;
    if (strcmp(group, "prime256v1") == 0) {
        key->kind = LCM_ANCHOR_P256;
        return anchor_read_point(key, pkey, P256_COORDINATE_SIZE);
    }
    key->kind = LCM_ANCHOR_P384;
    return strcmp(group, "secp384r1") == 0 && anchor_read_point(key, pkey, P384_COORDINATE_SIZE);
}

static enum lcm_err anchor_failure(X509 *certificate, enum lcm_err err, const char *why,
                                   struct lcm_failure *failure)
{
    char subject[SUBJECT_TEXT_SIZE] = "";

    X509_NAME_oneline(X509_get_subject_name(certificate), subject, sizeof(subject));
    return lcm_failure_set(failure, err, "certificate %s: %s", subject, why);
}

enum lcm_err lcm_anchor_encode(X509 *certificate, uint8_t *out, size_t capacity, size_t *size,
                               struct lcm_failure *failure)
{
    struct anchor_key key;
    X509_NAME *subject = X509_get_subject_name(certificate);
    int name_size = i2d_X509_NAME(subject, NULL);

    if (!anchor_read_key(&key, X509_get0_pubkey(certificate)))
        return anchor_failure(certificate, LCM_ERR_ARGUMENT,
                              "its key is none of P-256, P-384, RSA 2048..4096", failure);
    if (name_size <= 0 || (size_t)name_size > UINT16_MAX ||
        ANCHOR_HEADER_SIZE + (size_t)name_size + key.size > capacity)
        return anchor_failure(certificate, LCM_ERR_TOO_LONG, "its name is too long", failure);

    bool is_root = X509_NAME_cmp(subject, X509_get_issuer_name(certificate)) == 0;
    out[0] = key.kind;
    out[1] = (uint8_t)(is_root ? 0u : LCM_ANCHOR_INTERMEDIATE);
    lcm_put_u16(out + 2, (uint16_t)name_size);
    uint8_t *cursor = out + ANCHOR_HEADER_SIZE;
    i2d_X509_NAME(subject, &cursor); /* moves cursor behind the name */
    memcpy(cursor, key.bytes, key.size);
    *size = ANCHOR_HEADER_SIZE + (size_t)name_size + key.size;
    return LCM_OK;
}
