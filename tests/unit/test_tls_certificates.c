// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: TLS opens to exactly the hosts the trust sector vouches for, with and without a clock, and
 * in untrusted mode to any host, but only when asked for. Method: an OpenSSL server in the same
 * process, certificate chains made on the spot (tests/lib/fetch_tls.h).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/fetch.h"
#include "tests/lib/fetch_tls.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
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
    };

    return cmocka_run_group_tests(tests, make_all, free_all);
}
