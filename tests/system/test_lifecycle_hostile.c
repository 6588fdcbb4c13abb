// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what an attacker on the network, a hostile host or a careless publisher can make of
 * the ways between the states: no typing mistake opens a door, nothing goes in circles,
 * no release is passed over because it was looked at too early.
 * Method: one situation each, with real server and device; slots, settings and records are
 * looked at afterwards.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_release.h"

#define SERVER_TEXT_SIZE 64u
#define YEAR_S 31557600u

/* ---- emergency server ---- */

/* The same files in the folder that is served by plain HTTP. */
static void put_emergency(struct fixture_world *world, unsigned slot, const char *version,
                          uint32_t sequence)
{
    uint8_t manifest[LCM_MANIFEST_SIZE_MAX];
    struct fixture_file file;
    char name[SERVER_TEXT_SIZE];

    fixture_updater(world, &file, slot, version, sequence);
    size_t size = fixture_sign(world, &file, manifest);
    snprintf(name, sizeof(name), "%s.manifest", file.spec.file);
    fixture_put(world, "emergency", ".", name, manifest, size);
    fixture_put(world, "emergency", ".", file.spec.file, file.image, file.spec.image_size);
}

static void set_emergency(struct fixture_world *world)
{
    char server[SERVER_TEXT_SIZE];

    snprintf(server, sizeof(server), "127.0.0.1:%u", world->server.plain_port);
    fixture_flash_set(world, LCM_KEY_OTA_SERVER, server);
    fixture_flash_set(world, LCM_KEY_LCM_BETA, "y");
}

/* Goal: the updater takes otaboot from the emergency server: a way that must stay open. */
static void test_emergency_of_updater(void **state)
{
    struct fixture_world *world = *state;

    put_emergency(world, 0, "1.0.0", 1);
    set_emergency(world);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", "otaboot.bin") == 1);
}

/* Goal: signatures decide in an emergency, not certificates; the attempt ends with it and does
 * not become a search on the release host. */
static void test_emergency_by_https(void **state)
{
    struct fixture_world *world = *state;

    fixture_flash_set(world, LCM_KEY_OTA_SERVER, "https://" FIXTURE_RELEASE_HOST);
    fixture_flash_set(world, LCM_KEY_LCM_BETA, "y");
    fixture_server_fault(&world->server, "wrong-ca");
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, fixture_device_events(world, "CERTINVALID", NULL, NULL) == 0);
    fixture_expect_kept(world, "HTTP_NOT_FOUND");
}

/* ---- settings ---- */

/* Goal: a pinned fingerprint with a typing mistake fits no key: it does not become "no key". */
static void check_malformed_key(struct fixture_world *world, const char *text)
{
    struct fixture_file file;

    fixture_flash_set(world, LCM_KEY_APP_KEY, text);
    fixture_app(world, &file, "1.1.0", 2);
    file.key = FIXTURE_THIEF;
    fixture_publish(world, &file);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "KEY_UNKNOWN");
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_APP_KEY), text) == 0);
}

static void test_key_too_short(void **state)
{
    check_malformed_key(*state, "0123456789abcdef");
}

static void test_key_with_colons(void **state)
{
    check_malformed_key(*state, "01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef:"
                                "01:23:45:67:89:ab:cd:ef:01:23:45:67:89:ab:cd:ef");
}

/* Goal: and it does not open the way for unsigned apps. */
static void test_malformed_key_and_unsigned_app(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_flash_set(world, LCM_KEY_APP_KEY, "no key");
    fixture_flash_set(world, LCM_KEY_UNSIGNED, "y");
    fixture_app(world, &file, "1.1.0", 2);
    fixture_publish_image(world, &file);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "UNSIGNED");
}

/* Goal: another file of the same repository is another app, with a sequence of its own. */
static void test_other_file_is_asked_for(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_app(world, &file, "1.0.0", 1);
    file.spec.file = "lamp.bin";
    file.image[FIXTURE_APP_SIZE / 2] ^= 1; /* irom: no checksum covers it */
    fixture_publish(world, &file);
    fixture_flash_set(world, LCM_KEY_OTA_FILE, "lamp.bin");
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_result(world), "OK") == 0);
    EXPECT(world,
           fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, "1.0.0", "lamp.bin"));
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, fixture_server_handshakes(&world->server) == 1);
}

/* ---- releases ---- */

/* Goal: a release that is announced before its files are there is looked at again. */
static void test_release_before_its_files(void **state)
{
    struct fixture_world *world = *state;

    fixture_put(world, FIXTURE_SUITE_REPOSITORY, "2.0.0", "README.md", "soon", 4);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    fixture_publish_updaters(world, "2.0.0", 2);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT1_ADDR, FIXTURE_SUITE_REPOSITORY, "2.0.0",
                                      "otamain.bin"));
}

/* Goal: the way to a new updater leads through the app's slot; a release whose updater is
 * broken on the host does not take the app away. */
static void test_tampered_updater(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_updaters(world, "2.0.0", 2);
    fixture_server_fault(&world->server, "flip-byte=9000@asset~otamain.bin");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "CORRUPT");
}

/* Goal: the signed time of an updater's manifest raises the floor below which no network is
 * believed. */
static void test_manifest_raises_time_floor(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    for (unsigned slot = 0; slot < LCM_SLOT_COUNT; slot++) {
        fixture_updater(world, &file, slot, "2.0.0", 2);
        file.spec.created = world->now + YEAR_S;
        fixture_publish(world, &file);
    }
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, world->view.record[LCM_STATE_TIME_FLOOR].time_floor == world->now + YEAR_S);
}

/* ---- loops ---- */

/* Goal: an impostor who names the new release to otamain and the old one to otaboot cannot
 * make a device replace otaboot again and again, wearing its flash out: each round waits
 * longer. Method: already the first start of the new otaboot waits before it asks anything. */
static void test_impostor_cannot_hurry_self_updates(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_updaters(world, "2.0.0", 2);
    fixture_server_fault(&world->server, "wrong-ca");
    fixture_device_start(world, "--check", NULL);
    fixture_device_wait_for(world, "waiting", NULL, NULL, 1);
    fixture_device_stop(world, SIGKILL);
    EXPECT(world, fixture_device_lines(world, "boot", "version", "2.0.0") == 1);
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", "otaboot.bin") == 1);
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", "otamain.bin") == 0);
}

static double longest_wait_ms(const struct fixture_world *world)
{
    double longest = 0;

    for (size_t i = 0; i < world->run.lines.count; i++) {
        const cJSON *line = world->run.lines.list[i];
        const cJSON *wait = cJSON_GetObjectItem(line, "value");
        if (fixture_has(line, "type", "waiting") && wait != NULL && wait->valuedouble > longest)
            longest = wait->valuedouble;
    }
    return longest;
}

/* Goal: an impostor does not silence a device without app for a day by one Retry-After. */
static void test_impostor_sets_no_retry_time(void **state)
{
    static const uint8_t zeros[16] = {0};
    struct fixture_world *world = *state;

    fixture_flash_poke(world, LCM_SLOT0_ADDR, zeros, sizeof(zeros));
    fixture_server_fault(&world->server, "wrong-ca");
    fixture_server_fault(&world->server, "status=503:86400");
    fixture_device_start(world, NULL);
    fixture_device_wait_for(world, "waiting", NULL, NULL, 1);
    fixture_device_stop(world, SIGKILL);
    EXPECT(world, longest_wait_ms(world) <= 1000);
}

/* Goal: a boot configuration that names the updater's slot (an app may write it) does not
 * keep the app from running. */
static void test_boot_config_names_updater(void **state)
{
    static const uint8_t slot = 1;
    struct fixture_world *world = *state;

    fixture_flash_poke(world, LCM_BOOTCONF_ADDR + 3, &slot, 1);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
}

/* Goal: when LifeCycle Manager's own repository is gone, the app is still looked after. */
static void test_app_without_lcm_repository(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_app(world, &file, "1.1.0", 2);
    fixture_publish(world, &file);
    fixture_server_fault(&world->server, "404~" FIXTURE_SUITE_REPOSITORY "/releases/latest");
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_OTA_VERSION), "1.1.0") == 0);
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", FIXTURE_APP_FILE) == 1);
}

/* Goal: a signed file that is no image costs nobody an app that works. */
static void test_signed_nonsense(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_app(world, &file, "1.1.0", 2);
    file.image[0] = 'P';
    fixture_publish(world, &file);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "IMAGE");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_emergency_of_updater),
        FIXTURE_TEST(test_emergency_by_https),
        FIXTURE_TEST(test_key_too_short),
        FIXTURE_TEST(test_key_with_colons),
        FIXTURE_TEST(test_malformed_key_and_unsigned_app),
        FIXTURE_TEST(test_other_file_is_asked_for),
        FIXTURE_TEST(test_release_before_its_files),
        FIXTURE_TEST(test_tampered_updater),
        FIXTURE_TEST(test_manifest_raises_time_floor),
        FIXTURE_TEST(test_impostor_cannot_hurry_self_updates),
        FIXTURE_TEST(test_impostor_sets_no_retry_time),
        FIXTURE_TEST(test_boot_config_names_updater),
        FIXTURE_TEST(test_app_without_lcm_repository),
        FIXTURE_TEST(test_signed_nonsense),
    };

    return FIXTURE_MAIN("lifecycle_hostile", tests);
}
