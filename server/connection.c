// SPDX-License-Identifier: Apache-2.0
/*
 * One connection from handshake to close; see the header.
 *
 * Reads requests, asks the faults that replace a whole answer, hands the rest to the
 * host's routes and logs. Invariant: every answered request is logged exactly once.
 */
#include "server/connection.h"

#include <string.h>

#include "core/base/text.h"
#include "server/access_log.h"
#include "server/credentials.h"
#include "server/headers.h"

#define REQUESTS_MAX 100000u /* of one connection */

struct input {
    char bytes[SERVE_REQUEST_SIZE_MAX];
    size_t used;
};

bool serve_exchange_fault(struct serve_exchange *exchange, enum serve_fault_kind kind,
                          struct serve_fault *fault)
{
    if (!serve_faults_take(&exchange->site->faults, kind, exchange->host, exchange->request.target,
                           fault))
        return false;
    exchange->faults |= 1ull << kind;
    return true;
}

static void plain_text_answer(struct serve_exchange *exchange, int status, long retry_after_s,
                              const char *text)
{
    struct serve_response response;

    serve_response_init(&response, status, NULL);
    if (exchange->host == SERVE_RELEASE)
        serve_headers_release(&response, exchange, "text/plain; charset=utf-8", NULL);
    else
        serve_response_header(&response, "Content-Type", "text/plain; charset=utf-8");
    if (retry_after_s >= 0)
        serve_response_header(&response, "Retry-After", "%ld", retry_after_s);
    serve_response_content(&response, text, strlen(text));
    serve_response_send(&response, exchange);
    serve_response_free(&response);
}

static void refusal_answer(struct serve_exchange *exchange, int status, const char *text)
{
    exchange->is_last = true;
    plain_text_answer(exchange, status, -1, text);
}

/* true when the Host field names this host; the port is not compared. */
static bool host_is_right(const struct serve_exchange *exchange)
{
    char host[SERVE_SEGMENT_SIZE];
    const char *given = exchange->request.host;
    size_t length = strcspn(given, ":");

    if (exchange->host == SERVE_PLAIN)
        return true;
    if (length >= sizeof(host))
        return false;
    memcpy(host, given, length);
    host[length] = '\0';
    return lcm_text_equal_folded(host, exchange->site->host_names[exchange->host]);
}

/* Faults that replace the answer. */
static bool fault_answer(struct serve_exchange *exchange)
{
    struct serve_fault fault;

    if (serve_exchange_fault(exchange, SERVE_FAULT_STATUS, &fault)) {
        plain_text_answer(exchange, (int)fault.number, fault.retry_after_s, "fault\n");
        return true;
    }
    if (serve_exchange_fault(exchange, SERVE_FAULT_NOT_FOUND, NULL)) {
        plain_text_answer(exchange, 404, -1, "Not Found");
        return true;
    }
    return false;
}

static void request_answer(struct serve_exchange *exchange)
{
    if (exchange->request.method == SERVE_OTHER_METHOD)
        refusal_answer(exchange, 405, "Only GET and HEAD.\n");
    else if (exchange->request.has_body)
        refusal_answer(exchange, 400, "A request with a body is not understood.\n");
    else if (!host_is_right(exchange))
        refusal_answer(exchange, 421,
                       "This server has another name: use --resolve, not its address.\n");
    else if (fault_answer(exchange))
        return;
    else if (exchange->host == SERVE_RELEASE)
        serve_release_answer(exchange);
    else if (exchange->host == SERVE_ASSET)
        serve_asset_answer(exchange);
    else
        serve_plain_answer(exchange);
}

/* Collect one head. LCM_ERR_TOO_LONG when it does not fit. */
static enum lcm_err head_receive(struct serve_connection *connection, struct input *input,
                                 size_t *head_size)
{
    int64_t deadline_ms = serve_now_ms() + SERVE_IDLE_MS;

    while ((*head_size = serve_request_head_size(input->bytes, input->used)) == 0) {
        size_t received = 0;
        if (input->used == sizeof(input->bytes))
            return LCM_ERR_TOO_LONG;
        enum lcm_err err =
            serve_transport_receive(&connection->transport, input->bytes + input->used,
                                    sizeof(input->bytes) - input->used, deadline_ms, &received);
        if (err != LCM_OK)
            return err;
        input->used += received;
    }
    return LCM_OK;
}

static void close_after_check(struct serve_exchange *exchange, unsigned requests)
{
    struct serve_fault fault;

    if (serve_faults_peek(&exchange->site->faults, SERVE_FAULT_CLOSE_AFTER, exchange->host,
                          exchange->request.target, &fault) &&
        (long)requests >= fault.number)
        exchange->is_broken = serve_exchange_fault(exchange, SERVE_FAULT_CLOSE_AFTER, NULL);
}

/* Answer the next request; false when the connection is over. */
static bool request_serve(struct serve_connection *connection, struct input *input,
                          unsigned requests)
{
    struct serve_exchange exchange = {
        .site = connection->site,
        .host = connection->host,
        .transport = &connection->transport,
        .request = {.method_text = "-", .target = "-", .host = ""},
        .connection = connection->number,
        .is_first = requests == 1,
    };
    size_t head_size;
    enum lcm_err err = head_receive(connection, input, &head_size);

    if (err == LCM_OK)
        err = serve_request_parse(input->bytes, head_size, &exchange.request);
    exchange.is_last = !exchange.request.keep_alive;
    if (err == LCM_OK)
        request_answer(&exchange);
    else if (err == LCM_ERR_TOO_LONG)
        refusal_answer(&exchange, 431, "The request is too long.\n");
    else if (err == LCM_ERR_FORMAT)
        refusal_answer(&exchange, 400, "Not a request of HTTP/1.1.\n");
    else
        return false;
    close_after_check(&exchange, requests);
    serve_log_exchange(exchange.site->log, &exchange);
    connection->is_polite = !exchange.is_broken;
    if (exchange.is_broken || exchange.is_last)
        return false;
    input->used -= head_size;
    memmove(input->bytes, input->bytes + head_size, input->used);
    return true;
}

/* Which certificate to present. */
static enum serve_variant variant_choose(struct serve_exchange *exchange)
{
    static const struct {
        enum serve_fault_kind kind;
        enum serve_variant variant;
    } rows[] = {
        {SERVE_FAULT_WRONG_CA, SERVE_WRONG_CA},
        {SERVE_FAULT_WRONG_NAME, SERVE_WRONG_NAME},
        {SERVE_FAULT_EXPIRED_CERT, SERVE_EXPIRED},
        {SERVE_FAULT_NEW_CA, SERVE_NEW_CA},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (serve_exchange_fault(exchange, rows[i].kind, NULL))
            return rows[i].variant;
    }
    return SERVE_REAL;
}

static bool connection_start(struct serve_connection *connection)
{
    struct serve_exchange exchange = {
        .site = connection->site, .host = connection->host, .connection = connection->number};
    gnutls_certificate_credentials_t credentials = NULL;
    struct serve_fault fault;
    const char *reason = "no certificate";
    int limit_ms = SERVE_HANDSHAKE_MS;

    if (connection->host != SERVE_PLAIN)
        credentials = serve_credentials_get(connection->site->credentials, connection->host,
                                            variant_choose(&exchange));
    if (serve_exchange_fault(&exchange, SERVE_FAULT_HANDSHAKE_LIMIT, &fault) &&
        fault.number < SERVE_HANDSHAKE_MS / 1000)
        limit_ms = (int)fault.number * 1000;
    enum lcm_err err = serve_transport_init(&connection->transport, connection->fd, credentials);
    if (err == LCM_OK && connection->host != SERVE_PLAIN && credentials == NULL)
        err = LCM_ERR_TLS;
    if (err == LCM_OK)
        err = serve_transport_handshake(&connection->transport, limit_ms, &reason);
    if (err != LCM_OK)
        serve_log_handshake_failure(connection->site->log, &exchange, reason);
    return err == LCM_OK;
}

void serve_connection_run(struct serve_connection *connection)
{
    struct input input = {.used = 0};
    unsigned requests = 1;

    if (!connection_start(connection))
        return;
    connection->is_polite = true;
    while (requests < REQUESTS_MAX && request_serve(connection, &input, requests))
        requests++;
}

void serve_connection_close(struct serve_connection *connection)
{
    serve_transport_close(&connection->transport, connection->is_polite);
}
