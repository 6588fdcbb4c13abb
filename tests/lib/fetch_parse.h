/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses one response in every way it can be cut into pieces; for the tests of core/fetch/http.
 */
#ifndef LCM_TESTS_FETCH_PARSE_H
#define LCM_TESTS_FETCH_PARSE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/http.h"

struct seen {
    struct lcm_http_response response;
    enum lcm_err err;
    size_t used;
    char location[256];
    char body[65536];
    size_t body_size;
};

static inline enum lcm_err seen_write(void *context, const uint8_t *bytes, size_t size)
{
    struct seen *seen = context;

    assert_true(seen->body_size + size <= sizeof seen->body);
    memcpy(seen->body + seen->body_size, bytes, size);
    seen->body_size += size;
    return LCM_OK;
}

static inline void feed(struct lcm_http_parser *parser, struct seen *seen, const char *text,
                        size_t size)
{
    size_t fed = 0;

    while (seen->err == LCM_PENDING && fed < size) {
        size_t used = 0;

        seen->err = lcm_http_feed(parser, (const uint8_t *)text + fed, size - fed, &used);
        fed += used;
        if (lcm_http_is_header_complete(parser) && parser->body.write == NULL) {
            struct lcm_sink sink = {seen, seen_write};

            assert_int_equal(seen->body_size, 0);
            lcm_http_set_body(parser, &sink, LCM_HTTP_SIZE_UNLIMITED);
        }
    }
    seen->used += fed;
}

/* Parse in pieces: first bytes, then step bytes each. The end of the text ends the stream. */
static inline void parse(struct seen *seen, const char *text, size_t size, size_t first,
                         size_t step)
{
    struct lcm_http_parser parser;

    memset(seen, 0, sizeof *seen);
    seen->err = LCM_PENDING;
    lcm_http_init(&parser, seen->location, sizeof seen->location, false);
    for (size_t at = 0; at < size;) {
        size_t piece = at == 0 ? first : step;

        piece = piece < size - at ? piece : size - at;
        feed(&parser, seen, text + at, piece);
        at += piece;
    }
    if (seen->err == LCM_PENDING)
        seen->err = lcm_http_finish(&parser);
    seen->response = parser.response;
}

static struct seen whole;
static struct seen pieces;

static inline void assert_same(void)
{
    assert_memory_equal(&pieces.response, &whole.response, sizeof whole.response);
    assert_int_equal(pieces.err, whole.err);
    assert_int_equal(pieces.body_size, whole.body_size);
    assert_memory_equal(pieces.body, whole.body, whole.body_size);
    assert_string_equal(pieces.location, whole.location);
    if (whole.err == LCM_OK)
        assert_int_equal(pieces.used, whole.used);
}

/* Parse whole, and require the same from every other way of cutting. */
static inline struct seen *parse_all_ways(const char *text)
{
    size_t size = strlen(text);

    parse(&whole, text, size, size, size);
    for (size_t first = 1; first <= size; first++) {
        parse(&pieces, text, size, first, size);
        assert_same();
    }
    parse(&pieces, text, size, 1, 1);
    assert_same();
    return &whole;
}

#define OK_HEADER "HTTP/1.1 200 OK\r\n"

#define CHUNKED_HEADER OK_HEADER "Transfer-Encoding: Chunked\r\n\r\n"

#endif
