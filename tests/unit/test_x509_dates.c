// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the wrapper finds each certificate's notBefore whatever the pieces, sets it in time, and a
 * certificate it cannot read is refused, never waved through.
 * Method: real certificates from OpenSSL fed to the class in every piece size; hand-made dates fed
 * to the walker; every single byte of a certificate changed once (expected: never "trusted").
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/fetch/anchors.h"
#include "core/fetch/x509_dates.h"
#include "tests/lib/fetch_pki.h"

#define HOST "github.com"

static struct fetch_identity root;
static struct fetch_identity leaf;
static uint8_t sector[LCM_TRUST_SIZE];
static br_x509_trust_anchor anchors[LCM_ANCHORS_MAX];
static size_t anchor_count;
static uint8_t der[2048];
static size_t der_size;

static void encode(const X509 *certificate)
{
    unsigned char *at = der;
    int size = i2d_X509(certificate, &at);

    assert_true(size > 0 && (size_t)size <= sizeof der);
    der_size = (size_t)size;
}

static int make_all(void **state)
{
    struct fetch_identity_wish wish = {.kind = FETCH_KEY_P256, .name = "Root"};
    const struct fetch_identity *const list[] = {&root};

    (void)state;
    root = fetch_pki_make(&wish, NULL);
    wish.name = wish.host = HOST;
    leaf = fetch_pki_make(&wish, &root);
    fetch_pki_sector(sector, list, 1);
    assert_int_equal(lcm_anchors_load(anchors, &anchor_count, sector), LCM_OK);
    encode(leaf.certificate);
    return 0;
}

static int free_all(void **state)
{
    (void)state;
    fetch_pki_free(&root);
    fetch_pki_free(&leaf);
    return 0;
}

static const br_x509_pkey *last_key;

/* The class's verdict on a chain of one certificate in pieces of this size. */
static unsigned run(struct lcm_x509 *x509, const char *host, size_t step)
{
    const br_x509_class **vtable = &x509->vtable;
    unsigned err;

    x509->vtable->start_chain(vtable, host);
    x509->vtable->start_cert(vtable, (uint32_t)der_size);
    for (size_t at = 0; at < der_size; at += step)
        x509->vtable->append(vtable, der + at, step < der_size - at ? step : der_size - at);
    x509->vtable->end_cert(vtable);
    err = x509->vtable->end_chain(vtable);
    last_key = x509->vtable->get_pkey(vtable, NULL);
    return err;
}

static unsigned verify_at(uint64_t unix_seconds, const char *host, size_t step)
{
    static struct lcm_x509 x509;

    lcm_x509_init_verify(&x509, &lcm_crypto_small, anchors, anchor_count, unix_seconds);
    return run(&x509, host, step);
}

static void any_piece_size(void **state)
{
    (void)state;
    for (size_t step = 1; step <= der_size; step += step < 40 ? 1 : 50)
        assert_int_equal(verify_at(0, HOST, step), 0);
    assert_int_equal(verify_at(0, HOST, der_size), 0);
    assert_non_null(last_key);
}

static void dates_are_judged_to_the_second(void **state)
{
    (void)state;
    assert_int_equal(verify_at(FETCH_PKI_NOT_BEFORE, HOST, der_size), 0);
    assert_int_equal(verify_at(FETCH_PKI_NOT_BEFORE - 1, HOST, der_size), BR_ERR_X509_EXPIRED);
    assert_int_equal(verify_at(FETCH_PKI_NOT_AFTER, HOST, der_size), 0);
    assert_int_equal(verify_at(FETCH_PKI_NOT_AFTER + 1, HOST, der_size), BR_ERR_X509_EXPIRED);
    assert_int_equal(verify_at(UINT64_MAX, HOST, der_size), BR_ERR_X509_EXPIRED);
}

static void a_name_is_needed(void **state)
{
    (void)state;
    assert_int_equal(verify_at(0, NULL, der_size), BR_ERR_X509_BAD_SERVER_NAME);
    assert_int_equal(verify_at(0, "", der_size), BR_ERR_X509_BAD_SERVER_NAME);
    assert_int_equal(verify_at(0, "example.org", der_size), BR_ERR_X509_BAD_SERVER_NAME);
}

/* notAfter before notBefore is no certificate, whatever the time. */
static void reversed_dates(void **state)
{
    struct fetch_identity_wish wish = {.kind = FETCH_KEY_P256,
                                       .name = HOST,
                                       .host = HOST,
                                       .not_before = FETCH_PKI_NOT_AFTER,
                                       .not_after = FETCH_PKI_NOT_BEFORE};
    struct fetch_identity reversed = fetch_pki_make(&wish, &root);

    (void)state;
    encode(reversed.certificate);
    assert_int_equal(verify_at(0, HOST, der_size), BR_ERR_X509_EXPIRED);
    encode(leaf.certificate);
    fetch_pki_free(&reversed);
}

/* Change every byte, cut at every byte: never accepted. The signature covers it all. */
static void damaged_certificates(void **state)
{
    size_t whole = der_size;

    (void)state;
    for (size_t i = 0; i < whole; i++) {
        uint8_t good = der[i];

        /* The last bytes are the signature; trying each costs a verification. */
        for (unsigned flip = i < 200 ? 0 : 7; flip < 8; flip++) {
            der[i] = good ^ (uint8_t)(1u << flip);
            if (verify_at(0, HOST, der_size) == 0)
                fail_msg("byte %zu bit %u", i, flip);
        }
        der[i] = good;
    }
    for (der_size = 1; der_size < whole; der_size++)
        assert_int_not_equal(verify_at(0, HOST, der_size), 0);
    der_size = whole;
}

static void untrusted_takes_the_key_only(void **state)
{
    static struct lcm_x509 x509;
    size_t whole = der_size;

    (void)state;
    lcm_x509_init_untrusted(&x509);
    assert_int_equal(run(&x509, "example.org", 7), 0);
    assert_non_null(last_key);
    assert_int_equal(last_key->key_type, BR_KEYTYPE_EC);
    assert_int_equal(last_key->key.ec.qlen, 65);
    der_size = whole / 2;
    assert_int_not_equal(run(&x509, HOST, 7), 0);
    assert_null(last_key);
    der_size = whole;
}

/* A certificate that is whole, and a byte behind it: there is no key either. */
static void untrusted_refuses_extra_bytes(void **state)
{
    static struct lcm_x509 x509;

    (void)state;
    der[der_size++] = 0;
    lcm_x509_init_untrusted(&x509);
    assert_int_equal(run(&x509, HOST, 7), BR_ERR_X509_EXTRA_ELEMENT);
    assert_null(last_key);
    der_size--;
}

/* In untrusted mode the key is the first certificate's, not a later one's. */
static void untrusted_takes_the_first_key(void **state)
{
    static struct lcm_x509 x509;
    const br_x509_class **vtable = &x509.vtable;
    uint8_t point[65];

    (void)state;
    lcm_x509_init_untrusted(&x509);
    assert_int_equal(run(&x509, HOST, der_size), 0);
    memcpy(point, last_key->key.ec.q, sizeof point);
    encode(root.certificate);
    x509.vtable->start_cert(vtable, (uint32_t)der_size);
    x509.vtable->append(vtable, der, der_size);
    x509.vtable->end_cert(vtable);
    assert_int_equal(x509.vtable->end_chain(vtable), 0);
    last_key = x509.vtable->get_pkey(vtable, NULL);
    assert_memory_equal(last_key->key.ec.q, point, sizeof point);
    encode(leaf.certificate);
}

/* A certificate skeleton around one date element. */
static bool walk(const char *date, uint8_t tag, struct lcm_x509_time *time)
{
    uint8_t bytes[64] = {0x30, 0x82, 0x01, 0x00, 0x30, 0x81, 0x90, 0xA0, 0x03, 0x02, 0x01, 0x02,
                         0x02, 0x01, 0x05, 0x30, 0x00, 0x30, 0x02, 0x05, 0x00, 0x30, 0x30};
    struct lcm_not_before walker;
    size_t size = strlen(date);

    bytes[23] = tag;
    bytes[24] = (uint8_t)size;
    memcpy(bytes + 25, date, size);
    lcm_not_before_begin(&walker);
    lcm_not_before_feed(&walker, bytes, 24 + size);
    assert_false(walker.is_found); /* not before its last byte */
    lcm_not_before_feed(&walker, bytes + 24 + size, sizeof bytes - 24 - size);
    *time = walker.time;
    return walker.is_found;
}

/* BearSSL's decoder goes on behind its own end when it is fed after an error: whatever a stranger
 * sends then must not reach it. The first error stays. */
static void untrusted_stops_at_the_first_error(void **state)
{
    static const uint8_t pieces[][4] = {{0x31, 0x03, 0x02, 0x01}, {0x30, 0x82, 0x01, 0x52}};
    struct lcm_x509 x509;

    (void)state;
    lcm_x509_init_untrusted(&x509);
    x509.vtable->start_chain(&x509.vtable, "host.example");
    x509.vtable->start_cert(&x509.vtable, 4096);
    for (uint32_t i = 0; i < 1024; i++) {
        x509.vtable->append(&x509.vtable, pieces[i % 2], sizeof pieces[0]);
        assert_int_equal(x509.engine.decoder.err, BR_ERR_X509_UNEXPECTED);
    }
    x509.vtable->end_cert(&x509.vtable);
    assert_int_equal(x509.vtable->end_chain(&x509.vtable), BR_ERR_X509_UNEXPECTED);
    assert_null(x509.vtable->get_pkey(&x509.vtable, NULL));
}

static void dates(void **state)
{
    const struct {
        const char *text;
        uint8_t tag;
        int64_t unix_seconds; /* -1 = not found */
    } cases[] = {
        {"700101000000Z", 0x17, 0},
        {"231114221320Z", 0x17, 1700000000},
        {"20231114221320Z", 0x18, 1700000000},
        {"000229000000Z", 0x17, 951782400},
        {"000301000000Z", 0x17, 951868800},
        {"491231235959Z", 0x17, 2524607999},
        {"21000301000000Z", 0x18, 4107542400},
        {"20231114221320.5Z", 0x18, 1700000000},
        {"2311142213Z", 0x17, -1},
        {"231314221320Z", 0x17, -1},
        {"230014221320Z", 0x17, -1},
        {"231100221320Z", 0x17, -1},
        {"231132221320Z", 0x17, -1},
        {"231114241320Z", 0x17, -1},
        {"231114226020Z", 0x17, -1},
        {"231114221360Z", 0x17, -1},
        {"2311142213x0Z", 0x17, -1},
        {"231114221320Z", 0x18, -1},
        {"231114221320Z", 0x16, -1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct lcm_x509_time time;
        struct lcm_x509_time wanted = lcm_x509_time_from_unix((uint64_t)cases[i].unix_seconds);

        if (walk(cases[i].text, cases[i].tag, &time) != (cases[i].unix_seconds >= 0))
            fail_msg("%s", cases[i].text);
        if (cases[i].unix_seconds < 0)
            continue;
        assert_int_equal(time.days, wanted.days);
        assert_int_equal(time.seconds, wanted.seconds);
    }
}

/* Two digits from 50 on are of the last century (RFC 5280 section 4.1.2.5.1). */
static void before_the_unix_epoch(void **state)
{
    struct lcm_x509_time time;

    (void)state;
    assert_true(walk("650101000000Z", 0x17, &time));
    assert_int_equal(time.days, 719528 - (5 * 365 + 1));
    assert_true(walk("00000101000000Z", 0x18, &time));
    assert_int_equal(time.days, 0);
}

/* Version 1 certificates carry no version field. */
static void without_version(void **state)
{
    const uint8_t bytes[] = "\x30\x40\x30\x3E\x02\x01\x05\x30\x00\x30\x00\x30\x1E\x17\x0D"
                            "700101000001Z";
    struct lcm_not_before walker;

    (void)state;
    lcm_not_before_begin(&walker);
    lcm_not_before_feed(&walker, bytes, sizeof bytes - 1);
    assert_true(walker.is_found);
    assert_int_equal(walker.time.days, 719528);
    assert_int_equal(walker.time.seconds, 1);
}

static void unix_time(void **state)
{
    struct lcm_x509_time time = lcm_x509_time_from_unix(86399);

    (void)state;
    assert_int_equal(time.days, 719528); /* as bearssl_x509.h says */
    assert_int_equal(time.seconds, 86399);
    time = lcm_x509_time_from_unix(86400);
    assert_int_equal(time.days, 719529);
    assert_int_equal(time.seconds, 0);
    time = lcm_x509_time_from_unix(UINT64_MAX);
    assert_int_equal(time.days, 719528 + UINT32_MAX / 86400);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_piece_size),
        cmocka_unit_test(dates_are_judged_to_the_second),
        cmocka_unit_test(a_name_is_needed),
        cmocka_unit_test(reversed_dates),
        cmocka_unit_test(damaged_certificates),
        cmocka_unit_test(untrusted_takes_the_key_only),
        cmocka_unit_test(untrusted_refuses_extra_bytes),
        cmocka_unit_test(untrusted_takes_the_first_key),
        cmocka_unit_test(untrusted_stops_at_the_first_error),
        cmocka_unit_test(dates),
        cmocka_unit_test(before_the_unix_epoch),
        cmocka_unit_test(without_version),
        cmocka_unit_test(unix_time),
    };

    return cmocka_run_group_tests(tests, make_all, free_all);
}
