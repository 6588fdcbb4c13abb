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
        OK_HEADER "Transfer-Encoding: deflate\r\n\r\n0\r\n\r\n",
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
        OK_HEADER "X: delete\x7F\r\n\r\n",
        OK_HEADER "X{: brace\r\n\r\n",
        OK_HEADER "X: two returns\r\r\n\r\n",
        OK_HEADER "Location: a\r\nLocation: b\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 5-4/10\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 0-10/10\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 0-9\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes -9/10\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 0-9/\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 0-9/ten\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: lines 0-9/10\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 0-9/10\r\nContent-Range: bytes 0-9/10\r\n\r\n",
        "HTTP/2 200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 2x0 OK\r\n\r\n",
        "HTTP/1./ 200 OK\r\n\r\n",
        "HTTP/1.x 200 OK\r\n\r\n",
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

/* A NUL ends no text here, and is no part of one. */
static void zero_bytes(void **state)
{
    const char name[] = OK_HEADER "X\0: y\r\n\r\n";
    const char value[] = OK_HEADER "X: y\0\r\n\r\n";

    (void)state;
    parse(&whole, name, sizeof name - 1, 1, 1);
    assert_int_equal(whole.err, LCM_ERR_HTTP);
    parse(&whole, value, sizeof value - 1, 1, 1);
    assert_int_equal(whole.err, LCM_ERR_HTTP);
}

/* A value too long to be looked at is not judged by its beginning, where that would look good. */
static void cut_values(void **state)
{
    const struct {
        const char *start;
        char filler;
        const char *end;
    } cases[] = {
        {OK_HEADER "Content-Length: ", '0', "5\r\n\r\nhello"},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 0-9/10", ' ', "x\r\n\r\n"},
        {OK_HEADER "Transfer-Encoding: chunked", ' ', ", gzip\r\n\r\n0\r\n\r\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char filler[LCM_HTTP_TEXT_SIZE + 1] = "";
        char text[256];

        memset(filler, cases[i].filler, sizeof filler - 1);
        snprintf(text, sizeof text, "%s%s%s", cases[i].start, filler, cases[i].end);
        if (parse_all_ways(text)->err != LCM_ERR_HTTP)
            fail_msg("case %zu gave %s", i, lcm_err_name(whole.err));
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

/* Let the sink have at most size_max bytes of the body, which comes in pieces of this size. */
static enum lcm_err parse_bounded(const char *text, uint64_t size_max, size_t piece)
{
    struct lcm_sink sink = {&whole, seen_write};
    struct lcm_http_parser parser;
    size_t size = strlen(text);
    size_t used = 0;
    enum lcm_err err;

    memset(&whole, 0, sizeof whole);
    lcm_http_init(&parser, NULL, 0, false);
    err = lcm_http_feed(&parser, (const uint8_t *)text, size, &used);
    lcm_http_set_body(&parser, &sink, size_max);
    for (size_t at = used; err == LCM_PENDING && at < size; at += used)
        err = lcm_http_feed(&parser, (const uint8_t *)text + at,
                            piece < size - at ? piece : size - at, &used);
    return err == LCM_PENDING ? lcm_http_finish(&parser) : err;
}

static void body_limit_holds_without_chunks(void **state)
{
    const char *const texts[] = {OK_HEADER "Content-Length: 5\r\n\r\nhello", OK_HEADER "\r\nhello"};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(parse_bounded(texts[i], 5, 3), LCM_OK);
        assert_int_equal(whole.body_size, 5);
        assert_int_equal(parse_bounded(texts[i], 4, 3), LCM_ERR_TOO_LONG);
        assert_int_equal(whole.body_size, 3); /* nothing of the piece that was too much */
        assert_int_equal(parse_bounded(texts[i], 4, 5), LCM_ERR_TOO_LONG);
        assert_int_equal(whole.body_size, 0);
    }
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
        cmocka_unit_test(zero_bytes),
        cmocka_unit_test(cut_values),
        cmocka_unit_test(malformed_chunks),
        cmocka_unit_test(chunk_lines_and_trailers_are_bounded),
        cmocka_unit_test(header_block_is_bounded),
        cmocka_unit_test(sink_error_ends_it),
        cmocka_unit_test(body_limit_holds),
        cmocka_unit_test(body_limit_holds_without_chunks),
        cmocka_unit_test(body_cut_short),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
