// SPDX-License-Identifier: Apache-2.0
/* Key exchanges with a relay; see the header. */
#include "tests/lib/spake2_run.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/bytes.h"
#include "tests/lib/ram_flash.h"

const uint8_t run_order[32] = {0xFF, 0xFF, 0xFF, 0xFF, 0x00, 0x00, 0x00, 0x00, 0xFF, 0xFF, 0xFF,
                               0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xBC, 0xE6, 0xFA, 0xAD, 0xA7, 0x17,
                               0x9E, 0x84, 0xF3, 0xB9, 0xCA, 0xC2, 0xFC, 0x63, 0x25, 0x51};

const uint8_t run_session[LCM_SETUP_SESSION_SIZE] = {1, 2, 3, 4, 5, 6, 7, 8};
struct lcm_spake2 run_exchange;
struct run_entropy run_entropy;

static enum lcm_err entropy_fill(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    if (run_entropy.fills_left == 0)
        return LCM_ERR_ENTROPY;
    run_entropy.fills_left--;
    if (run_entropy.fills_unusable > 0) {
        run_entropy.fills_unusable--;
        memcpy(dst, run_entropy.fill_with, size);
        return LCM_OK;
    }
    for (size_t i = 0; i < size; i++)
        dst[i] = (uint8_t)(ram_flash_random(&run_entropy.random) >> 8);
    return LCM_OK;
}

const struct lcm_entropy run_entropy_port = {NULL, entropy_fill};

void run_reset(uint64_t seed)
{
    run_entropy = (struct run_entropy){.random = seed, .fills_left = UINT32_MAX};
}

void run_flip(uint8_t *bytes, size_t bit)
{
    if (bit > 0)
        bytes[(bit - 1) / 8] ^= (uint8_t)(1u << (bit - 1) % 8);
}

enum lcm_err run_steps(void)
{
    enum lcm_err err = LCM_PENDING;
    unsigned steps = 0;

    while (err == LCM_PENDING) {
        err = lcm_spake2_step(&run_exchange);
        assert_true(++steps <= 3);
        assert_int_equal(lcm_spake2_share(&run_exchange) != NULL,
                         steps >= 2 && (err == LCM_OK || err == LCM_PENDING));
    }
    return err;
}

enum lcm_err run_begin(const char *code, const uint8_t client_share[LCM_SETUP_POINT_SIZE])
{
    const struct lcm_spake2_request request = {code, RUN_DEVICE_ID, run_session, client_share};

    return lcm_spake2_begin(&run_exchange, &lcm_crypto_small, &run_entropy_port, &request);
}

bool run_is_wiped(void)
{
    return lcm_bytes_all(&run_exchange, sizeof(run_exchange), 0);
}

/* Confirmations there and back. */
static void confirm(const struct run_relay *relay, struct spake2_client *client, uint8_t cA[32],
                    struct run_outcome *outcome)
{
    uint8_t cB[32];

    memset(cB, 0xEE, sizeof(cB));
    run_flip(cA, relay->flip_client_confirm);
    outcome->device = lcm_spake2_confirm(&run_exchange, cA, cB, &outcome->device_channel);
    outcome->got_device_confirm = !lcm_bytes_all(cB, sizeof(cB), 0xEE);
    run_flip(cB, relay->flip_device_confirm);
    outcome->client = spake2_client_verify(client, cB, &outcome->client_channel);
}

struct run_outcome run_all(const char *client_code, const char *device_code,
                           const struct run_relay *relay)
{
    struct run_outcome outcome = {.device = LCM_VERDICT_INVALID, .client = LCM_VERDICT_INVALID};
    struct spake2_client *client = NULL;
    uint8_t share[LCM_SETUP_POINT_SIZE], seen[LCM_SETUP_SESSION_SIZE], cA[32];

    memcpy(seen, run_session, sizeof(seen));
    run_flip(seen, relay->flip_session);
    assert_int_equal(spake2_client_begin(&client, client_code, RUN_DEVICE_ID, share), LCM_OK);
    run_flip(share, relay->flip_client_share);
    if (relay->client_share != NULL)
        memcpy(share, relay->client_share, sizeof(share));
    assert_int_equal(run_begin(device_code, share), LCM_OK);
    outcome.device_err = run_steps();
    if (outcome.device_err == LCM_OK) {
        memcpy(share, lcm_spake2_share(&run_exchange), sizeof(share));
        if (relay->device_share != NULL)
            memcpy(share, relay->device_share, sizeof(share));
        outcome.client_err = spake2_client_finish(client, seen, share, cA);
        if (outcome.client_err == LCM_OK)
            confirm(relay, client, cA, &outcome);
    }
    lcm_spake2_abort(&run_exchange);
    spake2_client_free(client);
    return outcome;
}
