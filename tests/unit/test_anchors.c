// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: anchors of a trust sector reach BearSSL unchanged, in place, and only as CA anchors.
 * Method: sectors built from real certificates; every field compared with OpenSSL's view.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/anchors.h"
#include "tests/lib/fetch_pki.h"

static uint8_t sector[LCM_TRUST_SIZE];
static br_x509_trust_anchor anchors[LCM_ANCHORS_MAX];

static struct fetch_identity make(enum fetch_key_kind kind, const char *name)
{
    struct fetch_identity_wish wish = {.kind = kind, .name = name};

    return fetch_pki_make(&wish, NULL);
}

static void assert_in_sector(const unsigned char *at, size_t size)
{
    assert_true(at >= sector && at + size <= sector + sizeof sector);
}

static void assert_name(const br_x509_trust_anchor *anchor, const struct fetch_identity *identity)
{
    unsigned char *name = NULL;
    int size = i2d_X509_NAME(X509_get_subject_name(identity->certificate), &name);

    assert_int_equal(anchor->flags, BR_X509_TA_CA);
    assert_int_equal(anchor->dn.len, size);
    assert_memory_equal(anchor->dn.data, name, (size_t)size);
    assert_in_sector(anchor->dn.data, anchor->dn.len);
    OPENSSL_free(name);
}

static void assert_point(const br_x509_trust_anchor *anchor, int curve, size_t size)
{
    assert_int_equal(anchor->pkey.key_type, BR_KEYTYPE_EC);
    assert_int_equal(anchor->pkey.key.ec.curve, curve);
    assert_int_equal(anchor->pkey.key.ec.qlen, size);
    assert_int_equal(anchor->pkey.key.ec.q[0], 4);
    assert_in_sector(anchor->pkey.key.ec.q, size);
}

static void every_kind(void **state)
{
    const uint8_t exponent[] = {1, 0, 1};
    struct fetch_identity p256 = make(FETCH_KEY_P256, "one");
    struct fetch_identity p384 = make(FETCH_KEY_P384, "two");
    struct fetch_identity rsa = make(FETCH_KEY_RSA_2048, "three");
    const struct fetch_identity *const all[] = {&p256, &p384, &rsa};
    size_t count = 0;

    (void)state;
    fetch_pki_sector(sector, all, 3);
    assert_int_equal(lcm_anchors_load(anchors, &count, sector), LCM_OK);
    assert_int_equal(count, 3);
    for (size_t i = 0; i < 3; i++)
        assert_name(&anchors[i], all[i]);
    assert_point(&anchors[0], BR_EC_secp256r1, 65);
    assert_point(&anchors[1], BR_EC_secp384r1, 97);
    assert_int_equal(anchors[2].pkey.key_type, BR_KEYTYPE_RSA);
    assert_int_equal(anchors[2].pkey.key.rsa.nlen, 256);
    assert_in_sector(anchors[2].pkey.key.rsa.n, 256);
    assert_int_equal(anchors[2].pkey.key.rsa.elen, 3);
    assert_memory_equal(anchors[2].pkey.key.rsa.e, exponent, 3);
    fetch_pki_free(&p256);
    fetch_pki_free(&p384);
    fetch_pki_free(&rsa);
}

static void as_many_as_fit(void **state)
{
    struct fetch_identity one = make(FETCH_KEY_P384, "one");
    const struct fetch_identity *all[LCM_ANCHORS_MAX];
    size_t count = 0;

    (void)state;
    for (size_t i = 0; i < LCM_ANCHORS_MAX; i++)
        all[i] = &one;
    fetch_pki_sector(sector, all, LCM_ANCHORS_MAX);
    assert_int_equal(lcm_anchors_load(anchors, &count, sector), LCM_OK);
    assert_int_equal(count, LCM_ANCHORS_MAX);
    fetch_pki_free(&one);
}

static void none(void **state)
{
    size_t count = 7;

    (void)state;
    fetch_pki_sector(sector, NULL, 0);
    assert_int_equal(lcm_anchors_load(anchors, &count, sector), LCM_ERR_NO_TRUST);
    assert_int_equal(count, 0);
    memset(sector, 0xFF, sizeof sector);
    assert_int_not_equal(lcm_anchors_load(anchors, &count, sector), LCM_OK);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind),
        cmocka_unit_test(as_many_as_fit),
        cmocka_unit_test(none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
