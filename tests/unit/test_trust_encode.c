// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the golden files decode to what was put into them, and two independent libraries
 * agree about their signatures; the encoders refuse what no device would take, with a
 * text that says why.
 * Method: the checked-in files of tests/vectors (made once by make_trust_vectors.c), hashes
 * computed by coreutils and Python; then one bad value each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/pem.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

#include "core/base/tlv.h"
#include "tests/lib/trust_fixture.h"

#define VECTORS "tests/vectors/"
#define OWNER_1 "a50e73270c1f028f0622ece86a994f80fde9782c135f6ae5eb856e1894d03255"
#define OWNER_2 "f1e742701b6dcf987a41c1e3447537074e6c9abaddf39d7229496e3319d9914c"
#define RELEASE "aebc0104d05d7ca2d7a85d513aeba495198191e61559cf6a219671819273699e"
#define APP_1 "b6adb897cac88f412f54e7b7e39e912f74375ad5b93db25e142778872f3fc4a1"
#define APP_2 "a902935fc19d0cb886ca7d7f5ffcd28d503242f7bcf18b5920064ba616f6eaf2"
#define IMAGE_SHA256 "e31b92f283ec18dfc36062fa2b6feafbf22d2ea75d05e8c19c65a67ebd4cb1a4"
#define IMAGE_THIRD_SECTOR "e77f5640607f2e79"
#define BOOT_SHA256 "5c27b362515fcdb43de84fc214e093105379db751fc563af6031e56ab8f38077"
#define SECTOR_2_SHA256 "3ccfc5ad96eeb496960bb6cb0df317cfd8f43940ac4d4fd7ec23e93ff070864e"

static struct trust_fixture fixture;

static int encode_setup(void **state)
{
    (void)state;
    fixture_open(&fixture);
    return 0;
}

static int encode_teardown(void **state)
{
    (void)state;
    fixture_close(&fixture);
    return 0;
}

static size_t read_vector(const char *name, uint8_t *bytes, size_t capacity)
{
    char path[128];

    snprintf(path, sizeof(path), VECTORS "%s", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t size = fread(bytes, 1, capacity, file);
    fclose(file);
    return size;
}

static void assert_hex(const uint8_t *bytes, size_t size, const char *hex)
{
    for (size_t i = 0; i < size; i++) {
        char digits[3];
        snprintf(digits, sizeof(digits), "%02x", bytes[i]);
        assert_memory_equal(digits, hex + 2 * i, 2);
    }
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

/* OpenSSL's own opinion: hash the domain and the signed bytes, verify the signature item. */
static enum lcm_err openssl_verify(const struct lcm_signed_kind *kind, const uint8_t *file,
                                   size_t size, uint16_t tag, const uint8_t *point)
{
    uint8_t message[LCM_TRUST_SIZE + 32];
    uint8_t hash[LCM_SHA256_SIZE];
    struct lcm_tlv_reader reader;
    struct lcm_tlv_item item = {0};
    size_t domain_size = strlen(kind->domain) + 1;
    size_t signed_size = lcm_tlv_signed_size(file) - kind->first;

    memcpy(message, kind->domain, domain_size);
    memcpy(message + domain_size, file + kind->first, signed_size);
    SHA256(message, domain_size + signed_size, hash);
    lcm_tlv_open_signatures(&reader, file, size);
    while (lcm_tlv_next(&reader, &item) == LCM_OK && item.tag != tag)
        continue;
    assert_int_equal(item.tag, tag);
    return lcm_keys_verify(point, hash, item.value, item.size);
}

static void test_golden_sectors(void **state)
{
    uint8_t one[LCM_TRUST_SIZE];
    uint8_t two[LCM_TRUST_SIZE];
    struct lcm_trust trust_1;
    struct lcm_trust trust_2;
    uint8_t owner_1[LCM_KEY_SIZE];
    uint8_t owner_2[LCM_KEY_SIZE];

    (void)state;
    assert_int_equal(read_vector("trust-1.sector", one, sizeof(one)), LCM_TRUST_SIZE);
    assert_int_equal(read_vector("trust-2.sector", two, sizeof(two)), LCM_TRUST_SIZE);
    vector_key("trust-owner-1.pem", owner_1);
    vector_key("trust-owner-2.pem", owner_2);
    assert_int_equal(lcm_trust_decode(&trust_1, one), LCM_OK);
    assert_int_equal(lcm_trust_decode(&trust_2, two), LCM_OK);
    assert_int_equal(trust_1.sequence, 1);
    assert_int_equal(trust_1.time_floor, 1750000000);
    assert_string_equal(trust_1.repository, "LifeCycle-Manager/lcm");
    assert_string_equal(trust_1.host, "github.com");
    assert_key(trust_1.owner_key, OWNER_1);
    assert_int_equal(trust_1.release_key_count, 1);
    assert_key(trust_1.release_key[0], RELEASE);
    assert_int_equal(trust_1.suffix_count, 2);
    assert_string_equal(trust_1.suffix[1], "example.org");
    assert_int_equal(trust_1.security_floor[LCM_FILE_APP], 1);
    assert_int_equal(trust_1.security_floor[LCM_FILE_UPDATER], 0);
    assert_int_equal(trust_1.security_floor[LCM_FILE_BOOT], 4);
    assert_int_equal(trust_1.anchor_count, 3);
    assert_key(trust_2.owner_key, OWNER_2);
    assert_int_equal(lcm_trust_verify(&trust_1, one), LCM_OK);
    assert_int_equal(lcm_trust_verify_successor(&trust_1, &trust_2, two), LCM_OK);
    const struct lcm_signed_kind *kind = &lcm_signed_trust;
    assert_int_equal(openssl_verify(kind, one, sizeof(one), 0x7F, owner_1), LCM_OK);
    assert_int_equal(openssl_verify(kind, two, sizeof(two), 0x7F, owner_2), LCM_OK);
    assert_int_equal(openssl_verify(kind, two, sizeof(two), 0x7E, owner_1), LCM_OK);
    assert_int_equal(openssl_verify(kind, two, sizeof(two), 0x7E, owner_2), LCM_ERR_SIGNATURE);
}

static X509 *read_certificate(const char *path)
{
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(certificate);
    return certificate;
}

/* The anchor holds the bytes of the certificate: subject and subjectPublicKey as they
 * stand in the DER. For RSA that key is 30 82 xx xx 02 82 01 01 00 modulus 02 03 exponent. */
static void assert_anchor(const uint8_t *file, uint32_t index, X509 *certificate)
{
    const ASN1_BIT_STRING *key = X509_get0_pubkey_bitstr(certificate);
    unsigned char *name = NULL;
    struct lcm_anchor anchor;

    assert_int_equal(lcm_trust_anchor(file, index, &anchor), LCM_OK);
    size_t offset = anchor.kind == LCM_ANCHOR_RSA ? 9 : 0;
    int name_size = i2d_X509_NAME(X509_get_subject_name(certificate), &name);
    assert_int_equal(anchor.kind, index + 1);
    assert_int_equal(anchor.is_intermediate, index == 0);
    assert_int_equal(anchor.name_size, name_size);
    assert_memory_equal(anchor.name, name, anchor.name_size);
    assert_memory_equal(anchor.key, key->data + offset, anchor.key_size);
    assert_int_equal(anchor.exponent_size, offset == 0 ? 0 : 3);
    if (offset != 0)
        assert_memory_equal(anchor.exponent, key->data + key->length - 3, 3);
    OPENSSL_free(name);
}

static void test_anchors_are_the_certificates(void **state)
{
    static const char *const paths[] = {VECTORS "trust-ca-p256.pem", VECTORS "trust-ca-p384.pem",
                                        VECTORS "trust-ca-rsa.pem"};
    uint8_t file[LCM_TRUST_SIZE];

    (void)state;
    assert_int_equal(read_vector("trust-1.sector", file, sizeof(file)), LCM_TRUST_SIZE);
    for (uint32_t i = 0; i < 3; i++) {
        X509 *certificate = read_certificate(paths[i]);
        assert_anchor(file, i, certificate);
        X509_free(certificate);
    }
    fixture_sector(&fixture, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT, file);
    assert_anchor(file, 0, fixture.p256_intermediate);
    assert_anchor(file, 1, fixture.p384_root);
    assert_anchor(file, 2, fixture.rsa_root);
}

static void test_golden_pointer(void **state)
{
    uint8_t file[LCM_TRUST_POINTER_SIZE_MAX];
    uint8_t owner_2[LCM_KEY_SIZE];
    struct lcm_trust_pointer pointer;
    size_t size = read_vector("trust-2.sector.sig", file, sizeof(file));

    (void)state;
    vector_key("trust-owner-2.pem", owner_2);
    assert_int_equal(lcm_trust_pointer_open(&pointer, file, size, owner_2), LCM_OK);
    assert_int_equal(pointer.sequence, 2);
    assert_hex(pointer.sha256, LCM_SHA256_SIZE, SECTOR_2_SHA256);
    assert_int_equal(openssl_verify(&lcm_signed_pointer, file, size, 0x7F, owner_2), LCM_OK);
}

static void open_golden_manifest(const char *name, const char *key_name, const char *fingerprint,
                                 struct lcm_manifest *manifest)
{
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    uint8_t point[LCM_KEY_SIZE];
    size_t size = read_vector(name, file, sizeof(file));

    vector_key(key_name, point);
    assert_key(point, fingerprint);
    assert_int_equal(lcm_manifest_decode(manifest, file, size), LCM_OK);
    assert_int_equal(lcm_manifest_verify(file, size, point), LCM_OK);
    assert_int_equal(openssl_verify(&lcm_signed_manifest, file, size, 0x7F, point), LCM_OK);
    assert_hex(manifest->key_id, LCM_KEY_ID_SIZE, fingerprint);
    assert_int_equal(manifest->created, 1750000000);
    assert_int_equal(manifest->security_version, 2);
    assert_int_equal(manifest->flash_size, LCM_FLASH_SIZE);
    assert_string_equal(manifest->version, "1.2.3");
}

static void test_golden_manifests(void **state)
{
    struct lcm_manifest manifest;

    (void)state;
    open_golden_manifest("manifest-app.manifest", "manifest-app-1.pem", APP_1, &manifest);
    assert_int_equal(manifest.type, LCM_FILE_APP);
    assert_int_equal(manifest.channel, LCM_CHANNEL_STABLE);
    assert_string_equal(manifest.repository, "someone/lamp");
    assert_string_equal(manifest.file, "main.bin");
    assert_string_equal(manifest.updater_min, "1.0.0");
    assert_int_equal(manifest.sequence, 7);
    assert_int_equal(manifest.slot_addr, LCM_SLOT0_ADDR);
    assert_int_equal(manifest.image_size, 10000);
    assert_int_equal(manifest.sector_count, 3);
    assert_hex(manifest.sha256, LCM_SHA256_SIZE, IMAGE_SHA256);
    assert_hex(manifest.sector_hash[2], LCM_SECTOR_HASH_SIZE, IMAGE_THIRD_SECTOR);

    open_golden_manifest("manifest-updater.manifest", "trust-release.pem", RELEASE, &manifest);
    assert_int_equal(manifest.type, LCM_FILE_UPDATER);
    assert_int_equal(manifest.slot_addr, LCM_SLOT1_ADDR);
    assert_string_equal(manifest.updater_min, "");

    open_golden_manifest("manifest-boot.manifest", "trust-release.pem", RELEASE, &manifest);
    assert_int_equal(manifest.type, LCM_FILE_BOOT);
    assert_int_equal(manifest.image_size, LCM_BOOT_IMAGE_SIZE_MAX);
    assert_hex(manifest.sha256, LCM_SHA256_SIZE, BOOT_SHA256);
}

static void test_golden_handover(void **state)
{
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    uint8_t point[LCM_KEY_SIZE];
    uint8_t pinned[LCM_FINGERPRINT_SIZE];
    uint8_t key[LCM_KEY_SIZE];
    struct lcm_manifest manifest;
    struct lcm_handover handovers[LCM_HANDOVERS_MAX];
    size_t count = 0;
    size_t size = read_vector("manifest-app-handover.manifest", file, sizeof(file));

    (void)state;
    open_golden_manifest("manifest-app-handover.manifest", "manifest-app-2.pem", APP_2, &manifest);
    assert_int_equal(manifest.channel, LCM_CHANNEL_BETA);
    vector_key("manifest-app-1.pem", point);
    lcm_key_fingerprint(point, pinned);
    assert_int_equal(lcm_manifest_signer(file, size, pinned, key), LCM_OK);
    assert_key(key, APP_2);
    assert_int_equal(lcm_handover_read(handovers, &count, key, file, size), LCM_OK);
    assert_int_equal(count, 1);
    assert_key(handovers[0].bytes, APP_1);
    assert_key(key, APP_2);
    /* OpenSSL verifies the hand-over itself */
    uint8_t message[256];
    uint8_t hash[LCM_SHA256_SIZE];
    static const char prefix[] = "LCM key handover 1\0someone/lamp";
    memcpy(message, prefix, sizeof(prefix));
    memcpy(message + sizeof(prefix), key, LCM_KEY_SIZE);
    SHA256(message, sizeof(prefix) + LCM_KEY_SIZE, hash);
    assert_int_equal(lcm_keys_verify(point, hash, handovers[0].bytes + LCM_KEY_SIZE,
                                     handovers[0].size - LCM_KEY_SIZE),
                     LCM_OK);
    size = read_vector("manifest-boot.manifest", file, sizeof(file));
    assert_int_equal(lcm_handover_read(handovers, &count, NULL, file, size), LCM_ERR_FORMAT);
}

static enum lcm_err encode(const struct lcm_manifest_spec *spec, struct lcm_failure *failure)
{
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    size_t size = 0;

    failure->text[0] = '\0';
    return lcm_manifest_encode(spec, fixture.key[FIXTURE_APP_2], file, sizeof(file), &size,
                               failure);
}

static void test_manifest_encoder_refuses(void **state)
{
    struct lcm_manifest_spec good = fixture_manifest_spec(&fixture, LCM_FILE_APP);
    struct lcm_handover handovers[LCM_HANDOVERS_MAX + 1];
    struct lcm_failure failure;
    uint8_t small[100];
    size_t size = 0;

    (void)state;
    assert_int_equal(encode(&good, &failure), LCM_OK);
    struct lcm_manifest_spec spec = good;
    spec.repository = "lamp";
    assert_int_equal(encode(&spec, &failure), LCM_ERR_FORMAT);
    assert_true(strlen(failure.text) > 20);
    spec = good;
    spec.sequence = 0;
    assert_int_equal(encode(&spec, &failure), LCM_ERR_FORMAT);
    spec = good;
    spec.image_size = 15;
    assert_int_equal(encode(&spec, &failure), LCM_ERR_FORMAT);
    assert_int_equal(
        lcm_manifest_encode(&good, fixture.key[FIXTURE_APP], small, sizeof(small), &size, &failure),
        LCM_ERR_TOO_LONG);
    assert_int_equal(lcm_manifest_encode(&good, fixture.key[FIXTURE_APP], small, 3, &size, NULL),
                     LCM_ERR_TOO_LONG);
    assert_int_equal(lcm_handover_make(&handovers[0], fixture.key[FIXTURE_APP], good.repository,
                                       fixture.point[FIXTURE_APP_3], &failure),
                     LCM_OK);
    spec = good; /* handed to APP_3, signed by APP_2 */
    spec.handovers = handovers;
    spec.handover_count = 1;
    assert_int_equal(encode(&spec, &failure), LCM_ERR_SIGNATURE);
    spec.handover_count = LCM_HANDOVERS_MAX + 1;
    assert_int_equal(encode(&spec, &failure), LCM_ERR_TOO_LONG);
    assert_int_equal(lcm_handover_make(&handovers[0], fixture.key[FIXTURE_APP], "lamp",
                                       fixture.point[FIXTURE_APP_2], &failure),
                     LCM_ERR_FORMAT);
}

static enum lcm_err encode_trust(const struct lcm_trust_spec *spec, struct lcm_failure *failure)
{
    uint8_t file[LCM_TRUST_SIZE];

    failure->text[0] = '\0';
    return lcm_trust_encode(spec, file, failure);
}

static void test_trust_encoder_refuses(void **state)
{
    struct lcm_trust_spec good = fixture_trust_spec(&fixture, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT);
    struct lcm_trust_spec spec = good;
    struct lcm_failure failure;

    (void)state;
    assert_int_equal(encode_trust(&good, &failure), LCM_OK);
    spec.sequence = 0;
    assert_int_equal(encode_trust(&spec, &failure), LCM_ERR_FORMAT);
    spec = good;
    spec.suffix[0] = ".github.com";
    assert_int_equal(encode_trust(&spec, &failure), LCM_ERR_FORMAT);
    spec = good;
    spec.release_key_count = 0;
    assert_int_equal(encode_trust(&spec, &failure), LCM_ERR_FORMAT);
    assert_non_null(strstr(failure.text, "release keys"));
    spec.release_key_count = LCM_RELEASE_KEYS_MAX + 1;
    assert_int_equal(encode_trust(&spec, &failure), LCM_ERR_FORMAT);
    spec = good;
    spec.anchor_count = 0;
    assert_int_equal(encode_trust(&spec, &failure), LCM_ERR_FORMAT);
    spec.anchor_count = LCM_ANCHORS_MAX + 1;
    assert_int_equal(encode_trust(&spec, &failure), LCM_ERR_FORMAT);
    spec = good;
    spec.suffix_count = LCM_HOST_SUFFIXES_MAX + 1;
    assert_int_equal(encode_trust(&spec, &failure), LCM_ERR_FORMAT);

    static const char *const algorithms[] = {"P-521", "RSA:1024"};
    for (size_t i = 0; i < 2; i++) {
        spec = good;
        spec.anchor[1] = fixture_certificate(algorithms[i], "Odd CA", "Odd CA");
        assert_int_equal(encode_trust(&spec, &failure), LCM_ERR_ARGUMENT);
        assert_non_null(strstr(failure.text, "Odd CA"));
        X509_free(spec.anchor[1]);
    }
}

/* How much a sector holds: full lists, RSA-4096 among the anchors, until it says so. */
static void test_trust_capacity(void **state)
{
    struct lcm_trust_spec spec = fixture_trust_spec(&fixture, 1, FIXTURE_OWNER_2, FIXTURE_OWNER);
    X509 *large = fixture_certificate("RSA:4096", "Large RSA Root", "Large RSA Root");
    struct lcm_failure failure;

    (void)state;
    for (size_t i = 0; i < LCM_ANCHORS_MAX; i++)
        spec.anchor[i] = i < 2 ? fixture.rsa_root : fixture.p384_root;
    for (size_t i = 0; i < LCM_RELEASE_KEYS_MAX; i++)
        memcpy(spec.release_key[i], fixture.point[FIXTURE_RELEASE], LCM_KEY_SIZE);
    for (size_t i = 0; i < LCM_HOST_SUFFIXES_MAX; i++)
        spec.suffix[i] = "githubusercontent.com";
    spec.release_key_count = LCM_RELEASE_KEYS_MAX;
    spec.suffix_count = LCM_HOST_SUFFIXES_MAX;
    spec.anchor_count = LCM_ANCHORS_MAX;
    assert_int_equal(encode_trust(&spec, &failure), LCM_OK);
    for (size_t i = 0; i < 8; i++)
        spec.anchor[i] = large;
    assert_int_equal(encode_trust(&spec, &failure), LCM_ERR_TOO_LONG);
    spec.anchor_count = 5;
    assert_int_equal(encode_trust(&spec, &failure), LCM_OK);
    X509_free(large);
}

static void test_pointer_encoder_refuses(void **state)
{
    uint8_t sector[LCM_TRUST_SIZE];
    uint8_t out[LCM_TRUST_POINTER_SIZE_MAX];
    struct lcm_failure failure;
    size_t size = 0;

    (void)state;
    fixture_sector(&fixture, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT, sector);
    assert_int_equal(
        lcm_trust_pointer_encode(sector, fixture.key[FIXTURE_OWNER_2], out, &size, &failure),
        LCM_ERR_KEY_UNKNOWN);
    sector[20] ^= 1;
    assert_int_not_equal(
        lcm_trust_pointer_encode(sector, fixture.key[FIXTURE_OWNER], out, &size, &failure), LCM_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_golden_sectors),
        cmocka_unit_test(test_anchors_are_the_certificates),
        cmocka_unit_test(test_golden_pointer),
        cmocka_unit_test(test_golden_manifests),
        cmocka_unit_test(test_golden_handover),
        cmocka_unit_test(test_manifest_encoder_refuses),
        cmocka_unit_test(test_trust_encoder_refuses),
        cmocka_unit_test(test_trust_capacity),
        cmocka_unit_test(test_pointer_encoder_refuses),
    };
    return cmocka_run_group_tests(tests, encode_setup, encode_teardown);
}
