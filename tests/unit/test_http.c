// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the response parser understands what real hosts send, however it is cut into pieces,
 * and refuses what could be read in two ways.
 * Method: each response is fed whole, byte by byte, and split in two at every boundary; all
 * ways must give the same fields, body and result.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/http.h"
#include "tests/lib/fetch_parse.h"

static void plain_body_with_length(void **state)
{
    struct seen *seen = parse_all_ways(OK_HEADER "Content-Length: 5\r\n\r\nhello");

    (void)state;
    assert_int_equal(seen->err, LCM_OK);
    assert_int_equal(seen->response.status, 200);
    assert_true(seen->response.has_length && seen->response.length == 5);
    assert_true(seen->response.is_keep_alive);
    assert_int_equal(seen->body_size, 5);
    assert_memory_equal(seen->body, "hello", 5);
}

static void names_in_any_case_and_order(void **state)
{
    struct seen *seen = parse_all_ways("HTTP/1.1 206 Partial Content\r\n"
                                       "cOnTeNt-RaNgE:bytes 4096-4099/417056\r\n"
                                       "x-unknown: whatever\r\n"
                                       "CONTENT-LENGTH:  4  \r\n"
                                       "connection: Keep-Alive\r\n\r\nabcd");

    (void)state;
    assert_int_equal(seen->err, LCM_OK);
    assert_int_equal(seen->response.status, 206);
    assert_true(seen->response.has_range && seen->response.has_range_total);
    assert_int_equal(seen->response.range_first, 4096);
    assert_int_equal(seen->response.range_last, 4099);
    assert_int_equal(seen->response.range_total, 417056);
    assert_int_equal(seen->body_size, 4);
}

static void missing_carriage_returns(void **state)
{
    struct seen *seen = parse_all_ways("HTTP/1.1 200 OK\nContent-Length: 2\n\nok");

    (void)state;
    assert_int_equal(seen->err, LCM_OK);
    assert_memory_equal(seen->body, "ok", 2);
}

/* A redirect the size of GitHub's: 5 to 6.5 KB, with a policy line of 3.7 KB. */
static void big_redirect(void **state)
{
    const char location[] =
        "https://release-assets.githubusercontent.com/github-production-release-asset/1?x=%2F";
    static char text[8192];
    static char policy[3737];
    static char cookie[220];
    int size;

    (void)state;
    memset(policy, 'p', sizeof policy - 1);
    memset(cookie, 'c', sizeof cookie - 1);
    size = snprintf(text, sizeof text,
                    "HTTP/1.1 302 Found\r\nserver: github.com\r\n"
                    "content-type: text/html; charset=utf-8\r\nlocation: %s\r\n"
                    "content-security-policy: %s\r\nset-cookie: %s\r\nset-cookie: %s\r\n"
                    "set-cookie: %s\r\n%s: long name\r\ncontent-length: 0\r\n\r\n",
                    location, policy, cookie, cookie, cookie, cookie);
    assert_true(size > 4500 && (size_t)size < sizeof text);
    parse_all_ways(text);
    assert_int_equal(whole.err, LCM_OK);
    assert_int_equal(whole.response.status, 302);
    assert_true(whole.response.has_location && whole.response.is_keep_alive);
    assert_string_equal(whole.location, location);
}

static enum lcm_err parse_with_location(const char *status, const char *url)
{
    char text[1024];

    snprintf(text, sizeof text, "HTTP/1.1 %s\r\nLocation: %s\r\nContent-Length: 0\r\n\r\n", status,
             url);
    return parse_all_ways(text)->err;
}

/* Too long a Location only matters where it is needed. */
static void location_that_does_not_fit(void **state)
{
    static char url[300];

    (void)state;
    memset(url, 'u', sizeof url - 1);
    assert_int_equal(parse_with_location("302 Found", url), LCM_ERR_TOO_LONG);
    assert_int_equal(parse_with_location("200 OK", url), LCM_OK);
    assert_false(whole.response.has_location);
    url[255] = '\0'; /* exactly fits */
    assert_int_equal(parse_with_location("302 Found", url), LCM_OK);
    assert_string_equal(whole.location, url);
    url[255] = 'u';
    url[256] = '\0';
    assert_int_equal(parse_with_location("302 Found", url), LCM_ERR_TOO_LONG);
}

/* Blanks around an address are not part of it; one inside stays, for the address to be refused. */
static void blanks_around_a_location(void **state)
{
    (void)state;
    assert_int_equal(parse_with_location("302 Found", " \t/a b?c \t "), LCM_OK);
    assert_true(whole.response.has_location);
    assert_string_equal(whole.location, "/a b?c");
    assert_int_equal(parse_with_location("302 Found", "/a\t"), LCM_OK);
    assert_string_equal(whole.location, "/a");
    assert_int_equal(parse_with_location("302 Found", " "), LCM_OK);
    assert_string_equal(whole.location, "");
}

static void location_may_be_unwanted(void **state)
{
    const char text[] = "HTTP/1.1 302 Found\r\nLocation: https://a/b\r\nContent-Length: 0\r\n\r\n";
    struct lcm_http_parser parser;
    size_t used = 0;

    (void)state;
    lcm_http_init(&parser, NULL, 0, false);
    assert_int_equal(lcm_http_feed(&parser, (const uint8_t *)text, sizeof text - 1, &used), LCM_OK);
    assert_false(parser.response.has_location);
}

static void chunked_body(void **state)
{
    struct seen *seen = parse_all_ways(CHUNKED_HEADER "4 \r\nhell\r\n1\t;x\r\no\r\n"
                                                      "00a;name=\"value\"\r\n, chunks! \r\n"
                                                      "0\r\nTrailer: x\r\n\r\n");

    (void)state;
    assert_int_equal(seen->err, LCM_OK);
    assert_true(seen->response.is_chunked && seen->response.is_keep_alive);
    assert_int_equal(seen->body_size, 15);
    assert_memory_equal(seen->body, "hello, chunks! ", 15);
}

static void interim_answers_are_skipped(void **state)
{
    struct seen *seen = parse_all_ways("HTTP/1.1 100 Continue\r\nContent-Length: 9\r\n\r\n"
                                       "HTTP/1.1 103 Early Hints\r\nLocation: /x\r\n\r\n" OK_HEADER
                                       "Content-Length: 2\r\n\r\nok");
    char text[1024] = "";

    (void)state;
    assert_int_equal(seen->err, LCM_OK);
    assert_int_equal(seen->response.length, 2);
    assert_false(seen->response.has_location);
    for (unsigned i = 0; i <= LCM_HTTP_INTERIM_MAX; i++)
        strcat(text, "HTTP/1.1 100 Continue\r\n\r\n");
    assert_int_equal(parse_all_ways(text)->err, LCM_ERR_HTTP);
    assert_int_equal(parse_all_ways("HTTP/1.1 101 Switching Protocols\r\n\r\n")->err, LCM_ERR_HTTP);
}

static void keep_alive_rules(void **state)
{
    const struct {
        const char *text;
        bool is_kept;
    } cases[] = {
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: Close\r\n\r\n", false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: upgrade , close\r\n\r\n", false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: upgrade\tclose\r\n\r\n", false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: closed\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: clone\r\n\r\n", true},
        /* Longer than what is kept: the end could be "close". */
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive, "
         "sixty-characters-and-more-of-an-option-that-nobody-ever-heard-of\r\n\r\n",
         false},
        {"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n"
         "Connection: close\r\n\r\n",
         false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", false},
        {"HTTP/1.0 200 OK\r\nContent-Length: 0\r\nConnection: keep-alive\r\n\r\n", true},
        {"HTTP/1.1 200 OK\r\n\r\n", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(parse_all_ways(cases[i].text)->err, LCM_OK);
        if (whole.response.is_keep_alive != cases[i].is_kept)
            fail_msg("case %zu", i);
    }
}

static void body_until_the_end(void **state)
{
    (void)state;
    assert_int_equal(parse_all_ways("HTTP/1.0 200 OK\r\n\r\nall of it")->err, LCM_OK);
    assert_int_equal(whole.body_size, 9);
}

static void nothing_is_taken_behind_the_end(void **state)
{
    const char text[] = OK_HEADER "Content-Length: 2\r\n\r\nokHTTP/1.1 200";

    (void)state;
    parse_all_ways(text);
    assert_int_equal(whole.err, LCM_OK);
    assert_int_equal(whole.used, sizeof text - 1 - 12);
    assert_int_equal(whole.body_size, 2);
}

static void answers_without_body(void **state)
{
    struct lcm_http_parser parser;
    const char text[] = OK_HEADER "Content-Length: 100\r\n\r\n";
    size_t used = 0;

    (void)state;
    assert_int_equal(parse_all_ways("HTTP/1.1 204 No Content\r\n\r\n")->err, LCM_OK);
    assert_true(whole.response.is_keep_alive);
    assert_int_equal(parse_all_ways("HTTP/1.1 304 Not Modified\r\nContent-Length: 7\r\n\r\n")->err,
                     LCM_OK);
    lcm_http_init(&parser, NULL, 0, true);
    assert_int_equal(lcm_http_feed(&parser, (const uint8_t *)text, sizeof text - 1, &used), LCM_OK);
}

static void unusual_but_good_headers(void **state)
{
    const char *const texts[] = {
        "HTTP/1.1 618 jwt:expired\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n",
        OK_HEADER "X:\r\nContent-Length: 0\r\n\r\n",
        OK_HEADER "X: \x80\xFF\ttab\r\nContent-Length: 0\r\n\r\n",
        OK_HEADER "!#$%&'*+-.^_`|~09AZaz: every mark\r\nContent-Length: 0\r\n\r\n",
        OK_HEADER "Content-Length: 0000000000000000000\r\n\r\n",
        OK_HEADER "Content-Length:\t0 \t\r\n\r\n",
        "HTTP/1.1 416 R\r\nContent-Range: bytes */417056\r\nContent-Length: 0\r\n\r\n",
        "HTTP/1.1 206 P\r\nContent-Range: bytes 0-0/*\r\nContent-Length: 0\r\n\r\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (parse_all_ways(texts[i])->err != LCM_OK)
            fail_msg("text %zu gave %s", i, lcm_err_name(whole.err));
    }
    assert_true(whole.response.has_range && !whole.response.has_range_total);
}

static void huge_lengths_stay_numbers(void **state)
{
    (void)state;
    parse_all_ways(OK_HEADER "Content-Length: 18446744073709551615\r\n\r\nx");
    assert_int_equal(whole.err, LCM_ERR_CLOSED);
    assert_true(whole.response.length == UINT64_MAX);
    parse_all_ways("HTTP/1.1 206 P\r\n"
                   "Content-Range: bytes 4294967296-4294967299/5000000000\r\n\r\n");
    assert_true(whole.response.range_first == 4294967296u);
}

static void retry_after_is_bounded(void **state)
{
    const struct {
        const char *value;
        uint32_t seconds;
    } cases[] = {
        {"7", 7},
        {"0", 0},
        {"86400", 86400},
        {"86401", 86400},
        {"99999999999999999999999999", 86400},
        {"000000000000000000000000000000000000000000000000000000000000000000000000000000005",
         86400},
        {"Wed, 21 Oct 2026 07:28:00 GMT", 60},
        {"-5", 60},
        {"", 60},
    };
    char text[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        snprintf(text, sizeof text,
                 "HTTP/1.1 503 Busy\r\nRetry-After: %s\r\nContent-Length: 0\r\n\r\n",
                 cases[i].value);
        assert_int_equal(parse_all_ways(text)->err, LCM_OK);
        assert_int_equal(whole.response.retry_after_seconds, cases[i].seconds);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_body_with_length),
        cmocka_unit_test(names_in_any_case_and_order),
        cmocka_unit_test(missing_carriage_returns),
        cmocka_unit_test(big_redirect),
        cmocka_unit_test(location_that_does_not_fit),
        cmocka_unit_test(blanks_around_a_location),
        cmocka_unit_test(location_may_be_unwanted),
        cmocka_unit_test(chunked_body),
        cmocka_unit_test(interim_answers_are_skipped),
        cmocka_unit_test(keep_alive_rules),
        cmocka_unit_test(body_until_the_end),
        cmocka_unit_test(nothing_is_taken_behind_the_end),
        cmocka_unit_test(answers_without_body),
        cmocka_unit_test(unusual_but_good_headers),
        cmocka_unit_test(huge_lengths_stay_numbers),
        cmocka_unit_test(retry_after_is_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
