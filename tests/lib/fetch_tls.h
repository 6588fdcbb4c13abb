/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One TLS client and its OpenSSL server, made anew for each test of core/fetch; the certificates
 * are made once: a P-256 leaf and intermediate under a P-384 root as GitHub has, and RSA.
 */
#ifndef LCM_TESTS_FETCH_TLS_H
#define LCM_TESTS_FETCH_TLS_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
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

static inline int make_all(void **state)
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

static inline int free_all(void **state)
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

static inline void trust(const struct fetch_identity *anchor)
{
    fetch_pki_sector(world->sector, &anchor, 1);
}

static inline int set_up(void **state)
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

static inline int tear_down(void **state)
{
    (void)state;
    lcm_fetch_close(&fetch);
    fetch_world_free(world);
    SSL_CTX_free(extra_server);
    extra_server = NULL;
    return 0;
}

static inline enum lcm_err get(const struct lcm_request *request)
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
static inline void assert_refused(int bearssl_error)
{
    assert_int_equal(get(&verified), LCM_ERR_CERTIFICATE);
    assert_int_equal(lcm_fetch_tls_error(&fetch), bearssl_error);
    assert_int_equal(world->request_count, 0);
    assert_false(world->is_open);
}

/* Use another server for the rest of the test. */
static inline void serve(const struct fetch_identity *with, const struct fetch_identity *chain)
{
    SSL_CTX_free(extra_server);
    extra_server = fetch_pki_server(with, chain);
    fetch_world_use_tls(world, extra_server);
    lcm_fetch_close(&fetch);
    world->request_count = 0;
    world->answer_next = world->answer_count;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
