/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection to one host, TLS or plain: opened, filled, emptied, closed, step by step.
 *
 *   lcm_connection_begin -> step ... LCM_OK -> write/flush, read/consumed -> close
 *
 * It keeps the deadlines of opening; those of an exchange are the caller's (fetch.h).
 */
#ifndef LCM_FETCH_CONNECTION_H
#define LCM_FETCH_CONNECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fetch/request.h"
#include "core/fetch/tls.h"
#include "lcm/err.h"
#include "lcm/ports.h"

#define LCM_RESOLVE_TIMEOUT_MS 10000u
#define LCM_CONNECT_TIMEOUT_MS 10000u
#define LCM_HANDSHAKE_TIMEOUT_MS 30000u
#define LCM_STEP_SIZE_MAX 4096u /* bytes one step moves at most, each way */

/* Everything fetching needs from outside. Constant while in use. */
struct lcm_fetch_config {
    const struct lcm_net *net;
    const struct lcm_clock *clock; /* now_ms only */
    const struct lcm_entropy *entropy;
    const struct lcm_crypto *crypto;
    const char *user_agent; /* "LCM/1.0.0" */
    uint8_t *buffer;        /* LCM_TLS_BUFFER_SIZE bytes, for records or plain bytes */

    /*
     * Called at the start of each verified handshake: set *sector_file to the active,
     * verified trust sector (LCM_TRUST_SIZE bytes of byte-readable memory), which must stay
     * as it is until the handshake is over, that is, until lcm_fetch_is_open or a final
     * result. LCM_OK or the error that ends the request.
     */
    enum lcm_err (*load_anchors)(void *context, const uint8_t **sector_file);
    void *context; /* of load_anchors */
};

/* Since lcm_fetch_init; they wrap around. */
struct lcm_fetch_counters {
    uint64_t bytes_received; /* on the wire, TLS included */
    uint64_t bytes_sent;
    uint32_t connections; /* TCP connections opened */
    uint32_t handshakes;  /* TLS handshakes completed, resumptions included */
    uint32_t requests;    /* requests begun */
};

enum lcm_connection_state {
    LCM_CONNECTION_CLOSED,
    LCM_CONNECTION_RESOLVING,
    LCM_CONNECTION_CONNECTING,
    LCM_CONNECTION_SHAKING,
    LCM_CONNECTION_OPEN,
};

struct lcm_connection {
    const struct lcm_fetch_config *config;
    struct lcm_fetch_counters counters;
    uint64_t deadline_ms;     /* of the current state, while opening */
    uint64_t trusted_seconds; /* trusted time; 0 = unknown */
    uint64_t trusted_at_ms;   /* when it was set */
    struct lcm_tls tls;
    struct lcm_endpoint endpoint;
    enum lcm_connection_state state;
    enum lcm_tls_mode mode;
    uint16_t port;
    uint16_t out_sent; /* plain: sent bytes of the send half of the buffer */
    uint16_t out_size;
    uint16_t in_used; /* plain: consumed bytes of the receive half */
    uint16_t in_size;
    bool is_plain;
    bool is_clean_end; /* the last LCM_ERR_CLOSED was an orderly end of the stream */
    char host[LCM_HOST_SIZE];
};

void lcm_connection_init(struct lcm_connection *connection, const struct lcm_fetch_config *config);

/* true when an open connection leads where the request wants to go, the same way. */
bool lcm_connection_fits(const struct lcm_connection *connection,
                         const struct lcm_request *request);

/* Start opening a connection for a checked request; an earlier one is closed. */
void lcm_connection_begin(struct lcm_connection *connection, const struct lcm_request *request);

/*
 * Go on opening. LCM_PENDING, LCM_OK when open. LCM_ERR_DNS, LCM_ERR_CONNECT, LCM_ERR_TIMEOUT,
 * LCM_ERR_CLOSED, LCM_ERR_CERTIFICATE, LCM_ERR_TLS, LCM_ERR_ENTROPY or what load_anchors returned;
 * close it then.
 */
LCM_MUST_CHECK enum lcm_err lcm_connection_step(struct lcm_connection *connection);

/* Put up to size characters into the outgoing buffer; returns how many fitted. */
size_t lcm_connection_write(struct lcm_connection *connection, const char *text, size_t size);

/* Send what was written. LCM_OK when all is with the network, LCM_PENDING, LCM_ERR_CLOSED,
 * LCM_ERR_TLS. */
LCM_MUST_CHECK enum lcm_err lcm_connection_flush(struct lcm_connection *connection);

/*
 * Received bytes: LCM_OK with *size > 0 of them (at most LCM_STEP_SIZE_MAX; consume any part
 * before the next call). LCM_PENDING when there are none. LCM_ERR_CLOSED at the end of the stream
 * (is_clean_end: an orderly one), LCM_ERR_TLS.
 */
LCM_MUST_CHECK enum lcm_err lcm_connection_read(struct lcm_connection *connection,
                                                const uint8_t **bytes, size_t *size);
void lcm_connection_consumed(struct lcm_connection *connection, size_t size);

/* true when received bytes lie unread: nothing may follow a finished response. */
bool lcm_connection_has_unread(const struct lcm_connection *connection);

/* Close, in any state. */
void lcm_connection_close(struct lcm_connection *connection);

#endif
