// SPDX-License-Identifier: Apache-2.0
/*
 * Makes spake2.json of this folder: whole set-up sessions by OpenSSL, for the device's code and the
 * page's to agree with. The same file comes out every time:
 *
 *     make build/host/tests/vectors/make_spake2_vectors
 *     build/host/tests/vectors/make_spake2_vectors >tests/vectors/spake2.json
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <openssl/bn.h>
#include <openssl/evp.h>

#include "core/base/bytes.h"
#include "host/setup_message.h"
#include "host/spake2_client.h"
#include "tests/lib/spake2_points.h"

#define ORDER_HEX "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
#define WIDE_SIZE 40

struct session_input {
    const char *code;
    const char *device_id;
    const char *seed; /* of x, y and the session id */
};

static const struct session_input inputs[] = {
    {"7K3MQ9XTA2HB", "5ccf7f000001", "one"},
    {"000000000000", "000000000000", "two"},
    {"ZZZZZZZZZZZZ", "ffffffffffff", "three"},
};

static void require(bool is_ok, const char *what)
{
    if (is_ok)
        return;
    fprintf(stderr, "make_spake2_vectors: %s\n", what);
    exit(1);
}

static void add(cJSON *object, const char *name, const uint8_t *bytes, size_t size)
{
    char *digits = calloc(2 * size + 1, 1);

    require(digits != NULL, "memory");
    for (size_t i = 0; i < size; i++)
        snprintf(digits + 2 * i, 3, "%02x", bytes[i]);
    cJSON_AddStringToObject(object, name, digits);
    free(digits);
}

/* Numbers that look like chance and are the same every time: the top bits keep them below n. */
static void number(const char *seed, const char *name, uint8_t digest[32])
{
    char text[64];

    snprintf(text, sizeof(text), "%s %s", seed, name);
    require(EVP_Digest(text, strlen(text), digest, NULL, EVP_sha256(), NULL) == 1, "SHA-256");
    digest[0] &= 0x7F;
}

static void add_message(cJSON *json, const char *name, struct setup_channel *channel,
                        const struct setup_text *text)
{
    uint8_t message[LCM_MESSAGE_SIZE];
    char text_name[32];

    snprintf(text_name, sizeof(text_name), "%s_items", name);
    add(json, text_name, text->bytes, text->size);
    require(setup_message_seal(channel, text, message) == LCM_OK, "seal");
    add(json, name, message, sizeof(message));
}

static void add_messages(cJSON *json, const struct setup_channel *channel)
{
    struct setup_channel device = *channel;
    struct setup_channel client = *channel;
    struct setup_text text;

    client.number = 6; /* the next one is 7 */
    setup_text_begin(&text, LCM_SETUP_SET);
    setup_text_put(&text, LCM_ITEM_SSID, "caf\xC3\xA9", 5);
    setup_text_put(&text, LCM_ITEM_PASSWORD, "correct horse", 13);
    setup_text_put(&text, LCM_ITEM_REPOSITORY, "me/lamp", 7);
    add_message(json, "request", &client, &text);

    device.number = 6;
    memcpy(device.seal_key, channel->open_key, sizeof(device.seal_key));
    memset(&text, 0, sizeof(text));
    setup_text_put_u8(&text, LCM_ITEM_RESULT, LCM_SETUP_DONE);
    setup_text_put_u8(&text, LCM_ITEM_PHASE, LCM_SETUP_PHASE_JOIN);
    add_message(json, "answer", &device, &text);
}

static cJSON *make_session(const struct session_input *input)
{
    cJSON *json = cJSON_CreateObject();
    uint8_t w[32], x[32], y[32], session[32], client_share[65], device_share[65], confirm[32];
    const struct spake2_client_input exact = {LCM_SETUP_CLIENT_ID, input->device_id, w, x};
    struct spake2_client *client = NULL;

    number(input->seed, "x", x);
    number(input->seed, "y", y);
    number(input->seed, "session", session);
    require(spake2_client_derive_w(input->code, input->device_id, w) == LCM_OK, "w");
    require(spake2_client_begin_with(&client, &exact, client_share) == LCM_OK, "pA");
    spake2_points_share(SPAKE2_DEVICE, w, y, device_share);
    require(spake2_client_finish(client, session, device_share, confirm) == LCM_OK, "keys");

    const struct spake2_client_secrets *secrets = spake2_client_secrets(client);
    cJSON_AddStringToObject(json, "code", input->code);
    cJSON_AddStringToObject(json, "device_id", input->device_id);
    add(json, "session", session, LCM_SETUP_SESSION_SIZE);
    add(json, "w", w, sizeof(w));
    add(json, "x", x, sizeof(x));
    add(json, "y", y, sizeof(y));
    add(json, "pA", client_share, sizeof(client_share));
    add(json, "pB", device_share, sizeof(device_share));
    add(json, "K", secrets->k, sizeof(secrets->k));
    add(json, "digest", secrets->digest, sizeof(secrets->digest));
    add(json, "cA", secrets->client_confirm, sizeof(secrets->client_confirm));
    add(json, "cB", secrets->device_confirm, sizeof(secrets->device_confirm));
    add(json, "c2d", secrets->channel.seal_key, LCM_SETUP_KEY_SIZE);
    add(json, "d2c", secrets->channel.open_key, LCM_SETUP_KEY_SIZE);
    add_messages(json, &secrets->channel);
    spake2_client_free(client);
    return json;
}

/* A number of 320 bits and what it is modulo n. Releases the number. */
static void add_reduction(cJSON *list, BIGNUM *number)
{
    BIGNUM *order = NULL;
    BN_CTX *context = BN_CTX_new();
    cJSON *json = cJSON_CreateObject();
    uint8_t wide[WIDE_SIZE], w[32];

    require(BN_hex2bn(&order, ORDER_HEX) > 0, "order");
    require(BN_bn2binpad(number, wide, WIDE_SIZE) == WIDE_SIZE, "too wide");
    require(BN_nnmod(number, number, order, context) == 1, "remainder");
    require(BN_bn2binpad(number, w, 32) == 32, "remainder");
    add(json, "wide", wide, sizeof(wide));
    add(json, "w", w, sizeof(w));
    cJSON_AddItemToArray(list, json);
    BN_free(order);
    BN_free(number);
    BN_CTX_free(context);
}

/* multiple * n - 1, + 0, + 1 */
static void add_neighbours(cJSON *list, const char *multiple)
{
    BIGNUM *order = NULL, *product = BN_new();
    BN_CTX *context = BN_CTX_new();

    require(BN_hex2bn(&order, ORDER_HEX) > 0 && BN_hex2bn(&product, multiple) > 0, "numbers");
    require(BN_mul(product, product, order, context) == 1 && BN_sub_word(product, 1) == 1,
            "product");
    for (int i = 0; i < 3; i++) {
        add_reduction(list, BN_dup(product));
        require(BN_add_word(product, 1) == 1, "sum");
    }
    BN_free(order);
    BN_free(product);
    BN_CTX_free(context);
}

static void add_reductions(cJSON *list)
{
    static const char *const multiples[] = {"1", "2", "FFFFFFFFFFFFFFFF", "100000000FFFFFFFF"};
    BIGNUM *highest = NULL;

    add_reduction(list, BN_new());
    for (size_t i = 0; i < sizeof(multiples) / sizeof(multiples[0]); i++)
        add_neighbours(list, multiples[i]);
    require(BN_hex2bn(&highest, "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF"
                                "FFFFFFFFFFFFFFFF") > 0,
            "highest");
    add_reduction(list, highest);
}

int main(void)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *sessions = NULL;

    cJSON_AddStringToObject(json, "source",
                            "docs/SPEC.md section 11, by OpenSSL: "
                            "tests/vectors/make_spake2_vectors.c");
    add_reductions(cJSON_AddArrayToObject(json, "reductions"));
    sessions = cJSON_AddArrayToObject(json, "sessions");
    for (size_t i = 0; i < sizeof(inputs) / sizeof(inputs[0]); i++)
        cJSON_AddItemToArray(sessions, make_session(&inputs[i]));
    char *text = cJSON_Print(json);
    require(text != NULL && puts(text) >= 0, "output");
    cJSON_free(text);
    cJSON_Delete(json);
    return 0;
}
