// SPDX-License-Identifier: Apache-2.0
/*
 * Moves bytes between the network port and TLS, or a plain buffer.
 *
 * It knows nothing of HTTP. Invariants: a step moves at most LCM_STEP_SIZE_MAX bytes each
 * way; while a connection is not open its state's deadline is judged whenever nothing moved.
 */
#include "core/fetch/connection.h"

#include <string.h>

#include "core/base/text.h"
#include "core/fetch/url.h"

/* A plain connection sends from the first half of the buffer and receives into the second. */
#define PLAIN_HALF_SIZE (LCM_TLS_BUFFER_SIZE / 2)

static uint64_t connection_now(const struct lcm_connection *connection)
{
    const struct lcm_clock *clock = connection->config->clock;

    return clock->now_ms(clock->context);
}

static void connection_enter(struct lcm_connection *connection, enum lcm_connection_state state,
                             uint32_t timeout_ms)
{
    connection->state = state;
    connection->deadline_ms = connection_now(connection) + timeout_ms;
}

static uint16_t connection_port(const struct lcm_request *request)
{
    if (request->port != 0)
        return request->port;
    return request->is_plain ? LCM_HTTP_PORT : LCM_HTTPS_PORT;
}

void lcm_connection_init(struct lcm_connection *connection, const struct lcm_fetch_config *config)
{
    memset(connection, 0, sizeof *connection);
    connection->config = config;
    lcm_tls_init(&connection->tls);
}

bool lcm_connection_fits(const struct lcm_connection *connection, const struct lcm_request *request)
{
    return connection->state == LCM_CONNECTION_OPEN && connection->is_plain == request->is_plain &&
           connection->port == connection_port(request) &&
           (request->is_plain || connection->mode == request->mode) &&
           lcm_text_equal_folded(connection->host, request->host);
}

void lcm_connection_begin(struct lcm_connection *connection, const struct lcm_request *request)
{
    lcm_connection_close(connection);
    if (lcm_text_copy(connection->host, sizeof connection->host, request->host) != LCM_OK)
        connection->host[0] = '\0'; /* a checked request has no such host; resolving fails */
    connection->port = connection_port(request);
    connection->is_plain = request->is_plain;
    connection->mode = request->mode;
    connection->is_clean_end = false;
    connection->out_sent = connection->out_size = 0;
    connection->in_used = connection->in_size = 0;
    connection_enter(connection, LCM_CONNECTION_RESOLVING, LCM_RESOLVE_TIMEOUT_MS);
}

static enum lcm_err connection_send(struct lcm_connection *connection, const uint8_t *bytes,
                                    size_t size, size_t *sent)
{
    const struct lcm_net *net = connection->config->net;
    enum lcm_err err;

    *sent = 0;
    err = net->send(net->context, bytes, size, sent);
    if (err == LCM_OK)
        connection->counters.bytes_sent += *sent;
    return err;
}

static enum lcm_err connection_receive(struct lcm_connection *connection, uint8_t *bytes,
                                       size_t size, size_t *received)
{
    const struct lcm_net *net = connection->config->net;
    enum lcm_err err;

    *received = 0;
    err = net->receive(net->context, bytes, size, received);
    if (err == LCM_OK)
        connection->counters.bytes_received += *received;
    return err;
}

/* Send waiting record bytes; *budget bounds them. LCM_OK when none wait any more. */
static enum lcm_err connection_push_records(struct lcm_connection *connection, size_t *budget)
{
    enum lcm_err err = LCM_OK;

    while (err == LCM_OK) {
        size_t size = 0;
        size_t sent = 0;
        const uint8_t *bytes = lcm_tls_output(&connection->tls, &size);

        if (bytes == NULL)
            return LCM_OK;
        if (*budget == 0)
            return LCM_PENDING;
        size = size < *budget ? size : *budget;
        err = connection_send(connection, bytes, size, &sent);
        if (err == LCM_OK)
            lcm_tls_sent(&connection->tls, sent);
        *budget -= sent;
    }
    return err;
}

/* Receive record bytes once. LCM_OK when some came; LCM_PENDING when none did or may. */
static enum lcm_err connection_pull_records(struct lcm_connection *connection, size_t *budget)
{
    size_t room = 0;
    size_t received = 0;
    uint8_t *input = lcm_tls_input(&connection->tls, &room);
    enum lcm_err err;

    if (input == NULL || *budget == 0)
        return LCM_PENDING;
    room = room < *budget ? room : *budget;
    err = connection_receive(connection, input, room, &received);
    if (err == LCM_OK)
        lcm_tls_received(&connection->tls, received);
    *budget -= received;
    return err;
}

/* Exchange record bytes until plain bytes are there, nothing moves, or the step is full. LCM_OK
 * only when plain bytes are there. */
static enum lcm_err connection_exchange_records(struct lcm_connection *connection)
{
    size_t out_budget = LCM_STEP_SIZE_MAX;
    size_t in_budget = LCM_STEP_SIZE_MAX;
    enum lcm_err err = LCM_OK;

    while (err == LCM_OK) {
        size_t unread = 0;

        err = connection_push_records(connection, &out_budget);
        if (err != LCM_OK || lcm_tls_read(&connection->tls, &unread) != NULL)
            break;
        err = connection_pull_records(connection, &in_budget);
    }
    return err;
}

static enum lcm_err connection_resolve(struct lcm_connection *connection)
{
    const struct lcm_net *net = connection->config->net;
    enum lcm_err err =
        net->resolve(net->context, connection->host, connection->port, &connection->endpoint);

    if (err == LCM_OK) {
        connection_enter(connection, LCM_CONNECTION_CONNECTING, LCM_CONNECT_TIMEOUT_MS);
        return LCM_PENDING;
    }
    return err;
}

static uint64_t connection_trusted_time(const struct lcm_connection *connection)
{
    if (connection->trusted_seconds == 0)
        return 0;
    return connection->trusted_seconds +
           (connection_now(connection) - connection->trusted_at_ms) / 1000;
}

static enum lcm_err connection_begin_tls(struct lcm_connection *connection)
{
    const struct lcm_fetch_config *config = connection->config;
    struct lcm_tls_setup setup = {
        .host = connection->host,
        .port = connection->port,
        .mode = connection->mode,
        .unix_seconds = connection_trusted_time(connection),
        .crypto = config->crypto,
        .entropy = config->entropy,
        .buffer = config->buffer,
    };
    enum lcm_err err = LCM_OK;

    if (connection->mode != LCM_TLS_UNTRUSTED)
        err = config->load_anchors(config->context, &setup.sector_file);
    if (err == LCM_OK)
        err = lcm_tls_begin(&connection->tls, &setup);
    return err;
}

static enum lcm_err connection_connect(struct lcm_connection *connection)
{
    const struct lcm_net *net = connection->config->net;
    enum lcm_err err = net->connect(net->context, &connection->endpoint);

    if (err != LCM_OK)
        return err;
    connection->counters.connections++;
    if (connection->is_plain) {
        connection->state = LCM_CONNECTION_OPEN;
        return LCM_OK;
    }
    err = connection_begin_tls(connection);
    if (err != LCM_OK)
        return err;
    connection_enter(connection, LCM_CONNECTION_SHAKING, LCM_HANDSHAKE_TIMEOUT_MS);
    return LCM_PENDING;
}

static enum lcm_err connection_shake(struct lcm_connection *connection)
{
    enum lcm_err moved = connection_exchange_records(connection);
    enum lcm_err status = lcm_tls_status(&connection->tls);

    /* TLS knows better than the network why it ended. */
    if (status == LCM_PENDING)
        return moved;
    if (status == LCM_OK) {
        connection->counters.handshakes++;
        connection->state = LCM_CONNECTION_OPEN;
    }
    return status;
}

enum lcm_err lcm_connection_step(struct lcm_connection *connection)
{
    enum lcm_err err = LCM_ERR_CLOSED;

    switch (connection->state) {
    case LCM_CONNECTION_CLOSED:
        return LCM_ERR_CLOSED;
    case LCM_CONNECTION_RESOLVING:
        err = connection_resolve(connection);
        break;
    case LCM_CONNECTION_CONNECTING:
        err = connection_connect(connection);
        break;
    case LCM_CONNECTION_SHAKING:
        err = connection_shake(connection);
        break;
    case LCM_CONNECTION_OPEN:
        return LCM_OK;
    }
    if (err == LCM_PENDING && connection_now(connection) >= connection->deadline_ms)
        return LCM_ERR_TIMEOUT;
    return err;
}

static size_t connection_write_plain(struct lcm_connection *connection, const char *text,
                                     size_t size)
{
    size_t room = PLAIN_HALF_SIZE - connection->out_size;
    size_t taken = size < room ? size : room;

    memcpy(connection->config->buffer + connection->out_size, text, taken);
    connection->out_size = (uint16_t)(connection->out_size + taken);
    return taken;
}

size_t lcm_connection_write(struct lcm_connection *connection, const char *text, size_t size)
{
    size_t room = 0;
    uint8_t *buffer;

    if (connection->is_plain)
        return connection_write_plain(connection, text, size);
    buffer = lcm_tls_write(&connection->tls, &room);
    if (buffer == NULL)
        return 0;
    room = size < room ? size : room;
    memcpy(buffer, text, room);
    lcm_tls_written(&connection->tls, room);
    return room;
}

static enum lcm_err connection_flush_plain(struct lcm_connection *connection)
{
    size_t sent = 0;
    enum lcm_err err = LCM_OK;

    if (connection->out_sent < connection->out_size) {
        err = connection_send(connection, connection->config->buffer + connection->out_sent,
                              (size_t)(connection->out_size - connection->out_sent), &sent);
        connection->out_sent = (uint16_t)(connection->out_sent + sent);
    }
    if (err != LCM_OK)
        return err;
    if (connection->out_sent < connection->out_size)
        return LCM_PENDING;
    connection->out_sent = connection->out_size = 0;
    return LCM_OK;
}

enum lcm_err lcm_connection_flush(struct lcm_connection *connection)
{
    size_t budget = LCM_STEP_SIZE_MAX;
    enum lcm_err status;

    if (connection->is_plain)
        return connection_flush_plain(connection);
    status = lcm_tls_status(&connection->tls);
    if (status != LCM_OK)
        return status;
    lcm_tls_flush(&connection->tls);
    return connection_push_records(connection, &budget);
}

static enum lcm_err connection_read_plain(struct lcm_connection *connection, const uint8_t **bytes,
                                          size_t *size)
{
    uint8_t *half = connection->config->buffer + PLAIN_HALF_SIZE;
    size_t received = 0;
    enum lcm_err err;

    if (connection->in_used == connection->in_size) {
        err = connection_receive(connection, half, LCM_STEP_SIZE_MAX, &received);
        connection->is_clean_end = err == LCM_ERR_CLOSED;
        if (err != LCM_OK)
            return err;
        connection->in_used = 0;
        connection->in_size = (uint16_t)received;
    }
    *bytes = half + connection->in_used;
    *size = (size_t)(connection->in_size - connection->in_used);
    return LCM_OK;
}

enum lcm_err lcm_connection_read(struct lcm_connection *connection, const uint8_t **bytes,
                                 size_t *size)
{
    enum lcm_err moved;
    enum lcm_err status;
    const uint8_t *unread;

    if (connection->is_plain)
        return connection_read_plain(connection, bytes, size);
    moved = connection_exchange_records(connection);
    unread = lcm_tls_read(&connection->tls, size);
    if (unread != NULL) {
        *bytes = unread;
        *size = *size < LCM_STEP_SIZE_MAX ? *size : LCM_STEP_SIZE_MAX;
        return LCM_OK;
    }
    status = lcm_tls_status(&connection->tls);
    connection->is_clean_end = status == LCM_ERR_CLOSED;
    if (status != LCM_OK)
        return status;
    return moved;
}

void lcm_connection_consumed(struct lcm_connection *connection, size_t size)
{
    if (connection->is_plain)
        connection->in_used = (uint16_t)(connection->in_used + size);
    else
        lcm_tls_consumed(&connection->tls, size);
}

bool lcm_connection_has_unread(const struct lcm_connection *connection)
{
    size_t size = 0;

    if (connection->is_plain)
        return connection->in_used < connection->in_size;
    return lcm_tls_read(&connection->tls, &size) != NULL;
}

void lcm_connection_close(struct lcm_connection *connection)
{
    const struct lcm_net *net = connection->config->net;

    if (connection->state != LCM_CONNECTION_CLOSED)
        net->close(net->context);
    connection->state = LCM_CONNECTION_CLOSED;
}
