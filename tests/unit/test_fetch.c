// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: one request after the other, every answer judged before its body is used, every wait
 * bounded, connections reused exactly when they may be.
 * Method: a scripted plain server and a virtual clock (tests/lib/fetch_world.h); TLS is left
 * to test_tls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/fetch.h"
#include "tests/lib/fetch_plain.h"

static struct lcm_request ranged(uint32_t first, uint32_t last)
{
    struct lcm_request request = plain;

    request.has_range = true;
    request.range_first = first;
    request.range_last = last;
    return request;
}

static void fetches_a_body(void **state)
{
    (void)state;
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    assert_int_equal(lcm_fetch_response(&fetch)->status, 200);
    assert_int_equal(body.size, 5);
    assert_memory_equal(body.bytes, "hello", 5);
    assert_string_equal(world->request,
                        "GET /a/b?c=%2F HTTP/1.1\r\nHost: example.org\r\nUser-Agent: LCM/1.2.3\r\n"
                        "Accept: */*\r\nConnection: keep-alive\r\n\r\n");
    assert_string_equal(world->resolved_host, "example.org");
    assert_int_equal(lcm_fetch_step(&fetch), LCM_OK); /* the result repeats */
    assert_int_equal(lcm_fetch_counters(&fetch)->bytes_received, strlen(OK_HELLO));
    assert_int_equal(lcm_fetch_counters(&fetch)->bytes_sent, strlen(world->request));
    assert_int_equal(world->load_count, 0);
}

/* Whatever the network gives and takes at once, the outcome is the same. */
static void any_piece_size(void **state)
{
    (void)state;
    for (size_t size = 1; size < 80; size++) {
        world->receive_max = size;
        world->send_max = 80 - size;
        world->answer_next = world->answer_count = 0;
        assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
        assert_memory_equal(body.bytes, "hello", 5);
    }
    assert_int_equal(world->connect_count, 1);
}

static void long_path(void **state)
{
    static char path[LCM_URL_SIZE] = "/";
    struct lcm_request request = plain;

    (void)state;
    memset(path + 1, 'p', sizeof path - 2);
    request.path = path;
    world->send_max = 100;
    assert_int_equal(get_answer(&request, OK_HELLO), LCM_OK);
    assert_non_null(strstr(world->request, path));
}

static void keeps_the_connection(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    assert_int_equal(world->connect_count, 1);
    assert_int_equal(lcm_fetch_counters(&fetch)->connections, 1);
    assert_int_equal(lcm_fetch_counters(&fetch)->requests, 3);
}

static void opens_anew_where_it_must(void **state)
{
    struct lcm_request other_host = plain;
    struct lcm_request other_port = plain;

    (void)state;
    other_host.host = "other.example.org";
    other_port.port = 81;
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    assert_int_equal(get_answer(&other_host, OK_HELLO), LCM_OK);
    assert_int_equal(world->connect_count, 2);
    assert_int_equal(get_answer(&other_port, OK_HELLO), LCM_OK);
    assert_int_equal(world->connect_count, 3);
    assert_int_equal(
        get_answer(&plain, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx"),
        LCM_OK);
    assert_int_equal(world->connect_count, 4);
    assert_false(world->is_open);
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    assert_int_equal(world->connect_count, 5);
}

/* Opening is over: another step neither waits nor moves a byte, nor does sending nothing. */
static void open_connection_has_nothing_to_do(void **state)
{
    struct lcm_connection *connection = &fetch.connection;
    uint64_t sent;

    (void)state;
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    sent = connection->counters.bytes_sent;
    assert_int_equal(lcm_connection_step(connection), LCM_OK);
    assert_int_equal(lcm_connection_flush(connection), LCM_OK);
    assert_int_equal(connection->counters.bytes_sent, sent);
    assert_int_equal(world->connect_count, 1);
    lcm_fetch_close(&fetch);
    assert_int_equal(lcm_connection_step(connection), LCM_ERR_CLOSED);
    assert_int_equal(world->connect_count, 1);
}

/* Bytes behind the end of an answer are nobody's: such a connection is not used again. */
static void distrusts_extra_bytes(void **state)
{
    (void)state;
    assert_int_equal(get_answer(&plain, OK_HELLO "HTTP/1.1 200 OK\r\n\r\nsmuggled"), LCM_OK);
    assert_false(world->is_open);
    assert_int_equal(body.size, 5);
}

static void replaces_a_dead_connection_once(void **state)
{
    (void)state;
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    world->is_ended = true; /* the server closed while we were idle */
    world->is_idle_dead = true;
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    assert_int_equal(world->connect_count, 2);
    assert_int_equal(body.size, 5);

    fetch_world_answer(world, "")->cuts = true; /* takes the request, then hangs up */
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    assert_int_equal(world->connect_count, 3);

    fetch_world_answer(world, "")->cuts = true;
    fetch_world_answer(world, "")->cuts = true;
    assert_int_equal(get(&plain), LCM_ERR_CLOSED); /* only once */
    assert_int_equal(world->connect_count, 4);
}

static void silent_kept_connection_is_replaced(void **state)
{
    (void)state;
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    fetch_world_answer(world, "")->is_silent = true;
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    assert_int_equal(world->connect_count, 2);
}

/* An answer that began is never asked for again. */
static void does_not_repeat_a_begun_answer(void **state)
{
    (void)state;
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    fetch_world_answer(world, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhel")->cuts = true;
    assert_int_equal(get(&plain), LCM_ERR_CLOSED);
    assert_int_equal(world->connect_count, 1);
    assert_int_equal(world->request_count, 2);
}

static void fresh_connection_is_not_repeated(void **state)
{
    (void)state;
    fetch_world_answer(world, "")->cuts = true;
    assert_int_equal(get(&plain), LCM_ERR_CLOSED);
    assert_int_equal(world->connect_count, 1);
}

static void range_must_be_the_one_asked(void **state)
{
    const struct {
        const char *answer;
        enum lcm_err err;
    } cases[] = {
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 8-11/99\r\nContent-Length: 4\r\n\r\nabcd", LCM_OK},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 8-11/*\r\nContent-Length: 4\r\n\r\nabcd", LCM_OK},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 8-11/99\r\nTransfer-Encoding: chunked\r\n\r\n"
         "4\r\nabcd\r\n0\r\n\r\n",
         LCM_OK},
        {"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd", LCM_ERR_RANGE},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\nabcd", LCM_ERR_RANGE},
        {"HTTP/1.1 206 P\r\nContent-Length: 4\r\n\r\nabcd", LCM_ERR_RANGE},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 7-10/99\r\nContent-Length: 4\r\n\r\nabcd",
         LCM_ERR_RANGE},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 8-10/99\r\nContent-Length: 3\r\n\r\nabc",
         LCM_ERR_RANGE},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 8-10/99\r\nTransfer-Encoding: chunked\r\n\r\n"
         "3\r\nabc\r\n0\r\n\r\n",
         LCM_ERR_RANGE},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 8-12/99\r\nContent-Length: 5\r\n\r\nabcde",
         LCM_ERR_RANGE},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 8-11/99\r\nContent-Length: 5\r\n\r\nabcde",
         LCM_ERR_RANGE},
        {"HTTP/1.1 206 P\r\nContent-Range: bytes 4294967304-4294967307/5000000000\r\n"
         "Content-Length: 4\r\n\r\nabcd",
         LCM_ERR_RANGE},
    };
    struct lcm_request request = ranged(8, 11);

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        enum lcm_err err = get_answer(&request, cases[i].answer);

        if (err != cases[i].err)
            fail_msg("case %zu gave %s", i, lcm_err_name(err));
        assert_int_equal(body.size, err == LCM_OK ? 4 : 0);
        assert_non_null(strstr(world->request, "Range: bytes=8-11\r\n"));
    }
}

/* The body of a range can be neither longer nor shorter, however it is framed. */
static void range_body_lies(void **state)
{
    struct lcm_request request = ranged(8, 11);

    (void)state;
    assert_int_equal(get_answer(&request,
                                "HTTP/1.1 206 P\r\nContent-Range: bytes 8-11/99\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n0\r\n\r\n"),
                     LCM_ERR_TOO_LONG);
    assert_int_equal(body.size, 0);
    assert_int_equal(get_answer(&request,
                                "HTTP/1.1 206 P\r\nContent-Range: bytes 8-11/99\r\n"
                                "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
                     LCM_ERR_CLOSED);
    fetch_world_answer(world, "HTTP/1.1 206 P\r\nContent-Range: bytes 8-11/99\r\n\r\nabc")->cuts =
        true;
    assert_int_equal(get(&request), LCM_ERR_CLOSED);
    fetch_world_answer(world, "HTTP/1.1 206 P\r\nContent-Range: bytes 8-11/99\r\n\r\nabcde")->cuts =
        true;
    assert_int_equal(get(&request), LCM_ERR_TOO_LONG);
    assert_int_equal(body.size, 0);
}

static void unasked_range_is_refused(void **state)
{
    (void)state;
    assert_int_equal(
        get_answer(&plain,
                   "HTTP/1.1 206 P\r\nContent-Range: bytes 0-1/2\r\nContent-Length: 2\r\n\r\nab"),
        LCM_ERR_RANGE);
    assert_int_equal(body.size, 0);
}

static void statuses(void **state)
{
    const struct {
        uint16_t status;
        enum lcm_err err;
    } cases[] = {
        {200, LCM_OK},
        {301, LCM_OK},
        {302, LCM_OK},
        {304, LCM_OK},
        {307, LCM_OK},
        {404, LCM_ERR_HTTP_NOT_FOUND},
        {410, LCM_ERR_HTTP_NOT_FOUND},
        {400, LCM_ERR_HTTP_EXPIRED},
        {403, LCM_ERR_HTTP_EXPIRED},
        {618, LCM_ERR_HTTP_EXPIRED},
        {429, LCM_ERR_HTTP_BUSY},
        {503, LCM_ERR_HTTP_BUSY},
        {500, LCM_ERR_HTTP_STATUS},
        {401, LCM_ERR_HTTP_STATUS},
        {416, LCM_ERR_HTTP_STATUS},
        {204, LCM_ERR_HTTP_STATUS},
        {999, LCM_ERR_HTTP_STATUS},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char answer[256];
        bool has_body = cases[i].status != 304 && cases[i].status != 204;

        world->answer_next = world->answer_count = 0;
        snprintf(answer, sizeof answer,
                 "HTTP/1.1 %d X\r\nRetry-After: 7\r\nContent-Length: %d\r\n\r\n%s", cases[i].status,
                 has_body ? 5 : 0, has_body ? "error" : "");
        if (get_answer(&plain, answer) != cases[i].err)
            fail_msg("status %d", cases[i].status);
        assert_int_equal(lcm_fetch_response(&fetch)->status, cases[i].status);
        assert_int_equal(lcm_fetch_response(&fetch)->retry_after_seconds, 7);
        assert_int_equal(body.size, cases[i].status == 200 ? 5 : 0);
    }
    assert_int_equal(world->connect_count, 1); /* short error bodies keep the connection */
}

static void redirect_gives_its_location(void **state)
{
    (void)state;
    assert_int_equal(get_answer(&plain, "HTTP/1.1 302 Found\r\nLocation: https://h/x?sig=%2B\r\n"
                                        "Content-Length: 0\r\n\r\n"),
                     LCM_OK);
    assert_string_equal(location, "https://h/x?sig=%2B");
    assert_true(lcm_fetch_response(&fetch)->has_location);
    assert_true(world->is_open);
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    assert_string_equal(location, ""); /* not the one before */
}

static void captive_portal_is_not_an_answer(void **state)
{
    (void)state;
    assert_int_equal(get_answer(&plain, "<html>log in</html>\n\n"), LCM_ERR_HTTP);
    assert_false(world->is_open);
    assert_int_equal(body.size, 0);
}

static void one_request_at_a_time(void **state)
{
    struct lcm_sink sink = fetch_body_sink(&body);

    (void)state;
    world->resolve_wait = FETCH_WORLD_NEVER;
    assert_int_equal(lcm_fetch_begin(&fetch, &plain, sink, NULL, 0), LCM_OK);
    assert_int_equal(lcm_fetch_step(&fetch), LCM_PENDING);
    assert_int_equal(lcm_fetch_begin(&fetch, &plain, sink, NULL, 0), LCM_ERR_ARGUMENT);
    lcm_fetch_close(&fetch);
    assert_int_equal(lcm_fetch_step(&fetch), LCM_ERR_ABORTED);
    world->resolve_wait = 0;
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    lcm_fetch_close(&fetch);
    assert_false(world->is_open);
    assert_int_equal(lcm_fetch_step(&fetch), LCM_OK); /* the finished result stays */
}

static void bad_request_begins_nothing(void **state)
{
    struct lcm_request request = plain;

    (void)state;
    request.path = "/a b";
    assert_int_equal(get(&request), LCM_ERR_ARGUMENT);
    assert_int_equal(world->connect_count, 0);
    assert_int_equal(lcm_fetch_counters(&fetch)->requests, 0);
}

/* The answer of the request before does not show through when the next one fails early. */
static void failed_request_has_no_response(void **state)
{
    struct lcm_request other = plain;

    (void)state;
    other.host = "other";
    assert_int_equal(get_answer(&plain, OK_HELLO), LCM_OK);
    world->resolve_result = LCM_ERR_DNS;
    assert_int_equal(get(&other), LCM_ERR_DNS);
    assert_int_equal(lcm_fetch_response(&fetch)->status, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(fetches_a_body),
        TEST(any_piece_size),
        TEST(long_path),
        TEST(keeps_the_connection),
        TEST(opens_anew_where_it_must),
        TEST(open_connection_has_nothing_to_do),
        TEST(distrusts_extra_bytes),
        TEST(replaces_a_dead_connection_once),
        TEST(silent_kept_connection_is_replaced),
        TEST(does_not_repeat_a_begun_answer),
        TEST(fresh_connection_is_not_repeated),
        TEST(range_must_be_the_one_asked),
        TEST(range_body_lies),
        TEST(unasked_range_is_refused),
        TEST(statuses),
        TEST(redirect_gives_its_location),
        TEST(captive_portal_is_not_an_answer),
        TEST(one_request_at_a_time),
        TEST(bad_request_begins_nothing),
        TEST(failed_request_has_no_response),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
