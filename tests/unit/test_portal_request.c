// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: requests of browsers and phones are understood however they are split; anything else gets
 * a bounded refusal; nothing is written outside the parser's memory.
 * Method: whole requests at every split, every limit from both sides, mutated requests with a
 * guarded body buffer (sanitizers watch).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "portal/host_name.h"
#include "portal/request.h"
#include "tests/lib/ram_flash.h"

static struct lcm_portal_request request;
static uint8_t body[LCM_PORTAL_BODY_SIZE_MAX];

static enum lcm_err feed(const char *text, size_t size)
{
    lcm_portal_request_init(&request, body);
    return lcm_portal_request_feed(&request, (const uint8_t *)text, size);
}

static void assert_refused(const char *text, uint16_t status)
{
    assert_int_equal(feed(text, strlen(text)), status == 413 ? LCM_ERR_TOO_LONG : LCM_ERR_FORMAT);
    assert_int_equal(request.status, status);
    /* A final result repeats. */
    assert_int_not_equal(lcm_portal_request_feed(&request, (const uint8_t *)"x", 1), LCM_PENDING);
}

static void test_targets(void **state)
{
    static const struct {
        const char *line;
        enum lcm_portal_method method;
        enum lcm_portal_target target;
    } rows[] = {
        {"GET / HTTP/1.1", LCM_PORTAL_GET, LCM_PORTAL_PAGE},
        {"GET /?from=sheet HTTP/1.1", LCM_PORTAL_GET, LCM_PORTAL_PAGE},
        {"HEAD / HTTP/1.0", LCM_PORTAL_HEAD, LCM_PORTAL_PAGE},
        {"GET /i HTTP/1.1", LCM_PORTAL_GET, LCM_PORTAL_INFO},
        {"GET /ii HTTP/1.1", LCM_PORTAL_GET, LCM_PORTAL_OTHER},
        {"GET /I HTTP/1.1", LCM_PORTAL_GET, LCM_PORTAL_OTHER},
        {"POST /p1 HTTP/1.1", LCM_PORTAL_POST, LCM_PORTAL_SHARE},
        {"POST /p2 HTTP/1.1", LCM_PORTAL_POST, LCM_PORTAL_CONFIRM},
        {"POST /x HTTP/1.1", LCM_PORTAL_POST, LCM_PORTAL_MESSAGE},
        {"GET /generate_204 HTTP/1.1", LCM_PORTAL_GET, LCM_PORTAL_OTHER},
        {"GET http://captive.apple.com/ HTTP/1.1", LCM_PORTAL_GET, LCM_PORTAL_OTHER},
        {"GET /p HTTP/1.1", LCM_PORTAL_GET, LCM_PORTAL_OTHER},
        {"GET /p11 HTTP/1.1", LCM_PORTAL_GET, LCM_PORTAL_OTHER},
        {"GE / HTTP/1.1", LCM_PORTAL_OTHER_METHOD, LCM_PORTAL_PAGE},
        {"GETS / HTTP/1.1", LCM_PORTAL_OTHER_METHOD, LCM_PORTAL_PAGE},
        {"get / HTTP/1.1", LCM_PORTAL_OTHER_METHOD, LCM_PORTAL_PAGE},
        {"OPTIONS * HTTP/1.1", LCM_PORTAL_OTHER_METHOD, LCM_PORTAL_OTHER},
    };
    char text[128];

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int size = snprintf(text, sizeof(text), "%s\r\nHost: a\r\n\r\n", rows[i].line);
        assert_int_equal(feed(text, (size_t)size), LCM_OK);
        assert_int_equal(request.method, rows[i].method);
        assert_int_equal(request.target, rows[i].target);
        assert_string_equal(request.host, "a");
        assert_string_equal(request.origin, "");
    }
}

static void test_every_split(void **state)
{
    static const char text[] = "\r\nPOST /p2 HTTP/1.1\nHOST:  192.168.4.1 \t\r\nAccept: */*\r\n"
                               "Origin: http://192.168.4.1\r\ncontent-LENGTH: 5\r\n\r\nhello";
    size_t size = sizeof(text) - 1;

    (void)state;
    for (size_t first = 0; first <= size; first++) {
        lcm_portal_request_init(&request, body);
        enum lcm_err err = lcm_portal_request_feed(&request, (const uint8_t *)text, first);
        assert_int_equal(err, first < size ? LCM_PENDING : LCM_OK);
        assert_int_equal(lcm_portal_request_is_begun(&request), first > 0);
        err = lcm_portal_request_feed(&request, (const uint8_t *)text + first, size - first);
        assert_int_equal(err, LCM_OK);
        assert_int_equal(request.target, LCM_PORTAL_CONFIRM);
        assert_string_equal(request.host, "192.168.4.1");
        assert_string_equal(request.origin, "http://192.168.4.1");
        assert_int_equal(request.body_size, 5);
        assert_memory_equal(body, "hello", 5);
    }
}

static void test_malformed(void **state)
{
    (void)state;
    assert_refused("GET\r\n\r\n", 400);
    assert_refused("GET /\r\n\r\n", 400);
    assert_refused(" / HTTP/1.1\r\n\r\n", 400);
    assert_refused("GET  HTTP/1.1\r\n\r\n", 400);
    assert_refused("GET / HTTP/2.0\r\n\r\n", 400);
    assert_refused("GET / FTP\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\nno field\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\nA: b\r\n folded\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\nA: b\r\n Host: c\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\nA: b\r\n\tHost: c\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\nA: b\rc\r\n\r\n", 400);
    assert_refused("GET / HTTP/1.1\r\r\n\r\n", 400);
    assert_refused("GET /\x01 HTTP/1.1\r\n\r\n", 400);
    assert_refused("GET /\x7F HTTP/1.1\r\n\r\n", 400);
    assert_int_equal(feed("GET /\0 HTTP/1.1\r\n\r\n", 20), LCM_ERR_FORMAT);
    assert_refused("POST /x HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
    assert_refused("POST /x HTTP/1.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", 400);
    assert_refused("POST /x HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400);
    assert_refused("POST /x HTTP/1.1\r\nContent-Length: 1x\r\n\r\n", 400);
    assert_refused("POST /x HTTP/1.1\r\nContent-Length:\r\n\r\n", 400);
    assert_refused("POST /x HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400);
}

static void test_length_twice_the_same(void **state)
{
    static const char text[] =
        "POST /x HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok";

    (void)state;
    assert_int_equal(feed(text, sizeof(text) - 1), LCM_OK);
    assert_int_equal(request.body_size, 2);
}

/* Names of fields that begin like one that matters. */
static void test_fields_are_whole_names(void **state)
{
    static const char text[] =
        "POST /x HTTP/1.1\r\nHost: a\r\nHosts: b\r\nHost-: c\r\nOrigins: d\r\n"
        "Content-Lengths: 7\r\nContent-Length: 2\r\nContent-Length2: 7\r\n"
        "Transfer-Encodings: chunked\r\n\r\nok";

    (void)state;
    assert_int_equal(feed(text, sizeof(text) - 1), LCM_OK);
    assert_string_equal(request.host, "a");
    assert_string_equal(request.origin, "");
    assert_int_equal(request.body_size, 2);
}

static void test_body_limit(void **state)
{
    char text[2048];
    int head = snprintf(text, sizeof(text), "POST /x HTTP/1.1\r\nContent-Length: %u\r\n\r\n",
                        LCM_PORTAL_BODY_SIZE_MAX);

    (void)state;
    memset(text + head, 'b', LCM_PORTAL_BODY_SIZE_MAX + 8);
    assert_int_equal(feed(text, (size_t)head + LCM_PORTAL_BODY_SIZE_MAX - 1), LCM_PENDING);
    assert_int_equal(feed(text, (size_t)head + LCM_PORTAL_BODY_SIZE_MAX), LCM_OK);
    /* What follows is not taken. */
    assert_int_equal(feed(text, (size_t)head + LCM_PORTAL_BODY_SIZE_MAX + 8), LCM_OK);
    assert_int_equal(request.body_size, LCM_PORTAL_BODY_SIZE_MAX);
    snprintf(text, sizeof(text), "POST /x HTTP/1.1\r\nContent-Length: %u\r\n\r\n",
             LCM_PORTAL_BODY_SIZE_MAX + 1);
    assert_refused(text, 413);
}

static void test_head_limit(void **state)
{
    static char text[LCM_PORTAL_HEAD_SIZE_MAX + 64];
    size_t size = (size_t)snprintf(text, sizeof(text), "GET / HTTP/1.1\r\n");

    (void)state;
    while (size < LCM_PORTAL_HEAD_SIZE_MAX - 8)
        size += (size_t)snprintf(text + size, sizeof(text) - size, "A: b\r\n");
    memcpy(text + size, "\r\n\r\n", 4);
    assert_int_equal(feed(text, size + 2), LCM_OK);
    while (size <= LCM_PORTAL_HEAD_SIZE_MAX)
        text[size++] = 'x';
    assert_int_equal(feed(text, LCM_PORTAL_HEAD_SIZE_MAX), LCM_PENDING);
    assert_int_equal(feed(text, LCM_PORTAL_HEAD_SIZE_MAX + 1), LCM_ERR_FORMAT);
    assert_int_equal(request.status, 400);
}

/* Long lines are allowed as long as the head is; what matters of them is at their start. */
static void test_long_lines(void **state)
{
    char text[2048];
    char path[301];

    (void)state;
    memset(path, 'p', 300);
    path[300] = '\0';
    snprintf(text, sizeof(text),
             "GET /%s HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nCookie: %s\r\n\r\n", path, path,
             path, path);
    assert_int_equal(feed(text, strlen(text)), LCM_OK);
    assert_int_equal(request.target, LCM_PORTAL_OTHER);
    assert_string_equal(request.host, "");
    assert_false(lcm_portal_is_own_origin(request.origin, "192.168.4.1"));
    path[64] = '\0';
    snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\n\r\n", path,
             path);
    assert_int_equal(feed(text, strlen(text)), LCM_OK);
    assert_string_equal(request.host, "");
    path[63] = '\0';
    snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\n\r\n", path,
             path);
    assert_int_equal(feed(text, strlen(text)), LCM_OK);
    assert_string_equal(request.host, path);
    assert_true(lcm_portal_is_own_origin(request.origin, request.host));
}

/* What is cut off might matter: a value that fits only because of that is no value. */
static void test_long_lines_with_a_short_beginning(void **state)
{
    char text[512];

    (void)state;
    snprintf(
        text, sizeof(text),
        "GET / HTTP/1.1\r\nHost: 192.168.4.1%130sx\r\nOrigin: http://192.168.4.1%130sx\r\n\r\n", "",
        "");
    assert_int_equal(feed(text, strlen(text)), LCM_OK);
    assert_string_equal(request.host, "");
    assert_false(lcm_portal_is_own_origin(request.origin, "192.168.4.1"));
    /* The longest line that is whole, and one character more. */
    for (int more = 0; more <= 1; more++) {
        snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost: 192.168.4.1%*s\r\n\r\n",
                 (int)LCM_PORTAL_LINE_SIZE - 1 - 17 + more, "");
        assert_int_equal(feed(text, strlen(text)), LCM_OK);
        assert_string_equal(request.host, more == 0 ? "192.168.4.1" : "");
    }
}

static void test_mutations(void **state)
{
    static const char text[] = "POST /x HTTP/1.1\r\nHost: 192.168.4.1\r\nOrigin: http://192.168.4.1"
                               "\r\nContent-Length: 1056\r\n\r\n";
    uint64_t seed = 20261128;
    uint8_t bytes[1400];

    (void)state;
    print_message("seed %llu\n", (unsigned long long)seed);
    for (uint32_t turn = 0; turn < 20000; turn++) {
        uint8_t *own_body = malloc(LCM_PORTAL_BODY_SIZE_MAX); /* the sanitizer guards its end */
        size_t size = sizeof(text) - 1 + ram_flash_random(&seed) % 1200;
        size_t used = 0;
        memset(bytes, (int)(turn % 256), sizeof(bytes));
        memcpy(bytes, text, sizeof(text) - 1);
        for (uint32_t i = 0; i < turn % 5; i++)
            bytes[ram_flash_random(&seed) % size] = (uint8_t)ram_flash_random(&seed);
        lcm_portal_request_init(&request, own_body);
        enum lcm_err err = LCM_PENDING;
        while (used < size && err == LCM_PENDING) {
            size_t step = 1 + ram_flash_random(&seed) % 300;
            step = step < size - used ? step : size - used;
            err = lcm_portal_request_feed(&request, bytes + used, step);
            used += step;
        }
        assert_true(request.body_size <= LCM_PORTAL_BODY_SIZE_MAX);
        assert_true(strlen(request.host) < sizeof(request.host));
        free(own_body);
    }
}

/* ---- whose page is it? ---- */

static void test_own_hosts(void **state)
{
    static const char *const own[] = {"192.168.4.1",    "192.168.4.1:80",   "127.0.0.1:8080",
                                      "localhost:8080", "LOCALHOST",        "lcm.setup",
                                      "lcm-0a0b0c",     "LCM-0A0B0C.local", "lcm-0a0b0c.LOCAL:80"};
    static const char *const other[] = {"",
                                        "captive.apple.com",
                                        "1.2.3",
                                        "1.2.3.4.5",
                                        "1.2.3.4.",
                                        "1.2.3.",
                                        ".1.2.3.4",
                                        "1..2.3",
                                        "1234.1.1.1",
                                        "192.168.4.1.nip.io",
                                        "lcm.setup.example",
                                        "lcm-0a0b0d",
                                        ".local",
                                        "localhost.example",
                                        "[::1]"};

    (void)state;
    for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
        assert_true(lcm_portal_is_own_host(own[i], "LCM-0A0B0C"));
    for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
        assert_false(lcm_portal_is_own_host(other[i], "LCM-0A0B0C"));
}

static void test_own_origin(void **state)
{
    (void)state;
    assert_true(lcm_portal_is_own_origin("", "192.168.4.1"));
    assert_true(lcm_portal_is_own_origin("http://192.168.4.1", "192.168.4.1"));
    assert_true(lcm_portal_is_own_origin("http://127.0.0.1:8080", "127.0.0.1:8080"));
    assert_false(lcm_portal_is_own_origin("http://127.0.0.1", "127.0.0.1:8080"));
    assert_false(lcm_portal_is_own_origin("https://192.168.4.1", "192.168.4.1"));
    assert_false(lcm_portal_is_own_origin("http://evil.example", "192.168.4.1"));
    assert_false(lcm_portal_is_own_origin("null", "192.168.4.1"));
    assert_false(lcm_portal_is_own_origin("file://192.168.4.1", "192.168.4.1"));
    assert_false(lcm_portal_is_own_origin("http://192.168.4.1.evil.example", "192.168.4.1"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_targets),
        cmocka_unit_test(test_every_split),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_length_twice_the_same),
        cmocka_unit_test(test_fields_are_whole_names),
        cmocka_unit_test(test_body_limit),
        cmocka_unit_test(test_head_limit),
        cmocka_unit_test(test_long_lines),
        cmocka_unit_test(test_long_lines_with_a_short_beginning),
        cmocka_unit_test(test_mutations),
        cmocka_unit_test(test_own_hosts),
        cmocka_unit_test(test_own_origin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
