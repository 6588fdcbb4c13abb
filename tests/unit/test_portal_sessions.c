// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: who knows the code is let in, who guesses is slowed down and blocked, and a message that
 * was changed, repeated or reordered is refused. Method: the whole portal on a fake device, spoken
 * to by the independent client in host/.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/update/keys.h"
#include "host/spake2_client.h"
#include "tests/lib/portal_steps.h"

/* ---- who knows the code ---- */

static void test_join_and_read(void **state)
{
    char text[64];

    (void)state;
    portal_join();
    assert_int_equal(portal_command(LCM_SETUP_READ), LCM_SETUP_DONE);
    setup_text_string(&answer, LCM_ITEM_DEVICE_ID, text, sizeof(text));
    assert_string_equal(text, FAKE_PORTAL_ID);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_PHASE, 99), LCM_SETUP_PHASE_NONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_HAS_PASSWORD, 99), 0);
}

static void test_wrong_code_is_slowed_down_and_blocked(void **state)
{
    static const uint32_t waits_s[] = {1, 2, 4, 8, 16, 32, 64, 64, 64, 300, 300};

    (void)state;
    for (size_t i = 0; i < sizeof(waits_s) / sizeof(waits_s[0]); i++) {
        assert_int_equal(fake_portal_join(&portal, "000000000000", &channel), 403);
        assert_int_equal(strtoul(fake_portal_field(&portal, "Retry-After"), NULL, 10), waits_s[i]);
        /* The right code has to wait as well. */
        assert_int_equal(fake_portal_join(&portal, FAKE_PORTAL_CODE, &channel), 429);
        portal.device.now_ms += (uint64_t)waits_s[i] * 1000;
    }
    portal_join();
    /* The owner is here: his next typing error costs a second, not five minutes. */
    assert_int_equal(fake_portal_join(&portal, "000000000000", &channel), 403);
    assert_int_equal(strtoul(fake_portal_field(&portal, "Retry-After"), NULL, 10), 1);
}

/* Who is inside is not concerned by others who guess. */
static void test_guessing_does_not_lock_out_who_is_inside(void **state)
{
    struct setup_channel guess;

    (void)state;
    portal_join();
    for (uint32_t i = 0; i < 12; i++) {
        (void)fake_portal_join(&portal, "000000000000", &guess);
        portal.device.now_ms += 100;
    }
    assert_int_equal(portal_command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
}

static void test_shares_that_are_no_points(void **state)
{
    uint8_t share[LCM_SETUP_POINT_SIZE] = {4};

    (void)state;
    assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 400);
    memset(share, 0xFF, sizeof(share));
    assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 400);
    assert_int_equal(fake_portal_post(&portal, "/p1", share, 64, NULL, NULL), 400);
    assert_int_equal(fake_portal_post(&portal, "/p2", share, 40, NULL, NULL), 404);
    assert_int_equal(fake_portal_post(&portal, "/p2", share, 39, NULL, NULL), 400);
    assert_int_equal(fake_portal_post(&portal, "/x", share, 65, NULL, NULL), 400);
    assert_int_equal(fake_portal_post(&portal, "/nothing", share, 65, NULL, NULL), 404);
    assert_int_equal(fake_portal_post(&portal, "/", share, 65, NULL, NULL), 405);
    portal_join();
}

/* Two that are confirmed, each for ten minutes of silence. */
static void test_confirmed_sessions_expire(void **state)
{
    struct setup_channel channels[2];

    (void)state;
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(fake_portal_join(&portal, FAKE_PORTAL_CODE, &channels[i]), 200);
    setup_text_begin(&request, LCM_SETUP_STATUS);
    for (uint32_t i = 0; i < 2; i++)
        assert_int_equal(fake_portal_say(&portal, &channels[i], &request, &answer), 200);
    portal.device.now_ms += LCM_SESSION_IDLE_MS / 2;
    assert_int_equal(fake_portal_say(&portal, &channels[1], &request, &answer), 200);
    portal.device.now_ms += LCM_SESSION_IDLE_MS / 2 + 1;
    assert_int_equal(fake_portal_say(&portal, &channels[0], &request, &answer), 404);
    assert_int_equal(fake_portal_say(&portal, &channels[1], &request, &answer), 200);
    portal_join();
    assert_int_equal(portal_command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    setup_text_begin(&request, LCM_SETUP_STATUS);
    assert_int_equal(fake_portal_say(&portal, &channels[1], &request, &answer), 200);
}

static void test_unconfirmed_sessions_give_way(void **state)
{
    uint8_t share[LCM_SETUP_POINT_SIZE];
    struct spake2_client *client = NULL;

    (void)state;
    assert_int_equal(spake2_client_begin(&client, FAKE_PORTAL_CODE, FAKE_PORTAL_ID, share), LCM_OK);
    for (uint32_t i = 0; i < 3; i++)
        assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 200);
    assert_int_equal(fake_portal_post(&portal, "/p1", share, sizeof(share), NULL, NULL), 503);
    portal.device.now_ms += LCM_SESSION_YOUNG_MS + 1;
    portal_join();
    spake2_client_free(client);
}

/* ---- messages ---- */

static uint16_t send_message(const uint8_t message[LCM_MESSAGE_SIZE])
{
    return fake_portal_post(&portal, "/x", message, LCM_MESSAGE_SIZE, NULL, NULL);
}

static void test_replayed_and_reordered_messages_are_refused(void **state)
{
    uint8_t first[LCM_MESSAGE_SIZE];
    uint8_t second[LCM_MESSAGE_SIZE];

    (void)state;
    portal_join();
    setup_text_begin(&request, LCM_SETUP_IDENTIFY);
    assert_int_equal(setup_message_seal(&channel, &request, first), LCM_OK);
    assert_int_equal(setup_message_seal(&channel, &request, second), LCM_OK);
    assert_int_equal(send_message(second), 200);
    assert_int_equal(send_message(second), 403);
    assert_int_equal(send_message(first), 403);
    assert_int_equal(portal_command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
}

static void test_every_flipped_bit_is_refused(void **state)
{
    uint8_t message[LCM_MESSAGE_SIZE];

    (void)state;
    portal_join();
    setup_text_begin(&request, LCM_SETUP_FACTORY_RESET);
    portal_put(LCM_ITEM_CONFIRMATION, LCM_SETUP_CONFIRMATION);
    assert_int_equal(setup_message_seal(&channel, &request, message), LCM_OK);
    for (uint32_t bit = 0; bit < LCM_MESSAGE_SIZE * 8; bit += bit < 256 || bit > 8320 ? 1 : 97) {
        message[bit / 8] = (uint8_t)(message[bit / 8] ^ (1u << bit % 8));
        assert_int_equal(send_message(message), bit < 64 ? 404 : 403);
        message[bit / 8] = (uint8_t)(message[bit / 8] ^ (1u << bit % 8));
    }
    assert_false(portal_is_stored(LCM_KEY_OTA_COUNT, "14"));
    assert_int_equal(send_message(message), 200);
    assert_true(portal_is_stored(LCM_KEY_OTA_COUNT, "14"));
}

static void test_malformed_requests_change_nothing(void **state)
{
    (void)state;
    portal_join();
    setup_text_begin(&request, LCM_SETUP_SET);
    portal_put(LCM_ITEM_SSID, "home");
    portal_put(LCM_ITEM_SSID, "again");
    assert_int_equal(portal_say(), LCM_SETUP_MALFORMED);
    setup_text_begin(&request, LCM_SETUP_SET);
    portal_put(LCM_ITEM_CONFIRMATION, LCM_SETUP_CONFIRMATION);
    assert_int_equal(portal_say(), LCM_SETUP_MALFORMED);
    setup_text_begin(&request, (enum lcm_setup_command)0);
    assert_int_equal(portal_say(), LCM_SETUP_MALFORMED);
    setup_text_begin(&request, (enum lcm_setup_command)8);
    assert_int_equal(portal_say(), LCM_SETUP_MALFORMED);
    setup_text_begin(&request, LCM_SETUP_SET);
    setup_text_put_u8(&request, LCM_ITEM_NO_TRIAL, 2);
    assert_int_equal(portal_say(), LCM_SETUP_MALFORMED);
    assert_int_equal(portal_command(LCM_SETUP_STATUS), LCM_SETUP_DONE);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_PHASE, 99), LCM_SETUP_PHASE_NONE);
}

static void test_refused_fields_are_named(void **state)
{
    struct setup_item item;

    (void)state;
    portal_join();
    setup_text_begin(&request, LCM_SETUP_SET);
    portal_put(LCM_ITEM_SSID, "home");
    portal_put(LCM_ITEM_PASSWORD, "short");
    portal_put(LCM_ITEM_REPOSITORY, "no repository");
    portal_put(LCM_ITEM_EMERGENCY, "host"); /* not in beta mode */
    assert_int_equal(portal_say(), LCM_SETUP_REFUSED);
    assert_true(setup_text_find(&answer, LCM_ITEM_FIELD_ERROR, 2, &item));
    assert_memory_equal(item.value, "\x1A\x00\x32\x00", 4);
    assert_true(setup_text_find(&answer, LCM_ITEM_FIELD_ERROR, 1, &item));
    assert_memory_equal(item.value, "\x12\x00\x32\x00", 4);
    assert_true(setup_text_find(&answer, LCM_ITEM_FIELD_ERROR, 0, &item));
    assert_memory_equal(item.value, "\x11\x00\x32\x00", 4);
    setup_text_begin(&request, LCM_SETUP_SET);
    portal_put(LCM_ITEM_REPOSITORY, "me/lamp"); /* and no network anywhere */
    assert_int_equal(portal_say(), LCM_SETUP_REFUSED);
    assert_true(setup_text_find(&answer, LCM_ITEM_FIELD_ERROR, 0, &item));
    assert_memory_equal(item.value, "\x10\x00\x18\x00", 4);
    assert_false(portal_is_stored(LCM_KEY_WIFI_SSID, "home"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_join_and_read, portal_set_up),
        cmocka_unit_test_setup(test_wrong_code_is_slowed_down_and_blocked, portal_set_up),
        cmocka_unit_test_setup(test_guessing_does_not_lock_out_who_is_inside, portal_set_up),
        cmocka_unit_test_setup(test_shares_that_are_no_points, portal_set_up),
        cmocka_unit_test_setup(test_confirmed_sessions_expire, portal_set_up),
        cmocka_unit_test_setup(test_unconfirmed_sessions_give_way, portal_set_up),
        cmocka_unit_test_setup(test_replayed_and_reordered_messages_are_refused, portal_set_up),
        cmocka_unit_test_setup(test_every_flipped_bit_is_refused, portal_set_up),
        cmocka_unit_test_setup(test_malformed_requests_change_nothing, portal_set_up),
        cmocka_unit_test_setup(test_refused_fields_are_named, portal_set_up),
    };
    return cmocka_run_group_tests(tests, portal_group_set_up, portal_group_tear_down);
}
