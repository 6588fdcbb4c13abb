// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: TLS opens to exactly the hosts the trust sector vouches for, with and without a clock,
 * and untrusted mode to any host, but only when asked for.
 * Method: an OpenSSL server in the same process (tests/lib/fetch_world.h) with certificate chains
 * made on the spot: P-256 leaf and intermediate under a P-384 root as GitHub has, and RSA.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/fetch.h"
#include "tests/lib/fetch_pki.h"
#include "tests/lib/fetch_world.h"

#define HOST "github.com"
#define OK_HELLO "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello"

static struct fetch_identity root;         /* P-384 */
static struct fetch_identity intermediate; /* P-256, signed with SHA-384 */
static struct fetch_identity leaf;
static struct fetch_identity rsa_root;
static struct fetch_identity rsa_leaf;
static struct fetch_identity weak_leaf; /* RSA 1024 */
static struct fetch_identity other_root;
static struct fetch_identity false_leaf; /* signed by a leaf */
static SSL_CTX *ecc_server;
static SSL_CTX *rsa_server;
static SSL_CTX *extra_server; /* of one test */

static struct fetch_world *world;
static struct lcm_fetch fetch;
static struct fetch_body body;
static char location[LCM_URL_SIZE];

static const struct lcm_request verified = {.host = HOST, .path = "/f"};
static const struct lcm_request untrusted = {.host = HOST, .path = "/f", .mode = LCM_TLS_UNTRUSTED};

static struct fetch_identity make(enum fetch_key_kind kind, const char *name, const char *host,
                                  const struct fetch_identity *issuer)
{
    struct fetch_identity_wish wish = {.kind = kind, .name = name, .host = host};

    if (issuer == &root)
        wish.digest = EVP_sha384();
    return fetch_pki_make(&wish, issuer);
}

static int make_all(void **state)
{
    (void)state;
    root = make(FETCH_KEY_P384, "Root E", NULL, NULL);
    intermediate = make(FETCH_KEY_P256, "Intermediate E", NULL, &root);
    leaf = make(FETCH_KEY_P256, HOST, HOST, &intermediate);
    rsa_root = make(FETCH_KEY_RSA_2048, "Root R", NULL, NULL);
    rsa_leaf = make(FETCH_KEY_RSA_2048, HOST, HOST, &rsa_root);
    weak_leaf = make(FETCH_KEY_RSA_1024, HOST, HOST, &rsa_root);
    other_root = make(FETCH_KEY_P256, "Other", NULL, NULL);
    false_leaf = make(FETCH_KEY_P256, HOST, HOST, &leaf);
    ecc_server = fetch_pki_server(&leaf, &intermediate);
    rsa_server = fetch_pki_server(&rsa_leaf, NULL);
    return 0;
}

static int free_all(void **state)
{
    struct fetch_identity *const all[] = {&root,     &intermediate, &leaf,       &rsa_root,
                                          &rsa_leaf, &weak_leaf,    &other_root, &false_leaf};

    (void)state;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        fetch_pki_free(all[i]);
    SSL_CTX_free(ecc_server);
    SSL_CTX_free(rsa_server);
    return 0;
}

static void trust(const struct fetch_identity *anchor)
{
    fetch_pki_sector(world->sector, &anchor, 1);
}

static int set_up(void **state)
{
    (void)state;
    world = fetch_world_new();
    fetch_world_use_tls(world, ecc_server);
    trust(&root);
    lcm_fetch_init(&fetch, &world->config);
    lcm_fetch_set_time(&fetch, FETCH_PKI_NOW);
    memset(&body, 0, sizeof body);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    lcm_fetch_close(&fetch);
    fetch_world_free(world);
    SSL_CTX_free(extra_server);
    extra_server = NULL;
    return 0;
}

static enum lcm_err get(const struct lcm_request *request)
{
    enum lcm_err err;

    body.size = 0;
    fetch_world_answer(world, OK_HELLO);
    err = lcm_fetch_begin(&fetch, request, fetch_body_sink(&body), location, sizeof location);
    assert_int_equal(err, LCM_OK);
    err = fetch_world_run(&fetch);
    if (err == LCM_OK) {
        assert_int_equal(body.size, 5);
        assert_memory_equal(body.bytes, "hello", 5);
    }
    return err;
}

/* The certificate is refused for this reason, and nothing was asked of the server. */
static void assert_refused(int bearssl_error)
{
    assert_int_equal(get(&verified), LCM_ERR_CERTIFICATE);
    assert_int_equal(lcm_fetch_tls_error(&fetch), bearssl_error);
    assert_int_equal(world->request_count, 0);
    assert_false(world->is_open);
}

/* Use another server for the rest of the test. */
static void serve(const struct fetch_identity *with, const struct fetch_identity *chain)
{
    SSL_CTX_free(extra_server);
    extra_server = fetch_pki_server(with, chain);
    fetch_world_use_tls(world, extra_server);
    lcm_fetch_close(&fetch);
    world->request_count = 0;
    world->answer_next = world->answer_count;
}

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

static void wrong_host(void **state)
{
    struct lcm_request request = verified;

    (void)state;
    request.host = "gist.github.com";
    assert_int_equal(get(&request), LCM_ERR_CERTIFICATE);
    assert_int_equal(lcm_fetch_tls_error(&fetch), BR_ERR_X509_BAD_SERVER_NAME);
    assert_int_equal(world->request_count, 0);
}

static void wrong_root(void **state)
{
    (void)state;
    trust(&other_root);
    assert_refused(BR_ERR_X509_NOT_TRUSTED);
}

/* Same name as a trusted root, another key. */
static void forged_root(void **state)
{
    struct fetch_identity forged = make(FETCH_KEY_P384, "Root E", NULL, NULL);

    (void)state;
    trust(&forged);
    assert_refused(BR_ERR_X509_NOT_TRUSTED);
    fetch_pki_free(&forged);
}

static void missing_intermediate(void **state)
{
    (void)state;
    serve(&leaf, NULL);
    assert_refused(BR_ERR_X509_NOT_TRUSTED);
    trust(&intermediate); /* but an anchor makes up for it */
    assert_int_equal(get(&verified), LCM_OK);
}

static void leaf_cannot_sign(void **state)
{
    (void)state;
    trust(&intermediate);
    serve(&false_leaf, &leaf);
    assert_refused(BR_ERR_X509_FORBIDDEN_KEY_USAGE);
}

static void weak_rsa_key(void **state)
{
    (void)state;
    trust(&rsa_root);
    serve(&weak_leaf, NULL);
    assert_refused(BR_ERR_X509_WEAK_PUBLIC_KEY);
}

static void expired_with_trusted_time(void **state)
{
    (void)state;
    lcm_fetch_set_time(&fetch, FETCH_PKI_LATER);
    assert_refused(BR_ERR_X509_EXPIRED);
    lcm_fetch_set_time(&fetch, FETCH_PKI_EARLIER);
    assert_refused(BR_ERR_X509_EXPIRED);
}

/* The time runs on with the clock. */
static void time_passes(void **state)
{
    (void)state;
    lcm_fetch_set_time(&fetch, FETCH_PKI_NOT_AFTER - 10);
    assert_int_equal(get(&verified), LCM_OK);
    lcm_fetch_close(&fetch);
    lcm_fetch_init(&fetch, &world->config);
    lcm_fetch_set_time(&fetch, FETCH_PKI_NOT_AFTER - 10);
    world->now_ms += 20000;
    world->request_count = 0;
    assert_refused(BR_ERR_X509_EXPIRED);
}

/* Certificates of quite different ages, none valid today: without a clock all pass. */
static void dates_do_not_count_without_time(void **state)
{
    struct fetch_identity_wish wish = {.kind = FETCH_KEY_P256,
                                       .name = HOST,
                                       .host = HOST,
                                       .not_before = 2600000000, /* 2052: GeneralizedTime */
                                       .not_after = 2700000000};
    struct fetch_identity future = fetch_pki_make(&wish, &intermediate);
    struct fetch_identity past;

    (void)state;
    lcm_fetch_set_time(&fetch, 0);
    assert_int_equal(get(&verified), LCM_OK);
    serve(&future, &intermediate);
    assert_int_equal(get(&verified), LCM_OK);
    wish.not_before = 800000000; /* 1995: UTCTime of the last century */
    wish.not_after = 900000000;
    past = fetch_pki_make(&wish, &intermediate);
    serve(&past, &intermediate);
    assert_int_equal(get(&verified), LCM_OK);
    fetch_pki_free(&future);
    fetch_pki_free(&past);
}

/* ... and everything else still counts. */
static void all_else_counts_without_time(void **state)
{
    struct lcm_request request = verified;

    (void)state;
    lcm_fetch_set_time(&fetch, 0);
    request.host = "other.example";
    assert_int_equal(get(&request), LCM_ERR_CERTIFICATE);
    assert_int_equal(lcm_fetch_tls_error(&fetch), BR_ERR_X509_BAD_SERVER_NAME);
    trust(&other_root);
    assert_refused(BR_ERR_X509_NOT_TRUSTED);
}

static void untrusted_mode_takes_any_chain(void **state)
{
    struct lcm_request request = untrusted;

    (void)state;
    trust(&other_root);
    lcm_fetch_set_time(&fetch, FETCH_PKI_LATER);
    request.host = "other.example";
    assert_int_equal(get(&request), LCM_OK);
    assert_int_equal(world->load_count, 0);
    fetch_world_use_tls(world, rsa_server);
    lcm_fetch_close(&fetch);
    assert_int_equal(get(&request), LCM_OK);
}

/* Any value but the one for untrusted verifies. */
static void unknown_modes_verify(void **state)
{
    struct lcm_request request = verified;

    (void)state;
    trust(&other_root);
    for (unsigned i = 1; i < 0x10000; i = i * 3 + 1) {
        request.mode = (enum lcm_tls_mode)i;
        world->answer_count = 0;
        assert_int_equal(get(&request), LCM_ERR_CERTIFICATE);
    }
}

static void no_anchors(void **state)
{
    (void)state;
    world->load_result = LCM_ERR_NO_TRUST;
    assert_int_equal(get(&verified), LCM_ERR_NO_TRUST);
    assert_false(world->is_open);
    world->load_result = LCM_OK;
    fetch_pki_sector(world->sector, NULL, 0);
    assert_int_equal(get(&verified), LCM_ERR_NO_TRUST);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
        TEST(wrong_host),
        TEST(wrong_root),
        TEST(forged_root),
        TEST(missing_intermediate),
        TEST(leaf_cannot_sign),
        TEST(weak_rsa_key),
        TEST(expired_with_trusted_time),
        TEST(time_passes),
        TEST(dates_do_not_count_without_time),
        TEST(all_else_counts_without_time),
        TEST(untrusted_mode_takes_any_chain),
        TEST(unknown_modes_verify),
        TEST(no_anchors),
        TEST(no_entropy),
        TEST(tls_1_3_only_server),
        TEST(mute_server),
        TEST(server_hangs_up_in_the_handshake),
        TEST(early_close_notify),
        TEST(any_piece_size),
        TEST(large_records),
        TEST(truncation_is_noticed),
        TEST(closed_while_idle_is_replaced),
        TEST(damaged_record),
    };

    return cmocka_run_group_tests(tests, make_all, free_all);
}
