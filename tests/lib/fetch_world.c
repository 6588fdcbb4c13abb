// SPDX-License-Identifier: Apache-2.0
/*
 * The scripted peer of the fetch tests; see the header. The server side of TLS is OpenSSL, so
 * that the client is tried against another implementation. Nothing leaves the process.
 */
#include "tests/lib/fetch_world.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define STEP_COUNT_MAX 2000000u

static enum lcm_err world_wait(struct fetch_world *world)
{
    world->now_ms += world->tick_ms;
    return LCM_PENDING;
}

static enum lcm_err world_resolve(void *context, const char *host, uint16_t port,
                                  struct lcm_endpoint *endpoint)
{
    struct fetch_world *world = context;

    if (world->resolve_wait > 0) {
        if (world->resolve_wait != FETCH_WORLD_NEVER)
            world->resolve_wait--;
        return world_wait(world);
    }
    strncpy(world->resolved_host, host, sizeof world->resolved_host - 1);
    *endpoint = (struct lcm_endpoint){.ip = {127, 0, 0, 1}, .port = port};
    return world->resolve_result;
}

static void world_free_ssl(struct fetch_world *world)
{
    /* As if shut down in order: OpenSSL forgets the session of a connection that was not. */
    if (world->ssl != NULL)
        SSL_set_shutdown(world->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(world->ssl); /* frees the BIOs */
    world->ssl = NULL;
}

static void world_accept(struct fetch_world *world)
{
    world->out.size = world->out.used = 0;
    world->request_size = 0;
    world->is_request_complete = false;
    world->is_ended = false;
    world->byte_gap_ms = 0;
    world_free_ssl(world);
    if (world->tls == NULL)
        return;
    world->ssl = SSL_new(world->tls);
    world->tls_in = BIO_new(BIO_s_mem());
    world->tls_out = BIO_new(BIO_s_mem());
    SSL_set_bio(world->ssl, world->tls_in, world->tls_out);
    SSL_set_accept_state(world->ssl);
}

static enum lcm_err world_connect(void *context, const struct lcm_endpoint *endpoint)
{
    struct fetch_world *world = context;

    (void)endpoint;
    assert_false(world->is_open);
    if (world->connect_wait > 0) {
        if (world->connect_wait != FETCH_WORLD_NEVER)
            world->connect_wait--;
        return world_wait(world);
    }
    if (world->connect_result != LCM_OK)
        return world->connect_result;
    world->is_open = true;
    world->connect_count++;
    world_accept(world);
    return LCM_OK;
}

static void world_put(struct fetch_world *world, const uint8_t *bytes, size_t size)
{
    assert_true(world->out.size + size <= sizeof world->out.bytes);
    memcpy(world->out.bytes + world->out.size, bytes, size);
    world->out.size += size;
}

static void world_drain_tls(struct fetch_world *world)
{
    uint8_t piece[4096];
    int size;

    while ((size = BIO_read(world->tls_out, piece, sizeof piece)) > 0)
        world_put(world, piece, (size_t)size);
}

static void world_reply(struct fetch_world *world, const struct fetch_answer *answer)
{
    size_t size = answer->size > 0 ? answer->size : strlen(answer->bytes);

    world->byte_gap_ms = answer->byte_gap_ms;
    world->byte_due_ms = world->now_ms + answer->byte_gap_ms;
    if (world->ssl != NULL) {
        if (size > 0)
            assert_int_equal(SSL_write(world->ssl, answer->bytes, (int)size), size);
        if (answer->closes)
            (void)SSL_shutdown(world->ssl);
        world_drain_tls(world);
    } else {
        world_put(world, (const uint8_t *)answer->bytes, size);
    }
    world->is_ended = answer->closes || answer->cuts;
}

static void world_serve(struct fetch_world *world)
{
    if (world->request_size < 4 ||
        memcmp(world->request + world->request_size - 4, "\r\n\r\n", 4) != 0)
        return;
    world->request[world->request_size] = '\0';
    world->is_request_complete = true;
    world->request_count++;
    assert_true(world->answer_next < world->answer_count);
    if (!world->answers[world->answer_next].is_silent)
        world_reply(world, &world->answers[world->answer_next]);
    world->answer_next++;
}

static void world_take(struct fetch_world *world, const uint8_t *bytes, size_t size)
{
    if (world->is_request_complete)
        world->request_size = 0;
    world->is_request_complete = false;
    assert_true(world->request_size + size < sizeof world->request);
    memcpy(world->request + world->request_size, bytes, size);
    world->request_size += size;
    world_serve(world);
}

static void world_take_tls(struct fetch_world *world, const uint8_t *bytes, size_t size)
{
    uint8_t plain[4096];
    int got;

    assert_int_equal(BIO_write(world->tls_in, bytes, (int)size), size);
    while ((got = SSL_read(world->ssl, plain, sizeof plain)) > 0)
        world_take(world, plain, (size_t)got);
    world_drain_tls(world);
}

static enum lcm_err world_send(void *context, const uint8_t *data, size_t size, size_t *sent)
{
    struct fetch_world *world = context;

    assert_true(world->is_open);
    assert_true(size > 0);
    if (world->is_idle_dead) {
        world->is_idle_dead = false;
        world->is_ended = true;
        return LCM_ERR_CLOSED;
    }
    *sent = world->send_max > 0 && size > world->send_max ? world->send_max : size;
    if (world->is_mute)
        return LCM_OK;
    if (world->ssl != NULL)
        world_take_tls(world, data, *sent);
    else
        world_take(world, data, *sent);
    return LCM_OK;
}

static size_t world_ready(struct fetch_world *world, size_t size)
{
    size_t ready = world->out.size - world->out.used;

    if (world->byte_gap_ms > 0) {
        if (world->now_ms < world->byte_due_ms)
            return 0;
        world->byte_due_ms = world->now_ms + world->byte_gap_ms;
        ready = ready > 1 ? 1 : ready;
    }
    if (world->receive_max > 0 && ready > world->receive_max)
        ready = world->receive_max;
    return ready < size ? ready : size;
}

static enum lcm_err world_receive(void *context, uint8_t *data, size_t size, size_t *received)
{
    struct fetch_world *world = context;
    size_t ready;

    assert_true(world->is_open);
    assert_true(size > 0 && size <= LCM_STEP_SIZE_MAX);
    ready = world_ready(world, size);
    *received = ready;
    if (ready == 0) {
        if (world->is_ended && world->out.used == world->out.size)
            return LCM_ERR_CLOSED;
        return world_wait(world);
    }
    memcpy(data, world->out.bytes + world->out.used, ready);
    world->out.used += ready;
    return LCM_OK;
}

static void world_close(void *context)
{
    struct fetch_world *world = context;

    world->is_open = false;
    world->close_count++;
}

static uint64_t world_now(void *context)
{
    return ((struct fetch_world *)context)->now_ms;
}

static enum lcm_err world_fill(void *context, uint8_t *dst, size_t size)
{
    struct fetch_world *world = context;

    assert_true(size <= 64);
    for (size_t i = 0; i < size; i++)
        dst[i] = (uint8_t)(i * 7 + world->connect_count);
    return world->entropy_result;
}

static enum lcm_err world_load(void *context, const uint8_t **sector_file)
{
    struct fetch_world *world = context;

    world->load_count++;
    if (world->load_result == LCM_OK)
        *sector_file = world->sector;
    return world->load_result;
}

struct fetch_world *fetch_world_new(void)
{
    struct fetch_world *world = calloc(1, sizeof *world);

    assert_non_null(world);
    world->net = (struct lcm_net){
        .context = world,
        .resolve = world_resolve,
        .connect = world_connect,
        .send = world_send,
        .receive = world_receive,
        .close = world_close,
    };
    world->clock = (struct lcm_clock){.context = world, .now_ms = world_now};
    world->entropy = (struct lcm_entropy){.context = world, .fill = world_fill};
    world->config = (struct lcm_fetch_config){
        .net = &world->net,
        .clock = &world->clock,
        .entropy = &world->entropy,
        .crypto = &lcm_crypto_small,
        .user_agent = "LCM/1.2.3",
        .buffer = world->buffer,
        .load_anchors = world_load,
        .context = world,
    };
    world->tick_ms = 100;
    world->now_ms = 5000;
    return world;
}

void fetch_world_free(struct fetch_world *world)
{
    world_free_ssl(world);
    free(world);
}

struct fetch_answer *fetch_world_answer(struct fetch_world *world, const char *bytes)
{
    struct fetch_answer *answer = &world->answers[world->answer_count];

    assert_true(world->answer_count < FETCH_WORLD_ANSWERS_MAX);
    world->answer_count++;
    answer->bytes = bytes;
    return answer;
}

void fetch_world_use_tls(struct fetch_world *world, SSL_CTX *tls)
{
    world->tls = tls;
}

static enum lcm_err body_write(void *context, const uint8_t *bytes, size_t size)
{
    struct fetch_body *body = context;
    size_t size_max = body->size_max > 0 ? body->size_max : sizeof body->bytes;

    assert_true(size > 0);
    if (body->size + size > size_max)
        return LCM_ERR_TOO_LARGE;
    memcpy(body->bytes + body->size, bytes, size);
    body->size += size;
    body->write_max = size > body->write_max ? size : body->write_max;
    return LCM_OK;
}

struct lcm_sink fetch_body_sink(struct fetch_body *body)
{
    return (struct lcm_sink){.context = body, .write = body_write};
}

enum lcm_err fetch_world_run(struct lcm_fetch *fetch)
{
    for (uint32_t i = 0; i < STEP_COUNT_MAX; i++) {
        enum lcm_err err = lcm_fetch_step(fetch);

        if (err != LCM_PENDING)
            return err;
    }
    fail_msg("the request never ended");
    return LCM_PENDING;
}
