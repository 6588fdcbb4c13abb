// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: keys are loaded, saved, used and refused as host/keys.h says.
 * Method: key files made by the openssl command line (plain, encrypted, compressed point,
 * other curve, RSA); files written and read back; a signature spoiled in every part.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "host/keys.h"
#include "tests/lib/trust_fixture.h"

#define VECTORS "tests/vectors/"
#define APP_1 "b6adb897cac88f412f54e7b7e39e912f74375ad5b93db25e142778872f3fc4a1"

static struct trust_fixture fixture;
static char scratch[] = "/tmp/lcm-keys-XXXXXX";

static int keys_setup(void **state)
{
    (void)state;
    fixture_open(&fixture);
    return mkdtemp(scratch) == NULL ? -1 : 0;
}

static int keys_teardown(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return rmdir(scratch); /* fails when a test left a file */
}

static void assert_key(const uint8_t point[LCM_KEY_SIZE], const char *fingerprint)
{
    char text[LCM_FINGERPRINT_TEXT_SIZE];

    lcm_keys_fingerprint(point, text);
    assert_string_equal(text, fingerprint);
}

static void vector_key(const char *name, uint8_t point[LCM_KEY_SIZE])
{
    char path[128];

    snprintf(path, sizeof(path), VECTORS "%s", name);
    assert_int_equal(lcm_keys_load_public(point, path, NULL, NULL), LCM_OK);
}

static int ask_password(void *context, const char *path, char *buffer, size_t size)
{
    const char *password = context;

    assert_non_null(path);
    if (password == NULL)
        return -1;
    assert_true(strlen(password) <= size);
    memcpy(buffer, password, strlen(password));
    return (int)strlen(password);
}

static enum lcm_err load_with(const char *name, const char *password, struct lcm_failure *failure)
{
    char path[128];
    char copy[32] = "";
    struct lcm_keys_password ask = {NULL, ask_password};
    struct lcm_key *key = NULL;

    snprintf(path, sizeof(path), VECTORS "%s", name);
    if (password != NULL) {
        snprintf(copy, sizeof(copy), "%s", password);
        ask.context = copy;
    }
    enum lcm_err err = lcm_keys_load(&key, path, &ask, failure);
    if (err == LCM_OK) {
        uint8_t point[LCM_KEY_SIZE];
        lcm_keys_public(key, point);
        assert_key(point, APP_1);
        lcm_keys_close(key);
    } else {
        assert_null(key);
    }
    return err;
}

static void test_foreign_key_files(void **state)
{
    struct lcm_failure failure;
    uint8_t point[LCM_KEY_SIZE];

    (void)state;
    assert_int_equal(load_with("manifest-app-1.pem", NULL, NULL), LCM_OK);
    assert_int_equal(load_with("trust-key-compressed.pem", NULL, NULL), LCM_OK);
    assert_int_equal(load_with("trust-key-encrypted.pem", "secret", NULL), LCM_OK);
    assert_int_equal(load_with("trust-key-encrypted.pem", "Secret", &failure), LCM_ERR_CORRUPT);
    assert_non_null(strstr(failure.text, "wrong password"));
    assert_null(strstr(failure.text, "Secret"));
    assert_int_equal(load_with("trust-key-encrypted.pem", NULL, &failure), LCM_ERR_ABORTED);
    assert_int_equal(load_with("trust-key-p384.pem", NULL, &failure), LCM_ERR_ARGUMENT);
    assert_non_null(strstr(failure.text, "secp384r1"));
    assert_int_equal(load_with("trust-key-rsa.pem", NULL, &failure), LCM_ERR_ARGUMENT);
    assert_non_null(strstr(failure.text, "RSA"));
    assert_int_equal(load_with("trust-key-public.pem", NULL, &failure), LCM_ERR_FORMAT);
    assert_int_equal(load_with("trust-1.sector", NULL, &failure), LCM_ERR_FORMAT);
    assert_int_equal(load_with("no-such-file", NULL, &failure), LCM_ERR_NOT_FOUND);
    vector_key("trust-key-public.pem", point);
    assert_key(point, APP_1);
    vector_key("trust-key-compressed.pem", point);
    assert_key(point, APP_1);
    assert_int_equal(lcm_keys_load_public(point, VECTORS "trust-key-p384.pem", NULL, &failure),
                     LCM_ERR_ARGUMENT);
    assert_int_equal(lcm_keys_load_public(point, VECTORS "trust-key-encrypted.pem", NULL, NULL),
                     LCM_ERR_ABORTED);
}

static bool file_contains(const char *path, const char *text)
{
    char content[4096] = "";
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    size_t size = fread(content, 1, sizeof(content) - 1, file);
    content[size] = '\0';
    fclose(file);
    return strstr(content, text) != NULL;
}

static void test_save_and_load(void **state)
{
    static char password[] = "correct horse";
    struct lcm_keys_password ask = {password, ask_password};
    struct lcm_key *key = NULL;
    struct lcm_failure failure;
    uint8_t point[LCM_KEY_SIZE];
    struct stat status;
    char path[64];

    (void)state;
    snprintf(path, sizeof(path), "%s/key.pem", scratch);
    for (int encrypted = 0; encrypted < 2; encrypted++) {
        assert_int_equal(
            lcm_keys_save(fixture.key[FIXTURE_APP], path, encrypted ? password : NULL, &failure),
            LCM_OK);
        assert_int_equal(stat(path, &status), 0);
        assert_int_equal(status.st_mode & 0777, 0600);
        assert_true(
            file_contains(path, encrypted ? "BEGIN ENCRYPTED PRIVATE KEY" : "BEGIN PRIVATE KEY"));
        assert_int_equal(lcm_keys_save(fixture.key[FIXTURE_APP_2], path, NULL, &failure),
                         LCM_ERR_ARGUMENT); /* never overwrites */
        assert_int_equal(lcm_keys_load(&key, path, &ask, &failure), LCM_OK);
        lcm_keys_public(key, point);
        assert_memory_equal(point, fixture.point[FIXTURE_APP], LCM_KEY_SIZE);
        lcm_keys_close(key);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(lcm_keys_save(fixture.key[FIXTURE_APP], path, "", &failure), LCM_ERR_ARGUMENT);
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(lcm_keys_save_public(fixture.point[FIXTURE_APP], path, &failure), LCM_OK);
    assert_int_equal(lcm_keys_load_public(point, path, NULL, &failure), LCM_OK);
    assert_memory_equal(point, fixture.point[FIXTURE_APP], LCM_KEY_SIZE);
    assert_int_equal(unlink(path), 0);
    memset(point + 1, 1, LCM_KEY_SIZE - 1);
    assert_int_equal(lcm_keys_save_public(point, path, &failure), LCM_ERR_ARGUMENT);
    assert_int_equal(lcm_keys_save(fixture.key[FIXTURE_APP], "/nowhere/key", NULL, &failure),
                     LCM_ERR_NOT_FOUND);
}

/* What the publishing side asks before it hands a file out. */
static void test_public_verify_refuses(void **state)
{
    uint8_t hash[LCM_SHA256_SIZE] = {1};
    uint8_t signature[LCM_SIGNATURE_SIZE_MAX];
    uint8_t point[LCM_KEY_SIZE];
    size_t size = 0;

    (void)state;
    assert_int_equal(lcm_keys_sign(fixture.key[FIXTURE_APP], hash, signature, &size, NULL), LCM_OK);
    memcpy(point, fixture.point[FIXTURE_APP], sizeof(point));
    assert_int_equal(lcm_keys_verify(point, hash, signature, size), LCM_OK);
    assert_int_equal(lcm_keys_verify(point, hash, signature, size - 1), LCM_ERR_SIGNATURE);
    assert_int_equal(lcm_keys_verify(point, hash, signature, 0), LCM_ERR_SIGNATURE);
    point[0] = 0x06;
    assert_int_equal(lcm_keys_verify(point, hash, signature, size), LCM_ERR_SIGNATURE);
    point[0] = 0x04;
    point[64] ^= 1; /* not on the curve */
    assert_int_equal(lcm_keys_verify(point, hash, signature, size), LCM_ERR_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_foreign_key_files),
        cmocka_unit_test(test_save_and_load),
        cmocka_unit_test(test_public_verify_refuses),
    };
    return cmocka_run_group_tests(tests, keys_setup, keys_teardown);
}
