// SPDX-License-Identifier: Apache-2.0
/*
 * TLS credentials per host and variant; see the header.
 *
 * Keys of leaves live in memory only. Invariant: made[host][variant] is NULL or complete,
 * and never changes once set.
 */
#include "server/credentials.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/bytes.h"

#define WRONG_NAME "wrong-name.invalid"

static enum serve_family host_family(enum serve_host host)
{
    return host == SERVE_RELEASE ? SERVE_ECC : SERVE_RSA;
}

/* Hand leaf and intermediate to GnuTLS. */
static gnutls_certificate_credentials_t credentials_load(const struct pki_identity *leaf,
                                                         const struct pki_identity *intermediate)
{
    const struct pki_identity *const chain[] = {leaf, intermediate};
    gnutls_certificate_credentials_t result = NULL;
    char *certificates = NULL, *key = NULL;

    if (pki_certificates_pem(chain, 2, &certificates) == LCM_OK &&
        pki_key_pem(leaf, &key) == LCM_OK &&
        gnutls_certificate_allocate_credentials(&result) == 0) {
        gnutls_datum_t certificates_text = {(unsigned char *)certificates,
                                            (unsigned)strlen(certificates)};
        gnutls_datum_t key_text = {(unsigned char *)key, (unsigned)strlen(key)};
        if (gnutls_certificate_set_x509_key_mem(result, &certificates_text, &key_text,
                                                GNUTLS_X509_FMT_PEM) != 0) {
            gnutls_certificate_free_credentials(result);
            result = NULL;
        }
    }
    if (key != NULL)
        lcm_bytes_wipe(key, strlen(key));
    free(key);
    free(certificates);
    return result;
}

/* The leaf of a variant below an authority. */
static enum lcm_err leaf_issue(const struct serve_authority *authority, enum serve_family family,
                               const char *host_name, enum serve_variant variant,
                               struct pki_identity **leaf)
{
    const char *names[] = {variant == SERVE_WRONG_NAME ? WRONG_NAME : host_name};
    struct pki_leaf request = {
        .kind = family == SERVE_ECC ? PKI_P256 : PKI_RSA2048,
        .names = names,
        .name_count = 1,
    };

    if (variant == SERVE_EXPIRED)
        request.dates = (struct pki_dates){-400 * PKI_DAY, -PKI_DAY};
    return pki_issue_leaf(authority->intermediate, &request, leaf);
}

static gnutls_certificate_credentials_t variant_make(const struct serve_authority *authority,
                                                     enum serve_family family,
                                                     const char *host_name,
                                                     enum serve_variant variant)
{
    struct pki_identity *leaf;

    if (leaf_issue(authority, family, host_name, variant, &leaf) != LCM_OK)
        return NULL;
    gnutls_certificate_credentials_t result = credentials_load(leaf, authority->intermediate);
    pki_free(leaf);
    return result;
}

static gnutls_certificate_credentials_t credentials_make(struct serve_credentials *credentials,
                                                         enum serve_host host,
                                                         enum serve_variant variant)
{
    enum serve_family family = host_family(host);
    struct serve_authority other = {NULL, NULL};
    const struct serve_authority *authority = &credentials->authorities[host];
    enum lcm_err err = LCM_OK;
    bool is_made = false;

    if (variant == SERVE_NEW_CA)
        err = serve_authority_open(credentials->state, "new-", family, &other, &is_made);
    else if (variant == SERVE_WRONG_CA)
        err = serve_authority_make_impostor(family, &other);
    if (err != LCM_OK)
        return NULL;
    if (other.root != NULL)
        authority = &other;
    gnutls_certificate_credentials_t result =
        variant_make(authority, family, credentials->host_names[host], variant);
    serve_authority_free(&other);
    return result;
}

gnutls_certificate_credentials_t serve_credentials_get(struct serve_credentials *credentials,
                                                       enum serve_host host,
                                                       enum serve_variant variant)
{
    pthread_mutex_lock(&credentials->lock);
    gnutls_certificate_credentials_t *slot = &credentials->made[host][variant];
    if (*slot == NULL)
        *slot = credentials_make(credentials, host, variant);
    gnutls_certificate_credentials_t result = *slot;
    pthread_mutex_unlock(&credentials->lock);
    return result;
}

enum lcm_err serve_credentials_init(struct serve_credentials *credentials, const char *state,
                                    const char *const *host_names, bool *is_made)
{
    memset(credentials, 0, sizeof(*credentials));
    pthread_mutex_init(&credentials->lock, NULL);
    credentials->state = state;
    for (unsigned i = 0; i < SERVE_TLS_HOSTS; i++) {
        enum serve_host host = (enum serve_host)i;
        credentials->host_names[i] = host_names[i];
        enum lcm_err err = serve_authority_open(state, "", host_family(host),
                                                &credentials->authorities[i], is_made);
        if (err == LCM_OK && serve_credentials_get(credentials, host, SERVE_REAL) == NULL)
            err = LCM_ERR_TLS;
        if (err != LCM_OK) {
            serve_credentials_free(credentials);
            return err;
        }
    }
    return LCM_OK;
}

void serve_credentials_free(struct serve_credentials *credentials)
{
    for (unsigned host = 0; host < SERVE_TLS_HOSTS; host++) {
        for (unsigned variant = 0; variant < SERVE_VARIANT_COUNT; variant++) {
            if (credentials->made[host][variant] != NULL)
                gnutls_certificate_free_credentials(credentials->made[host][variant]);
            credentials->made[host][variant] = NULL;
        }
        serve_authority_free(&credentials->authorities[host]);
    }
    pthread_mutex_destroy(&credentials->lock);
}
