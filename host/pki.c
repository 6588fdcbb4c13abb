// SPDX-License-Identifier: Apache-2.0
/*
 * Makes keys and X.509 certificates with OpenSSL 3; see the header.
 *
 * Every certificate is built by certificate_make from one struct profile: the
 * kinds differ in a table of extensions, not in code. Reads and writes no files.
 */
#include "host/pki.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "host/pki_internal.h"

#define PKI_SERIAL_BITS 127
#define PKI_SAN_SIZE (PKI_NAMES_MAX * 264u)
#define PKI_EXTENSIONS_MAX 7u

struct extension {
    int nid; /* 0 ends the list */
    const char *value;
};

struct profile {
    const char *organisation; /* NULL = that of the issuer, none for a leaf */
    const char *common_name;
    struct pki_dates dates;
    struct extension extensions[PKI_EXTENSIONS_MAX];
};

static EVP_PKEY *key_make(enum pki_key_kind kind)
{
    switch (kind) {
    case PKI_P256:
        return EVP_EC_gen("P-256");
    case PKI_P384:
        return EVP_EC_gen("P-384");
    case PKI_RSA2048:
        return EVP_RSA_gen(2048);
    case PKI_RSA4096:
        return EVP_RSA_gen(4096);
    }
    return NULL;
}

static const EVP_MD *key_hash(const EVP_PKEY *key)
{
    int bits = EVP_PKEY_get_bits(key);

    return bits == 384 || bits == 4096 ? EVP_sha384() : EVP_sha256();
}

static bool certificate_set_serial(X509 *certificate)
{
    BIGNUM *number = BN_new();
    bool ok = number != NULL &&
              BN_rand(number, PKI_SERIAL_BITS, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) == 1 &&
              BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;

    BN_free(number);
    return ok;
}

static bool certificate_set_dates(X509 *certificate, const struct pki_dates *dates)
{
    return X509_gmtime_adj(X509_getm_notBefore(certificate), dates->not_before_s) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), dates->not_after_s) != NULL;
}

static bool name_add(X509_NAME *name, const char *field, const char *value)
{
    return X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, (const unsigned char *)value, -1,
                                      -1, 0) == 1;
}

static bool certificate_set_names(X509 *certificate, const struct profile *profile,
                                  const X509 *issuer)
{
    X509_NAME *subject = X509_get_subject_name(certificate);

    if (profile->organisation != NULL &&
        (!name_add(subject, "C", "XX") || !name_add(subject, "O", profile->organisation)))
        return false;
    return name_add(subject, "CN", profile->common_name) &&
           X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1;
}

static bool certificate_add_extensions(X509 *certificate, const struct extension *extensions,
                                       X509 *issuer)
{
    X509V3_CTX context;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
    for (; extensions->nid != 0; extensions++) {
        X509_EXTENSION *extension =
            X509V3_EXT_conf_nid(NULL, &context, extensions->nid, extensions->value);
        bool ok = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
        X509_EXTENSION_free(extension);
        if (!ok)
            return false;
    }
    return true;
}

/* issuer NULL = self-signed. */
static X509 *certificate_make(EVP_PKEY *key, const struct profile *profile,
                              const struct pki_identity *issuer)
{
    X509 *certificate = X509_new();
    X509 *parent = issuer != NULL ? issuer->certificate : certificate;
    EVP_PKEY *signer = issuer != NULL ? issuer->key : key;

    if (certificate != NULL && X509_set_version(certificate, X509_VERSION_3) == 1 &&
        certificate_set_serial(certificate) &&
        certificate_set_dates(certificate, &profile->dates) &&
        X509_set_pubkey(certificate, key) == 1 &&
        certificate_set_names(certificate, profile, parent) &&
        certificate_add_extensions(certificate, profile->extensions, parent) &&
        X509_sign(certificate, signer, key_hash(signer)) > 0)
        return certificate;
    X509_free(certificate);
    return NULL;
}

struct pki_identity *pki_adopt(EVP_PKEY *key, X509 *certificate)
{
    struct pki_identity *identity = calloc(1, sizeof(*identity));

    if (identity == NULL || key == NULL || certificate == NULL) {
        EVP_PKEY_free(key);
        X509_free(certificate);
        free(identity);
        return NULL;
    }
    identity->key = key;
    identity->certificate = certificate;
    return identity;
}

static enum lcm_err identity_make(enum pki_key_kind kind, const struct profile *profile,
                                  const struct pki_identity *issuer, struct pki_identity **out)
{
    EVP_PKEY *key = key_make(kind);
    X509 *certificate = key != NULL ? certificate_make(key, profile, issuer) : NULL;
    struct pki_identity *identity = pki_adopt(key, certificate);

    if (identity == NULL)
        return LCM_ERR_ENTROPY;
    *out = identity;
    return LCM_OK;
}

static bool name_fits(const char *name)
{
    return name != NULL && name[0] != '\0' && strlen(name) < PKI_NAME_SIZE;
}

enum lcm_err pki_make_root(enum pki_key_kind kind, const char *organisation,
                           const char *common_name, struct pki_identity **out)
{
    struct profile profile = {
        .organisation = organisation,
        .common_name = common_name,
        .dates = {-PKI_BACKDATE, PKI_ROOT_DAYS * PKI_DAY},
        .extensions = {{NID_basic_constraints, "critical,CA:TRUE"},
                       {NID_key_usage, "critical,keyCertSign,cRLSign"},
                       {NID_subject_key_identifier, "hash"}},
    };

    if (!name_fits(organisation) || !name_fits(common_name))
        return LCM_ERR_ARGUMENT;
    return identity_make(kind, &profile, NULL, out);
}

enum lcm_err pki_issue_intermediate(const struct pki_identity *issuer, enum pki_key_kind kind,
                                    const char *common_name, struct pki_identity **out)
{
    char organisation[PKI_NAME_SIZE] = "LCM";
    struct profile profile = {
        .organisation = organisation,
        .common_name = common_name,
        .dates = {-PKI_BACKDATE, PKI_ISSUER_DAYS * PKI_DAY},
        .extensions = {{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                       {NID_key_usage, "critical,digitalSignature,keyCertSign,cRLSign"},
                       {NID_ext_key_usage, "serverAuth"},
                       {NID_subject_key_identifier, "hash"},
                       {NID_authority_key_identifier, "keyid:always"}},
    };

    if (!name_fits(common_name))
        return LCM_ERR_ARGUMENT;
    X509_NAME_get_text_by_NID(X509_get_subject_name(issuer->certificate), NID_organizationName,
                              organisation, (int)sizeof(organisation));
    return identity_make(kind, &profile, issuer, out);
}

static bool is_ipv4(const char *name)
{
    struct in_addr address;

    return inet_pton(AF_INET, name, &address) == 1;
}

/* Names go into OpenSSL's "DNS:a,DNS:b" syntax: only characters of host names pass. */
static bool is_host_name(const char *name)
{
    const char *allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.*_";

    return name_fits(name) && name[strspn(name, allowed)] == '\0';
}

static bool leaf_format_names(const struct pki_leaf *leaf, char *text, size_t size)
{
    size_t used = 0;

    if (leaf->name_count == 0 || leaf->name_count > PKI_NAMES_MAX)
        return false;
    for (size_t i = 0; i < leaf->name_count; i++) {
        const char *name = leaf->names[i];
        if (!is_host_name(name))
            return false;
        int length = snprintf(text + used, size - used, "%s%s:%s", i > 0 ? "," : "",
                              is_ipv4(name) ? "IP" : "DNS", name);
        if (length < 0 || (size_t)length >= size - used)
            return false;
        used += (size_t)length;
    }
    return true;
}

enum lcm_err pki_issue_leaf(const struct pki_identity *issuer, const struct pki_leaf *leaf,
                            struct pki_identity **out)
{
    char names[PKI_SAN_SIZE];
    bool is_rsa = leaf->kind == PKI_RSA2048 || leaf->kind == PKI_RSA4096;

    if (!leaf_format_names(leaf, names, sizeof(names)))
        return LCM_ERR_ARGUMENT;
    struct profile profile = {
        .common_name = leaf->names[0],
        .dates = leaf->dates,
        .extensions = {{NID_basic_constraints, "critical,CA:FALSE"},
                       {NID_key_usage, is_rsa ? "critical,digitalSignature,keyEncipherment"
                                              : "critical,digitalSignature"},
                       {NID_ext_key_usage, "serverAuth"},
                       {NID_subject_key_identifier, "hash"},
                       {NID_authority_key_identifier, "keyid:always"},
                       {NID_subject_alt_name, names}},
    };
    if (leaf->dates.not_before_s == 0 && leaf->dates.not_after_s == 0)
        profile.dates = (struct pki_dates){-PKI_BACKDATE, PKI_LEAF_DAYS * PKI_DAY - PKI_BACKDATE};
    return identity_make(leaf->kind, &profile, issuer, out);
}

bool pki_is_valid_for(const struct pki_identity *identity, const char *host, long margin_s)
{
    time_t end = time(NULL) + margin_s;

    bool is_named = is_ipv4(host) ? X509_check_ip_asc(identity->certificate, host, 0) == 1
                                  : X509_check_host(identity->certificate, host, 0, 0, NULL) == 1;

    return is_named && X509_cmp_current_time(X509_get0_notBefore(identity->certificate)) < 0 &&
           X509_cmp_time(X509_get0_notAfter(identity->certificate), &end) > 0;
}

bool pki_is_issued_by(const struct pki_identity *identity, const struct pki_identity *issuer)
{
    return X509_verify(identity->certificate, issuer->key) == 1;
}

void pki_free(struct pki_identity *identity)
{
    if (identity == NULL)
        return;
    EVP_PKEY_free(identity->key);
    X509_free(identity->certificate);
    free(identity);
}
