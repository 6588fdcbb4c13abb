// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: request heads, paths and ranges are read exactly, and nothing malformed or
 * reaching outside passes; random bytes never make the parser leave its buffer.
 * Method: tables of good and bad texts; seeded mutations of a good head in a buffer of
 * exact size (under the address sanitizer any step outside ends the test).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "server/request.h"

#define MUTATIONS 20000

static char head[1024];
static struct serve_request request;

static enum lcm_err parse(const char *text)
{
    size_t size = strlen(text);

    memcpy(head, text, size);
    return serve_request_parse(head, size, &request);
}

static void test_a_request_is_read(void **state)
{
    (void)state;
    assert_int_equal(parse("GET /a/b?c=%3A HTTP/1.1\r\nhOsT:  github.com:8443 \r\nRange: "
                           "bytes=5-9\r\nX: y\r\n\r\n"),
                     LCM_OK);
    assert_int_equal(request.method, SERVE_GET);
    assert_string_equal(request.target, "/a/b?c=%3A");
    assert_string_equal(request.host, "github.com:8443");
    assert_true(request.keep_alive);
    assert_false(request.has_body);
    assert_int_equal(request.range.kind, SERVE_RANGE_FROM_TO);
    assert_int_equal(request.range.first, 5);
    assert_int_equal(request.range.last, 9);
    assert_int_equal(parse("HEAD / HTTP/1.1\r\nConnection: close\r\n\r\n"), LCM_OK);
    assert_int_equal(request.method, SERVE_HEAD);
    assert_false(request.keep_alive);
    assert_int_equal(parse("PUT / HTTP/1.0\r\nContent-Length: 5\r\n\r\n"), LCM_OK);
    assert_int_equal(request.method, SERVE_OTHER_METHOD);
    assert_string_equal(request.method_text, "PUT");
    assert_true(request.has_body);
    assert_false(request.keep_alive);
    assert_int_equal(parse("GET / HTTP/1.0\nConnection: keep-alive\n\n"), LCM_OK);
    assert_true(request.keep_alive);
}

static void test_malformed_requests_are_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "\r\n\r\n",
        "GET\r\n\r\n",
        "GET /\r\n\r\n",
        "GET  / HTTP/1.1\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.2\r\n\r\n",
        "GET /\x01 HTTP/1.1\r\n\r\n",
        "GET /\xC3\xA4 HTTP/1.1\r\n\r\n",
        " / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nnocolon\r\n\r\n",
        "GET / HTTP/1.1\r\n: empty\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n folded: c\r\n\r\n",
        "GET / HTTP/1.1\r\nA: b\r\n\tfolded: c\r\n\r\n",
    };
    (void)state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(parse(bad[i]), LCM_ERR_FORMAT);
}

static void test_the_end_of_a_head_is_found(void **state)
{
    static const char text[] = "GET / HTTP/1.1\r\nA: b\r\n\r\nrest";
    (void)state;

    for (size_t size = 0; size < sizeof(text) - 1; size++)
        assert_int_equal(serve_request_head_size(text, size), size < 24 ? 0 : 24);
    assert_int_equal(serve_request_head_size("A\n\nB", 4), 3);
}

static void test_ranges(void **state)
{
    static const struct {
        const char *text;
        enum serve_range_kind kind;
        enum lcm_err err; /* for a file of 100 bytes */
        uint64_t first, length;
    } rows[] = {
        {"bytes=0-0", SERVE_RANGE_FROM_TO, LCM_OK, 0, 1},
        {"bytes=90-200", SERVE_RANGE_FROM_TO, LCM_OK, 90, 10},
        {"bytes=99-", SERVE_RANGE_FROM_TO, LCM_OK, 99, 1},
        {"bytes=100-", SERVE_RANGE_FROM_TO, LCM_ERR_RANGE, 0, 0},
        {"bytes=-1", SERVE_RANGE_SUFFIX, LCM_OK, 99, 1},
        {"bytes=-200", SERVE_RANGE_SUFFIX, LCM_OK, 0, 100},
        {"bytes=-0", SERVE_RANGE_SUFFIX, LCM_ERR_RANGE, 0, 0},
        {"bytes=0-18446744073709551615", SERVE_RANGE_FROM_TO, LCM_OK, 0, 100},
        {"bytes=0-18446744073709551616", SERVE_RANGE_NONE, LCM_OK, 0, 0},
        {"bytes=5-4", SERVE_RANGE_NONE, LCM_OK, 0, 0},
        {"bytes=0-1,3-4", SERVE_RANGE_NONE, LCM_OK, 0, 0},
        {"bytes=", SERVE_RANGE_NONE, LCM_OK, 0, 0},
        {"bytes=-", SERVE_RANGE_NONE, LCM_OK, 0, 0},
        {"bytes=+1-2", SERVE_RANGE_NONE, LCM_OK, 0, 0},
        {"lines=0-1", SERVE_RANGE_NONE, LCM_OK, 0, 0},
    };
    char text[128];
    uint64_t first, length;
    (void)state;

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nRange: %s\r\n\r\n", rows[i].text);
        assert_int_equal(parse(text), LCM_OK);
        assert_int_equal(request.range.kind, rows[i].kind);
        if (rows[i].kind == SERVE_RANGE_NONE)
            continue;
        assert_int_equal(serve_range_resolve(&request.range, 100, &first, &length), rows[i].err);
        if (rows[i].err == LCM_OK) {
            assert_int_equal(first, rows[i].first);
            assert_int_equal(length, rows[i].length);
        }
    }
    const struct serve_range empty = {SERVE_RANGE_SUFFIX, 0, 1};
    assert_int_equal(serve_range_resolve(&empty, 0, &first, &length), LCM_ERR_RANGE);
}

static void test_paths(void **state)
{
    static const char *const bad[] = {"/..",     "/a/..",   "/a/../b", "/.",    "/.a",  "/a//b",
                                      "/",       "/a/",     "/%2e",    "/a\\b", "/a b", "/a:b",
                                      "/a/%00b", "/a/..?x", "/a;b",    "/*"};
    char segments[SERVE_SEGMENTS_MAX][SERVE_SEGMENT_SIZE], text[300];
    size_t count = 77;
    (void)state;

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(serve_path_split(bad[i], segments, &count), LCM_ERR_FORMAT);
    assert_int_equal(serve_path_split("/1/2/3/4/5/6/7/8/9", segments, &count), LCM_ERR_TOO_LONG);
    memset(text, 'a', sizeof(text));
    text[0] = '/';
    text[SERVE_SEGMENT_SIZE + 1] = '\0';
    assert_int_equal(serve_path_split(text, segments, &count), LCM_ERR_TOO_LONG);
    assert_int_equal(count, 77);
    text[SERVE_SEGMENT_SIZE] = '\0';
    assert_int_equal(serve_path_split(text, segments, &count), LCM_OK);
    assert_int_equal(serve_path_split("/own-er/Re_po~/1.0.0-rc.1+5?/../x", segments, &count),
                     LCM_OK);
    assert_int_equal(count, 3);
    assert_string_equal(segments[2], "1.0.0-rc.1+5");
}

static void test_mutated_heads_stay_inside(void **state)
{
    static const char good[] =
        "GET /a/b?c HTTP/1.1\r\nHost: github.com\r\nRange: bytes=1-2\r\nConnection: close\r\n\r\n";
    unsigned seed = (unsigned)time(NULL);
    char segments[SERVE_SEGMENTS_MAX][SERVE_SEGMENT_SIZE];
    size_t count;
    (void)state;

    print_message("seed %u\n", seed);
    srandom(seed);
    for (int i = 0; i < MUTATIONS; i++) {
        size_t size = sizeof(good) - 1 - (size_t)(random() % 8);
        char *copy = malloc(size);
        memcpy(copy, good, size);
        for (long n = random() % 4; n >= 0; n--)
            copy[(size_t)random() % size] = "\r\n\0: /-=,5\xFF"[random() % 12];
        size_t head_size = serve_request_head_size(copy, size);
        assert_true(head_size <= size);
        if (serve_request_parse(copy, size, &request) == LCM_OK) {
            assert_true(strlen(request.target) < size && strlen(request.host) < size);
            if (serve_path_split(request.target, segments, &count) == LCM_OK)
                assert_true(count <= SERVE_SEGMENTS_MAX);
        }
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_request_is_read),
        cmocka_unit_test(test_malformed_requests_are_refused),
        cmocka_unit_test(test_the_end_of_a_head_is_found),
        cmocka_unit_test(test_ranges),
        cmocka_unit_test(test_paths),
        cmocka_unit_test(test_mutated_heads_stay_inside),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
