// SPDX-License-Identifier: Apache-2.0
/*
 * Throw-away certificates and trust sectors for tests; see the header. Keys are made anew in
 * each run: no key lies in the source tree.
 */
#include "tests/lib/fetch_pki.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "core/base/bytes.h"

static EVP_PKEY *pki_make_key(enum fetch_key_kind kind)
{
    switch (kind) {
    case FETCH_KEY_P256:
        return EVP_EC_gen("P-256");
    case FETCH_KEY_P384:
        return EVP_EC_gen("P-384");
    case FETCH_KEY_RSA_2048:
        return EVP_RSA_gen(2048);
    case FETCH_KEY_RSA_1024:
        return EVP_RSA_gen(1024);
    }
    return NULL;
}

static void pki_add_extension(X509 *certificate, int nid, const char *value)
{
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL, nid, value);

    assert_non_null(extension);
    assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
    X509_EXTENSION_free(extension);
}

static void pki_add_purpose(X509 *certificate, const char *host)
{
    char names[300] = "DNS:";

    if (host == NULL) {
        pki_add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
        pki_add_extension(certificate, NID_key_usage, "critical,keyCertSign");
        return;
    }
    strncat(names, host, sizeof names - 5);
    pki_add_extension(certificate, NID_key_usage, "critical,digitalSignature");
    pki_add_extension(certificate, NID_subject_alt_name, names);
}

static void pki_set_dates(X509 *certificate, const struct fetch_identity_wish *wish)
{
    int64_t not_before = wish->not_before != 0 ? wish->not_before : FETCH_PKI_NOT_BEFORE;
    int64_t not_after = wish->not_after != 0 ? wish->not_after : FETCH_PKI_NOT_AFTER;

    assert_non_null(ASN1_TIME_set(X509_getm_notBefore(certificate), not_before));
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(certificate), not_after));
}

struct fetch_identity fetch_pki_make(const struct fetch_identity_wish *wish,
                                     const struct fetch_identity *issuer)
{
    struct fetch_identity made = {.certificate = X509_new(), .key = pki_make_key(wish->kind)};
    const struct fetch_identity *signer = issuer != NULL ? issuer : &made;
    X509_NAME *name = X509_get_subject_name(made.certificate);

    assert_non_null(made.key);
    X509_set_version(made.certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(made.certificate), 0x1234567);
    X509_NAME_add_entry_by_txt(name, "O", MBSTRING_ASC, (const unsigned char *)"LCM tests", -1, -1,
                               0);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)wish->name, -1, -1,
                               0);
    X509_set_issuer_name(made.certificate, X509_get_subject_name(signer->certificate));
    pki_set_dates(made.certificate, wish);
    X509_set_pubkey(made.certificate, made.key);
    pki_add_purpose(made.certificate, wish->host);
    assert_true(X509_sign(made.certificate, signer->key,
                          wish->digest != NULL ? wish->digest : EVP_sha256()) > 0);
    return made;
}

void fetch_pki_free(struct fetch_identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
    identity->certificate = NULL;
    identity->key = NULL;
}

SSL_CTX *fetch_pki_server(const struct fetch_identity *leaf,
                          const struct fetch_identity *intermediate)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());

    assert_non_null(context);
    SSL_CTX_set_security_level(context, 0); /* a test also serves a weak key */
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_options(context, SSL_OP_NO_TICKET);
    SSL_CTX_set_session_id_context(context, (const unsigned char *)"lcm", 3);
    assert_int_equal(SSL_CTX_use_certificate(context, leaf->certificate), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey(context, leaf->key), 1);
    if (intermediate != NULL)
        assert_int_equal(SSL_CTX_add1_chain_cert(context, intermediate->certificate), 1);
    return context;
}

static uint8_t *pki_put_item(uint8_t *at, uint16_t tag, const void *value, size_t size)
{
    lcm_put_u16(at, tag);
    lcm_put_u16(at + 2, (uint16_t)size);
    memcpy(at + 4, value, size);
    return at + 4 + size;
}

static size_t pki_put_number(uint8_t *at, const EVP_PKEY *key, const char *what)
{
    BIGNUM *number = NULL;
    int size;

    assert_int_equal(EVP_PKEY_get_bn_param(key, what, &number), 1);
    size = BN_bn2bin(number, at);
    BN_free(number);
    return (size_t)size;
}

/* Kind-specific key bytes behind the name; returns their number. */
static size_t pki_put_key(uint8_t *anchor, uint8_t *at, EVP_PKEY *key)
{
    size_t size = 0;

    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        size_t modulus_size = pki_put_number(at + 2, key, OSSL_PKEY_PARAM_RSA_N);

        anchor[0] = LCM_ANCHOR_RSA;
        lcm_put_u16(at, (uint16_t)modulus_size);
        return 2 + modulus_size + pki_put_number(at + 2 + modulus_size, key, OSSL_PKEY_PARAM_RSA_E);
    }
    assert_int_equal(
        EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_ENCODED_PUBLIC_KEY, at, 133, &size),
        1);
    anchor[0] = size == 65 ? LCM_ANCHOR_P256 : LCM_ANCHOR_P384;
    return size;
}

static uint8_t *pki_put_anchor(uint8_t *at, const struct fetch_identity *identity)
{
    uint8_t anchor[1024] = {0};
    unsigned char *name = anchor + 4;
    int name_size = i2d_X509_NAME(X509_get_subject_name(identity->certificate), &name);
    size_t key_size;

    assert_true(name_size > 0);
    lcm_put_u16(anchor + 2, (uint16_t)name_size);
    key_size = pki_put_key(anchor, anchor + 4 + name_size, identity->key);
    return pki_put_item(at, LCM_TRUST_ANCHOR, anchor, 4 + (size_t)name_size + key_size);
}

void fetch_pki_sector(uint8_t file[LCM_TRUST_SIZE], const struct fetch_identity *const *anchors,
                      size_t count)
{
    const uint8_t number[8] = {1};
    uint8_t key[LCM_KEY_SIZE] = {4};
    uint8_t *at = file + LCM_TLV_HEADER_SIZE;

    memset(file, 0xFF, LCM_TRUST_SIZE);
    memcpy(file, LCM_TRUST_MAGIC, 4);
    at = pki_put_item(at, LCM_TRUST_SEQUENCE, number, 4);
    at = pki_put_item(at, LCM_TRUST_TIME_FLOOR, number, 8);
    at = pki_put_item(at, LCM_TRUST_REPOSITORY, "owner/name", 10);
    at = pki_put_item(at, LCM_TRUST_HOST, "github.com", 10);
    at = pki_put_item(at, LCM_TRUST_OWNER_KEY, key, sizeof key);
    at = pki_put_item(at, LCM_TRUST_RELEASE_KEY, key, sizeof key);
    at = pki_put_item(at, LCM_TRUST_HOST_SUFFIX, "githubusercontent.com", 21);
    for (size_t i = 0; i < count; i++)
        at = pki_put_anchor(at, anchors[i]);
    lcm_put_u16(file + 4, (uint16_t)(at - file - LCM_TLV_HEADER_SIZE));
    lcm_put_u16(file + 6, 0);
}

/* ---- one host for a program ---- */

SSL_CTX *fetch_pki_host;
static struct fetch_identity host_identity;

int fetch_pki_host_open(void **state)
{
    static const struct fetch_identity_wish wish = {
        .kind = FETCH_KEY_P256, .name = "host", .host = "github.com"};

    (void)state;
    host_identity = fetch_pki_make(&wish, NULL);
    fetch_pki_host = fetch_pki_server(&host_identity, NULL);
    return 0;
}

int fetch_pki_host_close(void **state)
{
    (void)state;
    SSL_CTX_free(fetch_pki_host);
    fetch_pki_free(&host_identity);
    return 0;
}
