/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Network port: name resolution, one TCP connection, UDP datagrams out.
 *
 * Nothing blocks. resolve and connect are polled: call again with the same
 * arguments until the result is not LCM_PENDING; deadlines are the caller's.
 * One connection at a time: connect starts with nothing open; close always
 * brings the port back to that state, whatever happened before.
 */
#ifndef LCM_NET_H
#define LCM_NET_H

#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

struct lcm_endpoint {
    uint8_t ip[4]; /* IPv4, network order */
    uint16_t port; /* host order */
};

struct lcm_net {
    void *context;

    /* Look up host (NUL-terminated, at most 253 characters) for a service port.
     * LCM_PENDING, LCM_OK with *endpoint set, or LCM_ERR_DNS. */
    enum lcm_err (*resolve)(void *context, const char *host, uint16_t port,
                            struct lcm_endpoint *endpoint);

    /* Open the TCP connection. LCM_PENDING, LCM_OK or LCM_ERR_CONNECT. */
    enum lcm_err (*connect)(void *context, const struct lcm_endpoint *endpoint);

    /* Send up to size bytes; *sent is how many the stack took (may be 0 with
     * LCM_PENDING). LCM_OK when *sent > 0; LCM_ERR_CLOSED when the peer is gone. */
    enum lcm_err (*send)(void *context, const uint8_t *data, size_t size, size_t *sent);

    /* Receive up to size bytes. LCM_OK with *received > 0, LCM_PENDING with 0,
     * LCM_ERR_CLOSED at the end of the stream or on reset. */
    enum lcm_err (*receive)(void *context, uint8_t *data, size_t size, size_t *received);

    /* Close the connection, if any. */
    void (*close)(void *context);

    /* Send one datagram (<= 1,024 bytes), best effort, never blocks. ip
     * 255.255.255.255 is the local broadcast. */
    void (*send_datagram)(void *context, const struct lcm_endpoint *endpoint, const uint8_t *data,
                          size_t size);
};

#endif
