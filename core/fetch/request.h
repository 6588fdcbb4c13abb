/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A GET request, and its encoding piece by piece.
 *
 * The encoder holds no copy of the path: ask for the next piece, send some of it,
 * acknowledge what was sent, until no piece is left.
 */
#ifndef LCM_FETCH_REQUEST_H
#define LCM_FETCH_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fetch/x509_dates.h"
#include "lcm/err.h"

#define LCM_REQUEST_TEXT_SIZE 40u /* "Range: bytes=4294967295-4294967295\r\n" */

/* All pointers stay the caller's and must live until the request is over. */
struct lcm_request {
    const char *host;       /* DNS name, at most 63 characters */
    uint16_t port;          /* 0 = the default of http or https */
    const char *path;       /* with query, sent byte for byte */
    bool is_plain;          /* http instead of https */
    enum lcm_tls_mode mode; /* https only; LCM_TLS_VERIFY is 0 */
    bool has_range;
    uint32_t range_first; /* bytes, both ends included */
    uint32_t range_last;
};

struct lcm_request_encoder {
    const struct lcm_request *request;
    const char *user_agent;
    uint16_t offset; /* sent characters of the current piece */
    uint8_t piece;
    char text[LCM_REQUEST_TEXT_SIZE]; /* the port or range piece */
};

/* LCM_OK, or LCM_ERR_ARGUMENT for a host or path that may not be sent (lcm_url_*_is_valid)
 * or a range that ends before it starts. */
LCM_MUST_CHECK enum lcm_err lcm_request_check(const struct lcm_request *request);

/* Start encoding a checked request. user_agent: e.g. "LCM/1.0.0", without control characters. */
void lcm_request_begin(struct lcm_request_encoder *encoder, const struct lcm_request *request,
                       const char *user_agent);

/* Next unsent characters: *size > 0 of them, or NULL and 0 when all is sent. Valid until the
 * next call with this encoder. */
const char *lcm_request_pending(struct lcm_request_encoder *encoder, size_t *size);

/* size characters of the last piece were sent. */
void lcm_request_ack(struct lcm_request_encoder *encoder, size_t size);

#endif
