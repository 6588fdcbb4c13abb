/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One plain client and its scripted server, made anew for each test of core/fetch.
 */
#ifndef LCM_TESTS_FETCH_PLAIN_H
#define LCM_TESTS_FETCH_PLAIN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/fetch.h"
#include "tests/lib/fetch_world.h"

static struct fetch_world *world;
static struct lcm_fetch fetch;
static struct fetch_body body;
static char location[LCM_URL_SIZE];

static const struct lcm_request plain = {
    .host = "example.org", .path = "/a/b?c=%2F", .is_plain = true};

static inline int set_up(void **state)
{
    (void)state;
    world = fetch_world_new();
    lcm_fetch_init(&fetch, &world->config);
    memset(&body, 0, sizeof body);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    lcm_fetch_close(&fetch);
    fetch_world_free(world);
    return 0;
}

static inline enum lcm_err get(const struct lcm_request *request)
{
    enum lcm_err err;

    body.size = 0;
    err = lcm_fetch_begin(&fetch, request, fetch_body_sink(&body), location, sizeof location);
    return err == LCM_OK ? fetch_world_run(&fetch) : err;
}

static inline enum lcm_err get_answer(const struct lcm_request *request, const char *answer)
{
    fetch_world_answer(world, answer);
    return get(request);
}

#define OK_HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
