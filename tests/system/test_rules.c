// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a release that breaks a rule of trust is refused before anything of the old app is
 * touched, the reason is told, and the old app runs.
 * Method: version 1.1.0 is correct but for one thing; after the check, slots and
 * certificates are compared with the baseline byte for byte.
 */
#include <string.h>

#include "core/trust/signed_file.h"
#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_image.h"
#include "tests/lib/fixture_release.h"

static struct fixture_file file;

/* A correct successor of the baseline's app, to be spoiled. */
static struct fixture_world *next_release(void **state)
{
    struct fixture_world *world = *state;

    fixture_app(world, &file, "1.1.0", 2);
    return world;
}

static void check_is_refused(struct fixture_world *world, const char *result)
{
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, result);
    EXPECT(world, fixture_server_bytes(&world->server, "/1.1.0/main.bin") == 0);
}

static void publish_is_refused(struct fixture_world *world, const char *result)
{
    fixture_publish(world, &file);
    check_is_refused(world, result);
}

static void put_manifest(struct fixture_world *world, const uint8_t *manifest, size_t size)
{
    fixture_publish_image(world, &file);
    fixture_put(world, FIXTURE_REPOSITORY, "1.1.0", "main.bin.manifest", manifest, size);
}

/* Goal: a signature that does not fit is a forgery: CRITICAL, SIGINVALID. */
static void test_wrong_signature(void **state)
{
    struct fixture_world *world = next_release(state);
    uint8_t manifest[LCM_MANIFEST_SIZE_MAX];
    size_t size = fixture_sign(world, &file, manifest);

    manifest[size - 3] ^= 1;
    put_manifest(world, manifest, size);
    check_is_refused(world, "SIGNATURE");
    EXPECT(world, fixture_device_events(world, "SIGINVALID", "failed", "main.bin") == 1);
}

/* Goal: one changed bit in signed content is noticed. */
static void test_changed_content(void **state)
{
    struct fixture_world *world = next_release(state);
    uint8_t manifest[LCM_MANIFEST_SIZE_MAX];
    size_t size = fixture_sign(world, &file, manifest);
    uint8_t *version = memmem(manifest, size, "1.1.0", 5);

    assert_non_null(version);
    version[0] = '9';
    put_manifest(world, manifest, size);
    check_is_refused(world, "SIGNATURE");
}

/* Goal: a manifest cut short, empty, or of another kind of file is no manifest. */
static void test_cut_manifest(void **state)
{
    struct fixture_world *world = next_release(state);
    uint8_t manifest[LCM_MANIFEST_SIZE_MAX];
    size_t size = fixture_sign(world, &file, manifest);

    put_manifest(world, manifest, size - 20);
    check_is_refused(world, "FORMAT");
}

static void test_empty_manifest(void **state)
{
    struct fixture_world *world = next_release(state);

    put_manifest(world, (const uint8_t *)"", 0);
    check_is_refused(world, "FORMAT");
}

static void test_captive_portal_page_as_manifest(void **state)
{
    static const uint8_t page[] = "<html><body>Please log in</body></html>";
    struct fixture_world *world = next_release(state);

    put_manifest(world, page, sizeof(page) - 1);
    check_is_refused(world, "FORMAT");
}

/* Goal: a good signature by a key that this device never pinned does not count. */
static void test_unknown_key(void **state)
{
    struct fixture_world *world = next_release(state);

    file.key = FIXTURE_THIEF;
    publish_is_refused(world, "KEY_UNKNOWN");
    EXPECT(world, fixture_device_events(world, "SIGINVALID", "failed", "main.bin") == 1);
}

/* Goal: an older sequence is refused, even as the latest release with a higher version. */
static void test_older_sequence(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_app(world, "1.1.0", 7);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    fixture_flash_remember(world);
    fixture_publish_app(world, "1.2.0", 6);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_result(world), "ROLLBACK") == 0);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE) == 0);
}

/* Goal: the same sequence with other content is equivocation: refused and told as forgery. */
static void test_equivocation(void **state)
{
    struct fixture_world *world = next_release(state);

    file.spec.sequence = 1;
    fixture_image_noise(file.image + 2 * LCM_SECTOR_SIZE, 64, 99);
    publish_is_refused(world, "EQUIVOCATION");
    EXPECT(world, fixture_device_events(world, "SIGINVALID", "failed", "main.bin") == 1);
}

/* Goal: the same image under a new tag is no reason to do anything. */
static void test_same_content_again(void **state)
{
    struct fixture_world *world = *state;

    fixture_app(world, &file, "1.0.0", 1);
    file.tag = "1.1.0";
    fixture_publish(world, &file);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_server_bytes(&world->server, "/1.1.0/main.bin") == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE) == 0);
}

/* A correctly signed manifest with one item replaced: what no encoder would make. */
static void put_with_value(struct fixture_world *world, uint16_t tag, const void *value,
                           size_t value_size)
{
    static struct forge forge;
    uint8_t manifest[LCM_MANIFEST_SIZE_MAX], forged[LCM_MANIFEST_SIZE_MAX];
    size_t size = fixture_sign(world, &file, manifest);

    forge_load(&forge, &lcm_signed_manifest, manifest, size);
    forge_replace(&forge, tag, value, value_size);
    size = forge_save(&forge, world->keys.key[file.key], forged, sizeof(forged));
    put_manifest(world, forged, size);
}

/* Goal: signed for another repository, file, slot or flash size: refused. An app for the
 * updater's slot is not even a manifest. */
static void test_other_repository(void **state)
{
    struct fixture_world *world = next_release(state);

    put_with_value(world, 0x02, "someone/heater", 14);
    check_is_refused(world, "WRONG_REPOSITORY");
}

static void test_other_file(void **state)
{
    struct fixture_world *world = next_release(state);

    put_with_value(world, 0x03, "other.bin", 9);
    check_is_refused(world, "WRONG_FILE");
}

static void test_other_slot(void **state)
{
    static const uint8_t slot1[4] = {0x00, 0xD0, 0x08, 0x00};
    struct fixture_world *world = next_release(state);

    put_with_value(world, 0x08, slot1, sizeof(slot1));
    check_is_refused(world, "FORMAT");
}

static void test_other_flash_size(void **state)
{
    struct fixture_world *world = next_release(state);

    file.spec.flash_size = 2 * LCM_FLASH_SIZE;
    publish_is_refused(world, "WRONG_FLASH");
}

/* Goal: a manifest of another type cannot stand in for an app's, whoever signed it. */
static void test_other_type(void **state)
{
    static const uint8_t updater[1] = {LCM_FILE_UPDATER};
    struct fixture_world *world = next_release(state);

    put_with_value(world, 0x01, updater, sizeof(updater));
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_result(world), "OK") != 0);
    fixture_expect_kept(world, fixture_device_result(world));
    EXPECT(world, fixture_server_bytes(&world->server, "/1.1.0/main.bin") == 0);
}

/* Goal: a lower security version is refused with any sequence and version. */
static void test_lower_security_version(void **state)
{
    struct fixture_world *world = next_release(state);

    file.spec.security_version = 5;
    fixture_publish(world, &file);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    fixture_flash_remember(world);
    fixture_publish_app(world, "1.2.0", 3);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_result(world), "ROLLBACK") == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE) == 0);
}

/* Goal: an app that needs a newer LifeCycle Manager waits for it. */
static void test_updater_too_old(void **state)
{
    struct fixture_world *world = next_release(state);

    file.spec.updater_min = "1.0.1";
    publish_is_refused(world, "UPDATER_TOO_OLD");
}

/* Goal: a manifest of the beta channel is refused by a stable device, also when it hides under
 * a stable tag. */
static void test_beta_on_stable_device(void **state)
{
    struct fixture_world *world = next_release(state);

    file.spec.channel = LCM_CHANNEL_BETA;
    publish_is_refused(world, "WRONG_CHANNEL");
}

/* A correctly signed manifest with one more item at the end of its signed part. */
static void put_with_item(struct fixture_world *world, uint16_t tag)
{
    static struct forge forge;
    static const uint8_t value[4] = {1, 2, 3, 4};
    uint8_t manifest[LCM_MANIFEST_SIZE_MAX], forged[LCM_MANIFEST_SIZE_MAX];
    size_t size = fixture_sign(world, &file, manifest);

    forge_load(&forge, &lcm_signed_manifest, manifest, size);
    forge_insert(&forge, forge.count, tag, value, sizeof(value));
    size = forge_save(&forge, world->keys.key[file.key], forged, sizeof(forged));
    put_manifest(world, forged, size);
}

/* Goal: a field that a newer format calls critical stops an older device; one it calls
 * optional does not. */
static void test_unknown_critical_field(void **state)
{
    struct fixture_world *world = next_release(state);

    put_with_item(world, 0x0050);
    check_is_refused(world, "CRITICAL_FIELD");
}

static void test_unknown_optional_field(void **state)
{
    struct fixture_world *world = next_release(state);

    put_with_item(world, 0x8050);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
}

/* Goal: a manifest of more than 4,096 bytes is not read to its end. */
static void test_oversized_manifest(void **state)
{
    struct fixture_world *world = next_release(state);
    static uint8_t manifest[8 * 1024 * 1024];
    size_t size = fixture_sign(world, &file, manifest);

    memset(manifest + size, 0xFF, sizeof(manifest) - size);
    put_manifest(world, manifest, sizeof(manifest));
    check_is_refused(world, "TOO_LONG");
    EXPECT(world,
           fixture_server_bytes(&world->server, "/1.1.0/main.bin.manifest") < sizeof(manifest));
}

/* Goal: signed, but larger than the slot: refused before the first erase. Method: the encoder
 * does not make such a manifest, so its length field is forged and signed by the right key. */
static void test_image_larger_than_slot(void **state)
{
    struct fixture_world *world = next_release(state);
    static struct forge forge;
    static const uint8_t length[4] = {0x01, 0xA0, 0x08, 0x00}; /* 565,249 */
    static uint8_t hashes[139 * LCM_SECTOR_HASH_SIZE];
    uint8_t manifest[LCM_MANIFEST_SIZE_MAX], forged[LCM_MANIFEST_SIZE_MAX];
    size_t size = fixture_sign(world, &file, manifest);

    forge_load(&forge, &lcm_signed_manifest, manifest, size);
    forge_replace(&forge, 0x0B, length, sizeof(length));
    forge_replace(&forge, 0x0D, hashes, sizeof(hashes));
    size = forge_save(&forge, world->keys.key[file.key], forged, sizeof(forged));
    put_manifest(world, forged, size);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_result(world), "OK") != 0);
    fixture_expect_kept(world, fixture_device_result(world));
    EXPECT(world, fixture_server_bytes(&world->server, "/1.1.0/main.bin") == 0);
}

/* Goal: the first sector that arrives is wrong: the old app was not touched and runs. */
static void test_tampered_image(void **state)
{
    struct fixture_world *world = next_release(state);

    fixture_publish(world, &file);
    fixture_server_fault(&world->server, "flip-byte=5000@asset");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "CORRUPT");
}

/* Goal: the last sector is wrong, or the upload was cut: known before anything is overwritten. */
static void test_tampered_end_of_image(void **state)
{
    struct fixture_world *world = next_release(state);

    fixture_publish(world, &file);
    fixture_server_fault(&world->server, "flip-byte=20490@asset");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "CORRUPT");
}

/* Goal: the file on the host is longer than signed: the answer speaks of another total. */
static void test_image_longer_than_signed(void **state)
{
    struct fixture_world *world = next_release(state);
    static uint8_t longer[FIXTURE_APP_SIZE + 100];

    fixture_publish(world, &file);
    memcpy(longer, file.image, FIXTURE_APP_SIZE);
    fixture_put(world, FIXTURE_REPOSITORY, "1.1.0", "main.bin", longer, sizeof(longer));
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "RANGE");
}

static void test_image_shorter_than_signed(void **state)
{
    struct fixture_world *world = next_release(state);

    fixture_publish(world, &file);
    fixture_put(world, FIXTURE_REPOSITORY, "1.1.0", "main.bin", file.image, FIXTURE_APP_SIZE - 100);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "RANGE");
}

/* Goal: a release without a manifest is not installed on a device that wants signatures. */
static void test_release_without_manifest(void **state)
{
    struct fixture_world *world = next_release(state);

    fixture_publish_image(world, &file);
    check_is_refused(world, "UNSIGNED");
}

/* Goal: signed and complete, but no firmware image: the device does not end in a loop; the
 * next release that is one brings the app. */
static void test_signed_nonsense_and_the_way_out(void **state)
{
    struct fixture_world *world = next_release(state);

    memset(file.image, 0xA5, FIXTURE_APP_SIZE);
    file.image[0] = 0xEA; /* what a look at the first byte cannot tell */
    fixture_publish(world, &file);
    fixture_device_start(world, "--check", "--speed", "1000", NULL);
    fixture_device_wait_for(world, "event", "result", "IMAGE", 1);
    fixture_publish_app(world, "1.2.0", 3);
    assert_true(fixture_process_wait(&world->run.process, FIXTURE_DEVICE_TIMEOUT_MS));
    fixture_device_stop(world, 0);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, "1.2.0",
                                      FIXTURE_APP_FILE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_wrong_signature),
        FIXTURE_TEST(test_changed_content),
        FIXTURE_TEST(test_cut_manifest),
        FIXTURE_TEST(test_empty_manifest),
        FIXTURE_TEST(test_captive_portal_page_as_manifest),
        FIXTURE_TEST(test_unknown_key),
        FIXTURE_TEST(test_older_sequence),
        FIXTURE_TEST(test_equivocation),
        FIXTURE_TEST(test_same_content_again),
        FIXTURE_TEST(test_other_repository),
        FIXTURE_TEST(test_other_file),
        FIXTURE_TEST(test_other_slot),
        FIXTURE_TEST(test_other_flash_size),
        FIXTURE_TEST(test_other_type),
        FIXTURE_TEST(test_lower_security_version),
        FIXTURE_TEST(test_updater_too_old),
        FIXTURE_TEST(test_beta_on_stable_device),
        FIXTURE_TEST(test_unknown_critical_field),
        FIXTURE_TEST(test_unknown_optional_field),
        FIXTURE_TEST(test_oversized_manifest),
        FIXTURE_TEST(test_image_larger_than_slot),
        FIXTURE_TEST(test_tampered_image),
        FIXTURE_TEST(test_tampered_end_of_image),
        FIXTURE_TEST(test_image_longer_than_signed),
        FIXTURE_TEST(test_image_shorter_than_signed),
        FIXTURE_TEST(test_release_without_manifest),
        FIXTURE_TEST(test_signed_nonsense_and_the_way_out),
    };

    return FIXTURE_MAIN("rules", tests);
}
