// SPDX-License-Identifier: Apache-2.0
/* A whole request against a peer that sends the input, plainly or as TLS records: it ends with a
 * result, in bounded time, and the sink gets no byte beyond the range that was asked for. */
#include "core/fetch/fetch.h"
#include "tests/fuzz/fuzz.h"

#define RANGE_SIZE 100u
#define STEPS_MAX 20000u

struct peer {
    struct fuzz_input input;
    size_t piece;
    uint64_t now_ms;
    size_t body_size;
};

static enum lcm_err peer_resolve(void *context, const char *host, uint16_t port,
                                 struct lcm_endpoint *endpoint)
{
    (void)context;
    (void)host;
    *endpoint = (struct lcm_endpoint){{192, 0, 2, 1}, port};
    return LCM_OK;
}

static enum lcm_err peer_connect(void *context, const struct lcm_endpoint *endpoint)
{
    (void)context;
    (void)endpoint;
    return LCM_OK;
}

static enum lcm_err peer_send(void *context, const uint8_t *data, size_t size, size_t *sent)
{
    (void)context;
    (void)data;
    *sent = size;
    return LCM_OK;
}

static enum lcm_err peer_receive(void *context, uint8_t *data, size_t size, size_t *received)
{
    struct peer *peer = context;
    size_t step = peer->input.size < peer->piece ? peer->input.size : peer->piece;

    if (step == 0)
        return LCM_ERR_CLOSED;
    *received = step < size ? step : size;
    memcpy(data, peer->input.bytes, *received);
    peer->input.bytes += *received;
    peer->input.size -= *received;
    return LCM_OK;
}

static void peer_close(void *context)
{
    (void)context;
}

static uint64_t peer_now(void *context)
{
    struct peer *peer = context;

    return peer->now_ms += 10;
}

static enum lcm_err peer_fill(void *context, uint8_t *dst, size_t size)
{
    (void)context;
    memset(dst, 0x35, size);
    return LCM_OK;
}

static enum lcm_err peer_anchors(void *context, const uint8_t **sector_file)
{
    (void)context;
    (void)sector_file;
    return LCM_ERR_NO_TRUST;
}

static enum lcm_err take(void *context, const uint8_t *bytes, size_t size)
{
    struct peer *peer = context;

    (void)bytes;
    peer->body_size += size;
    FUZZ_REQUIRE(peer->body_size <= RANGE_SIZE);
    return LCM_OK;
}

static void run(struct peer *peer, bool is_plain)
{
    static uint8_t buffer[LCM_TLS_BUFFER_SIZE];
    static struct lcm_fetch fetch;
    static char location[LCM_URL_SIZE];
    const struct lcm_net net = {.context = peer,
                                .resolve = peer_resolve,
                                .connect = peer_connect,
                                .send = peer_send,
                                .receive = peer_receive,
                                .close = peer_close};
    const struct lcm_clock clock = {.context = peer, .now_ms = peer_now};
    const struct lcm_entropy entropy = {.context = peer, .fill = peer_fill};
    const struct lcm_fetch_config config = {.net = &net,
                                            .clock = &clock,
                                            .entropy = &entropy,
                                            .crypto = &lcm_crypto_small,
                                            .user_agent = "LCM/1",
                                            .buffer = buffer,
                                            .load_anchors = peer_anchors};
    const struct lcm_request request = {.host = "example.org",
                                        .path = "/f",
                                        .is_plain = is_plain,
                                        .mode = LCM_TLS_UNTRUSTED,
                                        .has_range = true,
                                        .range_first = 0,
                                        .range_last = RANGE_SIZE - 1};
    struct lcm_sink sink = {peer, take};
    enum lcm_err err;
    uint32_t steps = 0;

    lcm_fetch_init(&fetch, &config);
    FUZZ_REQUIRE(lcm_fetch_begin(&fetch, &request, sink, location, sizeof(location)) == LCM_OK);
    do {
        err = lcm_fetch_step(&fetch);
        FUZZ_REQUIRE(steps++ < STEPS_MAX);
    } while (err == LCM_PENDING);
    if (err == LCM_OK && lcm_fetch_response(&fetch)->status == 206)
        FUZZ_REQUIRE(peer->body_size == RANGE_SIZE);
    lcm_fetch_close(&fetch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input input = {data, size};
    uint8_t choice = fuzz_byte(&input);
    struct peer peer = {.input = input, .piece = 1u + choice / 2u, .now_ms = 1000};

    run(&peer, choice % 2 == 0);
    return 0;
}
