// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: apps of reference-style repositories (only main.bin and main.bin.sig) are installed
 * where the user allowed it and nowhere else; a file that is not what its .sig says never
 * touches the old app. Keys: pinned at first install or by the user, handed over by signature.
 * Method: .sig files made here: SHA-384 and the length, big-endian.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/evp.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_image.h"
#include "tests/lib/fixture_release.h"

#define SIG_SIZE 52u

static void make_sig(const struct fixture_file *file, uint8_t sig[SIG_SIZE])
{
    uint32_t size = (uint32_t)file->spec.image_size;

    assert_int_equal(EVP_Digest(file->image, size, sig, NULL, EVP_sha384(), NULL), 1);
    for (unsigned i = 0; i < 4; i++)
        sig[48 + i] = (uint8_t)(size >> (24 - 8 * i));
}

/* Image and .sig in a release, no manifest. */
static void publish_unsigned(struct fixture_world *world, struct fixture_file *file,
                             const char *version, uint32_t seed, size_t size)
{
    uint8_t sig[SIG_SIZE];

    fixture_app_sized(world, file, version, seed, size);
    make_sig(file, sig);
    fixture_publish_image(world, file);
    fixture_put(world, FIXTURE_REPOSITORY, version, "main.bin.sig", sig, sizeof(sig));
}

/* A device whose user allowed unsigned apps and pinned no key, with app 1.1.0 from a
 * repository that never saw a manifest. */
static struct fixture_world *unsigned_device(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_remove(world, FIXTURE_REPOSITORY, "1.0.0", "main.bin.manifest");
    publish_unsigned(world, &file, "1.1.0", 11, FIXTURE_APP_SIZE);
    fixture_flash_fresh(world);
    fixture_flash_set(world, LCM_KEY_UNSIGNED, "y");
    fixture_device_run(world, NULL);
    fixture_expect_app(world, "1.1.0");
    return world;
}

static void expect_kept_at(struct fixture_world *world, const char *result)
{
    if (strcmp(fixture_device_result(world), result) != 0)
        print_error("expected %s\n", result);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, strcmp(fixture_device_result(world), result) == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE) == 0);
}

/* Goal: allowed, it is installed and told as unsigned; nothing is pinned; the next check costs
 * one handshake. */
static void test_allowed(void **state)
{
    struct fixture_world *world = unsigned_device(state);
    bool is_told = false;

    for (size_t i = 0; i < world->run.lines.count; i++)
        is_told |= fixture_has(world->run.lines.list[i], "text", "unsigned app installed");
    EXPECT(world, is_told);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_APP_KEY), "") == 0);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, fixture_server_handshakes(&world->server) == 1);
}

/* Goal: a fresh device whose user did not allow it installs nothing, and says why. */
static void test_not_allowed(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    publish_unsigned(world, &file, "1.1.0", 11, FIXTURE_APP_SIZE);
    fixture_flash_fresh(world);
    fixture_device_start(world, NULL);
    fixture_device_wait_for(world, "event", "result", "UNSIGNED", 1);
    fixture_device_stop(world, 15);
    EXPECT(world, fixture_server_bytes(&world->server, "/1.1.0/main.bin") == 0);
}

/* Goal: a pinned key wins over the permission: no stripping of signatures. */
static void test_refused_with_a_pinned_key(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    publish_unsigned(world, &file, "1.1.0", 11, FIXTURE_APP_SIZE);
    fixture_flash_set(world, LCM_KEY_UNSIGNED, "y");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "UNSIGNED");
}

static void test_update(void **state)
{
    struct fixture_world *world = unsigned_device(state);
    struct fixture_file file;

    publish_unsigned(world, &file, "1.2.0", 12, FIXTURE_APP_SIZE);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.2.0");
}

/* Goal: a wrong hash or length leaves the old app: the image is judged before it is written. */
static void test_wrong_hash(void **state)
{
    struct fixture_world *world = unsigned_device(state);
    struct fixture_file file;

    fixture_flash_remember(world);
    publish_unsigned(world, &file, "1.2.0", 12, FIXTURE_APP_SIZE);
    fixture_server_fault(&world->server, "flip-byte=20400@asset");
    fixture_device_run(world, "--check", NULL);
    expect_kept_at(world, "CORRUPT");
}

static void test_wrong_length(void **state)
{
    struct fixture_world *world = unsigned_device(state);
    struct fixture_file file;
    uint8_t sig[SIG_SIZE];

    fixture_flash_remember(world);
    publish_unsigned(world, &file, "1.2.0", 12, FIXTURE_APP_SIZE);
    make_sig(&file, sig);
    sig[51] ^= 1;
    fixture_put(world, FIXTURE_REPOSITORY, "1.2.0", "main.bin.sig", sig, sizeof(sig));
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_result(world), "OK") != 0);
    expect_kept_at(world, fixture_device_result(world));
}

static void test_short_sig_file(void **state)
{
    struct fixture_world *world = unsigned_device(state);
    struct fixture_file file;

    fixture_flash_remember(world);
    publish_unsigned(world, &file, "1.2.0", 12, FIXTURE_APP_SIZE);
    fixture_put(world, FIXTURE_REPOSITORY, "1.2.0", "main.bin.sig", "short", 5);
    fixture_device_run(world, "--check", NULL);
    expect_kept_at(world, "FORMAT");
}

/* Goal: an older version is no update. */
static void test_older_version(void **state)
{
    struct fixture_world *world = unsigned_device(state);
    struct fixture_file file;
    char path[2 * FIXTURE_PATH_SIZE];
    const char *const arguments[] = {"rm", "-rf", path, NULL};

    fixture_flash_remember(world);
    publish_unsigned(world, &file, "1.0.5", 12, FIXTURE_APP_SIZE);
    snprintf(path, sizeof(path), "%s/" FIXTURE_REPOSITORY "/1.1.0", world->root);
    assert_int_equal(fixture_process_run(arguments, "/dev/null", 5000), 0);
    fixture_device_run(world, "--check", NULL);
    expect_kept_at(world, "ROLLBACK");
}

/* Goal: no unsigned app over a connection that is not trusted. */
static void test_untrusted_host(void **state)
{
    struct fixture_world *world = unsigned_device(state);
    struct fixture_file file;

    fixture_flash_remember(world);
    publish_unsigned(world, &file, "1.2.0", 12, FIXTURE_APP_SIZE);
    fixture_server_fault(&world->server, "wrong-name@asset");
    fixture_device_run(world, "--check", NULL);
    expect_kept_at(world, "CERTIFICATE");
}

/* Goal: the largest image works, one byte more is refused before anything is written. */
static void test_largest_image(void **state)
{
    struct fixture_world *world = unsigned_device(state);
    struct fixture_file file;

    publish_unsigned(world, &file, "1.2.0", 12, LCM_SLOT0_IMAGE_SIZE_MAX);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.2.0");
}

static void test_image_one_byte_too_large(void **state)
{
    struct fixture_world *world = unsigned_device(state);
    struct fixture_file file;

    fixture_flash_remember(world);
    publish_unsigned(world, &file, "1.2.0", 12, LCM_SLOT0_IMAGE_SIZE_MAX + 1);
    fixture_device_run(world, "--check", NULL);
    expect_kept_at(world, "TOO_LARGE");
    EXPECT(world, fixture_server_bytes(&world->server, "/1.2.0/main.bin") == 0);
}

/* Goal: downloads that break are taken up again, in the survey and in the installation. */
static void test_broken_connections(void **state)
{
    struct fixture_world *world = unsigned_device(state);
    struct fixture_file file;

    publish_unsigned(world, &file, "1.2.0", 12, 10 * LCM_SECTOR_SIZE);
    fixture_server_fault(&world->server, "truncate=15000@asset*6");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.2.0");
}

/* Goal: a repository that begins to sign is followed from then on, and unsigned ones are
 * refused after that. */
static void test_from_unsigned_to_signed(void **state)
{
    struct fixture_world *world = unsigned_device(state);
    struct fixture_file file;

    fixture_publish_app(world, "1.2.0", 1);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.2.0");
    EXPECT(world, strlen(fixture_setting(world, LCM_KEY_APP_KEY)) == 64);
    fixture_flash_remember(world);
    publish_unsigned(world, &file, "1.3.0", 13, FIXTURE_APP_SIZE);
    fixture_device_run(world, "--check", NULL);
    expect_kept_at(world, "UNSIGNED");
}

/* ---- keys ---- */

/* Goal: a fingerprint entered at set-up decides from the first install on. */
static void test_key_pinned_at_setup(void **state)
{
    struct fixture_world *world = *state;
    char wrong[LCM_FINGERPRINT_TEXT_SIZE], right[LCM_FINGERPRINT_TEXT_SIZE];

    lcm_keys_fingerprint(world->keys.point[FIXTURE_APP_2], wrong);
    lcm_keys_fingerprint(world->keys.point[FIXTURE_APP], right);
    fixture_flash_fresh(world);
    fixture_flash_set(world, LCM_KEY_APP_KEY, wrong);
    fixture_device_start(world, NULL);
    fixture_device_wait_for(world, "event", "result", "KEY_UNKNOWN", 1);
    fixture_device_stop(world, 15);
    EXPECT(world, !world->view.slot[0].is_image ||
                      !fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, "1.0.0",
                                           FIXTURE_APP_FILE));
    fixture_flash_set(world, LCM_KEY_APP_KEY, right);
    fixture_device_run(world, NULL);
    fixture_expect_app(world, "1.0.0");
}

/* Goal: the owner hands the repository to a new key; devices follow, and then refuse the old. */
static void test_key_handover(void **state)
{
    struct fixture_world *world = *state;
    struct lcm_handover handover;
    struct fixture_file file;
    char pinned[LCM_FINGERPRINT_TEXT_SIZE];

    assert_int_equal(lcm_handover_make(&handover, world->keys.key[FIXTURE_APP], FIXTURE_REPOSITORY,
                                       world->keys.point[FIXTURE_APP_2], NULL),
                     LCM_OK);
    fixture_app(world, &file, "1.1.0", 2);
    file.key = FIXTURE_APP_2;
    file.spec.handovers = &handover;
    file.spec.handover_count = 1;
    fixture_publish(world, &file);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    lcm_keys_fingerprint(world->keys.point[FIXTURE_APP_2], pinned);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_APP_KEY), pinned) == 0);
    fixture_flash_remember(world);
    fixture_publish_app(world, "1.2.0", 3);
    fixture_device_run(world, "--check", NULL);
    expect_kept_at(world, "KEY_UNKNOWN");
}

/* Goal: a hand-over by a key that this device does not follow is none. */
static void test_foreign_handover(void **state)
{
    struct fixture_world *world = *state;
    struct lcm_handover handover;
    struct fixture_file file;

    assert_int_equal(lcm_handover_make(&handover, world->keys.key[FIXTURE_APP_3],
                                       FIXTURE_REPOSITORY, world->keys.point[FIXTURE_APP_2], NULL),
                     LCM_OK);
    fixture_app(world, &file, "1.1.0", 2);
    file.key = FIXTURE_APP_2;
    file.spec.handovers = &handover;
    file.spec.handover_count = 1;
    fixture_publish(world, &file);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "KEY_UNKNOWN");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_allowed),
        FIXTURE_TEST(test_not_allowed),
        FIXTURE_TEST(test_refused_with_a_pinned_key),
        FIXTURE_TEST(test_update),
        FIXTURE_TEST(test_wrong_hash),
        FIXTURE_TEST(test_wrong_length),
        FIXTURE_TEST(test_short_sig_file),
        FIXTURE_TEST(test_older_version),
        FIXTURE_TEST(test_untrusted_host),
        FIXTURE_TEST(test_largest_image),
        FIXTURE_TEST(test_image_one_byte_too_large),
        FIXTURE_TEST(test_broken_connections),
        FIXTURE_TEST(test_from_unsigned_to_signed),
        FIXTURE_TEST(test_key_pinned_at_setup),
        FIXTURE_TEST(test_key_handover),
        FIXTURE_TEST(test_foreign_handover),
    };

    return FIXTURE_MAIN("unsigned", tests);
}
