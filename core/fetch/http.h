/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Streaming parser of one HTTP/1.x response (RFC 9112), in constant memory.
 *
 * Feed bytes as they come, in pieces of any size. The parser keeps the few fields
 * it knows and forgets the rest, so that header lines may have any length, case and
 * order; the block as a whole is bounded. It pauses once behind the header block: the
 * caller looks at the response, decides where the body goes (lcm_http_set_body) and
 * feeds on. Until a sink is set the body is dropped.
 *
 *   lcm_http_init -> feed ... (header complete) -> set_body -> feed ... -> LCM_OK
 *                                            end of the connection -> lcm_http_finish
 *
 * Strict where laxness lets two readers disagree about where a body ends: line folding,
 * repeated or combined lengths, unknown transfer codings and control characters are
 * LCM_ERR_HTTP. Tolerant about a missing CR.
 */
#ifndef LCM_FETCH_HTTP_H
#define LCM_FETCH_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/fetch/sink.h"
#include "lcm/err.h"

#define LCM_HTTP_HEADER_SIZE_MAX 32768u   /* bytes; GitHub's redirects have 5 to 6.5 KB */
#define LCM_HTTP_INTERIM_MAX 8u           /* 1xx responses before the real one */
#define LCM_HTTP_CHUNK_LINE_SIZE_MAX 256u /* chunk size with its extensions */
#define LCM_HTTP_TRAILER_SIZE_MAX 4096u   /* all lines behind the last chunk */
#define LCM_HTTP_TEXT_SIZE 72u        /* longest field value that is looked at, Location apart */
#define LCM_RETRY_AFTER_DEFAULT_S 60u /* for the date form */
#define LCM_RETRY_AFTER_MAX_S 86400u  /* a host may not silence a device for longer */

#define LCM_HTTP_SIZE_UNLIMITED UINT64_MAX

struct lcm_http_response {
    uint64_t length;      /* Content-Length, when has_length */
    uint64_t range_first; /* Content-Range, when has_range */
    uint64_t range_last;
    uint64_t range_total;         /* when has_range_total; a host may answer "*" */
    uint32_t retry_after_seconds; /* 0 = not told; at most LCM_RETRY_AFTER_MAX_S */
    uint16_t status;              /* 200..999; 0 until the status line was read */
    bool has_length;
    bool has_range;
    bool has_range_total;
    bool has_location; /* complete in the caller's buffer, NUL-terminated */
    bool is_chunked;
    bool is_keep_alive; /* the connection may carry another request */
};

/* Owned by the caller; fields are the parser's own, except response (read only). */
struct lcm_http_parser {
    struct lcm_http_response response;
    struct lcm_sink body;
    uint64_t body_left; /* of the body or of the chunk */
    uint64_t body_size; /* body bytes so far */
    uint64_t body_max;  /* more is LCM_ERR_TOO_LONG */
    char *location;     /* the caller's; may be NULL */
    size_t location_size;
    size_t location_length;
    uint32_t block_size; /* bytes of the header block, chunk line or trailer so far */
    enum lcm_err err;    /* LCM_PENDING, or the final result */
    uint8_t state;
    uint8_t field;
    uint8_t interim_count;
    uint8_t text_length;
    bool is_head;
    bool is_after_cr;
    bool is_text_cut;
    bool is_location_cut;
    bool is_http_1_0;
    bool has_close;
    bool has_keep_alive;
    char text[LCM_HTTP_TEXT_SIZE];
};

/*
 * Start a response. location receives the Location field (location_size bytes with the
 * NUL; NULL and 0 when it is not wanted) and must stay valid. is_head: the request was
 * a HEAD, so no body follows whatever the fields say.
 */
void lcm_http_init(struct lcm_http_parser *parser, char *location, size_t location_size,
                   bool is_head);

/*
 * Parse up to size bytes; *used says how many were taken.
 * LCM_PENDING: feed on (also right behind the header block, with bytes left over).
 * LCM_OK: the response is complete; bytes behind it were not taken.
 * LCM_ERR_HTTP: malformed. LCM_ERR_TOO_LONG: header block, chunk line, trailer or body over
 * its limit, or a 3xx answer whose Location does not fit. Or what the sink returned.
 * A final result repeats.
 */
LCM_MUST_CHECK enum lcm_err lcm_http_feed(struct lcm_http_parser *parser, const uint8_t *bytes,
                                          size_t size, size_t *used);

/* true once the fields of response are final. */
bool lcm_http_is_header_complete(const struct lcm_http_parser *parser);

/*
 * Send the body to *sink (copied; NULL drops it) and let it have at most size_max bytes.
 * A chunk larger than what is left is LCM_ERR_TOO_LONG before any byte of it is written.
 */
void lcm_http_set_body(struct lcm_http_parser *parser, const struct lcm_sink *sink,
                       uint64_t size_max);

/*
 * The connection ended in an orderly way. LCM_OK when the response is complete (a body
 * without a length ends here), else LCM_ERR_CLOSED or the error met before.
 */
LCM_MUST_CHECK enum lcm_err lcm_http_finish(struct lcm_http_parser *parser);

#endif
