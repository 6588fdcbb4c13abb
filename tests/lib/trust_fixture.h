/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys, certificates, manifests and trust sectors for tests, and a forge that writes
 * files no encoder would write: any items in any order, correctly signed.
 * Everything aborts the test on failure.
 */
#ifndef LCM_TESTS_TRUST_FIXTURE_H
#define LCM_TESTS_TRUST_FIXTURE_H

#include <stddef.h>
#include <stdint.h>

#include <openssl/types.h>

#include "core/trust/signed_file.h"
#include "host/manifest_encode.h"
#include "host/trust_encode.h"

#define FIXTURE_IMAGE_SIZE 5000u /* bytes: two sectors, the second short */
#define FIXTURE_REPOSITORY "someone/lamp"
#define FIXTURE_SUITE_REPOSITORY "LifeCycle-Manager/lcm"

enum fixture_key {
    FIXTURE_OWNER,
    FIXTURE_OWNER_2,
    FIXTURE_OWNER_3,
    FIXTURE_RELEASE,
    FIXTURE_APP,
    FIXTURE_APP_2,
    FIXTURE_APP_3,
    FIXTURE_APP_4,
    FIXTURE_APP_5,
    FIXTURE_THIEF,
    FIXTURE_KEY_COUNT
};

struct trust_fixture {
    struct lcm_key *key[FIXTURE_KEY_COUNT];
    uint8_t point[FIXTURE_KEY_COUNT][LCM_KEY_SIZE];
    uint8_t fingerprint[FIXTURE_KEY_COUNT][LCM_FINGERPRINT_SIZE];
    X509 *p256_intermediate;
    X509 *p384_root;
    X509 *rsa_root;
    uint8_t image[FIXTURE_IMAGE_SIZE];
};

void fixture_open(struct trust_fixture *fixture);
void fixture_close(struct trust_fixture *fixture);

/* A certificate with a fresh key: algorithm "P-256", "P-384", "P-521" or "RSA:bits". */
X509 *fixture_certificate(const char *algorithm, const char *subject, const char *issuer);

/* A spec that encodes: an app or updater for slot 0, or the boot program. */
struct lcm_manifest_spec fixture_manifest_spec(const struct trust_fixture *fixture,
                                               enum lcm_file_type type);
/* Encode it with a key; the size of the file. */
size_t fixture_manifest(const struct trust_fixture *fixture, const struct lcm_manifest_spec *spec,
                        enum fixture_key key, uint8_t file[LCM_MANIFEST_SIZE_MAX]);

/* A spec that encodes, and a sector made from it; before == FIXTURE_KEY_COUNT = none. */
struct lcm_trust_spec fixture_trust_spec(const struct trust_fixture *fixture, uint32_t sequence,
                                         enum fixture_key owner, enum fixture_key before);
void fixture_sector(const struct trust_fixture *fixture, uint32_t sequence, enum fixture_key owner,
                    enum fixture_key before, uint8_t file[LCM_TRUST_SIZE]);

#define FORGE_ITEMS_MAX 64u
#define FORGE_ARENA_SIZE 8192u

struct forge_item {
    uint16_t tag; /* as written, with the optional bit */
    uint16_t size;
    const uint8_t *value;
};

struct forge {
    const struct lcm_signed_kind *kind;
    struct forge_item item[FORGE_ITEMS_MAX];
    size_t count;
    uint8_t arena[FORGE_ARENA_SIZE];
    size_t arena_used;
};

/* Take the signed items of a good file apart. */
void forge_load(struct forge *forge, const struct lcm_signed_kind *kind, const uint8_t *file,
                size_t size);
/* Index of the first item with this tag. */
size_t forge_index(const struct forge *forge, uint16_t tag);
void forge_replace(struct forge *forge, uint16_t tag, const void *value, size_t size);
void forge_remove(struct forge *forge, uint16_t tag);
void forge_insert(struct forge *forge, size_t index, uint16_t tag, const void *value, size_t size);
/* Write header, items and signature; the size. The buffer is filled with 0xFF first. */
size_t forge_save(const struct forge *forge, const struct lcm_key *key, uint8_t *file,
                  size_t capacity);

#endif
