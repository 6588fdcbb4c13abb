/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fetching: one GET at a time over one connection, which is reused while it can be.
 *
 *   lcm_fetch_init -> [ begin -> step ... until not LCM_PENDING -> response ] ... -> close
 *
 * Nothing blocks and nothing is unbounded: every wait has a deadline, every step moves at most
 * LCM_STEP_SIZE_MAX bytes each way, every answer is judged before its body reaches the sink:
 *   - a range was asked: the answer must be 206 with exactly that range, or LCM_ERR_RANGE;
 *     no range: 200, or LCM_ERR_RANGE for a 206;
 *   - the body must be as long as announced; a shorter one is LCM_ERR_CLOSED;
 *   - bodies of redirects and errors never reach the sink: short ones are read and dropped, so
 *     that the connection can be reused, otherwise the connection is closed.
 * Redirects are not followed: the caller takes the Location, checks it (lcm_redirect_check)
 * and asks again.
 *
 * A kept connection that turns out dead before the first byte of an answer is replaced
 * once, without the caller noticing: a GET may be repeated.
 */
#ifndef LCM_FETCH_FETCH_H
#define LCM_FETCH_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fetch/connection.h"
#include "core/fetch/http.h"
#include "core/fetch/request.h"
#include "core/fetch/sink.h"
#include "core/fetch/url.h"
#include "lcm/err.h"

#define LCM_FIRST_BYTE_TIMEOUT_MS 20000u /* from the start of sending the request */
#define LCM_HEADER_TIMEOUT_MS 30000u     /* the same start, to the end of the header block */
#define LCM_RATE_WINDOW_MS 20000u        /* a body must bring ... */
#define LCM_RATE_WINDOW_SIZE_MIN 256u    /* ... this many bytes in each such window */
#define LCM_DROP_SIZE_MAX 16384u  /* longest unwanted body that is read to keep a connection */
#define LCM_DROP_TIMEOUT_MS 5000u /* then the connection is not worth it */

enum lcm_fetch_state {
    LCM_FETCH_IDLE,
    LCM_FETCH_OPENING,
    LCM_FETCH_SENDING,
    LCM_FETCH_RECEIVING,
};

/* Owned by the caller; all fields are private. Large: keep one, statically. */
struct lcm_fetch {
    struct lcm_connection connection;
    struct lcm_http_parser parser;
    struct lcm_request request;
    struct lcm_request_encoder encoder;
    struct lcm_sink body;
    char *location;
    size_t location_size;
    uint64_t sending_since_ms;
    uint64_t window_since_ms;
    uint32_t window_size; /* body bytes in the window */
    enum lcm_err result;  /* of the last request */
    enum lcm_err verdict; /* on the header block; LCM_PENDING before */
    enum lcm_fetch_state state;
    bool is_reused;        /* on a connection that was open before */
    bool has_first_byte;   /* of the answer */
    bool is_body_unwanted; /* read and drop it */
};

/* Start with no connection. config (and the buffer in it) must outlive fetch. */
void lcm_fetch_init(struct lcm_fetch *fetch, const struct lcm_fetch_config *config);

/*
 * Set the trusted time (Unix seconds, now; 0 = none). From the next handshake on certificate
 * dates are judged by it; without it they are not judged. It runs on with the clock port.
 */
void lcm_fetch_set_time(struct lcm_fetch *fetch, uint64_t unix_seconds);

/*
 * Begin a request. *request is copied; host and path are not: they, body's context and
 * location (location_size bytes for the Location field; NULL and 0 if not wanted) must stay
 * until the request is over. host and path may not point into location's buffer.
 * LCM_ERR_ARGUMENT: another request is going on, or a field is not valid; nothing begun.
 */
LCM_MUST_CHECK enum lcm_err lcm_fetch_begin(struct lcm_fetch *fetch,
                                            const struct lcm_request *request, struct lcm_sink body,
                                            char *location, size_t location_size);

/*
 * Go on. LCM_PENDING while it lasts, then the result, again and again:
 * LCM_OK            complete; look at the response's status: 200, 206 or 3xx
 * LCM_ERR_HTTP_*    as lcm_fetch_status says
 * LCM_ERR_RANGE     another range than asked, or a range not asked for
 * LCM_ERR_TOO_LONG  a limit of http.h, or a 3xx Location longer than its buffer
 * LCM_ERR_HTTP      malformed answer
 * LCM_ERR_DNS, CONNECT, TIMEOUT, CLOSED, TOO_SLOW, TLS, CERTIFICATE, ENTROPY
 * or what the sink or load_anchors returned.
 * The sink may have got a part of the body unless the result is about the header.
 */
LCM_MUST_CHECK enum lcm_err lcm_fetch_step(struct lcm_fetch *fetch);

/* The response of the current or last request; status 0 before its status line came. */
const struct lcm_http_response *lcm_fetch_response(const struct lcm_fetch *fetch);

/* What a status means: 200, 206, 3xx LCM_OK; 404, 410 LCM_ERR_HTTP_NOT_FOUND; 400, 403, 618 (signed
 * address ran out) LCM_ERR_HTTP_EXPIRED; 429, 503 LCM_ERR_HTTP_BUSY; else LCM_ERR_HTTP_STATUS. */
LCM_MUST_CHECK enum lcm_err lcm_fetch_status(const struct lcm_http_response *response);

/* true from the end of the handshake on, while the connection lasts: the trust sector
 * given by load_anchors is no longer needed. */
bool lcm_fetch_is_open(const struct lcm_fetch *fetch);

/* BearSSL's error number of the last handshake or connection (BR_ERR_*), 0 = none. */
int lcm_fetch_tls_error(const struct lcm_fetch *fetch);

const struct lcm_fetch_counters *lcm_fetch_counters(const struct lcm_fetch *fetch);

/* Host of the request on its way or of the last one; "" before the first. */
const char *lcm_fetch_host(const struct lcm_fetch *fetch);

/* Stop the request, if any (its result is LCM_ERR_ABORTED then), and close the connection. */
void lcm_fetch_close(struct lcm_fetch *fetch);

#endif
