/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Publishing on the test server: apps, updaters, trust sectors, and anything else.
 * A fixture_file is a release file with correct fields; a test changes what it wants to
 * be wrong and publishes it.
 */
#ifndef LCM_TESTS_FIXTURE_RELEASE_H
#define LCM_TESTS_FIXTURE_RELEASE_H

#include "tests/lib/fixture_world.h"

#define FIXTURE_APP_SIZE 20496u     /* five sectors and 16 bytes */
#define FIXTURE_UPDATER_SIZE 12304u /* three sectors and 16 bytes */
#define FIXTURE_APP_FILE "main.bin"

struct fixture_file {
    struct lcm_manifest_spec spec;
    const char *tag; /* folder; the version unless changed */
    enum fixture_key key;
    uint8_t *image; /* spec.image, to change it before it is signed */
};

/* LifeCycle Manager 1.0.0 with certificates, and app 1.0.0. */
void fixture_publish_baseline(struct fixture_world *world);

/* A correct app for slot 0. The image depends on the sequence alone. */
void fixture_app(struct fixture_world *world, struct fixture_file *file, const char *version,
                 uint32_t sequence);
/* The same with an image of another size. */
void fixture_app_sized(struct fixture_world *world, struct fixture_file *file, const char *version,
                       uint32_t sequence, size_t size);

/* A correct otaboot.bin (slot 0) or otamain.bin (slot 1). */
void fixture_updater(struct fixture_world *world, struct fixture_file *file, unsigned slot,
                     const char *version, uint32_t sequence);

/* Publish image and signed manifest; only the manifest; only the image. */
void fixture_publish(struct fixture_world *world, const struct fixture_file *file);
void fixture_publish_manifest(struct fixture_world *world, const struct fixture_file *file);
void fixture_publish_image(struct fixture_world *world, const struct fixture_file *file);

/* fixture_app and fixture_publish; both updaters of a release. */
void fixture_publish_app(struct fixture_world *world, const char *version, uint32_t sequence);
void fixture_publish_updaters(struct fixture_world *world, const char *version, uint32_t sequence);

/* The signed manifest of a file, for tests that change its bytes. */
size_t fixture_sign(struct fixture_world *world, const struct fixture_file *file,
                    uint8_t manifest[LCM_MANIFEST_SIZE_MAX]);

/* Put any file into a release (OWNER/REPO, tag, name). */
void fixture_put(struct fixture_world *world, const char *repository, const char *tag,
                 const char *name, const void *bytes, size_t size);
void fixture_remove(struct fixture_world *world, const char *repository, const char *tag,
                    const char *name);

/* A trust sector with this world's hosts and anchors; before = FIXTURE_KEY_COUNT: none. */
struct lcm_trust_spec fixture_anchored_spec(struct fixture_world *world, uint32_t sequence,
                                            enum fixture_key owner, enum fixture_key before);
/* Encode; publish sector and pointer in a release of LifeCycle Manager. */
void fixture_encode_trust(struct fixture_world *world, const struct lcm_trust_spec *spec,
                          uint8_t sector[LCM_TRUST_SIZE]);
void fixture_publish_trust(struct fixture_world *world, const char *tag,
                           const struct lcm_trust_spec *spec);

/* Trust sector 2, which trusts the authorities of the server's fault new-ca and no others. */
void fixture_publish_new_anchors(struct fixture_world *world, const char *tag,
                                 enum fixture_key owner);

/* A published file as the server has it; the caller frees it. */
uint8_t *fixture_published(struct fixture_world *world, const char *repository, const char *tag,
                           const char *name, size_t *size);

#endif
