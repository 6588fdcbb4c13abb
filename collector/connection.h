/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One TCP or TLS connection of a sender. Reads only when it may: a message that does not fit the
 * queue stays here, and the connection is not read on until it went through.
 */
#ifndef LCM_COLLECTOR_CONNECTION_H
#define LCM_COLLECTOR_CONNECTION_H

#include <gnutls/gnutls.h>

#include "collector/collect.h"
#include "collector/frame.h"
#include "collector/limit.h"

#define CONNECTION_CHUNK_SIZE 4096u

struct tls_server; /* certificate and key */

struct connection {
    int fd; /* -1 = free */
    gnutls_session_t tls;
    bool is_shaken, has_message, is_ended;
    enum collect_transport transport;
    uint64_t opened_ms, heard_ms;
    uint64_t network; /* of the source: those of one network share their places */
    char source[COLLECT_SOURCE_SIZE];
    size_t chunk_at, chunk_size;
    char chunk[CONNECTION_CHUNK_SIZE];
    struct collect_frame frame;
};

enum connection_result {
    CONNECTION_WAIT,   /* nothing to read now */
    CONNECTION_FULL,   /* the queue is full, or the source too fast: try again later */
    CONNECTION_CLOSED, /* over: close it */
};

/* LCM_ERR_NOT_FOUND or LCM_ERR_FORMAT with a text for people. clients NULL = anybody. */
LCM_MUST_CHECK enum lcm_err tls_server_open(const char *certificate, const char *key,
                                            const char *clients, struct tls_server **server,
                                            char text[COLLECT_TEXT_LINE_SIZE]);
void tls_server_close(struct tls_server *server);

/* Take over an accepted socket; server NULL = plain TCP. */
LCM_MUST_CHECK enum lcm_err connection_init(struct connection *connection, int fd,
                                            const struct tls_server *server);

/* Read on and pass complete messages to the queue. limit NULL = none. At most as much as one turn
 * allows, so that others get theirs. */
enum connection_result connection_read(struct connection *connection, struct collect *collect,
                                       struct limit *limit);

void connection_close(struct connection *connection);

/* Which of these has to go for a new one: one that has not shaken hands, else one of the network
 * that has most; the one that was quiet longest. */
unsigned connection_find_victim(struct connection *const *connections, unsigned count);

#endif
