/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A TLS 1.2 client without I/O, over BearSSL.
 *
 *   lcm_tls_begin -> [ output/sent, input/received ] until lcm_tls_status is LCM_OK
 *                 -> the same, plus write/written/flush and read/consumed
 *
 * Four windows, each a pointer and a size, each followed by an acknowledgement:
 * output (record bytes for the network), input (room for record bytes from it), write (room
 * for plain bytes to send), read (plain bytes received). NULL means "not now". One
 * buffer serves both directions, so that plain bytes received are consumed before any
 * are written: requests and responses take turns.
 *
 * Suites: ECDHE with ChaCha20-Poly1305, then AES-128-GCM; certificates ECDSA or RSA. The host name
 * is always sent (SNI). No renegotiation, no compression, no client certificates. Curves: P-256,
 * P-384, X25519, in this order on the wire whatever one would like: BearSSL 0.6 means to name
 * X25519 first, but its check looks at the wrong value. Servers with a preference take X25519.
 *
 * A verified session can be resumed by session id when the connection to the same host
 * is made anew: this saves the certificate chain, most of a handshake's cost.
 *
 * Cost: acknowledging input may run one flight's public-key arithmetic (up to 400 M
 * instructions on lx106 for a long P-384 chain); everything else is quick.
 */
#ifndef LCM_FETCH_TLS_H
#define LCM_FETCH_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bearssl.h>

#include "core/fetch/crypto.h"
#include "core/fetch/x509_dates.h"
#include "core/trust/sector.h"
#include "lcm/err.h"
#include "lcm/ports.h"

/* Room for one full record, one direction at a time. GitHub does not negotiate smaller ones. */
#define LCM_TLS_BUFFER_SIZE BR_SSL_BUFSIZE_MONO

#define LCM_TLS_SEED_SIZE 48u /* bytes of entropy per connection */

/* What a resumed session must have in common with the one that was verified. */
struct lcm_tls_session {
    br_ssl_session_parameters parameters;
    uint32_t anchors_crc;
    uint16_t port;
    bool has_time;
    bool is_set;
    char host[LCM_HOST_SIZE];
};

struct lcm_tls {
    br_ssl_client_context client;
    struct lcm_x509 x509;
    struct lcm_tls_session session;      /* of the last verified connection */
    struct lcm_tls_session next_session; /* of this connection; parameters unused */
    br_ec_impl ec;
    br_x509_trust_anchor anchors[LCM_ANCHORS_MAX];
    uint32_t handshake_count; /* full handshakes and resumptions that succeeded */
    bool is_open;             /* the handshake is over */
};

struct lcm_tls_setup {
    const char *host; /* checked and sent; not kept */
    uint16_t port;    /* only to tell sessions apart */
    enum lcm_tls_mode mode;
    const uint8_t *sector_file; /* trust sector, LCM_TRUST_SIZE bytes; kept until open. NULL
                                 * with LCM_TLS_UNTRUSTED */
    uint64_t unix_seconds;      /* trusted time, 0 = unknown */
    const struct lcm_crypto *crypto;
    const struct lcm_entropy *entropy;
    uint8_t *buffer; /* LCM_TLS_BUFFER_SIZE bytes; kept until the next begin */
};

/* Once, before anything else: no session yet. */
void lcm_tls_init(struct lcm_tls *tls);

/*
 * Start a handshake; whatever connection was there before is forgotten.
 * LCM_ERR_ENTROPY, LCM_ERR_NO_TRUST or LCM_ERR_FORMAT (no usable anchors), LCM_ERR_TLS (host
 * name too long). After an error only begin may be called.
 */
LCM_MUST_CHECK enum lcm_err lcm_tls_begin(struct lcm_tls *tls, const struct lcm_tls_setup *setup);

/*
 * LCM_PENDING: shaking hands. LCM_OK: open. LCM_ERR_CLOSED: the peer ended the connection in
 * order (close_notify). LCM_ERR_CERTIFICATE: the chain was refused. LCM_ERR_TLS: anything else.
 */
LCM_MUST_CHECK enum lcm_err lcm_tls_status(struct lcm_tls *tls);

/* BearSSL's error number (BR_ERR_*) of the last begin, 0 = none: for events. */
int lcm_tls_error_number(const struct lcm_tls *tls);

/* Forget the session kept for resumption. */
void lcm_tls_forget_session(struct lcm_tls *tls);

const uint8_t *lcm_tls_output(const struct lcm_tls *tls, size_t *size);
void lcm_tls_sent(struct lcm_tls *tls, size_t size);

uint8_t *lcm_tls_input(const struct lcm_tls *tls, size_t *size);
void lcm_tls_received(struct lcm_tls *tls, size_t size);

uint8_t *lcm_tls_write(const struct lcm_tls *tls, size_t *size);
void lcm_tls_written(struct lcm_tls *tls, size_t size);
/* Turn what was written into a record, so that it shows up in output. */
void lcm_tls_flush(struct lcm_tls *tls);

const uint8_t *lcm_tls_read(const struct lcm_tls *tls, size_t *size);
void lcm_tls_consumed(struct lcm_tls *tls, size_t size);

#endif
