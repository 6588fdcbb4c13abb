// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: only who knows the code gets keys; nothing that was changed on the way is taken; no secret
 * outlives its use.
 * Method: random exchanges between BearSSL and OpenSSL; every bit of every value flipped; points
 * that are none; calls out of order; bad entropy; memory looked at after every end.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/spake2_points.h"
#include "tests/lib/spake2_run.h"

#define SEED 9382u
#define EXCHANGES 12u

static int setup(void **state)
{
    (void)state;
    run_reset(SEED);
    return 0;
}

static void assert_refused(const struct run_outcome *outcome, const char *what, size_t bit)
{
    if (outcome->device == LCM_VERDICT_INVALID && outcome->client == LCM_VERDICT_INVALID &&
        !outcome->got_device_confirm)
        return;
    fail_msg("%s, bit %zu: an exchange went through", what, bit);
}

/* ---- exchanges ---- */

static void random_code(char code[LCM_SETUP_CODE_LENGTH + 1])
{
    static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    for (size_t i = 0; i < LCM_SETUP_CODE_LENGTH; i++)
        code[i] = alphabet[ram_flash_random(&run_entropy.random) % 32];
    code[LCM_SETUP_CODE_LENGTH] = '\0';
}

static void test_both_know_the_code(void **state)
{
    const struct run_relay honest = {0};
    char code[LCM_SETUP_CODE_LENGTH + 1];

    (void)state;
    print_message("seed %u\n", SEED);
    for (unsigned i = 0; i < EXCHANGES; i++) {
        random_code(code);
        struct run_outcome outcome = run_all(code, code, &honest);
        assert_int_equal(outcome.device, LCM_VERDICT_VALID);
        assert_int_equal(outcome.client, LCM_VERDICT_VALID);
        assert_memory_equal(outcome.device_channel.session, run_session, sizeof(run_session));
        assert_memory_equal(outcome.client_channel.session, run_session, sizeof(run_session));
        assert_memory_equal(outcome.device_channel.open_key, outcome.client_channel.seal_key, 32);
        assert_memory_equal(outcome.device_channel.seal_key, outcome.client_channel.open_key, 32);
        assert_memory_not_equal(outcome.device_channel.open_key, outcome.device_channel.seal_key,
                                32);
        assert_true(outcome.device_channel.last == 0 && !outcome.device_channel.is_answer_due);
    }
}

static void test_a_wrong_code_is_refused(void **state)
{
    const struct run_relay honest = {0};

    (void)state;
    for (size_t i = 0; i < LCM_SETUP_CODE_LENGTH; i++) {
        char wrong[] = RUN_CODE;

        wrong[i] = wrong[i] == '0' ? '1' : '0';
        struct run_outcome outcome = run_all(wrong, RUN_CODE, &honest);
        assert_int_equal(outcome.device_err, LCM_OK);
        assert_int_equal(outcome.client_err, LCM_OK);
        assert_refused(&outcome, "wrong code", i);
    }
}

static void test_every_bit_of_the_shares(void **state)
{
    struct spake2_client *client = NULL;
    uint8_t own[LCM_SETUP_POINT_SIZE], share[LCM_SETUP_POINT_SIZE], cA[32];

    (void)state;
    for (size_t bit = 1; bit <= 8 * LCM_SETUP_POINT_SIZE; bit++) {
        struct run_outcome outcome =
            run_all(RUN_CODE, RUN_CODE, &(struct run_relay){.flip_client_share = bit});
        assert_int_equal(outcome.device_err, LCM_ERR_FORMAT);
        assert_refused(&outcome, "pA", bit);
    }
    assert_int_equal(spake2_client_begin(&client, RUN_CODE, RUN_DEVICE_ID, own), LCM_OK);
    assert_int_equal(run_begin(RUN_CODE, own), LCM_OK);
    assert_int_equal(run_steps(), LCM_OK);
    memcpy(share, lcm_spake2_share(&run_exchange), sizeof(share));
    for (size_t bit = 1; bit <= 8 * LCM_SETUP_POINT_SIZE; bit++) {
        run_flip(share, bit);
        if (spake2_client_finish(client, run_session, share, cA) != LCM_ERR_FORMAT)
            fail_msg("pB, bit %zu: the client takes it", bit);
        run_flip(share, bit);
    }
    assert_int_equal(spake2_client_finish(client, run_session, share, cA), LCM_OK);
    spake2_client_free(client);
}

/* A relay puts points of the curve in: it does not know the code. */
static void test_points_of_a_relay(void **state)
{
    static const uint8_t one[32] = {[31] = 1}, two[32] = {[31] = 2};
    uint8_t share[LCM_SETUP_POINT_SIZE];

    (void)state;
    for (enum spake2_role role = SPAKE2_CLIENT; role <= SPAKE2_DEVICE; role++) {
        spake2_points_share(role, one, two, share);
        struct run_outcome outcome =
            run_all(RUN_CODE, RUN_CODE, &(struct run_relay){.client_share = share});
        assert_int_equal(outcome.device_err, LCM_OK);
        assert_refused(&outcome, "pA of a relay", 0);
        outcome = run_all(RUN_CODE, RUN_CODE, &(struct run_relay){.device_share = share});
        assert_int_equal(outcome.client_err, LCM_OK);
        assert_refused(&outcome, "pB of a relay", 0);
    }
}

static void test_every_bit_of_session_and_confirmations(void **state)
{
    (void)state;
    for (size_t bit = 1; bit <= 8 * LCM_SETUP_SESSION_SIZE; bit++) {
        struct run_outcome outcome =
            run_all(RUN_CODE, RUN_CODE, &(struct run_relay){.flip_session = bit});
        assert_refused(&outcome, "session", bit);
    }
    for (size_t bit = 1; bit <= 8 * LCM_SETUP_CONFIRM_SIZE; bit++) {
        struct run_outcome outcome =
            run_all(RUN_CODE, RUN_CODE, &(struct run_relay){.flip_client_confirm = bit});
        assert_refused(&outcome, "cA", bit);
        outcome = run_all(RUN_CODE, RUN_CODE, &(struct run_relay){.flip_device_confirm = bit});
        assert_int_equal(outcome.device, LCM_VERDICT_VALID);
        assert_int_equal(outcome.client, LCM_VERDICT_INVALID);
    }
}

/* Who holds a conversation from before, or sends the device's own values back, gets nowhere. */
static void test_replay_and_reflection(void **state)
{
    struct spake2_client *client = NULL;
    uint8_t share[LCM_SETUP_POINT_SIZE], device_share[LCM_SETUP_POINT_SIZE], cA[32], cB[32];
    struct lcm_message_channel channel;

    (void)state;
    assert_int_equal(spake2_client_begin(&client, RUN_CODE, RUN_DEVICE_ID, share), LCM_OK);
    assert_int_equal(run_begin(RUN_CODE, share), LCM_OK);
    assert_int_equal(run_steps(), LCM_OK);
    memcpy(device_share, lcm_spake2_share(&run_exchange), sizeof(device_share));
    assert_int_equal(spake2_client_finish(client, run_session, device_share, cA), LCM_OK);
    assert_int_equal(lcm_spake2_confirm(&run_exchange, cA, cB, &channel), LCM_VERDICT_VALID);
    /* the same pA and cA once more: y is another one */
    assert_int_equal(run_begin(RUN_CODE, share), LCM_OK);
    assert_int_equal(run_steps(), LCM_OK);
    assert_memory_not_equal(lcm_spake2_share(&run_exchange), device_share, sizeof(device_share));
    assert_int_equal(lcm_spake2_confirm(&run_exchange, cA, cB, &channel), LCM_VERDICT_INVALID);
    /* the device's own share, and its confirmation as the client's */
    assert_int_equal(run_begin(RUN_CODE, device_share), LCM_OK);
    assert_int_equal(run_steps(), LCM_OK);
    assert_int_equal(lcm_spake2_confirm(&run_exchange, cB, cA, &channel), LCM_VERDICT_INVALID);
    spake2_client_free(client);
}

static void test_one_guess(void **state)
{
    struct spake2_client *client = NULL;
    uint8_t share[LCM_SETUP_POINT_SIZE], cA[32], cB[32] = {0}, wrong[32] = {0};
    struct lcm_message_channel channel;
    struct setup_channel client_channel;

    (void)state;
    assert_int_equal(spake2_client_begin(&client, RUN_CODE, RUN_DEVICE_ID, share), LCM_OK);
    assert_int_equal(run_begin(RUN_CODE, share), LCM_OK);
    assert_int_equal(run_steps(), LCM_OK);
    assert_int_equal(spake2_client_finish(client, run_session, lcm_spake2_share(&run_exchange), cA),
                     LCM_OK);
    assert_int_equal(lcm_spake2_confirm(&run_exchange, wrong, cB, &channel), LCM_VERDICT_INVALID);
    assert_true(run_is_wiped());
    assert_int_equal(lcm_spake2_confirm(&run_exchange, cA, cB, &channel), LCM_VERDICT_INVALID);
    assert_true(lcm_bytes_all(cB, sizeof(cB), 0));
    assert_int_equal(spake2_client_verify(client, wrong, &client_channel), LCM_VERDICT_INVALID);
    assert_int_equal(spake2_client_verify(client, cB, &client_channel), LCM_VERDICT_INVALID);
    spake2_client_free(client);
}

/* ---- points that are none ---- */

/* The point with x = 0; its x may not be spelled p. */
static void put_x_above_p(uint8_t point[LCM_SETUP_POINT_SIZE])
{
    static const uint8_t y[32] = {0x66, 0x48, 0x5C, 0x78, 0x0E, 0x2F, 0x83, 0xD7, 0x24, 0x33, 0xBD,
                                  0x5D, 0x84, 0xA0, 0x6B, 0xB6, 0x54, 0x1C, 0x2A, 0xF3, 0x1D, 0xAE,
                                  0x87, 0x17, 0x28, 0xBF, 0x85, 0x6A, 0x17, 0x4F, 0x93, 0xF4};
    static const uint8_t p[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0,    0,    0,    1,    0,    0,    0,
                                  0,    0,    0,    0,    0,    0,    0,    0,    0,    0xFF, 0xFF,
                                  0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF};

    memset(point, 0, LCM_SETUP_POINT_SIZE);
    point[0] = 0x04;
    memcpy(point + 33, y, sizeof(y));
    assert_int_equal(run_begin(RUN_CODE, point), LCM_OK);
    assert_int_equal(run_steps(), LCM_OK); /* the plain spelling is a point */
    memcpy(point + 1, p, sizeof(p));
}

/* Bad shares, from index 0; false when there are no more. */
static bool bad_share(unsigned index, enum spake2_role role, uint8_t share[LCM_SETUP_POINT_SIZE])
{
    static const uint8_t one[32] = {[31] = 1};
    uint8_t w[32];

    spake2_points_share(role, one, one, share);
    switch (index) {
    case 0:
        memset(share, 0, LCM_SETUP_POINT_SIZE);
        return true;
    case 1:
        memset(share + 1, 0, LCM_SETUP_POINT_SIZE - 1);
        return true;
    case 2:
        memset(share, 0xFF, LCM_SETUP_POINT_SIZE);
        return true;
    case 3:
        memset(share + 1, 0xFF, LCM_SETUP_POINT_SIZE - 1);
        return true;
    case 4: /* compressed */
    case 5:
        share[0] = (uint8_t)(0x02 + index % 2);
        return true;
    case 6: /* hybrid */
        share[0] = (uint8_t)(0x06 + share[LCM_SETUP_POINT_SIZE - 1] % 2);
        return true;
    case 7: /* not on the curve */
        share[LCM_SETUP_POINT_SIZE - 1] ^= 1;
        return true;
    case 8:
        put_x_above_p(share);
        return true;
    case 9: /* w*M or w*N: what is left is infinity */
        assert_int_equal(spake2_client_derive_w(RUN_CODE, RUN_DEVICE_ID, w), LCM_OK);
        spake2_points_share(role, w, NULL, share);
        return true;
    default:
        return false;
    }
}

static void test_points_that_are_none(void **state)
{
    uint8_t share[LCM_SETUP_POINT_SIZE], own[LCM_SETUP_POINT_SIZE], cA[32];
    struct spake2_client *client = NULL;

    (void)state;
    for (unsigned i = 0; bad_share(i, SPAKE2_CLIENT, share); i++) {
        assert_int_equal(run_begin(RUN_CODE, share), LCM_OK);
        if (lcm_spake2_step(&run_exchange) != LCM_ERR_FORMAT)
            fail_msg("the device takes bad share %u", i);
        assert_true(run_is_wiped());
    }
    assert_int_equal(spake2_client_begin(&client, RUN_CODE, RUN_DEVICE_ID, own), LCM_OK);
    for (unsigned i = 0; bad_share(i, SPAKE2_DEVICE, share); i++) {
        if (spake2_client_finish(client, run_session, share, cA) != LCM_ERR_FORMAT)
            fail_msg("the client takes bad share %u", i);
    }
    spake2_client_free(client);
}

/* ---- order of calls, inputs, entropy, memory ---- */

static void test_calls_out_of_order(void **state)
{
    uint8_t share[LCM_SETUP_POINT_SIZE], cA[32] = {0}, cB[32];
    struct lcm_message_channel channel;
    static const uint8_t one[32] = {[31] = 1};

    (void)state;
    lcm_spake2_abort(&run_exchange);
    lcm_spake2_abort(&run_exchange);
    assert_null(lcm_spake2_share(&run_exchange));
    assert_int_equal(lcm_spake2_step(&run_exchange), LCM_ERR_ARGUMENT);
    assert_int_equal(lcm_spake2_confirm(&run_exchange, cA, cB, &channel), LCM_VERDICT_INVALID);
    spake2_points_share(SPAKE2_CLIENT, one, one, share);
    for (unsigned steps = 0; steps < 3; steps++) {
        assert_int_equal(run_begin(RUN_CODE, share), LCM_OK);
        for (unsigned i = 0; i < steps; i++)
            assert_int_equal(lcm_spake2_step(&run_exchange), LCM_PENDING);
        /* the confirmation would be zeros, were the working numbers read as results */
        assert_int_equal(lcm_spake2_confirm(&run_exchange, cA, cB, &channel), LCM_VERDICT_INVALID);
        assert_int_equal(
            lcm_spake2_confirm(&run_exchange, run_exchange.result.client_confirm, cB, &channel),
            LCM_VERDICT_INVALID);
        assert_true(run_is_wiped());
    }
    assert_int_equal(run_begin(RUN_CODE, share), LCM_OK);
    assert_int_equal(
        lcm_spake2_confirm(&run_exchange, run_exchange.result.client_confirm, cB, &channel),
        LCM_VERDICT_INVALID);
    assert_int_equal(run_begin(RUN_CODE, share), LCM_OK);
    assert_int_equal(run_steps(), LCM_OK);
    assert_int_equal(lcm_spake2_step(&run_exchange), LCM_ERR_ARGUMENT);
    assert_true(run_is_wiped());
}

static void test_inputs_out_of_range(void **state)
{
    static const uint8_t one[32] = {[31] = 1}, zero[32] = {0}, aad[13] = {0};
    uint8_t last[32], share[LCM_SETUP_POINT_SIZE];
    struct lcm_spake2_input input = {"a", "b", aad, 0, one, one};

    (void)state;
    memcpy(last, run_order, sizeof(last));
    last[31]--;
    spake2_points_share(SPAKE2_CLIENT, one, one, share);
#define BEGIN() lcm_spake2_begin_with(&run_exchange, &lcm_crypto_small, &input, share)
    assert_int_equal(BEGIN(), LCM_OK);
    input.w = input.y = last;
    assert_int_equal(BEGIN(), LCM_OK);
    input.w = run_order;
    assert_int_equal(BEGIN(), LCM_ERR_ARGUMENT);
    input.w = zero;
    assert_int_equal(BEGIN(), LCM_ERR_ARGUMENT);
    input.w = one;
    input.y = run_order;
    assert_int_equal(BEGIN(), LCM_ERR_ARGUMENT);
    input.y = zero;
    assert_int_equal(BEGIN(), LCM_ERR_ARGUMENT);
    input.y = one;
    input.aad_size = 13;
    assert_int_equal(BEGIN(), LCM_ERR_ARGUMENT);
    input.aad_size = 12;
    input.client_id = "01234567890123456";
    assert_int_equal(BEGIN(), LCM_ERR_ARGUMENT);
    input.client_id = "0123456789012345";
    input.device_id = input.client_id;
    assert_int_equal(BEGIN(), LCM_OK);
    assert_int_equal(run_steps(), LCM_OK); /* the longest transcript */
    input.device_id = "01234567890123456";
    assert_int_equal(BEGIN(), LCM_ERR_ARGUMENT);
    assert_true(run_is_wiped());
    assert_int_equal(run_begin("7K3MQ9XTA2H", share), LCM_ERR_ARGUMENT);
    assert_int_equal(run_begin("7K3MQ9XTA2HBB", share), LCM_ERR_ARGUMENT);
    struct lcm_spake2_request begin = {"7K3MQ9XTA2HB", "5ccf7f00000", run_session, share};
    assert_int_equal(lcm_spake2_begin(&run_exchange, &lcm_crypto_small, &run_entropy_port, &begin),
                     LCM_ERR_ARGUMENT);
    begin.device_id = "5ccf7f0000011";
    assert_int_equal(lcm_spake2_begin(&run_exchange, &lcm_crypto_small, &run_entropy_port, &begin),
                     LCM_ERR_ARGUMENT);
#undef BEGIN
}

static void test_bad_entropy(void **state)
{
    static const uint8_t zero[32] = {0};
    uint8_t one[32] = {[31] = 1}, ones[32], share[LCM_SETUP_POINT_SIZE];
    const uint8_t *const unusable[] = {zero, run_order, ones};

    (void)state;
    memset(ones, 0xFF, sizeof(ones));
    spake2_points_share(SPAKE2_CLIENT, one, one, share);
    run_entropy.fills_left = 0;
    assert_int_equal(run_begin(RUN_CODE, share), LCM_ERR_ENTROPY);
    assert_true(run_is_wiped());
    for (size_t i = 0; i < 3; i++) {
        run_entropy.fill_with = unusable[i];
        run_entropy.fills_left = 100;
        run_entropy.fills_unusable = 15;
        assert_int_equal(run_begin(RUN_CODE, share), LCM_OK);
        run_entropy.fills_left = 100;
        run_entropy.fills_unusable = 16;
        assert_int_equal(run_begin(RUN_CODE, share), LCM_ERR_ENTROPY);
        assert_int_equal(run_entropy.fills_left, 84);
        assert_true(run_is_wiped());
    }
    /* the lowest and the highest number that are usable */
    memcpy(ones, run_order, sizeof(ones));
    ones[31]--;
    for (size_t i = 0; i < 2; i++) {
        run_entropy.fill_with = i == 0 ? one : ones;
        run_entropy.fills_left = 1;
        run_entropy.fills_unusable = 1;
        assert_int_equal(run_begin(RUN_CODE, share), LCM_OK);
        assert_memory_equal(run_exchange.work.y, run_entropy.fill_with, 32);
        assert_int_equal(run_steps(), LCM_OK);
    }
}

/* Arithmetic that says that it failed, in each step: another curve's takes no point of ours. */
static void test_every_result_is_looked_at(void **state)
{
    static const uint8_t one[32] = {[31] = 1};
    const struct lcm_spake2_input input = {"a", "b", one, 0, one, one};
    uint8_t share[LCM_SETUP_POINT_SIZE];

    (void)state;
    spake2_points_share(SPAKE2_CLIENT, one, one, share);
    for (unsigned good = 0; good < 3; good++) {
        struct lcm_crypto crypto = lcm_crypto_small;

        assert_int_equal(lcm_spake2_begin_with(&run_exchange, &crypto, &input, share), LCM_OK);
        for (unsigned i = 0; i < good; i++)
            assert_int_equal(lcm_spake2_step(&run_exchange), LCM_PENDING);
        crypto.ec = &br_ec_c25519_m15;
        assert_int_equal(lcm_spake2_step(&run_exchange), LCM_ERR_FORMAT);
        assert_true(run_is_wiped());
    }
}

static bool holds(const void *memory, size_t size, const uint8_t *secret, size_t secret_size)
{
    return memmem(memory, size, secret, secret_size) != NULL;
}

static void test_secrets_are_gone(void **state)
{
    struct spake2_client *client = NULL;
    uint8_t share[LCM_SETUP_POINT_SIZE], cA[32], cB[32], w[32], y[32];
    struct lcm_message_channel channel;

    (void)state;
    assert_int_equal(spake2_client_begin(&client, RUN_CODE, RUN_DEVICE_ID, share), LCM_OK);
    assert_int_equal(run_begin(RUN_CODE, share), LCM_OK);
    memcpy(w, run_exchange.work.w, sizeof(w));
    memcpy(y, run_exchange.work.y, sizeof(y));
    assert_false(holds(&run_exchange, sizeof(run_exchange), (const uint8_t *)RUN_CODE, 12));
    assert_int_equal(run_steps(), LCM_OK);
    assert_false(holds(&run_exchange, sizeof(run_exchange), w, 8));
    assert_false(holds(&run_exchange, sizeof(run_exchange), y, 8));
    assert_int_equal(spake2_client_finish(client, run_session, lcm_spake2_share(&run_exchange), cA),
                     LCM_OK);
    assert_false(
        holds(&run_exchange, sizeof(run_exchange), spake2_client_secrets(client)->k + 1, 8));
    assert_int_equal(lcm_spake2_confirm(&run_exchange, cA, cB, &channel), LCM_VERDICT_VALID);
    assert_true(run_is_wiped());
    spake2_client_free(client);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_both_know_the_code, setup),
        cmocka_unit_test_setup(test_a_wrong_code_is_refused, setup),
        cmocka_unit_test_setup(test_every_bit_of_the_shares, setup),
        cmocka_unit_test_setup(test_points_of_a_relay, setup),
        cmocka_unit_test_setup(test_every_bit_of_session_and_confirmations, setup),
        cmocka_unit_test_setup(test_replay_and_reflection, setup),
        cmocka_unit_test_setup(test_one_guess, setup),
        cmocka_unit_test_setup(test_points_that_are_none, setup),
        cmocka_unit_test_setup(test_calls_out_of_order, setup),
        cmocka_unit_test_setup(test_inputs_out_of_range, setup),
        cmocka_unit_test_setup(test_bad_entropy, setup),
        cmocka_unit_test_setup(test_every_result_is_looked_at, setup),
        cmocka_unit_test_setup(test_secrets_are_gone, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
