// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: device (BearSSL) and client (OpenSSL) compute the numbers of RFC 9382 and of docs/SPEC.md
 * section 11.2.
 * Method: the four vectors of the RFC's appendix B, each number by both implementations; the golden
 * sessions of tests/vectors/spake2.json; the reduction against OpenSSL's numbers.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <openssl/bn.h>

#include "core/base/bytes.h"
#include "portal/items.h"
#include "tests/lib/ram_flash.h"
#include "tests/lib/spake2_points.h"
#include "tests/lib/spake2_run.h"

#define SEED 9382u
#define REDUCTIONS 2000u

static int setup(void **state)
{
    (void)state;
    run_reset(SEED);
    return 0;
}

/* ---- vectors ---- */

static void expect(const cJSON *vector, const char *name, const uint8_t *bytes, size_t size)
{
    uint8_t expected[LCM_MESSAGE_SIZE];

    assert_int_equal(spake2_points_bytes(vector, name, expected, sizeof(expected)), size);
    if (memcmp(expected, bytes, size) != 0)
        fail_msg("%s differs", name);
}

struct numbers {
    uint8_t w[32], x[32], y[32], client_share[65], device_share[65], client_confirm[32];
};

static void load_numbers(const cJSON *vector, struct numbers *numbers)
{
    (void)spake2_points_bytes(vector, "w", numbers->w, 32);
    (void)spake2_points_bytes(vector, "x", numbers->x, 32);
    (void)spake2_points_bytes(vector, "y", numbers->y, 32);
    (void)spake2_points_bytes(vector, "pA", numbers->client_share, 65);
    (void)spake2_points_bytes(vector, "pB", numbers->device_share, 65);
    (void)spake2_points_bytes(vector, "cA", numbers->client_confirm, 32);
}

/* Shares by plain OpenSSL and by plain BearSSL. */
static void check_shares(const cJSON *vector, const struct numbers *numbers)
{
    uint8_t share[LCM_SETUP_POINT_SIZE];
    static const uint8_t zero_w[32] = {[31] = 1};

    spake2_points_share(SPAKE2_CLIENT, numbers->w, numbers->x, share);
    expect(vector, "pA", share, sizeof(share));
    spake2_points_share(SPAKE2_DEVICE, numbers->w, numbers->y, share);
    expect(vector, "pB", share, sizeof(share));
    spake2_points_share(SPAKE2_CLIENT, zero_w, NULL, share); /* M itself */
    assert_int_equal(br_ec_p256_m15.muladd(share, NULL, sizeof(share), numbers->w, 32, numbers->x,
                                           32, BR_EC_secp256r1),
                     1);
    expect(vector, "pA", share, sizeof(share));
}

static void check_client(const cJSON *vector, const struct spake2_client_input *input,
                         const struct numbers *numbers, struct spake2_client_secrets *secrets)
{
    struct spake2_client *client = NULL;
    uint8_t share[LCM_SETUP_POINT_SIZE];

    assert_int_equal(spake2_client_begin_with(&client, input, share), LCM_OK);
    expect(vector, "pA", share, sizeof(share));
    assert_int_equal(
        spake2_client_finish_with(client, (const uint8_t *)"", 0, numbers->device_share), LCM_OK);
    *secrets = *spake2_client_secrets(client);
    expect(vector, "K", secrets->k, sizeof(secrets->k));
    expect(vector, "Ke", secrets->digest, 16);
    expect(vector, "Ka", secrets->digest + 16, 16);
    expect(vector, "KcA", secrets->kc, 16);
    expect(vector, "KcB", secrets->kc + 16, 16);
    expect(vector, "cA", secrets->client_confirm, 32);
    expect(vector, "cB", secrets->device_confirm, 32);
    spake2_client_free(client);
}

static void check_device(const cJSON *vector, const struct lcm_spake2_input *input,
                         const struct numbers *numbers, struct lcm_message_channel *channel)
{
    uint8_t cB[32];

    assert_int_equal(
        lcm_spake2_begin_with(&run_exchange, &lcm_crypto_small, input, numbers->client_share),
        LCM_OK);
    assert_int_equal(run_steps(), LCM_OK);
    expect(vector, "pB", lcm_spake2_share(&run_exchange), LCM_SETUP_POINT_SIZE);
    assert_int_equal(lcm_spake2_confirm(&run_exchange, numbers->client_confirm, cB, channel),
                     LCM_VERDICT_VALID);
    expect(vector, "cB", cB, sizeof(cB));
}

static void test_vectors_of_the_rfc(void **state)
{
    cJSON *json = spake2_points_load("spake2-rfc9382.json");
    const cJSON *vector;
    unsigned count = 0;

    (void)state;
    cJSON_ArrayForEach(vector, cJSON_GetObjectItem(json, "vectors"))
    {
        struct numbers numbers;
        struct spake2_client_secrets secrets;
        struct lcm_message_channel channel;
        const char *a = spake2_points_text(vector, "A");
        const char *b = spake2_points_text(vector, "B");

        load_numbers(vector, &numbers);
        const struct spake2_client_input client_input = {a, b, numbers.w, numbers.x};
        const struct lcm_spake2_input device_input = {a, b,         (const uint8_t *)"",
                                                      0, numbers.w, numbers.y};
        check_shares(vector, &numbers);
        check_client(vector, &client_input, &numbers, &secrets);
        check_device(vector, &device_input, &numbers, &channel);
        assert_memory_equal(channel.open_key, secrets.channel.seal_key, LCM_SETUP_KEY_SIZE);
        assert_memory_equal(channel.seal_key, secrets.channel.open_key, LCM_SETUP_KEY_SIZE);
        count++;
    }
    assert_int_equal(count, 4);
    cJSON_Delete(json);
}

/* The device's end of a golden session: y is what its entropy port gives. */
static void check_session_device(const cJSON *vector, const struct numbers *numbers,
                                 const uint8_t id[LCM_SETUP_SESSION_SIZE])
{
    const struct lcm_spake2_request request = {spake2_points_text(vector, "code"),
                                               spake2_points_text(vector, "device_id"), id,
                                               numbers->client_share};
    uint8_t cB[32], message[LCM_MESSAGE_SIZE], items[LCM_MESSAGE_TEXT_SIZE];
    struct lcm_message_channel channel;

    run_entropy.fill_with = numbers->y;
    run_entropy.fills_unusable = 1;
    assert_int_equal(
        lcm_spake2_begin(&run_exchange, &lcm_crypto_small, &run_entropy_port, &request), LCM_OK);
    assert_int_equal(run_steps(), LCM_OK);
    expect(vector, "pB", lcm_spake2_share(&run_exchange), LCM_SETUP_POINT_SIZE);
    assert_int_equal(lcm_spake2_confirm(&run_exchange, numbers->client_confirm, cB, &channel),
                     LCM_VERDICT_VALID);
    expect(vector, "cB", cB, sizeof(cB));
    expect(vector, "c2d", channel.open_key, LCM_SETUP_KEY_SIZE);
    expect(vector, "d2c", channel.seal_key, LCM_SETUP_KEY_SIZE);
    expect(vector, "session", channel.session, LCM_SETUP_SESSION_SIZE);

    (void)spake2_points_bytes(vector, "request", message, sizeof(message));
    assert_int_equal(lcm_message_open(&channel, &lcm_crypto_small, message), LCM_VERDICT_VALID);
    size_t size = spake2_points_bytes(vector, "request_items", items, sizeof(items));
    assert_memory_equal(message + LCM_MESSAGE_TEXT_OFFSET, items, size);
    assert_true(
        lcm_bytes_all(message + LCM_MESSAGE_TEXT_OFFSET + size, LCM_MESSAGE_TEXT_SIZE - size, 0));
    struct lcm_items_writer writer;
    lcm_items_begin(&writer, message + LCM_MESSAGE_TEXT_OFFSET, LCM_MESSAGE_TEXT_SIZE,
                    LCM_SETUP_DONE);
    assert_true(lcm_items_put_u8(&writer, LCM_ITEM_PHASE, LCM_SETUP_PHASE_JOIN));
    expect(vector, "answer_items", message + LCM_MESSAGE_TEXT_OFFSET, writer.size);
    assert_int_equal(lcm_message_seal(&channel, &lcm_crypto_small, message), LCM_OK);
    expect(vector, "answer", message, sizeof(message));
}

static void check_session_client(const cJSON *vector, const struct numbers *numbers,
                                 const uint8_t id[LCM_SETUP_SESSION_SIZE])
{
    const struct spake2_client_input input = {
        LCM_SETUP_CLIENT_ID, spake2_points_text(vector, "device_id"), numbers->w, numbers->x};
    struct spake2_client *client = NULL;
    struct setup_channel channel;
    struct setup_text answer;
    uint8_t share[LCM_SETUP_POINT_SIZE], value[32], message[LCM_MESSAGE_SIZE];

    assert_int_equal(
        spake2_client_derive_w(spake2_points_text(vector, "code"), input.device_id, value), LCM_OK);
    expect(vector, "w", value, sizeof(value));
    assert_int_equal(spake2_client_begin_with(&client, &input, share), LCM_OK);
    expect(vector, "pA", share, sizeof(share));
    assert_int_equal(spake2_client_finish(client, id, numbers->device_share, value), LCM_OK);
    expect(vector, "cA", value, sizeof(value));
    (void)spake2_points_bytes(vector, "cB", value, sizeof(value));
    assert_int_equal(spake2_client_verify(client, value, &channel), LCM_VERDICT_VALID);
    channel.number = 7;
    (void)spake2_points_bytes(vector, "answer", message, sizeof(message));
    assert_int_equal(setup_message_open(&channel, message, &answer), LCM_OK);
    assert_int_equal(setup_text_number(&answer, LCM_ITEM_PHASE, 0), LCM_SETUP_PHASE_JOIN);
    spake2_client_free(client);
}

static void test_golden_sessions(void **state)
{
    cJSON *json = spake2_points_load("spake2.json");
    const cJSON *vector;
    unsigned count = 0;

    (void)state;
    cJSON_ArrayForEach(vector, cJSON_GetObjectItem(json, "sessions"))
    {
        struct numbers numbers;
        uint8_t id[LCM_SETUP_SESSION_SIZE];

        load_numbers(vector, &numbers);
        (void)spake2_points_bytes(vector, "session", id, sizeof(id));
        check_session_device(vector, &numbers, id);
        check_session_client(vector, &numbers, id);
        count++;
    }
    assert_int_equal(count, 3);
    cJSON_Delete(json);
}

/* ---- reduction ---- */

static void test_golden_reductions(void **state)
{
    cJSON *json = spake2_points_load("spake2.json");
    const cJSON *vector;
    unsigned count = 0;

    (void)state;
    cJSON_ArrayForEach(vector, cJSON_GetObjectItem(json, "reductions"))
    {
        uint8_t wide[LCM_SPAKE2_WIDE_SIZE], w[32];

        assert_int_equal(spake2_points_bytes(vector, "wide", wide, sizeof(wide)), sizeof(wide));
        lcm_spake2_reduce(wide, w);
        expect(vector, "w", w, sizeof(w));
        count++;
    }
    assert_int_equal(count, 14);
    cJSON_Delete(json);
}

static void test_random_reductions(void **state)
{
    BIGNUM *modulus = BN_bin2bn(run_order, sizeof(run_order), NULL);
    BN_CTX *context = BN_CTX_new();

    (void)state;
    print_message("seed %u\n", SEED);
    for (unsigned i = 0; i < REDUCTIONS; i++) {
        uint8_t wide[LCM_SPAKE2_WIDE_SIZE], w[32], expected[32];
        uint64_t shape = ram_flash_random(&run_entropy.random);

        assert_int_equal(run_entropy_port.fill(NULL, wide, sizeof(wide)), LCM_OK);
        if (shape % 3 == 0) /* long rows of equal bits carry far */
            memset(wide + shape / 3 % 20, shape % 2 == 0 ? 0xFF : 0, 20);
        BIGNUM *number = BN_bin2bn(wide, sizeof(wide), NULL);
        assert_int_equal(BN_nnmod(number, number, modulus, context), 1);
        assert_int_equal(BN_bn2binpad(number, expected, 32), 32);
        lcm_spake2_reduce(wide, w);
        assert_memory_equal(w, expected, sizeof(w));
        BN_free(number);
    }
    BN_free(modulus);
    BN_CTX_free(context);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_vectors_of_the_rfc, setup),
        cmocka_unit_test_setup(test_golden_sessions, setup),
        cmocka_unit_test_setup(test_golden_reductions, setup),
        cmocka_unit_test_setup(test_random_reductions, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
