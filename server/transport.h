/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One accepted connection: plain TCP or TLS, with deadlines on everything.
 *
 * Sockets are non-blocking; each wait ends at a deadline, at the peer's end or when
 * the server stops (it shuts the socket down from another thread).
 */
#ifndef LCM_SERVER_TRANSPORT_H
#define LCM_SERVER_TRANSPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <gnutls/gnutls.h>

#include "lcm/err.h"

#define SERVE_IDLE_MS 60000      /* a kept-alive connection without a request */
#define SERVE_SEND_MS 30000      /* the peer takes no byte for this long */
#define SERVE_HANDSHAKE_MS 60000 /* without the handshake-limit fault */
#define SERVE_SEND_SIZE 16384u   /* most bytes of one TLS record */

struct serve_transport {
    int fd;
    gnutls_session_t session; /* NULL = plain */
    uint32_t rate;            /* bytes per second to send; 0 = as fast as it goes */
};

/* Monotonic milliseconds. */
int64_t serve_now_ms(void);

/* Take over the socket. credentials NULL = plain. LCM_ERR_TLS. */
LCM_MUST_CHECK enum lcm_err serve_transport_init(struct serve_transport *transport, int fd,
                                                 gnutls_certificate_credentials_t credentials);

/* TLS handshake, at most limit_ms. *reason tells a person why it failed (static text).
 * LCM_ERR_TIMEOUT, LCM_ERR_TLS. Immediately LCM_OK on a plain connection. */
LCM_MUST_CHECK enum lcm_err serve_transport_handshake(struct serve_transport *transport,
                                                      int limit_ms, const char **reason);

/* Receive 1..size bytes before deadline_ms (serve_now_ms). LCM_ERR_CLOSED, LCM_ERR_TIMEOUT. */
LCM_MUST_CHECK enum lcm_err serve_transport_receive(struct serve_transport *transport, char *bytes,
                                                    size_t size, int64_t deadline_ms,
                                                    size_t *received);

/* Send everything, in records of at most SERVE_SEND_SIZE bytes. LCM_ERR_CLOSED or
 * LCM_ERR_TIMEOUT: an unknown part was sent. */
LCM_MUST_CHECK enum lcm_err serve_transport_send(struct serve_transport *transport,
                                                 const char *bytes, size_t size);

/* End the connection and release everything. polite: TLS close_notify first. */
void serve_transport_close(struct serve_transport *transport, bool polite);

#endif
