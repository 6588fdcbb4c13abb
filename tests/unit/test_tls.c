// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: TLS opens, resumes, carries large records and ends as it should, and every failure has its
 * own name. Which certificates are accepted is in test_tls_certificates.
 * Method: an OpenSSL server in the same process (tests/lib/fetch_tls.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/fetch.h"
#include "tests/lib/fetch_tls.h"

static void ecc_chain(void **state)
{
    (void)state;
    assert_int_equal(get(&verified), LCM_OK);
    assert_string_equal(SSL_get_cipher_name(world->ssl), "ECDHE-ECDSA-CHACHA20-POLY1305");
    assert_int_equal(SSL_version(world->ssl), TLS1_2_VERSION);
    assert_string_equal(SSL_get_servername(world->ssl, TLSEXT_NAMETYPE_host_name), HOST);
    assert_int_equal(lcm_fetch_counters(&fetch)->handshakes, 1);
    assert_int_equal(lcm_fetch_tls_error(&fetch), 0);
    assert_true(lcm_fetch_is_open(&fetch));
}

static void carried_intermediate_ends_the_chain(void **state)
{
    (void)state;
    trust(&intermediate);
    assert_int_equal(get(&verified), LCM_OK);
}

static void rsa_chain(void **state)
{
    (void)state;
    fetch_world_use_tls(world, rsa_server);
    trust(&rsa_root);
    assert_int_equal(get(&verified), LCM_OK);
    assert_string_equal(SSL_get_cipher_name(world->ssl), "ECDHE-RSA-CHACHA20-POLY1305");
}

static void several_anchors(void **state)
{
    const struct fetch_identity *const all[] = {&other_root, &rsa_root, &root};

    (void)state;
    fetch_pki_sector(world->sector, all, 3);
    assert_int_equal(get(&verified), LCM_OK);
    fetch_world_use_tls(world, rsa_server);
    lcm_fetch_close(&fetch);
    assert_int_equal(get(&verified), LCM_OK);
}

static int curve_used(void)
{
    return br_ssl_engine_get_ecdhe_curve(&fetch.connection.tls.client.eng);
}

static void x25519_where_the_server_prefers_it(void **state)
{
    (void)state;
    serve(&leaf, &intermediate);
    SSL_CTX_set_options(extra_server, SSL_OP_CIPHER_SERVER_PREFERENCE);
    assert_int_equal(get(&verified), LCM_OK);
    assert_int_equal(curve_used(), BR_EC_curve25519);
}

static void gcm_and_p256_where_the_server_wants_them(void **state)
{
    (void)state;
    serve(&leaf, &intermediate);
    SSL_CTX_set_cipher_list(extra_server, "ECDHE-ECDSA-AES128-GCM-SHA256");
    SSL_CTX_set1_groups_list(extra_server, "P-256");
    assert_int_equal(get(&verified), LCM_OK);
    assert_string_equal(SSL_get_cipher_name(world->ssl), "ECDHE-ECDSA-AES128-GCM-SHA256");
    assert_int_equal(curve_used(), BR_EC_secp256r1);
}

static void keeps_and_reuses(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        assert_int_equal(get(&verified), LCM_OK);
    assert_int_equal(world->connect_count, 1);
    assert_int_equal(world->load_count, 1);
}

/* The second connection to a host resumes the verified session: no chain is verified again. */
static void resumes_a_session(void **state)
{
    (void)state;
    assert_int_equal(get(&verified), LCM_OK);
    assert_false(SSL_session_reused(world->ssl));
    lcm_fetch_close(&fetch);
    assert_int_equal(get(&verified), LCM_OK);
    assert_true(SSL_session_reused(world->ssl));
    assert_int_equal(lcm_fetch_counters(&fetch)->handshakes, 2);
}

/* Anything that changed what the verification rested on makes a full handshake. */
static void session_is_bound_to_its_trust(void **state)
{
    (void)state;
    assert_int_equal(get(&verified), LCM_OK);
    trust(&other_root);
    lcm_fetch_close(&fetch);
    assert_int_equal(get(&verified), LCM_ERR_CERTIFICATE);
    trust(&root);
    assert_int_equal(get(&verified), LCM_OK);
    lcm_fetch_set_time(&fetch, 0);
    lcm_fetch_close(&fetch);
    assert_int_equal(get(&verified), LCM_OK);
    assert_false(SSL_session_reused(world->ssl));
}

/* What an unverified connection agreed on can never serve as a verified session. */
static void untrusted_session_is_never_resumed(void **state)
{
    (void)state;
    trust(&other_root);
    assert_int_equal(get(&untrusted), LCM_OK);
    lcm_fetch_close(&fetch);
    assert_int_equal(get(&verified), LCM_ERR_CERTIFICATE);
    assert_int_equal(get(&untrusted), LCM_OK);
    assert_false(SSL_session_reused(world->ssl));
    assert_int_equal(get(&verified), LCM_ERR_CERTIFICATE); /* not on the open connection either */
}

/* The other way round: an unverified connection does not show the host an earlier session. */
static void verified_session_is_for_verified_connections(void **state)
{
    (void)state;
    assert_int_equal(get(&verified), LCM_OK);
    lcm_fetch_close(&fetch);
    assert_int_equal(get(&untrusted), LCM_OK);
    assert_false(SSL_session_reused(world->ssl));
}

/* Another port may be another server. */
static void session_is_bound_to_its_port(void **state)
{
    struct lcm_request other_port = verified;

    (void)state;
    other_port.port = 8443;
    assert_int_equal(get(&verified), LCM_OK);
    assert_int_equal(get(&other_port), LCM_OK);
    assert_int_equal(world->connect_count, 2);
    assert_false(SSL_session_reused(world->ssl));
}

/* A kept plain connection never carries what was to be encrypted, whatever its port. */
static void plain_connection_is_not_reused(void **state)
{
    struct lcm_request request = verified;

    (void)state;
    request.is_plain = true;
    request.port = LCM_HTTPS_PORT;
    fetch_world_use_tls(world, NULL);
    assert_int_equal(get(&request), LCM_OK);
    assert_true(world->is_open);
    fetch_world_use_tls(world, ecc_server);
    assert_int_equal(get(&verified), LCM_OK);
    assert_int_equal(world->connect_count, 2);
    assert_int_equal(lcm_fetch_counters(&fetch)->handshakes, 1);
}

static enum lcm_err begin_for_host(struct lcm_tls *tls, const char *host)
{
    const struct lcm_tls_setup setup = {
        .host = host,
        .port = LCM_HTTPS_PORT,
        .sector_file = world->sector,
        .crypto = world->config.crypto,
        .entropy = &world->entropy,
        .buffer = world->buffer,
    };

    lcm_tls_init(tls);
    return lcm_tls_begin(tls, &setup);
}

/* A name too long to keep is not cut: its session would be offered to another host. One too long
 * to send opens nothing. */
static void long_host_names(void **state)
{
    static struct lcm_tls tls;
    char host[257];

    (void)state;
    memset(host, 'h', sizeof host);
    host[LCM_HOST_SIZE - 1] = '\0';
    assert_int_equal(begin_for_host(&tls, host), LCM_OK);
    assert_true(tls.next_session.is_set);
    host[LCM_HOST_SIZE - 1] = 'h';
    host[LCM_HOST_SIZE] = '\0';
    assert_int_equal(begin_for_host(&tls, host), LCM_OK);
    assert_false(tls.next_session.is_set);
    host[LCM_HOST_SIZE] = 'h';
    host[256] = '\0';
    assert_int_equal(begin_for_host(&tls, host), LCM_ERR_TLS);
}

static enum lcm_err load_nothing(void *context, const uint8_t **sector_file)
{
    (void)context, (void)sector_file;
    return LCM_OK;
}

static void no_trust_sector(void **state)
{
    (void)state;
    world->config.load_anchors = load_nothing;
    assert_int_equal(get(&verified), LCM_ERR_NO_TRUST);
    assert_int_equal(world->request_count, 0);
    assert_false(world->is_open);
}

static void no_entropy(void **state)
{
    (void)state;
    world->entropy_result = LCM_ERR_ENTROPY;
    assert_int_equal(get(&verified), LCM_ERR_ENTROPY);
    assert_false(world->is_open);
}

static void tls_1_3_only_server(void **state)
{
    (void)state;
    serve(&leaf, &intermediate);
    SSL_CTX_set_min_proto_version(extra_server, TLS1_3_VERSION);
    assert_int_equal(get(&verified), LCM_ERR_TLS);
}

static void mute_server(void **state)
{
    uint64_t start = world->now_ms;

    (void)state;
    world->is_mute = true;
    assert_int_equal(get(&verified), LCM_ERR_TIMEOUT);
    assert_true(world->now_ms - start >= LCM_HANDSHAKE_TIMEOUT_MS);
    assert_true(world->now_ms - start < LCM_HANDSHAKE_TIMEOUT_MS + 2000);
}

static void server_hangs_up_in_the_handshake(void **state)
{
    (void)state;
    world->is_idle_dead = true;
    assert_int_equal(get(&verified), LCM_ERR_CLOSED);
}

/* A close_notify in the middle of the handshake, which anyone can write, is no good end. */
static void early_close_notify(void **state)
{
    const uint8_t alert[] = {21, 3, 3, 0, 2, 1, 0};

    (void)state;
    world->is_mute = true;
    assert_int_equal(lcm_fetch_begin(&fetch, &verified, fetch_body_sink(&body), NULL, 0), LCM_OK);
    while (!world->is_open)
        assert_int_equal(lcm_fetch_step(&fetch), LCM_PENDING);
    memcpy(world->out.bytes, alert, sizeof alert);
    world->out.size = sizeof alert;
    assert_int_equal(fetch_world_run(&fetch), LCM_ERR_TLS);
}

/* Append what the server's TLS has for the wire. */
static void pass_on_output(void)
{
    int size = BIO_read(world->tls_out, world->out.bytes + world->out.size, 1000);

    assert_true(size > 0);
    world->out.size += (size_t)size;
}

/* An answer before the question is none, and holds the device up only so long. */
static void server_speaks_first(void **state)
{
    uint64_t start;

    (void)state;
    assert_int_equal(lcm_fetch_begin(&fetch, &verified, fetch_body_sink(&body), NULL, 0), LCM_OK);
    while (!world->is_open)
        assert_int_equal(lcm_fetch_step(&fetch), LCM_PENDING);
    world->tick_ms = world->byte_gap_ms = 1; /* the server is through before the client */
    while (!SSL_is_init_finished(world->ssl))
        assert_int_equal(lcm_fetch_step(&fetch), LCM_PENDING);
    assert_true(SSL_write(world->ssl, OK_HELLO, sizeof OK_HELLO - 1) > 0);
    pass_on_output();
    world->byte_gap_ms = 0;
    start = world->now_ms;
    while (lcm_fetch_step(&fetch) == LCM_PENDING)
        world->now_ms += 100;
    assert_int_equal(lcm_fetch_step(&fetch), LCM_ERR_TIMEOUT);
    assert_int_equal(lcm_fetch_counters(&fetch)->handshakes, 1);
    assert_true(world->now_ms - start < LCM_FIRST_BYTE_TIMEOUT_MS + 1000);
    assert_int_equal(world->request_count, 0);
    assert_int_equal(body.size, 0);
    assert_false(world->is_open);
}

/* A request larger than a step goes out in several, whole. */
static void request_larger_than_a_step(void **state)
{
    static char agent[LCM_STEP_SIZE_MAX + 1000];
    const char *sent;

    (void)state;
    memset(agent, 'a', sizeof agent - 1);
    world->config.user_agent = agent;
    assert_int_equal(get(&verified), LCM_OK);
    sent = strstr(world->request, agent);
    assert_non_null(sent);
    assert_memory_equal(sent + sizeof agent - 1, "\r\n", 2);
}

/* The wire may bring any number of bytes at a time. */
static void any_piece_size(void **state)
{
    (void)state;
    for (size_t size = 1; size < 40; size += 6) {
        world->receive_max = size;
        world->send_max = 41 - size;
        lcm_fetch_init(&fetch, &world->config);
        world->is_open = false;
        world->answer_next = world->answer_count = 0;
        assert_int_equal(get(&verified), LCM_OK);
    }
}

/* Full-size records, as GitHub sends: 200 KB in records of 16 KB. */
static void large_records(void **state)
{
    static char answer[200 * 1024 + 64];
    int header =
        snprintf(answer, sizeof answer, "HTTP/1.1 200 OK\r\nContent-Length: 204800\r\n\r\n");

    (void)state;
    for (size_t i = 0; i < 204800; i++)
        answer[(size_t)header + i] = (char)(i * 31 >> 3);
    fetch_world_answer(world, answer)->size = (size_t)header + 204800;
    assert_int_equal(lcm_fetch_begin(&fetch, &verified, fetch_body_sink(&body), NULL, 0), LCM_OK);
    assert_int_equal(fetch_world_run(&fetch), LCM_OK);
    assert_int_equal(body.size, 204800);
    assert_memory_equal(body.bytes, answer + header, 204800);
    assert_int_equal(get(&verified), LCM_OK);
    assert_int_equal(world->connect_count, 1);
}

static enum lcm_err get_until_end(bool in_order)
{
    struct fetch_answer *answer = fetch_world_answer(world, "HTTP/1.1 200 OK\r\n\r\nhello");

    answer->closes = in_order;
    answer->cuts = !in_order;
    body.size = 0;
    assert_int_equal(lcm_fetch_begin(&fetch, &verified, fetch_body_sink(&body), NULL, 0), LCM_OK);
    return fetch_world_run(&fetch);
}

/* A body without a length ends with close_notify; a cut connection is no end. */
static void truncation_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(get_until_end(true), LCM_OK);
    assert_int_equal(body.size, 5);
    assert_int_equal(get_until_end(false), LCM_ERR_CLOSED);
}

static void closed_while_idle_is_replaced(void **state)
{
    struct fetch_answer *answer;

    (void)state;
    answer = fetch_world_answer(world, OK_HELLO);
    answer->closes = true; /* keep-alive promised, then close_notify */
    assert_int_equal(lcm_fetch_begin(&fetch, &verified, fetch_body_sink(&body), NULL, 0), LCM_OK);
    assert_int_equal(fetch_world_run(&fetch), LCM_OK);
    world->is_idle_dead = true;
    assert_int_equal(get(&verified), LCM_OK);
    assert_int_equal(world->connect_count, 2);
}

/* What is written behind the server's close_notify does not count as sent. */
static void nothing_is_sent_behind_the_end(void **state)
{
    struct lcm_connection *connection = &fetch.connection;
    const uint8_t *bytes = NULL;
    size_t size = 0;

    (void)state;
    assert_int_equal(get(&verified), LCM_OK);
    (void)SSL_shutdown(world->ssl);
    pass_on_output();
    assert_int_equal(lcm_connection_read(connection, &bytes, &size), LCM_ERR_CLOSED);
    assert_true(connection->is_clean_end);
    assert_int_equal(lcm_connection_write(connection, "GET ", 4), 0);
    assert_int_equal(lcm_connection_flush(connection), LCM_ERR_CLOSED);
}

/* A kept connection that no longer speaks TLS is as dead as a closed one. */
static void garbage_while_idle_is_replaced(void **state)
{
    (void)state;
    assert_int_equal(get(&verified), LCM_OK);
    memset(world->out.bytes + world->out.size, 0xA5, 16);
    world->out.size += 16;
    fetch_world_answer(world, "")->is_silent = true; /* the request that meets the garbage */
    assert_int_equal(get(&verified), LCM_OK);
    assert_int_equal(world->connect_count, 2);
}

static void damaged_record(void **state)
{
    (void)state;
    assert_int_equal(get(&verified), LCM_OK);
    fetch_world_answer(world, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n");
    body.size = 0;
    assert_int_equal(lcm_fetch_begin(&fetch, &verified, fetch_body_sink(&body), NULL, 0), LCM_OK);
    while (world->request_count < 2 || world->out.used < world->out.size)
        assert_int_equal(lcm_fetch_step(&fetch), LCM_PENDING);
    assert_true(SSL_write(world->ssl, "hello", 5) == 5);
    world->out.size += (size_t)BIO_read(world->tls_out, world->out.bytes + world->out.size, 100);
    world->out.bytes[world->out.size - 1] ^= 1;
    assert_int_equal(fetch_world_run(&fetch), LCM_ERR_TLS);
    assert_int_equal(body.size, 0);
    assert_int_equal(lcm_fetch_tls_error(&fetch), BR_ERR_BAD_MAC);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(ecc_chain),
        TEST(carried_intermediate_ends_the_chain),
        TEST(rsa_chain),
        TEST(several_anchors),
        TEST(x25519_where_the_server_prefers_it),
        TEST(gcm_and_p256_where_the_server_wants_them),
        TEST(keeps_and_reuses),
        TEST(resumes_a_session),
        TEST(session_is_bound_to_its_trust),
        TEST(untrusted_session_is_never_resumed),
        TEST(verified_session_is_for_verified_connections),
        TEST(session_is_bound_to_its_port),
        TEST(plain_connection_is_not_reused),
        TEST(long_host_names),
        TEST(no_trust_sector),
        TEST(no_entropy),
        TEST(tls_1_3_only_server),
        TEST(mute_server),
        TEST(server_hangs_up_in_the_handshake),
        TEST(early_close_notify),
        TEST(server_speaks_first),
        TEST(request_larger_than_a_step),
        TEST(any_piece_size),
        TEST(large_records),
        TEST(truncation_is_noticed),
        TEST(closed_while_idle_is_replaced),
        TEST(nothing_is_sent_behind_the_end),
        TEST(garbage_while_idle_is_replaced),
        TEST(damaged_record),
    };

    return cmocka_run_group_tests(tests, make_all, free_all);
}
