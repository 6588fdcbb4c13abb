/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One HTTP/1.1 request head: parsed in the caller's buffer, strictly.
 * Nothing is decoded: names of releases and assets have no character that needs
 * percent encoding, so a target with one names nothing, and no encoding can hide "..".
 */
#ifndef LCM_SERVER_REQUEST_H
#define LCM_SERVER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define SERVE_REQUEST_SIZE_MAX 8192u /* bytes of a head */
#define SERVE_SEGMENTS_MAX 8u
#define SERVE_SEGMENT_SIZE 128u

enum serve_method { SERVE_GET, SERVE_HEAD, SERVE_OTHER_METHOD };

enum serve_range_kind {
    SERVE_RANGE_NONE,    /* no Range, or one that is ignored: another unit, several ranges */
    SERVE_RANGE_FROM_TO, /* a-b and a- (last = UINT64_MAX) */
    SERVE_RANGE_SUFFIX,  /* -n: the last n bytes */
};

struct serve_range {
    enum serve_range_kind kind;
    uint64_t first, last; /* suffix: last = n */
};

/* The strings point into the head that was parsed. */
struct serve_request {
    enum serve_method method;
    const char *method_text;
    const char *target; /* path and query, as received */
    const char *host;   /* "" when missing */
    bool keep_alive;
    bool has_body; /* the sender announced a body: it is not read */
    struct serve_range range;
};

/* Size of the head in bytes (the empty line included), or 0 when it is not complete.
 * Lines end in CR LF or LF. */
size_t serve_request_head_size(const char *bytes, size_t size);

/* Parse a complete head of size bytes; line ends become NULs. LCM_ERR_FORMAT for
 * anything that is not a request HTTP/1.0 or 1.1 understands, or a NUL inside. */
LCM_MUST_CHECK enum lcm_err serve_request_parse(char *head, size_t size,
                                                struct serve_request *request);

/* Split the path of a target (the query is ignored) into segments: letters, digits,
 * . _ - + ~ and not beginning with '.'. LCM_ERR_FORMAT for anything else, an empty
 * segment included; LCM_ERR_TOO_LONG for a limit above. */
LCM_MUST_CHECK enum lcm_err serve_path_split(const char *target,
                                             char segments[SERVE_SEGMENTS_MAX][SERVE_SEGMENT_SIZE],
                                             size_t *count);

/* Bytes [*first, *first + *length) of a file of size bytes that range asks for.
 * LCM_ERR_RANGE when nothing of it exists (status 416). range is not NONE. */
LCM_MUST_CHECK enum lcm_err serve_range_resolve(const struct serve_range *range, uint64_t size,
                                                uint64_t *first, uint64_t *length);

#endif
