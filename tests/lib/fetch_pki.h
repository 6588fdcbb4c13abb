/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificates and trust sectors for tests, made with OpenSSL.
 */
#ifndef LCM_TESTS_FETCH_PKI_H
#define LCM_TESTS_FETCH_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>
#include <openssl/x509.h>

#include "core/trust/sector.h"

enum fetch_key_kind {
    FETCH_KEY_P256,
    FETCH_KEY_P384,
    FETCH_KEY_RSA_2048,
    FETCH_KEY_RSA_1024,
};

/* Validity, Unix seconds. */
#define FETCH_PKI_NOT_BEFORE 1700000000 /* 2023-11-14 */
#define FETCH_PKI_NOT_AFTER 1800000000  /* 2027-01-15 */
#define FETCH_PKI_NOW 1750000000        /* in between */
#define FETCH_PKI_LATER 1900000000      /* expired */
#define FETCH_PKI_EARLIER 1600000000    /* not yet valid */

struct fetch_identity {
    X509 *certificate;
    EVP_PKEY *key;
};

struct fetch_identity_wish {
    enum fetch_key_kind kind;
    const char *name;
    const char *host;   /* subjectAltName of a server; NULL = a CA */
    int64_t not_before; /* 0 = FETCH_PKI_NOT_BEFORE */
    int64_t not_after;
    const EVP_MD *digest; /* NULL = SHA-256 */
};

/* Make a certificate, signed by issuer (NULL = by itself). */
struct fetch_identity fetch_pki_make(const struct fetch_identity_wish *wish,
                                     const struct fetch_identity *issuer);
void fetch_pki_free(struct fetch_identity *identity);

/* A TLS 1.2 server with this leaf, and one intermediate if not NULL. */
SSL_CTX *fetch_pki_server(const struct fetch_identity *leaf,
                          const struct fetch_identity *intermediate);

/* For cmocka_run_group_tests: fetch_pki_host is a server called github.com, certified by itself. */
extern SSL_CTX *fetch_pki_host;
int fetch_pki_host_open(void **state);
int fetch_pki_host_close(void **state);

/* A complete, unsigned trust sector with these CAs as anchors. */
void fetch_pki_sector(uint8_t file[LCM_TRUST_SIZE], const struct fetch_identity *const *anchors,
                      size_t count);

#endif
