// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: no answer and no silence, however long, holds a device up: every wait, body and step has an
 * end. Method: a scripted plain server and a virtual clock (tests/lib/fetch_world.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/fetch.h"
#include "tests/lib/fetch_plain.h"

static uint64_t time_until(enum lcm_err expected)
{
    uint64_t start = world->now_ms;

    assert_int_equal(get(&plain), expected);
    assert_false(world->is_open);
    return world->now_ms - start;
}

static void assert_about(uint64_t spent_ms, uint64_t wanted_ms)
{
    if (spent_ms < wanted_ms || spent_ms > wanted_ms + 1000)
        fail_msg("took %llu ms instead of %llu", (unsigned long long)spent_ms,
                 (unsigned long long)wanted_ms);
}

static void opening_deadlines(void **state)
{
    (void)state;
    world->resolve_wait = FETCH_WORLD_NEVER;
    assert_about(time_until(LCM_ERR_TIMEOUT), LCM_RESOLVE_TIMEOUT_MS);
    world->resolve_wait = 50;
    world->connect_wait = FETCH_WORLD_NEVER;
    assert_about(time_until(LCM_ERR_TIMEOUT), 5000 + LCM_CONNECT_TIMEOUT_MS);
    world->connect_wait = 50;
    world->connect_result = LCM_ERR_CONNECT;
    assert_about(time_until(LCM_ERR_CONNECT), 5000);
    world->resolve_result = LCM_ERR_DNS;
    assert_about(time_until(LCM_ERR_DNS), 0);
}

static void answer_deadlines(void **state)
{
    struct fetch_answer *answer;

    (void)state;
    fetch_world_answer(world, "")->is_silent = true;
    assert_about(time_until(LCM_ERR_TIMEOUT), LCM_FIRST_BYTE_TIMEOUT_MS);
    answer = fetch_world_answer(world, OK_HELLO); /* 45 bytes; the block alone takes 38 s */
    answer->byte_gap_ms = 1000;
    assert_about(time_until(LCM_ERR_TIMEOUT), LCM_HEADER_TIMEOUT_MS);
    answer = fetch_world_answer(world, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    assert_about(time_until(LCM_ERR_TOO_SLOW), LCM_RATE_WINDOW_MS);
}

/* 255 bytes in 20 s are too few, 256 are enough. */
static void minimum_rate(void **state)
{
    static char answer[1024 + 64];
    int header = snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: 1024\r\n\r\n");

    (void)state;
    world->tick_ms = 1;
    memset(answer + header, 'b', 1024);
    fetch_world_answer(world, answer)->byte_gap_ms = 70;
    assert_int_equal(get(&plain), LCM_OK);
    assert_int_equal(body.size, 1024);
    fetch_world_answer(world, answer)->byte_gap_ms = 85;
    assert_int_equal(get(&plain), LCM_ERR_TOO_SLOW);
    assert_true(body.size < 1024);
}

/* A caller that is busy for a minute, say with flash, is not the network's fault. */
static void slow_caller_is_not_slow_network(void **state)
{
    static char answer[65536];
    int header =
        snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n");
    enum lcm_err err = LCM_PENDING;

    (void)state;
    memset(answer + header, 'b', 60000);
    fetch_world_answer(world, answer)->size = (size_t)header + 60000;
    assert_int_equal(lcm_fetch_begin(&fetch, &plain, fetch_body_sink(&body), NULL, 0), LCM_OK);
    while (err == LCM_PENDING) {
        err = lcm_fetch_step(&fetch);
        if (body.size > 0)
            world->now_ms += 60000;
    }
    assert_int_equal(err, LCM_OK);
}

static void long_error_bodies_are_not_read(void **state)
{
    uint64_t start = world->now_ms;

    (void)state;
    assert_int_equal(get_answer(&plain, "HTTP/1.1 404 N\r\nContent-Length: 16385\r\n\r\npage"),
                     LCM_ERR_HTTP_NOT_FOUND);
    assert_int_equal(world->now_ms, start); /* nor waited for */
    assert_false(world->is_open);
    assert_int_equal(get_answer(&plain, "HTTP/1.1 404 N\r\n\r\npage"), LCM_ERR_HTTP_NOT_FOUND);
    assert_false(world->is_open);
    /* Endless chunks, and a body that never comes. */
    assert_int_equal(get_answer(&plain, "HTTP/1.1 302 F\r\nTransfer-Encoding: chunked\r\n"
                                        "Location: https://x/y\r\n\r\nFFFFFFFF\r\nxxxx"),
                     LCM_OK);
    assert_string_equal(location, "https://x/y");
    assert_false(world->is_open);
    start = world->now_ms;
    assert_int_equal(get_answer(&plain, "HTTP/1.1 500 E\r\nContent-Length: 100\r\n\r\npage"),
                     LCM_ERR_HTTP_STATUS);
    assert_false(world->is_open);
    assert_true(world->now_ms - start <= LCM_DROP_TIMEOUT_MS + 1000);
    assert_int_equal(body.size, 0);
}

static void short_body(void **state)
{
    (void)state;
    fetch_world_answer(world, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nhello")->cuts = true;
    assert_int_equal(get(&plain), LCM_ERR_CLOSED);
    assert_false(world->is_open);
    fetch_world_answer(world, "HTTP/1.1 200 OK\r\n\r\nhello")->cuts = true;
    assert_int_equal(get(&plain), LCM_OK); /* until the end, plain: nothing better is known */
    assert_int_equal(body.size, 5);
}

static void sink_stops_an_endless_body(void **state)
{
    (void)state;
    body.size_max = 4;
    assert_int_equal(
        get_answer(&plain, "HTTP/1.1 200 OK\r\nContent-Length: 4294967296\r\n\r\nhello"),
        LCM_ERR_TOO_LARGE);
    assert_false(world->is_open);
}

static void large_body_in_bounded_steps(void **state)
{
    static char answer[200 * 1024 + 64];
    int header =
        snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: 204800\r\n\r\n");

    (void)state;
    for (size_t i = 0; i < 204800; i++)
        answer[(size_t)header + i] = (char)(i * 31 >> 3);
    fetch_world_answer(world, answer)->size = (size_t)header + 204800;
    assert_int_equal(get(&plain), LCM_OK);
    assert_int_equal(body.size, 204800);
    assert_memory_equal(body.bytes, answer + header, 204800);
    assert_true(body.write_max <= LCM_STEP_SIZE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(opening_deadlines),
        TEST(answer_deadlines),
        TEST(minimum_rate),
        TEST(slow_caller_is_not_slow_network),
        TEST(long_error_bodies_are_not_read),
        TEST(short_body),
        TEST(sink_stops_an_endless_body),
        TEST(large_body_in_bounded_steps),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
