// SPDX-License-Identifier: Apache-2.0
/* Keys, certificates and signed files for tests; see the header. */
#include "tests/lib/trust_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "core/base/bytes.h"
#include "core/base/tlv.h"
#include "host/tlv_write.h"

#define CERTIFICATE_DAYS_S (365L * 86400L)

static void fixture_require(bool is_ok, const char *what)
{
    if (is_ok)
        return;
    fprintf(stderr, "trust_fixture: %s failed\n", what);
    abort();
}

static EVP_PKEY *fixture_certificate_key(const char *algorithm)
{
    if (strncmp(algorithm, "RSA:", 4) == 0)
        return EVP_RSA_gen((unsigned)strtoul(algorithm + 4, NULL, 10));
    return EVP_EC_gen(algorithm);
}

X509 *fixture_certificate(const char *algorithm, const char *subject, const char *issuer)
{
    X509 *certificate = X509_new();
    EVP_PKEY *key = fixture_certificate_key(algorithm);
    X509_NAME *subject_name = X509_NAME_new();
    X509_NAME *issuer_name = X509_NAME_new();
    const unsigned char *subject_text = (const unsigned char *)subject;
    const unsigned char *issuer_text = (const unsigned char *)issuer;

    fixture_require(key != NULL, algorithm);
    X509_NAME_add_entry_by_txt(subject_name, "CN", MBSTRING_ASC, subject_text, -1, -1, 0);
    X509_NAME_add_entry_by_txt(issuer_name, "CN", MBSTRING_ASC, issuer_text, -1, -1, 0);
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate), 0);
    X509_gmtime_adj(X509_getm_notAfter(certificate), CERTIFICATE_DAYS_S);
    X509_set_subject_name(certificate, subject_name);
    X509_set_issuer_name(certificate, issuer_name);
    X509_set_pubkey(certificate, key);
    fixture_require(X509_sign(certificate, key, EVP_sha256()) > 0, "certificate");
    X509_NAME_free(subject_name);
    X509_NAME_free(issuer_name);
    EVP_PKEY_free(key);
    return certificate;
}

void fixture_open(struct trust_fixture *fixture)
{
    for (size_t i = 0; i < FIXTURE_KEY_COUNT; i++) {
        fixture_require(lcm_keys_generate(&fixture->key[i], NULL) == LCM_OK, "key");
        lcm_keys_public(fixture->key[i], fixture->point[i]);
        lcm_key_fingerprint(fixture->point[i], fixture->fingerprint[i]);
    }
    fixture->p256_intermediate = fixture_certificate("P-256", "Test CA 1", "Test Root");
    fixture->p384_root = fixture_certificate("P-384", "Test Root", "Test Root");
    fixture->rsa_root = fixture_certificate("RSA:2048", "Test RSA Root", "Test RSA Root");
    for (size_t i = 0; i < FIXTURE_IMAGE_SIZE; i++)
        fixture->image[i] = (uint8_t)(i * 7 + i / 256);
}

void fixture_close(struct trust_fixture *fixture)
{
    for (size_t i = 0; i < FIXTURE_KEY_COUNT; i++)
        lcm_keys_close(fixture->key[i]);
    X509_free(fixture->p256_intermediate);
    X509_free(fixture->p384_root);
    X509_free(fixture->rsa_root);
}

struct lcm_manifest_spec fixture_manifest_spec(const struct trust_fixture *fixture,
                                               enum lcm_file_type type)
{
    bool is_boot = type == LCM_FILE_BOOT;

    return (struct lcm_manifest_spec){
        .type = type,
        .channel = LCM_CHANNEL_STABLE,
        .repository = type == LCM_FILE_APP ? FIXTURE_REPOSITORY : FIXTURE_SUITE_REPOSITORY,
        .file = is_boot ? "boot.bin" : "main.bin",
        .version = "1.2.3",
        .sequence = 7,
        .security_version = 2,
        .slot_addr = is_boot ? LCM_BOOT_ADDR : LCM_SLOT0_ADDR,
        .created = 1700000000,
        .image = fixture->image,
        .image_size = is_boot ? LCM_BOOT_IMAGE_SIZE_MAX : FIXTURE_IMAGE_SIZE,
    };
}

size_t fixture_manifest(const struct trust_fixture *fixture, const struct lcm_manifest_spec *spec,
                        enum fixture_key key, uint8_t file[LCM_MANIFEST_SIZE_MAX])
{
    struct lcm_failure failure = {""};
    size_t size = 0;
    enum lcm_err err =
        lcm_manifest_encode(spec, fixture->key[key], file, LCM_MANIFEST_SIZE_MAX, &size, &failure);

    fixture_require(err == LCM_OK, failure.text);
    return size;
}

struct lcm_trust_spec fixture_trust_spec(const struct trust_fixture *fixture, uint32_t sequence,
                                         enum fixture_key owner, enum fixture_key before)
{
    struct lcm_trust_spec spec = {
        .sequence = sequence,
        .time_floor = 1700000000,
        .repository = FIXTURE_SUITE_REPOSITORY,
        .host = "github.com",
        .owner = fixture->key[owner],
        .owner_before = before == FIXTURE_KEY_COUNT ? NULL : fixture->key[before],
        .release_key_count = 1,
        .suffix = {"githubusercontent.com"},
        .suffix_count = 1,
        .security_floor = {[LCM_FILE_UPDATER] = 3},
        .anchor = {fixture->p256_intermediate, fixture->p384_root, fixture->rsa_root},
        .anchor_count = 3,
    };

    memcpy(spec.release_key[0], fixture->point[FIXTURE_RELEASE], LCM_KEY_SIZE);
    return spec;
}

void fixture_sector(const struct trust_fixture *fixture, uint32_t sequence, enum fixture_key owner,
                    enum fixture_key before, uint8_t file[LCM_TRUST_SIZE])
{
    struct lcm_trust_spec spec = fixture_trust_spec(fixture, sequence, owner, before);
    struct lcm_failure failure = {""};

    fixture_require(lcm_trust_encode(&spec, file, &failure) == LCM_OK, failure.text);
}

static const uint8_t *forge_keep(struct forge *forge, const void *value, size_t size)
{
    uint8_t *place = forge->arena + forge->arena_used;

    fixture_require(size <= FORGE_ARENA_SIZE - forge->arena_used, "forge arena");
    if (size > 0)
        memcpy(place, value, size);
    forge->arena_used += size;
    return place;
}

void forge_load(struct forge *forge, const struct lcm_signed_kind *kind, const uint8_t *file,
                size_t size)
{
    struct lcm_tlv_reader reader;
    struct lcm_tlv_item item;

    memset(forge, 0, sizeof(*forge));
    forge->kind = kind;
    fixture_require(lcm_tlv_open(&reader, file, size, kind->magic) == LCM_OK, "forge_load");
    while (lcm_tlv_next(&reader, &item) == LCM_OK)
        forge_insert(forge, forge->count, item.tag, item.value, item.size);
}

size_t forge_index(const struct forge *forge, uint16_t tag)
{
    size_t index = 0;

    while (index < forge->count && forge->item[index].tag != tag)
        index++;
    fixture_require(index < forge->count, "forge_index");
    return index;
}

void forge_replace(struct forge *forge, uint16_t tag, const void *value, size_t size)
{
    struct forge_item *item = &forge->item[forge_index(forge, tag)];

    item->value = forge_keep(forge, value, size);
    item->size = (uint16_t)size;
}

void forge_remove(struct forge *forge, uint16_t tag)
{
    size_t index = forge_index(forge, tag);

    forge->count--;
    memmove(&forge->item[index], &forge->item[index + 1],
            (forge->count - index) * sizeof(forge->item[0]));
}

void forge_insert(struct forge *forge, size_t index, uint16_t tag, const void *value, size_t size)
{
    fixture_require(forge->count < FORGE_ITEMS_MAX, "forge_insert");
    memmove(&forge->item[index + 1], &forge->item[index],
            (forge->count - index) * sizeof(forge->item[0]));
    forge->item[index] = (struct forge_item){tag, (uint16_t)size, forge_keep(forge, value, size)};
    forge->count++;
}

size_t forge_save(const struct forge *forge, const struct lcm_key *key, uint8_t *file,
                  size_t capacity)
{
    struct lcm_tlv_signing signing = {LCM_TAG_SIGNATURE, forge->kind->domain, forge->kind->first};
    struct lcm_tlv_writer writer;

    memset(file, 0xFF, capacity);
    lcm_tlv_write_begin(&writer, file, capacity, forge->kind->magic);
    for (size_t i = 0; i < forge->count; i++) {
        writer.last_tag = 0; /* any order is wanted here */
        lcm_tlv_write(&writer, forge->item[i].tag, forge->item[i].value, forge->item[i].size);
    }
    fixture_require(lcm_tlv_write_seal(&writer, NULL) == LCM_OK, "forge_save");
    fixture_require(lcm_tlv_write_sign(&writer, &signing, key, NULL) == LCM_OK, "forge_save");
    return writer.size;
}
