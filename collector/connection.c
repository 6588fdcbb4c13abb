// SPDX-License-Identifier: Apache-2.0
/* A sender's connection; see the header. Invariant: a complete message is in the frame or gone. */
#include "collector/connection.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURN_CHUNKS 16u

struct tls_server {
    gnutls_certificate_credentials_t credentials;
    bool asks_clients;
};

enum lcm_err tls_server_open(const char *certificate, const char *key, const char *clients,
                             struct tls_server **server, char text[COLLECT_TEXT_LINE_SIZE])
{
    struct tls_server *made = calloc(1, sizeof(*made));

    if (made == NULL || gnutls_certificate_allocate_credentials(&made->credentials) != 0) {
        free(made);
        snprintf(text, COLLECT_TEXT_LINE_SIZE, "out of memory");
        return LCM_ERR_NO_SPACE;
    }
    int code = gnutls_certificate_set_x509_key_file(made->credentials, certificate, key,
                                                    GNUTLS_X509_FMT_PEM);
    if (code < 0)
        snprintf(text, COLLECT_TEXT_LINE_SIZE, "%s, %s: %s", certificate, key,
                 gnutls_strerror(code));
    if (code >= 0 && clients != NULL) {
        code =
            gnutls_certificate_set_x509_trust_file(made->credentials, clients, GNUTLS_X509_FMT_PEM);
        if (code <= 0)
            snprintf(text, COLLECT_TEXT_LINE_SIZE, "%s: no CA certificate in it", clients);
        code = code > 0 ? 0 : -1;
        made->asks_clients = true;
    }
    if (code < 0) {
        tls_server_close(made);
        return LCM_ERR_FORMAT;
    }
    *server = made;
    return LCM_OK;
}

void tls_server_close(struct tls_server *server)
{
    if (server == NULL)
        return;
    gnutls_certificate_free_credentials(server->credentials);
    free(server);
}

static enum lcm_err connection_start_tls(struct connection *connection,
                                         const struct tls_server *server)
{
    gnutls_session_t session;

    if (gnutls_init(&session, GNUTLS_SERVER | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL) != 0)
        return LCM_ERR_NO_SPACE;
    gnutls_set_default_priority(session);
    gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, server->credentials);
    if (server->asks_clients) {
        gnutls_certificate_server_set_request(session, GNUTLS_CERT_REQUIRE);
        gnutls_session_set_verify_cert(session, NULL, 0);
    }
    gnutls_transport_set_int(session, connection->fd);
    connection->tls = session;
    return LCM_OK;
}

enum lcm_err connection_init(struct connection *connection, int fd, const struct tls_server *server)
{
    connection->fd = fd;
    connection->tls = NULL;
    connection->is_shaken = server == NULL;
    connection->has_message = false;
    connection->is_ended = false;
    connection->transport = server != NULL ? COLLECT_TLS : COLLECT_TCP;
    connection->chunk_at = connection->chunk_size = 0;
    connection->opened_ms = connection->heard_ms = collect_uptime_ms();
    collect_frame_init(&connection->frame);
    return server != NULL ? connection_start_tls(connection, server) : LCM_OK;
}

void connection_close(struct connection *connection)
{
    if (connection->fd < 0)
        return;
    if (connection->tls != NULL)
        gnutls_deinit(connection->tls);
    connection->tls = NULL;
    close(connection->fd);
    connection->fd = -1;
}

/* Bytes, 0 at the end of the stream, -1 with nothing to read now, -2 for a broken stream. */
static ssize_t connection_receive(struct connection *connection)
{
    ssize_t size;

    if (connection->tls == NULL) {
        size = recv(connection->fd, connection->chunk, sizeof(connection->chunk), 0);
        if (size >= 0)
            return size;
        return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR ? -1 : -2;
    }
    size = connection->is_shaken
               ? gnutls_record_recv(connection->tls, connection->chunk, sizeof(connection->chunk))
               : gnutls_handshake(connection->tls);
    if (!connection->is_shaken && size == 0) {
        connection->is_shaken = true;
        return connection_receive(connection);
    }
    if (size == GNUTLS_E_AGAIN || size == GNUTLS_E_INTERRUPTED)
        return -1;
    return size >= 0 ? size : -2;
}

static bool connection_push(struct connection *connection, struct collect *collect,
                            struct limit *limit)
{
    struct collect_record record = {
        .bytes = connection->frame.bytes,
        .size = connection->frame.length,
        .at_ms = collect_now_ms(),
        .transport = connection->transport,
    };

    memcpy(record.source, connection->source, sizeof(record.source));
    if (limit != NULL && !limit_allows(limit, connection->source, collect_uptime_ms()))
        return false;
    if (!collect_queue_push(&collect->queue, &record))
        return false;
    collect->counters.received[connection->transport]++;
    connection->has_message = false;
    return true;
}

/* Messages of the chunk into the queue. CONNECTION_WAIT when all of it is used. */
static enum connection_result connection_use(struct connection *connection, struct collect *collect,
                                             struct limit *limit)
{
    while (true) {
        size_t used = 0;

        if (connection->has_message && !connection_push(connection, collect, limit))
            return CONNECTION_FULL;
        if (connection->chunk_at == connection->chunk_size)
            return CONNECTION_WAIT;
        if (collect_frame_feed(&connection->frame, connection->chunk + connection->chunk_at,
                               connection->chunk_size - connection->chunk_at, &used,
                               &connection->has_message) != LCM_OK) {
            collect->counters.dropped[COLLECT_DROP_MALFORMED]++;
            return CONNECTION_CLOSED;
        }
        connection->chunk_at += used;
    }
}

/* The sender is gone: a last line without its end is a message, half a counted one is not. */
static enum connection_result connection_end(struct connection *connection, struct collect *collect,
                                             struct limit *limit)
{
    if (!connection->is_ended) {
        bool was_counted = connection->frame.state == FRAME_COUNTED;

        connection->is_ended = true;
        connection->has_message = collect_frame_end(&connection->frame);
        if (was_counted)
            collect->counters.dropped[COLLECT_DROP_TRUNCATED]++;
    }
    if (connection->has_message && !connection_push(connection, collect, limit))
        return CONNECTION_FULL;
    return CONNECTION_CLOSED;
}

/* The rest of a record that GnuTLS opened: no socket tells of it. At most one record. */
static bool connection_has_opened(const struct connection *connection)
{
    return connection->tls != NULL && connection->is_shaken &&
           gnutls_record_check_pending(connection->tls) > 0;
}

enum connection_result connection_read(struct connection *connection, struct collect *collect,
                                       struct limit *limit)
{
    for (unsigned i = 0; i < TURN_CHUNKS || connection_has_opened(connection); i++) {
        enum connection_result result = connection->is_ended
                                            ? connection_end(connection, collect, limit)
                                            : connection_use(connection, collect, limit);

        if (result != CONNECTION_WAIT)
            return result;
        ssize_t size = connection_receive(connection);
        if (size == -1)
            return CONNECTION_WAIT;
        if (size <= 0)
            return connection_end(connection, collect, limit);
        connection->heard_ms = collect_uptime_ms();
        connection->chunk_at = 0;
        connection->chunk_size = (size_t)size;
    }
    return connection_use(connection, collect, limit); /* the sender may say no more */
}

static unsigned network_count(struct connection *const *connections, unsigned count,
                              uint64_t network)
{
    unsigned found = 0;

    for (unsigned i = 0; i < count; i++)
        found += connections[i]->network == network;
    return found;
}

unsigned connection_find_victim(struct connection *const *connections, unsigned count)
{
    unsigned victim = 0, most = 0;

    for (unsigned i = 0; i < count; i++) {
        const struct connection *one = connections[i];
        unsigned weight =
            one->is_shaken ? network_count(connections, count, one->network) : count + 1;

        if (weight > most || (weight == most && one->heard_ms < connections[victim]->heard_ms)) {
            victim = i;
            most = weight;
        }
    }
    return victim;
}
