/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The client's side of the key exchange of set-up: SPAKE2 (RFC 9382), P-256, role A, by OpenSSL
 * and apart from the device's code (docs/SPEC.md section 11.2).
 *
 * Life cycle: spake2_client_begin, send the share; with the device's share spake2_client_finish,
 * send the confirmation; with the device's confirmation spake2_client_verify. Before that verdict
 * nothing is known about who is at the other end, and no key exists outside. spake2_client_free in
 * any case.
 */
#ifndef LCM_HOST_SPAKE2_CLIENT_H
#define LCM_HOST_SPAKE2_CLIENT_H

#include <stddef.h>
#include <stdint.h>

#include "core/trust/verify.h"
#include "host/setup_message.h"
#include "lcm/err.h"
#include "lcm/setup.h"

struct spake2_client;

/* Start with a set-up code (12 characters, normalised) and a device id (12 hex characters): chooses
 * x, writes the share. LCM_ERR_ARGUMENT: a text of another length. LCM_ERR_NO_SPACE: OpenSSL
 * failed. */
LCM_MUST_CHECK enum lcm_err spake2_client_begin(struct spake2_client **client, const char *code,
                                                const char *device_id,
                                                uint8_t share[LCM_SETUP_POINT_SIZE]);

/* Take the device's answer, write the confirmation cA. LCM_ERR_FORMAT: its share is no point of the
 * curve, or leads to infinity. */
LCM_MUST_CHECK enum lcm_err spake2_client_finish(struct spake2_client *client,
                                                 const uint8_t session[LCM_SETUP_SESSION_SIZE],
                                                 const uint8_t device_share[LCM_SETUP_POINT_SIZE],
                                                 uint8_t confirm[LCM_SETUP_CONFIRM_SIZE]);

/* Judge the device's confirmation cB. Only with LCM_VERDICT_VALID *channel is written. One call
 * for each exchange; later ones are LCM_VERDICT_INVALID. */
LCM_MUST_CHECK enum lcm_verdict
spake2_client_verify(struct spake2_client *client,
                     const uint8_t device_confirm[LCM_SETUP_CONFIRM_SIZE],
                     struct setup_channel *channel);

/* Wipe and release; NULL is fine. */
void spake2_client_free(struct spake2_client *client);

/* ---- the protocol of the RFC with every number given: for its test vectors ---- */

struct spake2_client_input {
    const char *client_id;
    const char *device_id;
    const uint8_t *w; /* 32 bytes, big-endian, 1 .. n-1 */
    const uint8_t *x;
};

/* What an exchange computed; a test compares it. */
struct spake2_client_secrets {
    uint8_t k[LCM_SETUP_POINT_SIZE];
    uint8_t digest[LCM_SHA256_SIZE]; /* SHA-256(TT): Ke, then Ka */
    uint8_t kc[32];                  /* KcA, then KcB */
    uint8_t client_confirm[LCM_SETUP_CONFIRM_SIZE];
    uint8_t device_confirm[LCM_SETUP_CONFIRM_SIZE];
    struct setup_channel channel;
};

LCM_MUST_CHECK enum lcm_err spake2_client_begin_with(struct spake2_client **client,
                                                     const struct spake2_client_input *input,
                                                     uint8_t share[LCM_SETUP_POINT_SIZE]);
LCM_MUST_CHECK enum lcm_err
spake2_client_finish_with(struct spake2_client *client, const uint8_t *aad, size_t aad_size,
                          const uint8_t device_share[LCM_SETUP_POINT_SIZE]);
const struct spake2_client_secrets *spake2_client_secrets(const struct spake2_client *client);

/* w of a code and a device id, 32 bytes. LCM_ERR_NO_SPACE. */
LCM_MUST_CHECK enum lcm_err spake2_client_derive_w(const char *code, const char *device_id,
                                                   uint8_t w[32]);

#endif
