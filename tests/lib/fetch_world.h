/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A network, a clock and a server in one process, for tests of core/fetch.
 *
 * Time is virtual: it moves tick_ms whenever a network call has nothing to give. The server
 * answers requests in order from a script, plainly or through OpenSSL's TLS with memory
 * BIOs. Every random choice is absent: a run repeats exactly.
 */
#ifndef LCM_TESTS_FETCH_WORLD_H
#define LCM_TESTS_FETCH_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <openssl/ssl.h>

#include "core/fetch/fetch.h"

#define FETCH_WORLD_ANSWERS_MAX 16u
#define FETCH_WORLD_STREAM_SIZE (512u * 1024u)
#define FETCH_WORLD_NEVER UINT32_MAX

/* What the server does with one request. */
struct fetch_answer {
    const char *bytes;
    size_t size;          /* 0 = strlen(bytes) */
    bool closes;          /* end of the stream behind it (TLS: after close_notify) */
    bool cuts;            /* the same without close_notify */
    bool is_silent;       /* no answer at all */
    uint32_t byte_gap_ms; /* this much time before each byte */
};

struct fetch_stream {
    uint8_t bytes[FETCH_WORLD_STREAM_SIZE];
    size_t size;
    size_t used;
};

struct fetch_world {
    struct lcm_net net;
    struct lcm_clock clock;
    struct lcm_entropy entropy;
    struct lcm_fetch_config config;
    uint8_t buffer[LCM_TLS_BUFFER_SIZE];
    uint8_t sector[LCM_TRUST_SIZE];
    enum lcm_err load_result;
    uint32_t load_count;

    uint64_t now_ms;
    uint32_t tick_ms;
    uint32_t resolve_wait; /* polls before the result; FETCH_WORLD_NEVER */
    uint32_t connect_wait;
    enum lcm_err resolve_result;
    enum lcm_err connect_result;
    enum lcm_err entropy_result;
    size_t receive_max; /* bytes one receive gives; 0 = any */
    size_t send_max;
    bool is_mute;      /* the server takes everything and says nothing */
    bool is_idle_dead; /* kept connections are dead at the next request */

    struct fetch_answer answers[FETCH_WORLD_ANSWERS_MAX];
    size_t answer_count;
    size_t answer_next;

    SSL_CTX *tls; /* NULL = plain */
    SSL *ssl;
    BIO *tls_in;
    BIO *tls_out;
    char request[8192]; /* the last complete request, as text */
    size_t request_size;
    bool is_request_complete;
    uint32_t request_count;
    uint32_t connect_count;
    uint32_t close_count;
    bool is_open;
    bool is_ended; /* the server ends the stream once out is read */
    uint32_t byte_gap_ms;
    uint64_t byte_due_ms;
    struct fetch_stream out; /* server to client, on the wire */
    char resolved_host[256];
};

/* A world with a plain server and no answers; free it with fetch_world_free. */
struct fetch_world *fetch_world_new(void);
void fetch_world_free(struct fetch_world *world);

/* Append one scripted answer. */
struct fetch_answer *fetch_world_answer(struct fetch_world *world, const char *bytes);

/* From the next connection on the server speaks TLS with this context. */
void fetch_world_use_tls(struct fetch_world *world, SSL_CTX *tls);

/* Bytes a sink got. */
struct fetch_body {
    uint8_t bytes[256 * 1024];
    size_t size;
    size_t size_max;  /* more is LCM_ERR_TOO_LARGE */
    size_t write_max; /* largest single write */
};
struct lcm_sink fetch_body_sink(struct fetch_body *body);

/* Step until the result; fails the test after step_max steps. */
enum lcm_err fetch_world_run(struct lcm_fetch *fetch);

#endif
