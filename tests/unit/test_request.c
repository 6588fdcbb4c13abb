// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a request is encoded exactly, whatever amounts are taken of its pieces, and nothing that
 * could break a request line is let in.
 * Method: whole texts compared, taken in steps of 1 byte to all; tables of bad requests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/request.h"
#include "core/fetch/url.h"

static void expect(const struct lcm_request *request, const char *text)
{
    assert_int_equal(lcm_request_check(request), LCM_OK);
    for (size_t step = 1; step <= strlen(text); step++) {
        struct lcm_request_encoder encoder;
        char got[4096];
        size_t got_size = 0;
        size_t size = 0;
        const char *piece;

        lcm_request_begin(&encoder, request, "LCM/1.2.3");
        while ((piece = lcm_request_pending(&encoder, &size)) != NULL) {
            size = size < step ? size : step;
            memcpy(got + got_size, piece, size);
            got_size += size;
            lcm_request_ack(&encoder, size);
        }
        got[got_size] = '\0';
        assert_int_equal(size, 0);
        assert_string_equal(got, text);
    }
}

static void plain_get(void **state)
{
    const struct lcm_request request = {.host = "github.com", .path = "/o/r/releases/latest"};

    (void)state;
    expect(&request, "GET /o/r/releases/latest HTTP/1.1\r\nHost: github.com\r\n"
                     "User-Agent: LCM/1.2.3\r\nAccept: */*\r\nConnection: keep-alive\r\n\r\n");
}

static void range_and_port(void **state)
{
    struct lcm_request request = {.host = "h",
                                  .port = 8443,
                                  .path = "/f?q=%2F",
                                  .has_range = true,
                                  .range_first = 4096,
                                  .range_last = UINT32_MAX};

    (void)state;
    expect(&request,
           "GET /f?q=%2F HTTP/1.1\r\nHost: h:8443\r\nUser-Agent: LCM/1.2.3\r\n"
           "Accept: */*\r\nConnection: keep-alive\r\nRange: bytes=4096-4294967295\r\n\r\n");
    request.range_first = UINT32_MAX;
    assert_int_equal(lcm_request_check(&request), LCM_OK);
}

/* The port is named only where it is not the scheme's own. */
static void default_ports(void **state)
{
    struct lcm_request request = {.host = "h", .path = "/", .port = 443};

    (void)state;
    expect(&request, "GET / HTTP/1.1\r\nHost: h\r\nUser-Agent: LCM/1.2.3\r\nAccept: */*\r\n"
                     "Connection: keep-alive\r\n\r\n");
    request.is_plain = true;
    expect(&request, "GET / HTTP/1.1\r\nHost: h:443\r\nUser-Agent: LCM/1.2.3\r\nAccept: */*\r\n"
                     "Connection: keep-alive\r\n\r\n");
}

static void bad_requests(void **state)
{
    static char long_path[LCM_URL_SIZE + 1] = "/";
    const struct lcm_request requests[] = {
        {.host = NULL, .path = "/"},
        {.host = "h", .path = NULL},
        {.host = "", .path = "/"},
        {.host = "h\r\nX: y", .path = "/"},
        {.host = "h h", .path = "/"},
        {.host = "h", .path = ""},
        {.host = "h", .path = "x"},
        {.host = "h", .path = "/a b"},
        {.host = "h", .path = "/\r\nX: y"},
        {.host = "h", .path = long_path},
        {.host = "h", .path = "/", .has_range = true, .range_first = 1, .range_last = 0},
    };

    (void)state;
    memset(long_path + 1, 'p', LCM_URL_SIZE - 1);
    for (size_t i = 0; i < sizeof requests / sizeof requests[0]; i++) {
        if (lcm_request_check(&requests[i]) != LCM_ERR_ARGUMENT)
            fail_msg("request %zu", i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_get),
        cmocka_unit_test(range_and_port),
        cmocka_unit_test(default_ports),
        cmocka_unit_test(bad_requests),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
