// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the response parser refuses what is malformed, what two readers could take in two ways, and
 * what is longer than its limit.
 * Method: as in test_http: each text whole, byte by byte, and split in two at every boundary.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/http.h"
#include "tests/lib/fetch_parse.h"

static void malformed_headers(void **state)
{
    const char *const texts[] = {
        OK_HEADER "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello",
        OK_HEADER "Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        OK_HEADER "Content-Length: 5, 5\r\n\r\nhello",
        OK_HEADER "Content-Length: -1\r\n\r\n",
        OK_HEADER "Content-Length: +5\r\n\r\nhello",
        OK_HEADER "Content-Length: 0x5\r\n\r\nhello",
        OK_HEADER "Content-Length:\r\n\r\n",
        OK_HEADER "Content-Length: 18446744073709551616\r\n\r\n",
        OK_HEADER "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK_HEADER "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        OK_HEADER "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        OK_HEADER "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        OK_HEADER "X: one\r\n folded\r\n\r\n",
        OK_HEADER "X: one\r\n\tfolded\r\n\r\n",
        OK_HEADER " X: leading\r\n\r\n",
        OK_HEADER "X : space\r\n\r\n",
        OK_HEADER ": no name\r\n\r\n",
        OK_HEADER "no colon\r\n\r\n",
        OK_HEADER "X: bare\rreturn\r\n\r\n",
        OK_HEADER "X: control\x01\r\n\r\n",
        OK_HEADER "X: two returns\r\r\n\r\n",
        OK_HEADER "Location: a\r\nLocation: b\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 5-4/10\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 0-10/10\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 0-9\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes -9/10\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: lines 0-9/10\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 0-9/10\r\nContent-Range: bytes 0-9/10\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1200 OK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "<html><body>portal</body></html>\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (parse_all_ways(texts[i])->err != LCM_ERR_HTTP)
            fail_msg("text %zu gave %s", i, lcm_err_name(whole.err));
        assert_int_equal(whole.body_size, 0);
    }
}

static void malformed_chunks(void **state)
{
    const char *const texts[] = {
        CHUNKED_HEADER "x\r\nhello\r\n",  CHUNKED_HEADER "\r\nhello\r\n",
        CHUNKED_HEADER ";a\r\nhello\r\n", CHUNKED_HEADER "5\r\nhelloX\r\n0\r\n\r\n",
        CHUNKED_HEADER "-5\r\nhello\r\n", CHUNKED_HEADER "11111111111111111\r\nhi",
        CHUNKED_HEADER "5\rhello",        CHUNKED_HEADER "5g\r\nhello\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (parse_all_ways(texts[i])->err != LCM_ERR_HTTP)
            fail_msg("chunks %zu gave %s", i, lcm_err_name(whole.err));
    }
}

static void chunk_lines_and_trailers_are_bounded(void **state)
{
    static char text[LCM_HTTP_TRAILER_SIZE_MAX + 512];
    size_t at = strlen(CHUNKED_HEADER "1;");

    (void)state;
    memcpy(text, CHUNKED_HEADER "1;", at);
    memset(text + at, 'e', LCM_HTTP_CHUNK_LINE_SIZE_MAX);
    parse(&whole, text, at + LCM_HTTP_CHUNK_LINE_SIZE_MAX, 7, 7);
    assert_int_equal(whole.err, LCM_ERR_TOO_LONG);
    at = strlen(CHUNKED_HEADER "0\r\n");
    memcpy(text, CHUNKED_HEADER "0\r\n", at);
    memset(text + at, 't', LCM_HTTP_TRAILER_SIZE_MAX + 1);
    parse(&whole, text, at + LCM_HTTP_TRAILER_SIZE_MAX + 1, 7, 7);
    assert_int_equal(whole.err, LCM_ERR_TOO_LONG);
}

/* A block of exactly size bytes. */
static enum lcm_err parse_block(size_t size)
{
    static char text[LCM_HTTP_HEADER_SIZE_MAX + 200];
    const char start[] = OK_HEADER "Content-Length: 0\r\nx: ";

    memset(text, 'a', sizeof text);
    memcpy(text, start, sizeof start - 1);
    memcpy(text + size - 4, "\r\n\r\n", 4);
    parse(&whole, text, size, 11, 1000);
    return whole.err;
}

static void header_block_is_bounded(void **state)
{
    (void)state;
    assert_int_equal(parse_block(LCM_HTTP_HEADER_SIZE_MAX), LCM_OK);
    assert_int_equal(parse_block(LCM_HTTP_HEADER_SIZE_MAX + 1), LCM_ERR_TOO_LONG);
}

static enum lcm_err refuse(void *context, const uint8_t *bytes, size_t size)
{
    (void)context, (void)bytes, (void)size;
    return LCM_ERR_NO_SPACE;
}

static void sink_error_ends_it(void **state)
{
    const char text[] = OK_HEADER "Content-Length: 5\r\n\r\nhello";
    const uint8_t *bytes = (const uint8_t *)text;
    struct lcm_sink sink = {NULL, refuse};
    struct lcm_http_parser parser;
    size_t header = sizeof text - 1 - 5;
    size_t used = 0;

    (void)state;
    lcm_http_init(&parser, NULL, 0, false);
    assert_int_equal(lcm_http_feed(&parser, bytes, sizeof text - 1, &used), LCM_PENDING);
    assert_int_equal(used, header); /* the pause behind the header block */
    lcm_http_set_body(&parser, &sink, 100);
    assert_int_equal(lcm_http_feed(&parser, bytes + header, 5, &used), LCM_ERR_NO_SPACE);
    assert_int_equal(lcm_http_feed(&parser, bytes, 5, &used), LCM_ERR_NO_SPACE);
    assert_int_equal(lcm_http_finish(&parser), LCM_ERR_NO_SPACE);
}

static void body_limit_holds(void **state)
{
    const char text[] = CHUNKED_HEADER "4\r\nfour\r\n2\r\nxx\r\n0\r\n\r\n";
    const uint8_t *bytes = (const uint8_t *)text;
    struct lcm_sink sink = {&whole, seen_write};
    struct lcm_http_parser parser;
    enum lcm_err err = LCM_PENDING;
    size_t used = 0;
    size_t header;

    (void)state;
    memset(&whole, 0, sizeof whole);
    lcm_http_init(&parser, NULL, 0, false);
    assert_int_equal(lcm_http_feed(&parser, bytes, sizeof text - 1, &header), LCM_PENDING);
    lcm_http_set_body(&parser, &sink, 5);
    while (err == LCM_PENDING && header < sizeof text - 1)
        err = lcm_http_feed(&parser, bytes + header++, 1, &used);
    assert_int_equal(err, LCM_ERR_TOO_LONG);
    assert_int_equal(whole.body_size, 4);
}

static void body_cut_short(void **state)
{
    const char *const texts[] = {
        OK_HEADER "Content-Length: 6\r\n\r\nhello",
        OK_HEADER "Content-Le",
        CHUNKED_HEADER "5\r\nhello\r\n",
        CHUNKED_HEADER "5\r\nhello\r\n0\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        assert_int_equal(parse_all_ways(texts[i])->err, LCM_ERR_CLOSED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_headers),
        cmocka_unit_test(malformed_chunks),
        cmocka_unit_test(chunk_lines_and_trailers_are_bounded),
        cmocka_unit_test(header_block_is_bounded),
        cmocka_unit_test(sink_error_ends_it),
        cmocka_unit_test(body_limit_holds),
        cmocka_unit_test(body_cut_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
