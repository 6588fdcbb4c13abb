/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The certificate engine of a TLS client that may not know the time.
 *
 * It wraps BearSSL's "minimal" engine (chain, names, signatures, constraints, key usage)
 * and decides how dates are judged:
 *   time known    every certificate must be valid at that time;
 *   time unknown  dates are not judged, all else is: each certificate is checked at
 *                 its own notBefore, found in the stream before the engine gets there.
 * Where no notBefore is found the engine's time is the year 0, at which no certificate is
 * valid: a malformed certificate can only lose by it.
 *
 * A third mode accepts any chain and only takes out the server's key. It is for fetching
 * signed files from a host whose certificate this device cannot verify (yet), and
 * gives privacy against nobody. It needs LCM_TLS_UNTRUSTED; every other value verifies.
 */
#ifndef LCM_FETCH_X509_DATES_H
#define LCM_FETCH_X509_DATES_H

#include <stdbool.h>
#include <stdint.h>

#include <bearssl.h>

#include "core/fetch/crypto.h"
#include "core/fetch/not_before.h"

enum lcm_tls_mode {
    LCM_TLS_VERIFY = 0,
    LCM_TLS_UNTRUSTED = 0x5543,
};

/* One chain at a time. The first field is what BearSSL calls through. */
struct lcm_x509 {
    const br_x509_class *vtable;
    enum lcm_tls_mode mode;
    bool has_time;
    bool has_name;
    uint32_t certificate_count; /* of the chain, so far */
    struct lcm_not_before not_before;
    union {
        br_x509_minimal_context minimal; /* LCM_TLS_VERIFY */
        br_x509_decoder_context decoder; /* LCM_TLS_UNTRUSTED */
    } engine;
};

/* Verify against anchors (they and their names and keys must stay until the handshake is
 * over). unix_seconds: the trusted time, 0 = unknown. A handshake without a host name fails. */
void lcm_x509_init_verify(struct lcm_x509 *x509, const struct lcm_crypto *crypto,
                          const br_x509_trust_anchor *anchors, size_t anchor_count,
                          uint64_t unix_seconds);

/* Accept any chain. */
void lcm_x509_init_untrusted(struct lcm_x509 *x509);

#endif
