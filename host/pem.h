/* SPDX-License-Identifier: Apache-2.0 */
/*
 * X.509 certificates in PEM files, and readable names out of DER.
 */
#ifndef LCM_HOST_PEM_H
#define LCM_HOST_PEM_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "lcm/err.h"

#define PEM_FILE_SIZE_MAX (1024u * 1024) /* bytes */
#define PEM_NAME_SIZE 96u                /* bytes of a readable name, the NUL included */

/* Certificates in the order of the file; the owner calls pem_free. */
struct pem_certificates {
    X509 **list;
    size_t count;
    size_t capacity;
};

/* Append all certificates of a PEM text of size bytes, skipping anything else in it.
 * LCM_OK, LCM_ERR_NOT_FOUND (none in it), LCM_ERR_FORMAT (one is damaged) or
 * LCM_ERR_NO_SPACE (capacity reached). Those read so far are in the list. */
LCM_MUST_CHECK enum lcm_err pem_parse(struct pem_certificates *certificates, const uint8_t *text,
                                      size_t size);

/* pem_parse of a file; prints the error. Returns an enum cli_exit. */
LCM_MUST_CHECK int pem_load(struct pem_certificates *certificates, const char *path);

/* Allocate room for capacity certificates. false when out of memory. */
LCM_MUST_CHECK _Bool pem_init(struct pem_certificates *certificates, size_t capacity);
void pem_free(struct pem_certificates *certificates);

/* Readable text of a DER name: common name and organisation, control characters
 * replaced, cut to the size. "?" when it is none. */
void pem_name_text(const uint8_t *der, size_t size, char text[PEM_NAME_SIZE]);

/* The same for the subject of a certificate. */
void pem_subject_text(const X509 *certificate, char text[PEM_NAME_SIZE]);

#endif
