// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: places for sessions are few, and yet nobody gets another's exchange, and nobody who has the
 * code stays outside.
 * Method: the whole portal on a fake device, with visitors in the middle of their exchanges.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "host/spake2_client.h"
#include "tests/lib/portal_steps.h"

#define STEP_MS 5u /* one step of set-up (tests/lib/fake_portal.c) */

static struct spake2_client *client;

static int end_exchange(void **state)
{
    (void)state;
    spake2_client_free(client);
    client = NULL;
    return 0;
}

static void visit_with_share(uint32_t which, const uint8_t share[LCM_SETUP_POINT_SIZE])
{
    static const char head[] =
        "POST /p1 HTTP/1.1\r\nHost: 192.168.4.1\r\nContent-Length: 65\r\n\r\n";
    uint8_t text[sizeof(head) - 1 + LCM_SETUP_POINT_SIZE];

    memcpy(text, head, sizeof(head) - 1);
    memcpy(text + sizeof(head) - 1, share, LCM_SETUP_POINT_SIZE);
    fake_portal_visit(&portal, which, text, sizeof(text));
}

static const uint8_t *body_of(const struct fake_visitor *guest)
{
    const uint8_t *end = memmem(guest->out, guest->out_size, "\r\n\r\n", 4);

    assert_non_null(end);
    return end + 4;
}

static uint16_t prove(const uint8_t *shared)
{
    uint8_t proof[LCM_SETUP_SESSION_SIZE + LCM_SETUP_CONFIRM_SIZE];

    memcpy(proof, shared, LCM_SETUP_SESSION_SIZE);
    assert_int_equal(spake2_client_finish(client, shared, shared + LCM_SETUP_SESSION_SIZE,
                                          proof + LCM_SETUP_SESSION_SIZE),
                     LCM_OK);
    return fake_portal_post(&portal, "/p2", proof, sizeof(proof), NULL, NULL);
}

/* Sent away while its share is computed: it learns that, and whoever has the place now gets an
 * exchange of his own, whole. */
static void test_place_taken_in_the_middle(void **state)
{
    uint8_t strangers[LCM_SETUP_POINT_SIZE];
    uint8_t share[LCM_SETUP_POINT_SIZE];

    (void)state;
    assert_int_equal(spake2_client_begin(&client, "000000000000", FAKE_PORTAL_ID, strangers),
                     LCM_OK);
    (void)end_exchange(state);
    assert_int_equal(spake2_client_begin(&client, FAKE_PORTAL_CODE, FAKE_PORTAL_ID, share), LCM_OK);
    visit_with_share(0, strangers);
    assert_true(fake_portal_run(&portal, 2 * STEP_MS)); /* begun, and one multiplication */
    portal.device.now_ms += LCM_SESSION_YOUNG_MS + 1;
    visit_with_share(1, strangers);
    visit_with_share(2, strangers);
    visit_with_share(3, share); /* sends the first one away */
    assert_true(fake_portal_run(&portal, 100 * STEP_MS));
    assert_memory_equal(portal.visitors[0].out, "HTTP/1.1 404", 12);
    for (uint32_t i = 1; i <= 3; i++)
        assert_memory_equal(portal.visitors[i].out, "HTTP/1.1 200", 12);
    assert_int_equal(prove(body_of(&portal.visitors[3])), 200);
    (void)end_exchange(state);
}

/* A share with the right code, and the answer to it. */
static const uint8_t *begin_exchange(uint16_t expected)
{
    static uint8_t body[FAKE_VISITOR_OUT_MAX];
    uint8_t share[LCM_SETUP_POINT_SIZE];
    size_t size = 0;

    spake2_client_free(client);
    client = NULL;
    assert_int_equal(spake2_client_begin(&client, FAKE_PORTAL_CODE, FAKE_PORTAL_ID, share), LCM_OK);
    assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), body, &size), expected);
    return body;
}

/* One minute from share to proof. */
static void test_proof_in_time(void **state)
{
    const uint8_t *shared = begin_exchange(200);

    (void)state;
    uint64_t shared_ms = portal.setup.sessions.list[0].used_ms;
    portal.device.now_ms = shared_ms + LCM_SESSION_SHAKE_MS;
    assert_int_equal(prove(shared), 200);
    portal.device.now_ms += LCM_SESSION_IDLE_MS + 1;
    shared = begin_exchange(200);
    portal.device.now_ms += LCM_SESSION_SHAKE_MS;
    assert_int_equal(prove(shared), 404);
}

/* One exchange, one guess: the second proof of the same session is of no session. */
static void test_one_guess(void **state)
{
    uint8_t proof[LCM_SETUP_SESSION_SIZE + LCM_SETUP_CONFIRM_SIZE] = {0};

    (void)state;
    memcpy(proof, begin_exchange(200), LCM_SETUP_SESSION_SIZE);
    assert_int_equal(fake_portal_post(&portal, "/p2", proof, sizeof(proof), NULL, NULL), 403);
    assert_int_equal(fake_portal_post(&portal, "/p2", proof, sizeof(proof), NULL, NULL), 404);
    assert_int_equal(portal.setup.sessions.wrong_codes, 1);
}

/* What is no point keeps no place, not even for a moment. */
static void test_no_points_take_no_places(void **state)
{
    uint8_t share[LCM_SETUP_POINT_SIZE] = {4};

    (void)state;
    for (uint32_t i = 0; i < 2 * LCM_SESSIONS_MAX; i++)
        assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 400);
    portal_join();
}

/* The one that waited longest goes first, wherever it is. */
static void test_oldest_exchange_gives_way(void **state)
{
    uint8_t young[LCM_SETUP_SESSION_SIZE + LCM_SETUP_CONFIRM_SIZE] = {0};
    uint8_t old[LCM_SETUP_SESSION_SIZE + LCM_SETUP_CONFIRM_SIZE] = {0};
    struct lcm_session *list = portal.setup.sessions.list;

    (void)state;
    memcpy(young, begin_exchange(200), LCM_SETUP_SESSION_SIZE);
    (void)begin_exchange(200);
    memcpy(old, begin_exchange(200), LCM_SETUP_SESSION_SIZE);
    list[2].used_ms = list[0].used_ms - 1;
    portal.device.now_ms += LCM_SESSION_YOUNG_MS + 1;
    (void)begin_exchange(200);
    assert_int_equal(fake_portal_post(&portal, "/p2", old, sizeof(old), NULL, NULL), 404);
    assert_int_equal(fake_portal_post(&portal, "/p2", young, sizeof(young), NULL, NULL), 403);
}

/* However long the device computes: from the answer on the client has its three seconds. */
static void test_three_seconds_count_from_the_answer(void **state)
{
    uint8_t share[LCM_SETUP_POINT_SIZE];

    (void)state;
    assert_int_equal(spake2_client_begin(&client, FAKE_PORTAL_CODE, FAKE_PORTAL_ID, share), LCM_OK);
    visit_with_share(0, share);
    assert_true(fake_portal_run(&portal, 2 * STEP_MS));
    portal.device.now_ms += LCM_SESSION_YOUNG_MS + 1;
    assert_true(fake_portal_run(&portal, 20 * STEP_MS));
    assert_memory_equal(portal.visitors[0].out, "HTTP/1.1 200", 12);
    (void)begin_exchange(200);
    (void)begin_exchange(200);
    (void)begin_exchange(503);
}

/* A place that was a confirmed session's holds no key of it. */
static void test_keys_go_with_the_session(void **state)
{
    static const uint8_t zero[LCM_SETUP_KEY_SIZE];

    (void)state;
    portal_join();
    portal.device.now_ms += LCM_SESSION_IDLE_MS + 1;
    (void)begin_exchange(200);
    assert_memory_equal(portal.setup.sessions.list[0].channel.open_key, zero, sizeof(zero));
    assert_memory_equal(portal.setup.sessions.list[0].channel.seal_key, zero, sizeof(zero));
}

static unsigned status_on(struct setup_channel *with)
{
    setup_text_begin(&request, LCM_SETUP_STATUS);
    return fake_portal_say(&portal, with, &request, &answer);
}

/* A phone whose page closes and opens again has a new session each time, and proves each time that
 * it knows the code: the session that was silent for the longest makes room. */
static void test_who_has_the_code_always_comes_in(void **state)
{
    struct setup_channel channels[6];

    (void)state;
    for (uint32_t i = 0; i < 6; i++) {
        assert_int_equal(fake_portal_join(&portal, FAKE_PORTAL_CODE, &channels[i]), 200);
        assert_int_equal(status_on(&channels[i]), 200);
        portal.device.now_ms += 1000;
        assert_int_equal(status_on(&channels[0]), 200);
        if (i >= 2)
            assert_int_equal(status_on(&channels[i - 1]), 404);
    }
}

/* Only the code ends a confirmed session: exchanges without one have the place that is left. */
static void test_who_has_no_code_ends_no_session(void **state)
{
    uint8_t share[LCM_SETUP_POINT_SIZE];
    struct setup_channel channels[2];

    (void)state;
    assert_int_equal(spake2_client_begin(&client, "000000000000", FAKE_PORTAL_ID, share), LCM_OK);
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(fake_portal_join(&portal, FAKE_PORTAL_CODE, &channels[i]), 200);
    for (uint32_t i = 0; i < 5; i++) {
        assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 200);
        assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 503);
        portal.device.now_ms += LCM_SESSION_YOUNG_MS + 1;
    }
    assert_int_equal(status_on(&channels[0]), 200);
    assert_int_equal(status_on(&channels[1]), 200);
    (void)end_exchange(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_place_taken_in_the_middle, portal_set_up),
        cmocka_unit_test_setup_teardown(test_proof_in_time, portal_set_up, end_exchange),
        cmocka_unit_test_setup_teardown(test_one_guess, portal_set_up, end_exchange),
        cmocka_unit_test_setup(test_no_points_take_no_places, portal_set_up),
        cmocka_unit_test_setup_teardown(test_oldest_exchange_gives_way, portal_set_up,
                                        end_exchange),
        cmocka_unit_test_setup_teardown(test_three_seconds_count_from_the_answer, portal_set_up,
                                        end_exchange),
        cmocka_unit_test_setup_teardown(test_keys_go_with_the_session, portal_set_up, end_exchange),
        cmocka_unit_test_setup(test_who_has_the_code_always_comes_in, portal_set_up),
        cmocka_unit_test_setup(test_who_has_no_code_ends_no_session, portal_set_up),
    };
    return cmocka_run_group_tests(tests, portal_group_set_up, portal_group_tear_down);
}
