/* SPDX-License-Identifier: Apache-2.0 */
/* What pki.c (making) and pki_pem.c (PEM texts and files) share. */
#ifndef LCM_HOST_PKI_INTERNAL_H
#define LCM_HOST_PKI_INTERNAL_H

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "host/pki.h"

struct pki_identity {
    EVP_PKEY *key;
    X509 *certificate;
};

/* Take over both objects (either may be NULL: then both are released and NULL is returned). */
struct pki_identity *pki_adopt(EVP_PKEY *key, X509 *certificate);

#endif
