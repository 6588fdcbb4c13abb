// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: device and client understand each other's messages, and anything that was changed,
 * repeated, reordered or cut is refused without a trace.
 * Method: device by BearSSL, client by OpenSSL; every bit of a message flipped in both directions;
 * numbers in every order; the AEAD vector of RFC 8439 through the same code path is in
 * test_spake2's golden file.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "host/setup_message.h"
#include "portal/items.h"
#include "portal/message.h"

static struct lcm_message_channel device;
static struct setup_channel client;
static struct setup_text request, answer;
static uint8_t message[LCM_MESSAGE_SIZE];

static int setup(void **state)
{
    (void)state;
    memset(&device, 0, sizeof(device));
    memset(&client, 0, sizeof(client));
    memset(device.session, 0x51, sizeof(device.session));
    memset(device.open_key, 0x11, sizeof(device.open_key));
    memset(device.seal_key, 0x22, sizeof(device.seal_key));
    memcpy(client.session, device.session, sizeof(client.session));
    memcpy(client.seal_key, device.open_key, sizeof(client.seal_key));
    memcpy(client.open_key, device.seal_key, sizeof(client.open_key));
    setup_text_begin(&request, LCM_SETUP_SET);
    setup_text_put(&request, LCM_ITEM_PASSWORD, "correct horse", 13);
    return 0;
}

static void seal_request(void)
{
    assert_int_equal(setup_message_seal(&client, &request, message), LCM_OK);
}

static enum lcm_verdict open_request(uint8_t bytes[LCM_MESSAGE_SIZE])
{
    return lcm_message_open(&device, &lcm_crypto_small, bytes);
}

/* The device answers what it opened last. */
static void seal_answer(void)
{
    struct lcm_items_writer writer;

    lcm_items_begin(&writer, message + LCM_MESSAGE_TEXT_OFFSET, LCM_MESSAGE_TEXT_SIZE,
                    LCM_SETUP_BUSY);
    assert_int_equal(lcm_message_seal(&device, &lcm_crypto_small, message), LCM_OK);
}

static void test_there_and_back(void **state)
{
    (void)state;
    for (unsigned i = 1; i <= 3; i++) {
        seal_request();
        assert_null(memmem(message, sizeof(message), "correct", 7));
        assert_int_equal(lcm_get_u64(message + 8), i);
        assert_int_equal(open_request(message), LCM_VERDICT_VALID);
        assert_memory_equal(message + LCM_MESSAGE_TEXT_OFFSET, request.bytes,
                            sizeof(request.bytes));
        assert_int_equal(device.last, i);
        seal_answer();
        assert_int_equal(setup_message_open(&client, message, &answer), LCM_OK);
        assert_int_equal(setup_text_number(&answer, LCM_ITEM_RESULT, 9), LCM_SETUP_BUSY);
    }
}

static void test_every_bit_of_a_request(void **state)
{
    uint8_t changed[LCM_MESSAGE_SIZE];
    struct lcm_message_channel before;

    (void)state;
    seal_request();
    before = device;
    for (size_t bit = 0; bit < 8 * sizeof(message); bit++) {
        memcpy(changed, message, sizeof(changed));
        changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (open_request(changed) != LCM_VERDICT_INVALID)
            fail_msg("bit %zu was flipped and the message opened", bit);
        assert_memory_equal(&device, &before, sizeof(device));
        assert_true(lcm_bytes_all(changed, sizeof(changed), 0));
    }
    assert_int_equal(open_request(message), LCM_VERDICT_VALID);
}

static void test_every_bit_of_an_answer(void **state)
{
    (void)state;
    seal_request();
    assert_int_equal(open_request(message), LCM_VERDICT_VALID);
    seal_answer();
    for (size_t bit = 0; bit < 8 * sizeof(message); bit++) {
        message[bit / 8] ^= (uint8_t)(1u << bit % 8);
        if (setup_message_open(&client, message, &answer) != LCM_ERR_SIGNATURE)
            fail_msg("bit %zu was flipped and the answer opened", bit);
        assert_true(lcm_bytes_all(answer.bytes, sizeof(answer.bytes), 0));
        message[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(setup_message_open(&client, message, &answer), LCM_OK);
}

static void test_numbers_only_rise(void **state)
{
    uint8_t sealed[4][LCM_MESSAGE_SIZE];
    uint8_t copy[LCM_MESSAGE_SIZE];
    static const struct {
        unsigned number;
        enum lcm_verdict verdict;
    } row[] = {
        {1, LCM_VERDICT_VALID},   {1, LCM_VERDICT_INVALID}, {3, LCM_VERDICT_VALID},
        {2, LCM_VERDICT_INVALID}, {3, LCM_VERDICT_INVALID}, {1, LCM_VERDICT_INVALID},
        {4, LCM_VERDICT_VALID},   {4, LCM_VERDICT_INVALID},
    };

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(setup_message_seal(&client, &request, sealed[i]), LCM_OK);
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
        memcpy(copy, sealed[row[i].number - 1], sizeof(copy));
        assert_int_equal(open_request(copy), row[i].verdict);
    }
}

static void test_the_highest_number_ends_the_session(void **state)
{
    (void)state;
    client.number = UINT64_MAX - 1;
    seal_request();
    assert_int_equal(open_request(message), LCM_VERDICT_VALID);
    seal_request(); /* number 0 */
    assert_int_equal(open_request(message), LCM_VERDICT_INVALID);
    seal_request();
    assert_int_equal(open_request(message), LCM_VERDICT_INVALID);
}

static void test_number_zero_is_refused(void **state)
{
    (void)state;
    client.number = UINT64_MAX;
    seal_request();
    assert_int_equal(open_request(message), LCM_VERDICT_INVALID);
}

static void test_other_keys_and_sessions(void **state)
{
    uint8_t copy[LCM_MESSAGE_SIZE];

    (void)state;
    seal_request();
    memcpy(copy, message, sizeof(copy));
    device.session[7] ^= 1;
    assert_int_equal(open_request(copy), LCM_VERDICT_INVALID);
    device.session[7] ^= 1;
    device.open_key[31] ^= 1;
    memcpy(copy, message, sizeof(copy));
    assert_int_equal(open_request(copy), LCM_VERDICT_INVALID);
    device.open_key[31] ^= 1;
    memcpy(copy, message, sizeof(copy));
    assert_int_equal(open_request(copy), LCM_VERDICT_VALID);
}

/* A relay sends the client's own request back, or an older answer. */
static void test_reflection_and_old_answers(void **state)
{
    uint8_t first[LCM_MESSAGE_SIZE];

    (void)state;
    seal_request();
    assert_int_equal(setup_message_open(&client, message, &answer), LCM_ERR_SIGNATURE);
    assert_int_equal(open_request(message), LCM_VERDICT_VALID);
    seal_answer();
    memcpy(first, message, sizeof(first));
    assert_int_equal(setup_message_open(&client, first, &answer), LCM_OK);
    seal_request();
    assert_int_equal(setup_message_open(&client, first, &answer), LCM_ERR_SIGNATURE);
    assert_int_equal(open_request(first), LCM_VERDICT_INVALID);
}

static void test_a_number_seals_once(void **state)
{
    (void)state;
    memset(message, 'x', sizeof(message));
    assert_int_equal(lcm_message_seal(&device, &lcm_crypto_small, message), LCM_ERR_ARGUMENT);
    assert_true(lcm_bytes_all(message, sizeof(message), 0));
    seal_request();
    assert_int_equal(open_request(message), LCM_VERDICT_VALID);
    seal_answer();
    memset(message, 'x', sizeof(message));
    assert_int_equal(lcm_message_seal(&device, &lcm_crypto_small, message), LCM_ERR_ARGUMENT);
    assert_true(lcm_bytes_all(message, sizeof(message), 0));
}

/* Sealed by the device, but no answer: the client says so. */
/* Whatever was put where the head belongs. */
static void test_an_answer_gets_its_whole_head(void **state)
{
    (void)state;
    seal_request();
    assert_int_equal(open_request(message), LCM_VERDICT_VALID);
    memset(message, 0xEE, LCM_MESSAGE_TEXT_OFFSET);
    seal_answer();
    assert_int_equal(setup_message_open(&client, message, &answer), LCM_OK);
}

static void test_an_answer_must_be_one(void **state)
{
    (void)state;
    seal_request();
    assert_int_equal(open_request(message), LCM_VERDICT_VALID);
    assert_int_equal(lcm_message_seal(&device, &lcm_crypto_small, message), LCM_OK);
    assert_int_equal(setup_message_open(&client, message, &answer), LCM_ERR_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_there_and_back, setup),
        cmocka_unit_test_setup(test_every_bit_of_a_request, setup),
        cmocka_unit_test_setup(test_every_bit_of_an_answer, setup),
        cmocka_unit_test_setup(test_numbers_only_rise, setup),
        cmocka_unit_test_setup(test_the_highest_number_ends_the_session, setup),
        cmocka_unit_test_setup(test_number_zero_is_refused, setup),
        cmocka_unit_test_setup(test_other_keys_and_sessions, setup),
        cmocka_unit_test_setup(test_reflection_and_old_answers, setup),
        cmocka_unit_test_setup(test_a_number_seals_once, setup),
        cmocka_unit_test_setup(test_an_answer_gets_its_whole_head, setup),
        cmocka_unit_test_setup(test_an_answer_must_be_one, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
