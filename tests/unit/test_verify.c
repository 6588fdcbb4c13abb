// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: lcm_verify_finish says VALID for exactly the signatures that are, and the
 * domain keeps kinds of files apart.
 * Method: the P-256/SHA-256 vectors of RFC 6979 A.2.5; every bit of signature, key and
 * hash flipped; degenerate and non-canonical DER; OpenSSL asked about the same inputs.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/text.h"
#include "core/trust/verify.h"
#include "host/keys.h"

#define RFC_KEY \
    "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6" \
    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"
#define RFC_R_SAMPLE "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
#define RFC_S_SAMPLE "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
#define RFC_R_TEST "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367"
#define RFC_S_TEST "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083"
#define RFC_SIGNATURE_SAMPLE "3046022100" RFC_R_SAMPLE "022100" RFC_S_SAMPLE
#define ORDER "FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551"
#define ROUNDS 20

static uint8_t rfc_key[LCM_KEY_SIZE];
static uint8_t rfc_signature[LCM_SIGNATURE_SIZE_MAX];

static int rfc_setup(void **state)
{
    (void)state;
    assert_int_equal(lcm_text_parse_hex(RFC_KEY, rfc_key, LCM_KEY_SIZE), LCM_OK);
    assert_int_equal(lcm_text_parse_hex(RFC_SIGNATURE_SAMPLE, rfc_signature, sizeof(rfc_signature)),
                     LCM_OK);
    return 0;
}

static enum lcm_verdict verify_message(const char *message, const uint8_t *key,
                                       const uint8_t *signature, size_t size)
{
    br_sha256_context hash;

    br_sha256_init(&hash);
    br_sha256_update(&hash, message, strlen(message));
    return lcm_verify_finish(&hash, key, signature, size);
}

/* Verify a DER signature written in hex by the RFC's key over "sample". */
static enum lcm_verdict verify_hex(const char *hex)
{
    uint8_t signature[128];
    size_t size = strlen(hex) / 2;

    assert_int_equal(lcm_text_parse_hex(hex, signature, size), LCM_OK);
    return verify_message("sample", rfc_key, signature, size);
}

static void test_rfc6979_vectors(void **state)
{
    (void)state;
    assert_int_equal(verify_hex(RFC_SIGNATURE_SAMPLE), LCM_VERDICT_VALID);
    assert_int_equal(verify_message("test", rfc_key, rfc_signature, 72), LCM_VERDICT_INVALID);

    uint8_t signature[128];
    const char *hex = "3045022100" RFC_R_TEST "0220" RFC_S_TEST;
    assert_int_equal(lcm_text_parse_hex(hex, signature, strlen(hex) / 2), LCM_OK);
    assert_int_equal(verify_message("test", rfc_key, signature, strlen(hex) / 2),
                     LCM_VERDICT_VALID);
}

static void test_every_signature_bit_counts(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < sizeof(rfc_signature) * 8; bit++) {
        uint8_t copy[LCM_SIGNATURE_SIZE_MAX];
        memcpy(copy, rfc_signature, sizeof(copy));
        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_int_equal(verify_message("sample", rfc_key, copy, sizeof(copy)),
                         LCM_VERDICT_INVALID);
    }
}

static void test_every_key_bit_counts(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < sizeof(rfc_key) * 8; bit++) {
        uint8_t copy[LCM_KEY_SIZE];
        memcpy(copy, rfc_key, sizeof(copy));
        copy[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        assert_int_equal(verify_message("sample", copy, rfc_signature, sizeof(rfc_signature)),
                         LCM_VERDICT_INVALID);
    }
}

static void test_wrong_point_forms(void **state)
{
    static const uint8_t forms[] = {0x00, 0x02, 0x03, 0x05, 0x06, 0x07};
    uint8_t copy[LCM_KEY_SIZE];

    (void)state;
    memcpy(copy, rfc_key, sizeof(copy));
    for (size_t i = 0; i < sizeof(forms); i++) {
        copy[0] = forms[i];
        assert_int_equal(verify_message("sample", copy, rfc_signature, sizeof(rfc_signature)),
                         LCM_VERDICT_INVALID);
    }
    memset(copy, 0, sizeof(copy));
    assert_int_equal(verify_message("sample", copy, rfc_signature, sizeof(rfc_signature)),
                     LCM_VERDICT_INVALID);
    copy[0] = 0x04;
    assert_int_equal(verify_message("sample", copy, rfc_signature, sizeof(rfc_signature)),
                     LCM_VERDICT_INVALID);
}

static void test_truncated_and_extended(void **state)
{
    uint8_t longer[LCM_SIGNATURE_SIZE_MAX + 1] = {0};

    (void)state;
    memcpy(longer, rfc_signature, sizeof(rfc_signature));
    for (size_t size = 0; size < sizeof(rfc_signature); size++)
        assert_int_equal(verify_message("sample", rfc_key, longer, size), LCM_VERDICT_INVALID);
    assert_int_equal(verify_message("sample", rfc_key, longer, sizeof(longer)),
                     LCM_VERDICT_INVALID);
}

/* r or s zero, equal to the group order, or above it, or negative. */
static void test_degenerate_scalars(void **state)
{
    (void)state;
    assert_int_equal(verify_hex("3006020100020100"), LCM_VERDICT_INVALID);
    assert_int_equal(verify_hex("3006020101020101"), LCM_VERDICT_INVALID);
    assert_int_equal(verify_hex("3026020100022100" RFC_S_SAMPLE), LCM_VERDICT_INVALID);
    assert_int_equal(verify_hex("3026022100" RFC_R_SAMPLE "020100"), LCM_VERDICT_INVALID);
    assert_int_equal(verify_hex("3046022100" ORDER "022100" RFC_S_SAMPLE), LCM_VERDICT_INVALID);
    assert_int_equal(verify_hex("3046022100" RFC_R_SAMPLE "022100" ORDER), LCM_VERDICT_INVALID);
    uint8_t zeros[LCM_SIGNATURE_SIZE_MAX] = {0};
    assert_int_equal(verify_message("sample", rfc_key, zeros, sizeof(zeros)), LCM_VERDICT_INVALID);
}

/* The same numbers in other spellings: one signature has one form. */
static void test_non_canonical_der(void **state)
{
    (void)state;
    assert_int_equal(verify_hex("3044"
                                "0220" RFC_R_SAMPLE "0220" RFC_S_SAMPLE),
                     LCM_VERDICT_INVALID); /* negative */
    assert_int_equal(verify_hex("308146"
                                "022100" RFC_R_SAMPLE "022100" RFC_S_SAMPLE),
                     LCM_VERDICT_INVALID); /* long length */
    assert_int_equal(verify_hex("3047"
                                "02220000" RFC_R_SAMPLE "022100" RFC_S_SAMPLE),
                     LCM_VERDICT_INVALID); /* two leading zeros */
    assert_int_equal(verify_hex("3045"
                                "022100" RFC_R_SAMPLE "022100" RFC_S_SAMPLE),
                     LCM_VERDICT_INVALID); /* wrong outer length */
    assert_int_equal(verify_hex("3048"
                                "022100" RFC_R_SAMPLE "022100" RFC_S_SAMPLE "0500"),
                     LCM_VERDICT_INVALID); /* something behind s */
    assert_int_equal(verify_hex("3146"
                                "022100" RFC_R_SAMPLE "022100" RFC_S_SAMPLE),
                     LCM_VERDICT_INVALID);
    /* the RFC's signature of "test" with a zero that s does not need */
    uint8_t padded[LCM_SIGNATURE_SIZE_MAX];
    assert_int_equal(
        lcm_text_parse_hex("3046022100" RFC_R_TEST "022100" RFC_S_TEST, padded, sizeof(padded)),
        LCM_OK);
    assert_int_equal(verify_message("test", rfc_key, padded, sizeof(padded)), LCM_VERDICT_INVALID);
}

/* Whatever its lengths say, no byte behind a signature is read (the sanitizer build watches). */
static void test_cut_integers(void **state)
{
    static const uint8_t whole[] = {0x30, 6, 0x02, 1, 1, 0x02, 1, 1};

    (void)state;
    for (size_t size = 2; size <= sizeof(whole); size++) {
        uint8_t *copy = malloc(size);
        memcpy(copy, whole, size);
        copy[1] = (uint8_t)(size - 2);
        assert_int_equal(verify_message("sample", rfc_key, copy, size), LCM_VERDICT_INVALID);
        free(copy);
    }
}

static void domain_hash(const char *domain, const char *message, uint8_t hash[LCM_SHA256_SIZE])
{
    br_sha256_context context;

    lcm_verify_begin(&context, domain);
    br_sha256_update(&context, message, strlen(message));
    br_sha256_out(&context, hash);
}

static void test_domains_keep_files_apart(void **state)
{
    static const char *const domains[] = {LCM_DOMAIN_TRUST_SECTOR, LCM_DOMAIN_TRUST_POINTER,
                                          LCM_DOMAIN_MANIFEST, LCM_DOMAIN_HANDOVER};
    uint8_t hash[LCM_SHA256_SIZE];
    uint8_t signature[LCM_SIGNATURE_SIZE_MAX];
    uint8_t point[LCM_KEY_SIZE];
    size_t size = 0;
    struct lcm_key *key = NULL;

    (void)state;
    assert_int_equal(lcm_keys_generate(&key, NULL), LCM_OK);
    lcm_keys_public(key, point);
    for (size_t signer = 0; signer < 4; signer++) {
        domain_hash(domains[signer], "message", hash);
        assert_int_equal(lcm_keys_sign(key, hash, signature, &size, NULL), LCM_OK);
        for (size_t reader = 0; reader < 4; reader++) {
            br_sha256_context context;
            lcm_verify_begin(&context, domains[reader]);
            br_sha256_update(&context, "message", 7);
            assert_int_equal(lcm_verify_finish(&context, point, signature, size),
                             reader == signer ? LCM_VERDICT_VALID : LCM_VERDICT_INVALID);
        }
    }
    lcm_keys_close(key);
}

/* The NUL belongs to the domain: SHA-256("LCM manifest 1" 00 "x"), by OpenSSL's command line. */
static void test_domain_ends_in_nul(void **state)
{
    uint8_t hash[LCM_SHA256_SIZE];
    uint8_t expected[LCM_SHA256_SIZE];

    (void)state;
    domain_hash(LCM_DOMAIN_MANIFEST, "x", hash);
    assert_int_equal(
        lcm_text_parse_hex("475f5125b0d412b371cc729e2cc87d2c387e2905188a6e8196c84da942ecbd06",
                           expected, sizeof(expected)),
        LCM_OK);
    assert_memory_equal(hash, expected, sizeof(hash));
}

static void test_two_libraries_agree(void **state)
{
    uint8_t hash[LCM_SHA256_SIZE];
    uint8_t signature[LCM_SIGNATURE_SIZE_MAX];
    uint8_t point[LCM_KEY_SIZE];
    size_t size = 0;

    (void)state;
    for (int round = 0; round < ROUNDS; round++) {
        struct lcm_key *key = NULL;
        br_sha256_context context;
        assert_int_equal(lcm_keys_generate(&key, NULL), LCM_OK);
        lcm_keys_public(key, point);
        domain_hash(LCM_DOMAIN_MANIFEST, "message", hash);
        assert_int_equal(lcm_keys_sign(key, hash, signature, &size, NULL), LCM_OK);
        assert_int_equal(lcm_keys_verify(point, hash, signature, size), LCM_OK);
        lcm_verify_begin(&context, LCM_DOMAIN_MANIFEST);
        br_sha256_update(&context, "message", 7);
        assert_int_equal(lcm_verify_finish(&context, point, signature, size), LCM_VERDICT_VALID);
        hash[round] ^= 1;
        assert_int_equal(lcm_keys_verify(point, hash, signature, size), LCM_ERR_SIGNATURE);
        lcm_keys_close(key);
    }
}

static void test_fingerprint(void **state)
{
    uint8_t fingerprint[LCM_FINGERPRINT_SIZE];
    uint8_t expected[LCM_FINGERPRINT_SIZE];
    char text[LCM_FINGERPRINT_TEXT_SIZE];
    const char *hex = "b18b86ce1389e46de87aa4a5131ce83c1160fa33c087ab15b863574d31d8ff3c";

    (void)state;
    lcm_key_fingerprint(rfc_key, fingerprint);
    assert_int_equal(lcm_text_parse_hex(hex, expected, sizeof(expected)), LCM_OK);
    assert_memory_equal(fingerprint, expected, sizeof(expected));
    lcm_keys_fingerprint(rfc_key, text);
    assert_string_equal(text, hex);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc6979_vectors),
        cmocka_unit_test(test_every_signature_bit_counts),
        cmocka_unit_test(test_every_key_bit_counts),
        cmocka_unit_test(test_wrong_point_forms),
        cmocka_unit_test(test_truncated_and_extended),
        cmocka_unit_test(test_degenerate_scalars),
        cmocka_unit_test(test_non_canonical_der),
        cmocka_unit_test(test_cut_integers),
        cmocka_unit_test(test_domains_keep_files_apart),
        cmocka_unit_test(test_domain_ends_in_nul),
        cmocka_unit_test(test_two_libraries_agree),
        cmocka_unit_test(test_fingerprint),
    };
    return cmocka_run_group_tests(tests, rfc_setup, NULL);
}
