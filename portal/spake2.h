/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device's side of the key exchange of set-up: SPAKE2 (RFC 9382) with P-256, SHA-256, HKDF and
 * HMAC, role B (docs/SPEC.md section 11.2). Both sides know the set-up code; who does not, learns
 * nothing that would let him try codes later, and gets one guess for each exchange.
 *
 * Life cycle: lcm_spake2_begin with the client's share; lcm_spake2_step until it is not
 * LCM_PENDING (three scalar multiplications, one or two for each call); send the device's share;
 * with the client's confirmation call lcm_spake2_confirm, once. Every way out wipes the exchange:
 * an error, a verdict, lcm_spake2_abort.
 *
 * Constant time in everything secret. No heap, no I/O. BearSSL's own working copies on the stack
 * are overwritten by whatever runs next, not wiped.
 */
#ifndef LCM_PORTAL_SPAKE2_H
#define LCM_PORTAL_SPAKE2_H

#include <stddef.h>
#include <stdint.h>

#include "core/fetch/crypto.h"
#include "core/trust/verify.h"
#include "lcm/err.h"
#include "lcm/ports.h"
#include "lcm/setup.h"
#include "portal/message.h"

#define LCM_SPAKE2_SCALAR_SIZE 32u
#define LCM_SPAKE2_ID_MAX 16u  /* characters of an identity */
#define LCM_SPAKE2_AAD_MAX 12u /* bytes: "LCM1" and the session id */

struct lcm_spake2 {
    const struct lcm_crypto *crypto;
    const char *client_id;
    const char *device_id;
    uint8_t phase;
    uint8_t aad_size;
    uint8_t aad[LCM_SPAKE2_AAD_MAX];
    uint8_t share[LCM_SETUP_POINT_SIZE]; /* pB */
    union {
        struct {
            uint8_t w[LCM_SPAKE2_SCALAR_SIZE];
            uint8_t y[LCM_SPAKE2_SCALAR_SIZE];
            uint8_t client_share[LCM_SETUP_POINT_SIZE]; /* pA */
            uint8_t point[LCM_SETUP_POINT_SIZE];        /* pA - w*M, then K */
        } work;
        struct {
            uint8_t client_confirm[LCM_SETUP_CONFIRM_SIZE]; /* cA, as it must come */
            uint8_t device_confirm[LCM_SETUP_CONFIRM_SIZE]; /* cB */
            uint8_t open_key[LCM_SETUP_KEY_SIZE];
            uint8_t seal_key[LCM_SETUP_KEY_SIZE];
        } result;
    };
};

/* What an exchange starts from. device_id must live as long as the exchange; the rest is copied. */
struct lcm_spake2_request {
    const char *code;            /* set-up code: 12 characters, upper case, no dashes, and a NUL */
    const char *device_id;       /* 12 lower-case hex characters and a NUL */
    const uint8_t *session;      /* LCM_SETUP_SESSION_SIZE bytes: the id it is going to have */
    const uint8_t *client_share; /* LCM_SETUP_POINT_SIZE bytes as they came */
};

/*
 * Derive w, choose y. The client's share is judged by the first step. Cheap.
 * LCM_ERR_ARGUMENT: a text of another length. LCM_ERR_ENTROPY: the entropy port failed, or gave
 * unusable numbers 16 times in a row.
 */
LCM_MUST_CHECK enum lcm_err lcm_spake2_begin(struct lcm_spake2 *exchange,
                                             const struct lcm_crypto *crypto,
                                             const struct lcm_entropy *entropy,
                                             const struct lcm_spake2_request *request);

/* The protocol of the RFC with every number given, as its test vectors are; lcm_spake2_begin ends
 * here. All pointers but the identities are copied. */
struct lcm_spake2_input {
    const char *client_id; /* both at most LCM_SPAKE2_ID_MAX characters; "" = none */
    const char *device_id;
    const uint8_t *aad; /* at most LCM_SPAKE2_AAD_MAX bytes */
    size_t aad_size;
    const uint8_t *w; /* LCM_SPAKE2_SCALAR_SIZE bytes, big-endian, 1 .. n-1 */
    const uint8_t *y;
};

/* LCM_ERR_ARGUMENT: an input is out of its range. */
LCM_MUST_CHECK enum lcm_err lcm_spake2_begin_with(struct lcm_spake2 *exchange,
                                                  const struct lcm_crypto *crypto,
                                                  const struct lcm_spake2_input *input,
                                                  const uint8_t client_share[LCM_SETUP_POINT_SIZE]);

/*
 * One piece of work: at most 26 M instructions on lx106. LCM_PENDING: call again. LCM_OK: ready for
 * lcm_spake2_confirm. LCM_ERR_FORMAT (first step): the client's share is not a point of the curve
 * in uncompressed form, or leads to infinity. LCM_ERR_ARGUMENT: nothing was begun.
 */
LCM_MUST_CHECK enum lcm_err lcm_spake2_step(struct lcm_spake2 *exchange);

/* The device's share pB (LCM_SETUP_POINT_SIZE bytes inside the exchange), or NULL: not there yet.
 * It is there one step before the end, for who wants to send it early. */
const uint8_t *lcm_spake2_share(const struct lcm_spake2 *exchange);

/*
 * Compare the client's confirmation cA, in constant time. LCM_VERDICT_VALID: both know the code;
 * only then device_confirm (cB) and *channel are written. The exchange is wiped in any case: one
 * exchange, one guess. Also LCM_VERDICT_INVALID before lcm_spake2_step has returned LCM_OK.
 */
LCM_MUST_CHECK enum lcm_verdict lcm_spake2_confirm(
    struct lcm_spake2 *exchange, const uint8_t client_confirm[LCM_SETUP_CONFIRM_SIZE],
    uint8_t device_confirm[LCM_SETUP_CONFIRM_SIZE], struct lcm_message_channel *channel);

/* Wipe it; safe at any time, also twice. */
void lcm_spake2_abort(struct lcm_spake2 *exchange);

/* The 40 bytes of the derivation, taken as a big-endian number, modulo the order of P-256. */
#define LCM_SPAKE2_WIDE_SIZE 40u
void lcm_spake2_reduce(const uint8_t wide[LCM_SPAKE2_WIDE_SIZE], uint8_t w[LCM_SPAKE2_SCALAR_SIZE]);

#endif
