// SPDX-License-Identifier: Apache-2.0
/* Release files by the publishing side's own code; see the header. */
#include "tests/lib/fixture_release.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/lib/fixture_image.h"

#define UPDATER_SEED 1000u

static uint8_t *arena_take(struct fixture_world *world, size_t size)
{
    uint8_t *place = world->arena + world->arena_used;

    assert_true(size <= sizeof(world->arena) - world->arena_used);
    world->arena_used += size;
    return place;
}

static void file_make_image(struct fixture_world *world, struct fixture_file *file, size_t size,
                            uint32_t seed)
{
    struct lcm_identity identity = {.type = (uint8_t)file->spec.type};

    snprintf(identity.version, sizeof(identity.version), "%s", file->spec.version);
    snprintf(identity.repository, sizeof(identity.repository), "%s", file->spec.repository);
    snprintf(identity.file, sizeof(identity.file), "%s", file->spec.file);
    file->image = arena_take(world, size);
    fixture_image_make(file->image, size, &identity, seed);
    file->spec.image = file->image;
    file->spec.image_size = size;
}

void fixture_app_sized(struct fixture_world *world, struct fixture_file *file, const char *version,
                       uint32_t sequence, size_t size)
{
    *file = (struct fixture_file){
        .tag = version,
        .key = FIXTURE_APP,
        .spec =
            {
                .type = LCM_FILE_APP,
                .repository = FIXTURE_REPOSITORY,
                .file = FIXTURE_APP_FILE,
                .version = version,
                .sequence = sequence,
                .slot_addr = LCM_SLOT0_ADDR,
                .created = world->now,
            },
    };
    file_make_image(world, file, size, sequence);
}

void fixture_app(struct fixture_world *world, struct fixture_file *file, const char *version,
                 uint32_t sequence)
{
    fixture_app_sized(world, file, version, sequence, FIXTURE_APP_SIZE);
}

void fixture_updater(struct fixture_world *world, struct fixture_file *file, unsigned slot,
                     const char *version, uint32_t sequence)
{
    *file = (struct fixture_file){
        .tag = version,
        .key = FIXTURE_RELEASE,
        .spec =
            {
                .type = LCM_FILE_UPDATER,
                .repository = FIXTURE_SUITE_REPOSITORY,
                .file = slot == 0 ? "otaboot.bin" : "otamain.bin",
                .version = version,
                .sequence = sequence,
                .security_version = 3,
                .slot_addr = slot == 0 ? LCM_SLOT0_ADDR : LCM_SLOT1_ADDR,
                .created = world->now,
            },
    };
    file_make_image(world, file, FIXTURE_UPDATER_SIZE, UPDATER_SEED + 2 * sequence + slot);
}

static void put_make_folders(char *path)
{
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        (void)mkdir(path, 0755);
        *slash = '/';
    }
}

static void put_path(struct fixture_world *world, char path[2 * FIXTURE_PATH_SIZE],
                     const char *repository, const char *tag, const char *name)
{
    snprintf(path, 2 * FIXTURE_PATH_SIZE, "%s/%s/%s/%s", world->root, repository, tag, name);
}

void fixture_put(struct fixture_world *world, const char *repository, const char *tag,
                 const char *name, const void *bytes, size_t size)
{
    char path[2 * FIXTURE_PATH_SIZE];

    put_path(world, path, repository, tag, name);
    put_make_folders(path);
    fixture_write_file(path, bytes, size);
}

void fixture_remove(struct fixture_world *world, const char *repository, const char *tag,
                    const char *name)
{
    char path[2 * FIXTURE_PATH_SIZE];

    put_path(world, path, repository, tag, name);
    assert_int_equal(unlink(path), 0);
}

uint8_t *fixture_published(struct fixture_world *world, const char *repository, const char *tag,
                           const char *name, size_t *size)
{
    char path[2 * FIXTURE_PATH_SIZE];

    put_path(world, path, repository, tag, name);
    return (uint8_t *)fixture_read_file(path, size);
}

size_t fixture_sign(struct fixture_world *world, const struct fixture_file *file,
                    uint8_t manifest[LCM_MANIFEST_SIZE_MAX])
{
    return fixture_manifest(&world->keys, &file->spec, file->key, manifest);
}

void fixture_publish_manifest(struct fixture_world *world, const struct fixture_file *file)
{
    uint8_t manifest[LCM_MANIFEST_SIZE_MAX];
    char name[64];
    size_t size = fixture_sign(world, file, manifest);

    snprintf(name, sizeof(name), "%s.manifest", file->spec.file);
    fixture_put(world, file->spec.repository, file->tag, name, manifest, size);
}

void fixture_publish_image(struct fixture_world *world, const struct fixture_file *file)
{
    fixture_put(world, file->spec.repository, file->tag, file->spec.file, file->image,
                file->spec.image_size);
}

void fixture_publish(struct fixture_world *world, const struct fixture_file *file)
{
    fixture_publish_manifest(world, file);
    fixture_publish_image(world, file);
}

void fixture_publish_app(struct fixture_world *world, const char *version, uint32_t sequence)
{
    struct fixture_file file;

    fixture_app(world, &file, version, sequence);
    fixture_publish(world, &file);
}

void fixture_publish_updaters(struct fixture_world *world, const char *version, uint32_t sequence)
{
    struct fixture_file file;

    for (unsigned slot = 0; slot < LCM_SLOT_COUNT; slot++) {
        fixture_updater(world, &file, slot, version, sequence);
        fixture_publish(world, &file);
    }
}

struct lcm_trust_spec fixture_anchored_spec(struct fixture_world *world, uint32_t sequence,
                                            enum fixture_key owner, enum fixture_key before)
{
    struct lcm_trust_spec spec = fixture_trust_spec(&world->keys, sequence, owner, before);

    spec.time_floor = world->now;
    spec.host = FIXTURE_RELEASE_HOST;
    spec.anchor_count = world->anchors.count;
    for (size_t i = 0; i < world->anchors.count; i++)
        spec.anchor[i] = world->anchors.list[i];
    return spec;
}

void fixture_encode_trust(struct fixture_world *world, const struct lcm_trust_spec *spec,
                          uint8_t sector[LCM_TRUST_SIZE])
{
    struct lcm_failure failure = {""};

    (void)world;
    if (lcm_trust_encode(spec, sector, &failure) != LCM_OK)
        fail_msg("trust sector: %s", failure.text);
}

void fixture_publish_trust(struct fixture_world *world, const char *tag,
                           const struct lcm_trust_spec *spec)
{
    uint8_t sector[LCM_TRUST_SIZE];
    uint8_t pointer[LCM_TRUST_POINTER_SIZE_MAX];
    size_t size = 0;

    fixture_encode_trust(world, spec, sector);
    assert_int_equal(lcm_trust_pointer_encode(sector, spec->owner, pointer, &size, NULL), LCM_OK);
    fixture_put(world, FIXTURE_SUITE_REPOSITORY, tag, "certs.sector", sector, sizeof(sector));
    fixture_put(world, FIXTURE_SUITE_REPOSITORY, tag, "certs.sector.sig", pointer, size);
}

/* Anchors of the authorities that the server uses with the fault new-ca. */
static void trust_load_new_anchors(struct fixture_world *world, struct pem_certificates *anchors)
{
    static const char *const names[] = {"new-ecc-root", "new-rsa-root"};
    char path[2 * FIXTURE_PATH_SIZE];

    assert_true(pem_init(anchors, 2));
    for (size_t i = 0; i < 2; i++) {
        snprintf(path, sizeof(path), "%s/state/ca/%s.pem", world->base, names[i]);
        assert_int_equal(pem_load(anchors, path), 0);
    }
}

void fixture_publish_new_anchors(struct fixture_world *world, const char *tag,
                                 enum fixture_key owner)
{
    struct lcm_trust_spec spec = fixture_anchored_spec(world, 2, owner, FIXTURE_KEY_COUNT);
    struct pem_certificates anchors;

    trust_load_new_anchors(world, &anchors);
    spec.anchor_count = anchors.count;
    for (size_t i = 0; i < anchors.count; i++)
        spec.anchor[i] = anchors.list[i];
    fixture_publish_trust(world, tag, &spec);
    pem_free(&anchors);
}

void fixture_publish_baseline(struct fixture_world *world)
{
    struct lcm_trust_spec spec = fixture_anchored_spec(world, 1, FIXTURE_OWNER, FIXTURE_KEY_COUNT);

    fixture_publish_trust(world, "1.0.0", &spec);
    fixture_publish_updaters(world, "1.0.0", 1);
    fixture_publish_app(world, "1.0.0", 1);
}
