// SPDX-License-Identifier: Apache-2.0
/*
 * One request after the other: open or reuse, send, judge, receive.
 *
 *   IDLE -> OPENING -> SENDING -> RECEIVING -> IDLE       begin on a new connection
 *   IDLE ------------> SENDING ...                        begin on a kept one
 *           OPENING <- SENDING, RECEIVING                 the kept one was dead: once
 *
 * It follows no redirects and repeats nothing once a byte of an answer came.
 * Invariant: the sink sees bytes only of an answer whose status, range and length were judged good.
 */
#include "core/fetch/fetch.h"

#include <string.h>

static uint64_t fetch_now(const struct lcm_fetch *fetch)
{
    const struct lcm_clock *clock = fetch->connection.config->clock;

    return clock->now_ms(clock->context);
}

void lcm_fetch_init(struct lcm_fetch *fetch, const struct lcm_fetch_config *config)
{
    memset(fetch, 0, sizeof *fetch);
    lcm_connection_init(&fetch->connection, config);
    fetch->state = LCM_FETCH_IDLE;
    fetch->result = LCM_ERR_ABORTED;
}

void lcm_fetch_set_time(struct lcm_fetch *fetch, uint64_t unix_seconds)
{
    fetch->connection.trusted_seconds = unix_seconds;
    fetch->connection.trusted_at_ms = fetch_now(fetch);
}

/* Nothing of an answer is there yet. */
static void fetch_clear_answer(struct lcm_fetch *fetch)
{
    fetch->verdict = LCM_PENDING;
    fetch->has_first_byte = false;
    fetch->is_body_unwanted = false;
    lcm_http_init(&fetch->parser, fetch->location, fetch->location_size, false);
}

static void fetch_start_exchange(struct lcm_fetch *fetch)
{
    lcm_request_begin(&fetch->encoder, &fetch->request, fetch->connection.config->user_agent);
    fetch->sending_since_ms = fetch_now(fetch);
    fetch->state = LCM_FETCH_SENDING;
}

static void fetch_start_opening(struct lcm_fetch *fetch)
{
    fetch->is_reused = false;
    lcm_connection_begin(&fetch->connection, &fetch->request);
    fetch->state = LCM_FETCH_OPENING;
}

enum lcm_err lcm_fetch_begin(struct lcm_fetch *fetch, const struct lcm_request *request,
                             struct lcm_sink body, char *location, size_t location_size)
{
    if (fetch->state != LCM_FETCH_IDLE || lcm_request_check(request) != LCM_OK)
        return LCM_ERR_ARGUMENT;
    fetch->request = *request;
    fetch->body = body;
    fetch->location = location;
    fetch->location_size = location_size;
    fetch->connection.counters.requests++;
    fetch_clear_answer(fetch);
    fetch->is_reused = lcm_connection_fits(&fetch->connection, request);
    if (fetch->is_reused)
        fetch_start_exchange(fetch);
    else
        fetch_start_opening(fetch);
    return LCM_OK;
}

static enum lcm_err fetch_step_opening(struct lcm_fetch *fetch)
{
    enum lcm_err err = lcm_connection_step(&fetch->connection);

    if (err != LCM_OK)
        return err;
    fetch_start_exchange(fetch);
    return LCM_PENDING;
}

static enum lcm_err fetch_check_answer_time(const struct lcm_fetch *fetch)
{
    uint64_t waited_ms = fetch_now(fetch) - fetch->sending_since_ms;

    if (!fetch->has_first_byte && waited_ms >= LCM_FIRST_BYTE_TIMEOUT_MS)
        return LCM_ERR_TIMEOUT;
    return waited_ms >= LCM_HEADER_TIMEOUT_MS ? LCM_ERR_TIMEOUT : LCM_PENDING;
}

/* Hand pieces of the request to the connection; false when it is full. */
static bool fetch_write_request(struct lcm_fetch *fetch)
{
    size_t size = 0;
    const char *text = lcm_request_pending(&fetch->encoder, &size);

    while (text != NULL) {
        size_t taken = lcm_connection_write(&fetch->connection, text, size);

        if (taken == 0)
            return false;
        lcm_request_ack(&fetch->encoder, taken);
        text = lcm_request_pending(&fetch->encoder, &size);
    }
    return true;
}

static enum lcm_err fetch_step_sending(struct lcm_fetch *fetch)
{
    bool is_written = fetch_write_request(fetch);
    enum lcm_err err = lcm_connection_flush(&fetch->connection);

    if (err == LCM_OK && is_written) {
        fetch->state = LCM_FETCH_RECEIVING;
        return LCM_PENDING;
    }
    if (err == LCM_OK || err == LCM_PENDING)
        return fetch_check_answer_time(fetch);
    return err;
}

enum lcm_err lcm_fetch_status(const struct lcm_http_response *response)
{
    if (response->status >= 300 && response->status < 400)
        return LCM_OK;
    switch (response->status) {
    case 200:
    case 206:
        return LCM_OK;
    case 404:
    case 410:
        return LCM_ERR_HTTP_NOT_FOUND;
    case 400:
    case 403:
    case 618:
        return LCM_ERR_HTTP_EXPIRED;
    case 429:
    case 503:
        return LCM_ERR_HTTP_BUSY;
    default:
        return LCM_ERR_HTTP_STATUS;
    }
}

static uint64_t fetch_range_size(const struct lcm_request *request)
{
    return (uint64_t)request->range_last - request->range_first + 1;
}

static enum lcm_err fetch_judge_range(const struct lcm_fetch *fetch)
{
    const struct lcm_http_response *response = &fetch->parser.response;
    const struct lcm_request *request = &fetch->request;

    if (!request->has_range)
        return response->status == 200 ? LCM_OK : LCM_ERR_RANGE;
    if (response->status != 206 || !response->has_range ||
        response->range_first != request->range_first ||
        response->range_last != request->range_last)
        return LCM_ERR_RANGE;
    if (response->has_length && response->length != fetch_range_size(request))
        return LCM_ERR_RANGE;
    return LCM_OK;
}

/* An unwanted body is worth reading when it is short and the connection lives on. */
static bool fetch_may_drop_body(const struct lcm_fetch *fetch)
{
    const struct lcm_http_response *response = &fetch->parser.response;

    return response->is_keep_alive &&
           (response->is_chunked || response->length <= LCM_DROP_SIZE_MAX);
}

/* The header block is complete. LCM_PENDING to go on with the body, else the result. */
static enum lcm_err fetch_judge(struct lcm_fetch *fetch)
{
    const struct lcm_http_response *response = &fetch->parser.response;
    enum lcm_err verdict = lcm_fetch_status(response);

    fetch->is_body_unwanted = verdict != LCM_OK || response->status >= 300;
    if (!fetch->is_body_unwanted)
        verdict = fetch_judge_range(fetch);
    fetch->verdict = verdict;
    fetch->window_since_ms = fetch_now(fetch);
    fetch->window_size = 0;
    if (!fetch->is_body_unwanted && verdict == LCM_OK) {
        lcm_http_set_body(&fetch->parser, &fetch->body,
                          fetch->request.has_range ? fetch_range_size(&fetch->request)
                                                   : LCM_HTTP_SIZE_UNLIMITED);
        return LCM_PENDING;
    }
    fetch->is_body_unwanted = true;
    lcm_http_set_body(&fetch->parser, NULL, LCM_DROP_SIZE_MAX);
    return fetch_may_drop_body(fetch) ? LCM_PENDING : verdict;
}

static enum lcm_err fetch_check_rate(struct lcm_fetch *fetch)
{
    uint64_t now = fetch_now(fetch);

    if (fetch->verdict == LCM_PENDING)
        return fetch_check_answer_time(fetch);
    if (fetch->is_body_unwanted)
        return now - fetch->window_since_ms < LCM_DROP_TIMEOUT_MS ? LCM_PENDING : LCM_ERR_TOO_SLOW;
    if (now - fetch->window_since_ms < LCM_RATE_WINDOW_MS)
        return LCM_PENDING;
    if (fetch->window_size < LCM_RATE_WINDOW_SIZE_MIN)
        return LCM_ERR_TOO_SLOW;
    fetch->window_since_ms = now;
    fetch->window_size = 0;
    return LCM_PENDING;
}

/* The parser is through with the response: is all of what was promised there? */
static enum lcm_err fetch_end_response(const struct lcm_fetch *fetch)
{
    if (fetch->is_body_unwanted)
        return fetch->verdict;
    if (fetch->request.has_range && fetch->parser.body_size != fetch_range_size(&fetch->request))
        return LCM_ERR_CLOSED;
    return LCM_OK;
}

/* Feed one piece of the stream to the parser. */
static enum lcm_err fetch_parse(struct lcm_fetch *fetch, const uint8_t *bytes, size_t size)
{
    size_t used = 0;
    enum lcm_err parsed = lcm_http_feed(&fetch->parser, bytes, size, &used);
    enum lcm_err judged = LCM_PENDING;

    fetch->has_first_byte = true;
    fetch->window_size += (uint32_t)used;
    lcm_connection_consumed(&fetch->connection, used);
    if (parsed != LCM_OK && parsed != LCM_PENDING)
        return parsed;
    if (fetch->verdict == LCM_PENDING && lcm_http_is_header_complete(&fetch->parser))
        judged = fetch_judge(fetch);
    if (parsed == LCM_OK)
        return fetch_end_response(fetch);
    return judged;
}

static enum lcm_err fetch_end_stream(struct lcm_fetch *fetch)
{
    enum lcm_err err = LCM_ERR_CLOSED;

    if (fetch->connection.is_clean_end)
        err = lcm_http_finish(&fetch->parser);
    return err == LCM_OK ? fetch_end_response(fetch) : err;
}

static enum lcm_err fetch_step_receiving(struct lcm_fetch *fetch)
{
    const uint8_t *bytes = NULL;
    size_t size = 0;
    enum lcm_err err = lcm_connection_read(&fetch->connection, &bytes, &size);

    if (err == LCM_OK)
        return fetch_parse(fetch, bytes, size);
    if (err == LCM_PENDING)
        return fetch_check_rate(fetch);
    return err == LCM_ERR_CLOSED ? fetch_end_stream(fetch) : err;
}

static bool fetch_may_repeat(const struct lcm_fetch *fetch, enum lcm_err err)
{
    return fetch->is_reused && !fetch->has_first_byte &&
           (err == LCM_ERR_CLOSED || err == LCM_ERR_TIMEOUT || err == LCM_ERR_TLS);
}

static bool fetch_may_keep(const struct lcm_fetch *fetch)
{
    return fetch->parser.err == LCM_OK && fetch->parser.response.is_keep_alive &&
           !lcm_connection_has_unread(&fetch->connection);
}

/* A body that was only read to keep the connection cannot change the verdict. */
static void fetch_end(struct lcm_fetch *fetch, enum lcm_err err)
{
    fetch->result = fetch->is_body_unwanted ? fetch->verdict : err;
    if (!fetch_may_keep(fetch))
        lcm_connection_close(&fetch->connection);
    fetch->state = LCM_FETCH_IDLE;
}

static enum lcm_err fetch_step_state(struct lcm_fetch *fetch)
{
    switch (fetch->state) {
    case LCM_FETCH_OPENING:
        return fetch_step_opening(fetch);
    case LCM_FETCH_SENDING:
        return fetch_step_sending(fetch);
    case LCM_FETCH_RECEIVING:
        return fetch_step_receiving(fetch);
    case LCM_FETCH_IDLE:
        break;
    }
    return fetch->result;
}

enum lcm_err lcm_fetch_step(struct lcm_fetch *fetch)
{
    enum lcm_err err;

    if (fetch->state == LCM_FETCH_IDLE)
        return fetch->result;
    err = fetch_step_state(fetch);
    if (err == LCM_PENDING)
        return LCM_PENDING;
    if (fetch_may_repeat(fetch, err)) {
        fetch_clear_answer(fetch);
        fetch_start_opening(fetch);
        return LCM_PENDING;
    }
    fetch_end(fetch, err);
    return fetch->result;
}

const char *lcm_fetch_host(const struct lcm_fetch *fetch)
{
    return fetch->request.host != NULL ? fetch->request.host : "";
}

const struct lcm_http_response *lcm_fetch_response(const struct lcm_fetch *fetch)
{
    return &fetch->parser.response;
}

bool lcm_fetch_is_open(const struct lcm_fetch *fetch)
{
    return fetch->connection.state == LCM_CONNECTION_OPEN;
}

int lcm_fetch_tls_error(const struct lcm_fetch *fetch)
{
    return lcm_tls_error_number(&fetch->connection.tls);
}

const struct lcm_fetch_counters *lcm_fetch_counters(const struct lcm_fetch *fetch)
{
    return &fetch->connection.counters;
}

void lcm_fetch_close(struct lcm_fetch *fetch)
{
    if (fetch->state != LCM_FETCH_IDLE)
        fetch->result = LCM_ERR_ABORTED;
    lcm_connection_close(&fetch->connection);
    fetch->state = LCM_FETCH_IDLE;
}
