/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The life of one connection: handshake, then requests until it ends.
 * Runs on a thread of its own; shares nothing but the site.
 */
#ifndef LCM_SERVER_CONNECTION_H
#define LCM_SERVER_CONNECTION_H

#include "server/exchange.h"

struct serve_connection {
    struct serve_site *site;
    enum serve_host host;
    int fd;
    unsigned long number; /* for the log */
    struct serve_transport transport;
    bool is_polite; /* say farewell when closing */
};

/* Serve until the peer or a fault ends the connection, or the socket is shut down from
 * another thread. The socket stays open: close follows. */
void serve_connection_run(struct serve_connection *connection);

/* Close the socket and release what run left. */
void serve_connection_close(struct serve_connection *connection);

#endif
