/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Certificate authorities and certificates for servers on one machine.
 *
 * A struct pki_identity is a private key with its certificate. Make a root, issue
 * an intermediate from it, issue leaves from that; write or take them as PEM.
 * Keys come from OpenSSL's random generator; serial numbers are 127 random bits.
 * A certificate signed by a P-384 or RSA-4096 key uses SHA-384, others SHA-256.
 *
 * These authorities are for a private network, a demonstration or a test: nothing
 * here revokes, audits or keeps a key offline.
 *
 * Functions that make something write *out only on LCM_OK; the caller releases it
 * with pki_free. Errors: LCM_ERR_ARGUMENT for a bad request (name too long, no
 * names), LCM_ERR_NOT_FOUND for a missing file, LCM_ERR_FORMAT for a file that is
 * no PEM of the right kind, LCM_ERR_CORRUPT for a key that does not belong to the
 * certificate, LCM_ERR_ENTROPY when OpenSSL could not make a key or a signature.
 */
#ifndef LCM_HOST_PKI_H
#define LCM_HOST_PKI_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "lcm/err.h"

#define PKI_NAMES_MAX 8u  /* host names in one leaf */
#define PKI_NAME_SIZE 64u /* bytes of a common name, the NUL included (X.520 limit) */
#define PKI_CHAIN_MAX 4u  /* certificates in one PEM file */
#define PKI_PEM_SIZE_MAX 65536u

#define PKI_DAY 86400L        /* seconds */
#define PKI_BACKDATE (3600L)  /* seconds a certificate begins before now: clocks differ */
#define PKI_ROOT_DAYS 7300L   /* 20 years */
#define PKI_ISSUER_DAYS 3650L /* intermediates */
#define PKI_LEAF_DAYS 825L    /* the longest that TLS clients accept */

enum pki_key_kind { PKI_P256, PKI_P384, PKI_RSA2048, PKI_RSA4096 };

/* Seconds relative to now; not_before_s is usually negative. */
struct pki_dates {
    long not_before_s;
    long not_after_s;
};

struct pki_leaf {
    enum pki_key_kind kind;
    const char *const *names; /* DNS names or IPv4 addresses; the first is the common name */
    size_t name_count;        /* 1..PKI_NAMES_MAX */
    struct pki_dates dates;   /* {0, 0} = from one hour ago for PKI_LEAF_DAYS */
};

struct pki_identity;

/* Make a key and a self-signed CA certificate with this organisation and common name. */
LCM_MUST_CHECK enum lcm_err pki_make_root(enum pki_key_kind kind, const char *organisation,
                                          const char *common_name, struct pki_identity **out);

/* Make a key and a CA certificate below issuer (path length 0). */
LCM_MUST_CHECK enum lcm_err pki_issue_intermediate(const struct pki_identity *issuer,
                                                   enum pki_key_kind kind, const char *common_name,
                                                   struct pki_identity **out);

/* Make a key and a TLS server certificate below issuer. Dates in the past make an
 * expired certificate. */
LCM_MUST_CHECK enum lcm_err pki_issue_leaf(const struct pki_identity *issuer,
                                           const struct pki_leaf *leaf, struct pki_identity **out);

/* Certificates, first to last, as one PEM text; *pem is released with free(). */
LCM_MUST_CHECK enum lcm_err pki_certificates_pem(const struct pki_identity *const *chain,
                                                 size_t count, char **pem);

/* Private key as PKCS#8 PEM, not encrypted; wipe it before free(). */
LCM_MUST_CHECK enum lcm_err pki_key_pem(const struct pki_identity *identity, char **pem);

/* Write the certificate (mode 0644) or the private key (mode 0600) as PEM. The file
 * appears whole or not at all. LCM_ERR_NO_SPACE when it could not be written. */
LCM_MUST_CHECK enum lcm_err pki_write_certificate(const struct pki_identity *identity,
                                                  const char *path);
LCM_MUST_CHECK enum lcm_err pki_write_key(const struct pki_identity *identity, const char *path);

/* Load what the two functions above wrote. */
LCM_MUST_CHECK enum lcm_err pki_load(const char *certificate_path, const char *key_path,
                                     struct pki_identity **out);

/* true when the certificate names this host and is in force from now for margin_s more. */
bool pki_is_valid_for(const struct pki_identity *identity, const char *host, long margin_s);

/* true when issuer's key signed the certificate of identity. */
bool pki_is_issued_by(const struct pki_identity *identity, const struct pki_identity *issuer);

/* Release; the key is wiped. NULL is allowed. */
void pki_free(struct pki_identity *identity);

#endif
