/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Listening sockets and the threads of accepted connections.
 *
 * At most SERVE_CONNECTIONS_MAX connections live at a time; one more is closed at once.
 * stop ends them all and returns when the last thread is gone.
 */
#ifndef LCM_SERVER_LISTENER_H
#define LCM_SERVER_LISTENER_H

#include "server/connection.h"

#define SERVE_CONNECTIONS_MAX 64u

struct serve_pool {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int sockets[SERVE_CONNECTIONS_MAX]; /* -1 = free slot, or its thread is closing it */
    bool is_taken[SERVE_CONNECTIONS_MAX];
    size_t count;
    unsigned long accepted;
};

/* Listen on an IPv4 address; *port 0 takes a free port and is set to it.
 * LCM_ERR_ARGUMENT for a bad address, LCM_ERR_CONNECT when the port cannot be had (errno tells). */
LCM_MUST_CHECK enum lcm_err serve_listen(const char *address, uint16_t *port, int *fd);

void serve_pool_init(struct serve_pool *pool);

/* Accept one connection for host and serve it on its own thread. */
void serve_pool_accept(struct serve_pool *pool, struct serve_site *site, enum serve_host host,
                       int listener);

/* End every connection and wait for their threads. */
void serve_pool_stop(struct serve_pool *pool);

#endif
