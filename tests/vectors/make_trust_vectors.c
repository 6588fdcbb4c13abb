// SPDX-License-Identifier: Apache-2.0
/*
 * Makes the golden trust and manifest files of this folder. ECDSA signatures differ from
 * run to run, so the files are made once and checked in; run this again only when the
 * format changes, then update the expected values in tests/unit/test_trust_encode.c:
 *
 *     make build/host/tests/vectors/make_trust_vectors
 *     build/host/tests/vectors/make_trust_vectors tests/vectors
 *
 * Keys that exist already are kept. They are test keys: no device trusts them.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/pem.h>

#include "host/manifest_encode.h"
#include "host/trust_encode.h"
#include "tests/lib/trust_fixture.h"

#define PATH_SIZE 512
#define IMAGE_SIZE 10000u
#define CREATED 1750000000u

static const char *folder;

static void require(bool is_ok, const char *what)
{
    if (is_ok)
        return;
    fprintf(stderr, "make_trust_vectors: %s\n", what);
    exit(1);
}

static const char *path_of(const char *name)
{
    static char path[PATH_SIZE];

    require(snprintf(path, sizeof(path), "%s/%s", folder, name) < (int)sizeof(path), "path");
    return path;
}

static struct lcm_key *load_or_make_key(const char *name)
{
    struct lcm_failure failure = {""};
    struct lcm_key *key = NULL;

    if (access(path_of(name), R_OK) != 0) {
        require(lcm_keys_generate(&key, &failure) == LCM_OK, failure.text);
        require(lcm_keys_save(key, path_of(name), NULL, &failure) == LCM_OK, failure.text);
        lcm_keys_close(key);
    }
    require(lcm_keys_load(&key, path_of(name), NULL, &failure) == LCM_OK, failure.text);
    return key;
}

static X509 *load_or_make_certificate(const char *name, const char *algorithm, const char *subject,
                                      const char *issuer)
{
    FILE *file = fopen(path_of(name), "r");

    if (file == NULL) {
        X509 *made = fixture_certificate(algorithm, subject, issuer);
        file = fopen(path_of(name), "w+");
        require(file != NULL && PEM_write_X509(file, made) == 1, name);
        rewind(file);
        X509_free(made);
    }
    X509 *certificate = PEM_read_X509(file, NULL, NULL, NULL);
    require(certificate != NULL, name);
    fclose(file);
    return certificate;
}

static void write_file(const char *name, const uint8_t *bytes, size_t size)
{
    FILE *file = fopen(path_of(name), "wb");

    require(file != NULL && fwrite(bytes, 1, size, file) == size && fclose(file) == 0, name);
}

static void write_manifest(const char *name, const struct lcm_manifest_spec *spec,
                           const struct lcm_key *key)
{
    struct lcm_failure failure = {""};
    uint8_t file[LCM_MANIFEST_SIZE_MAX];
    size_t size = 0;

    require(lcm_manifest_encode(spec, key, file, sizeof(file), &size, &failure) == LCM_OK,
            failure.text);
    write_file(name, file, size);
}

static void write_sectors(const struct lcm_key *release)
{
    struct lcm_failure failure = {""};
    struct lcm_key *owner_1 = load_or_make_key("trust-owner-1.pem");
    struct lcm_key *owner_2 = load_or_make_key("trust-owner-2.pem");
    uint8_t sector[LCM_TRUST_SIZE];
    uint8_t pointer[LCM_TRUST_POINTER_SIZE_MAX];
    size_t size = 0;
    struct lcm_trust_spec spec = {
        .sequence = 1,
        .time_floor = CREATED,
        .repository = "LifeCycle-Manager/lcm",
        .host = "github.com",
        .owner = owner_1,
        .release_key_count = 1,
        .suffix = {"githubusercontent.com", "example.org"},
        .suffix_count = 2,
        .security_floor = {[LCM_FILE_APP] = 1, [LCM_FILE_BOOT] = 4},
        .anchor_count = 3,
    };

    spec.anchor[0] = load_or_make_certificate("trust-ca-p256.pem", "P-256", "Test CA", "Test Root");
    spec.anchor[1] =
        load_or_make_certificate("trust-ca-p384.pem", "P-384", "Test Root", "Test Root");
    spec.anchor[2] =
        load_or_make_certificate("trust-ca-rsa.pem", "RSA:2048", "RSA Root", "RSA Root");
    lcm_keys_public(release, spec.release_key[0]);
    require(lcm_trust_encode(&spec, sector, &failure) == LCM_OK, failure.text);
    write_file("trust-1.sector", sector, sizeof(sector));
    spec.sequence = 2;
    spec.owner = owner_2;
    spec.owner_before = owner_1;
    require(lcm_trust_encode(&spec, sector, &failure) == LCM_OK, failure.text);
    write_file("trust-2.sector", sector, sizeof(sector));
    require(lcm_trust_pointer_encode(sector, owner_2, pointer, &size, &failure) == LCM_OK,
            failure.text);
    write_file("trust-2.sector.sig", pointer, size);
    for (size_t i = 0; i < spec.anchor_count; i++)
        X509_free(spec.anchor[i]);
    lcm_keys_close(owner_1);
    lcm_keys_close(owner_2);
}

static void write_manifests(const struct lcm_key *release)
{
    struct lcm_key *app_1 = load_or_make_key("manifest-app-1.pem");
    struct lcm_key *app_2 = load_or_make_key("manifest-app-2.pem");
    struct lcm_handover handover;
    uint8_t next[LCM_KEY_SIZE];
    uint8_t image[IMAGE_SIZE];
    struct lcm_manifest_spec spec = {
        .type = LCM_FILE_APP,
        .repository = "someone/lamp",
        .file = "main.bin",
        .version = "1.2.3",
        .updater_min = "1.0.0",
        .sequence = 7,
        .security_version = 2,
        .slot_addr = LCM_SLOT0_ADDR,
        .created = CREATED,
        .image = image,
        .image_size = IMAGE_SIZE,
    };

    for (size_t i = 0; i < IMAGE_SIZE; i++)
        image[i] = (uint8_t)(i * 31 + i / 256);
    write_manifest("manifest-app.manifest", &spec, app_1);
    lcm_keys_public(app_2, next);
    require(lcm_handover_make(&handover, app_1, spec.repository, next, NULL) == LCM_OK, "handover");
    spec.sequence = 8;
    spec.channel = LCM_CHANNEL_BETA;
    spec.handovers = &handover;
    spec.handover_count = 1;
    write_manifest("manifest-app-handover.manifest", &spec, app_2);
    spec.handover_count = 0;
    spec.channel = LCM_CHANNEL_STABLE;
    spec.repository = "LifeCycle-Manager/lcm";
    spec.updater_min = NULL;
    spec.type = LCM_FILE_UPDATER;
    spec.file = "otamain.bin";
    spec.slot_addr = LCM_SLOT1_ADDR;
    write_manifest("manifest-updater.manifest", &spec, release);
    spec.type = LCM_FILE_BOOT;
    spec.file = "boot.bin";
    spec.slot_addr = LCM_BOOT_ADDR;
    spec.image_size = LCM_BOOT_IMAGE_SIZE_MAX;
    write_manifest("manifest-boot.manifest", &spec, release);
    lcm_keys_close(app_1);
    lcm_keys_close(app_2);
}

int main(int argc, char **argv)
{
    require(argc == 2, "usage: make_trust_vectors FOLDER");
    folder = argv[1];
    struct lcm_key *release = load_or_make_key("trust-release.pem");
    write_sectors(release);
    write_manifests(release);
    lcm_keys_close(release);
    return 0;
}
