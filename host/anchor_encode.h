/* SPDX-License-Identifier: Apache-2.0 */
/* From an X.509 certificate to the anchor item of a trust sector. */
#ifndef LCM_HOST_ANCHOR_ENCODE_H
#define LCM_HOST_ANCHOR_ENCODE_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "host/failure.h"
#include "lcm/err.h"

/*
 * Write subject and public key of a certificate: *size <= capacity bytes at out.
 * LCM_ERR_ARGUMENT for a key the device cannot use (P-256, P-384 and RSA of 2,048 to
 * 4,096 bits are), LCM_ERR_TOO_LONG; the text names the certificate.
 */
LCM_MUST_CHECK enum lcm_err lcm_anchor_encode(X509 *certificate, uint8_t *out, size_t capacity,
                                              size_t *size, struct lcm_failure *failure);

#endif
