// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: authorities and certificates of host/pki have the keys, signatures, names and
 * dates that were asked for, survive a round through files, and bad requests are refused.
 * Method: make them, then read the PEM texts back with OpenSSL's X.509 functions and
 * its chain verification.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "host/pki.h"

static X509 *certificate_read(const struct pki_identity *identity)
{
    char *pem;
    assert_int_equal(pki_certificates_pem(&identity, 1, &pem), LCM_OK);
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    assert_non_null(certificate);
    BIO_free(bio);
    free(pem);
    return certificate;
}

static struct pki_identity *leaf_make(const struct pki_identity *issuer, const char *name,
                                      struct pki_dates dates)
{
    const char *const names[] = {name};
    const struct pki_leaf request = {PKI_P256, names, 1, dates};
    struct pki_identity *leaf;

    assert_int_equal(pki_issue_leaf(issuer, &request, &leaf), LCM_OK);
    return leaf;
}

/* X509_V_OK or the reason OpenSSL gives. */
static int chain_verify(const struct pki_identity *root, const struct pki_identity *intermediate,
                        const struct pki_identity *leaf)
{
    X509 *anchor = certificate_read(root), *middle = certificate_read(intermediate);
    X509 *end = certificate_read(leaf);
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    STACK_OF(X509) *others = sk_X509_new_null();

    sk_X509_push(others, middle);
    X509_STORE_add_cert(store, anchor);
    X509_STORE_CTX_init(context, store, end, others);
    X509_STORE_CTX_set_purpose(context, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
    X509_verify_cert(context);
    int result = X509_STORE_CTX_get_error(context);
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    sk_X509_free(others);
    X509_free(anchor);
    X509_free(middle);
    X509_free(end);
    return result;
}

static void test_a_chain_like_that_of_github(void **state)
{
    struct pki_identity *root, *intermediate;
    (void)state;

    assert_int_equal(pki_make_root(PKI_P384, "Test", "Root", &root), LCM_OK);
    assert_int_equal(pki_issue_intermediate(root, PKI_P256, "Intermediate", &intermediate), LCM_OK);
    struct pki_identity *leaf = leaf_make(intermediate, "github.com", (struct pki_dates){0, 0});
    assert_int_equal(chain_verify(root, intermediate, leaf), X509_V_OK);
    X509 *certificate = certificate_read(intermediate);
    assert_int_equal(X509_get_signature_nid(certificate), NID_ecdsa_with_SHA384);
    X509_free(certificate);
    certificate = certificate_read(leaf);
    assert_int_equal(X509_get_signature_nid(certificate), NID_ecdsa_with_SHA256);
    assert_int_equal(X509_check_ca(certificate), 0);
    assert_int_equal(X509_get_extension_flags(certificate) & EXFLAG_CA, 0);
    assert_int_equal(X509_check_host(certificate, "github.com", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(certificate, "example.com", 0, 0, NULL), 0);
    int days, seconds;
    assert_int_equal(ASN1_TIME_diff(&days, &seconds, X509_get0_notBefore(certificate),
                                    X509_get0_notAfter(certificate)),
                     1);
    assert_int_equal(days, PKI_LEAF_DAYS);
    time_t before = time(NULL) - 3500;
    assert_int_equal(X509_cmp_time(X509_get0_notBefore(certificate), &before), -1);
    X509_free(certificate);
    pki_free(leaf);
    pki_free(intermediate);
    pki_free(root);
}

static void test_a_leaf_cannot_sign_and_an_intermediate_only_leaves(void **state)
{
    struct pki_identity *root, *intermediate, *below;
    (void)state;

    assert_int_equal(pki_make_root(PKI_P256, "Test", "Root", &root), LCM_OK);
    assert_int_equal(pki_issue_intermediate(root, PKI_P256, "One", &intermediate), LCM_OK);
    struct pki_identity *leaf = leaf_make(root, "a.example", (struct pki_dates){0, 0});
    struct pki_identity *under_leaf = leaf_make(leaf, "b.example", (struct pki_dates){0, 0});
    assert_int_not_equal(chain_verify(root, leaf, under_leaf), X509_V_OK);
    assert_int_equal(pki_issue_intermediate(intermediate, PKI_P256, "Two", &below), LCM_OK);
    assert_true(pki_is_issued_by(below, intermediate));
    assert_false(pki_is_issued_by(below, root));
    pki_free(below);
    pki_free(under_leaf);
    pki_free(leaf);
    pki_free(intermediate);
    pki_free(root);
}

static void test_dates_and_validity(void **state)
{
    struct pki_identity *root;
    (void)state;

    assert_int_equal(pki_make_root(PKI_P256, "Test", "Root", &root), LCM_OK);
    struct pki_identity *good = leaf_make(root, "a.example", (struct pki_dates){-10, PKI_DAY});
    struct pki_identity *old = leaf_make(root, "a.example", (struct pki_dates){-PKI_DAY, -10});
    struct pki_identity *later = leaf_make(root, "a.example", (struct pki_dates){100, PKI_DAY});
    struct pki_identity *address = leaf_make(root, "127.0.0.1", (struct pki_dates){0, 0});
    assert_true(pki_is_valid_for(good, "a.example", 0));
    assert_true(pki_is_valid_for(good, "A.EXAMPLE", PKI_DAY / 2));
    assert_false(pki_is_valid_for(good, "a.example", 2 * PKI_DAY));
    assert_false(pki_is_valid_for(good, "b.example", 0));
    assert_false(pki_is_valid_for(old, "a.example", 0));
    assert_false(pki_is_valid_for(later, "a.example", 0));
    assert_true(pki_is_valid_for(address, "127.0.0.1", 0));
    assert_false(pki_is_valid_for(address, "127.0.0.2", 0));
    pki_free(address);
    pki_free(later);
    pki_free(old);
    pki_free(good);
    pki_free(root);
}

static void test_files_and_their_errors(void **state)
{
    char folder[] = "/tmp/lcm-pki-XXXXXX", certificate[64], key[64], other_key[64];
    struct pki_identity *root, *other, *loaded = NULL;
    struct stat status;
    (void)state;

    assert_non_null(mkdtemp(folder));
    snprintf(certificate, sizeof(certificate), "%s/root.pem", folder);
    snprintf(key, sizeof(key), "%s/root.key", folder);
    snprintf(other_key, sizeof(other_key), "%s/other.key", folder);
    assert_int_equal(pki_make_root(PKI_RSA2048, "Test", "Root", &root), LCM_OK);
    assert_int_equal(pki_make_root(PKI_P256, "Test", "Other", &other), LCM_OK);
    assert_int_equal(pki_write_certificate(root, certificate), LCM_OK);
    assert_int_equal(pki_load(certificate, key, &loaded), LCM_ERR_NOT_FOUND);
    assert_int_equal(pki_write_key(root, key), LCM_OK);
    assert_int_equal(pki_write_key(root, key), LCM_OK); /* replaces */
    assert_int_equal(pki_write_key(other, other_key), LCM_OK);
    assert_int_equal(stat(key, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    assert_int_equal(pki_load(certificate, other_key, &loaded), LCM_ERR_CORRUPT);
    assert_int_equal(pki_load(key, certificate, &loaded), LCM_ERR_FORMAT);
    assert_null(loaded);
    assert_int_equal(pki_load(certificate, key, &loaded), LCM_OK);
    struct pki_identity *leaf = leaf_make(loaded, "a.example", (struct pki_dates){0, 0});
    assert_true(pki_is_issued_by(leaf, root));
    assert_int_equal(pki_write_key(root, "/nonexistent/key"), LCM_ERR_NO_SPACE);
    pki_free(leaf);
    pki_free(loaded);
    pki_free(other);
    pki_free(root);
    unlink(certificate);
    unlink(key);
    unlink(other_key);
    assert_int_equal(rmdir(folder), 0); /* nothing else was left */
}

static void test_bad_requests_are_refused(void **state)
{
    const char *names[PKI_NAMES_MAX + 1] = {"a,DNS:b", "", "a b"};
    char long_name[100];
    struct pki_identity *root, *leaf = NULL;
    (void)state;

    memset(long_name, 'a', sizeof(long_name));
    long_name[99] = '\0';
    assert_int_equal(pki_make_root(PKI_P256, "Test", "", &root), LCM_ERR_ARGUMENT);
    assert_int_equal(pki_make_root(PKI_P256, "Test", long_name, &root), LCM_ERR_ARGUMENT);
    assert_int_equal(pki_make_root(PKI_P256, "Test", "Root", &root), LCM_OK);
    for (size_t i = 0; i < 3; i++) {
        const struct pki_leaf request = {PKI_P256, &names[i], 1, {0, 0}};
        assert_int_equal(pki_issue_leaf(root, &request, &leaf), LCM_ERR_ARGUMENT);
    }
    const struct pki_leaf none = {PKI_P256, names, 0, {0, 0}};
    assert_int_equal(pki_issue_leaf(root, &none, &leaf), LCM_ERR_ARGUMENT);
    for (size_t i = 0; i <= PKI_NAMES_MAX; i++)
        names[i] = "a.example";
    const struct pki_leaf most = {PKI_P256, names, PKI_NAMES_MAX, {0, 0}};
    const struct pki_leaf many = {PKI_P256, names, PKI_NAMES_MAX + 1, {0, 0}};
    assert_int_equal(pki_issue_leaf(root, &many, &leaf), LCM_ERR_ARGUMENT);
    assert_null(leaf);
    assert_int_equal(pki_issue_leaf(root, &most, &leaf), LCM_OK);
    pki_free(leaf);
    pki_free(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_chain_like_that_of_github),
        cmocka_unit_test(test_a_leaf_cannot_sign_and_an_intermediate_only_leaves),
        cmocka_unit_test(test_dates_and_validity),
        cmocka_unit_test(test_files_and_their_errors),
        cmocka_unit_test(test_bad_requests_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
