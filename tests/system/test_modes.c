// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: power-cycle modes, emergency mode, hold-off, and a device without network or
 * repository: the gestures do what the countdown says, secrets are gone from the flash
 * afterwards, and no wait holds the app back.
 * Method: --power-cycles, --wifi and --speed of the virtual device; the whole flash file is
 * searched for the password.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/update/keys.h"
#include "core/update/modes.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_image.h"
#include "tests/lib/fixture_release.h"

#define CYCLES_MAX 14u

/* ---- gestures ---- */

static void power_cycles(struct fixture_world *world, unsigned cycles)
{
    char number[8];

    snprintf(number, sizeof(number), "%u", cycles);
    fixture_device_run(world, "--power-cycles", number, "--speed", "1000", NULL);
}

/* What the countdown announced: "" = none. It must have run its ten seconds. */
static const char *announced(const struct fixture_world *world)
{
    const char *what = "";

    for (size_t i = 0; i < world->run.lines.count; i++) {
        if (fixture_has(world->run.lines.list[i], "type", "countdown"))
            what = fixture_text(world->run.lines.list[i], "what");
    }
    return what;
}

/* The table of the reference: which count means what with which step. */
static enum lcm_mode mode_of(unsigned count, unsigned step)
{
    if (count < 5)
        return LCM_MODE_NONE;
    unsigned group = (count - 5) / step;
    return group == 0   ? LCM_MODE_CHECK
           : group == 1 ? LCM_MODE_ERASE_WIFI
           : group == 2 ? LCM_MODE_ERASE_WIFI_BETA
                        : LCM_MODE_FACTORY_RESET;
}

static void check_counts(struct fixture_world *world, unsigned step)
{
    char number[8];

    snprintf(number, sizeof(number), "%u", step);
    for (unsigned count = 1; count <= CYCLES_MAX; count++) {
        enum lcm_mode mode = mode_of(count, step);
        const char *expected = mode == LCM_MODE_NONE ? "" : lcm_mode_text(mode);

        fixture_flash_store(world, world->baseline);
        fixture_flash_set(world, LCM_KEY_OTA_COUNT_STEP, number);
        power_cycles(world, count);
        if (strcmp(announced(world), expected) != 0)
            fail_msg("step %u, %u power cycles: '%s' instead of '%s', see %s", step, count,
                     announced(world), expected, world->run.output);
        EXPECT(world, fixture_device_lines(world, "countdown", NULL, NULL) ==
                          (mode == LCM_MODE_NONE ? 0 : LCM_MODE_COUNTDOWN_S));
        EXPECT(world, fixture_flash_contains(world, FIXTURE_PASSWORD) ==
                          (mode == LCM_MODE_NONE || mode == LCM_MODE_CHECK));
    }
}

static void test_counts_with_step_1(void **state)
{
    check_counts(*state, 1);
}

static void test_counts_with_step_2(void **state)
{
    check_counts(*state, 2);
}

static void test_counts_with_step_3(void **state)
{
    check_counts(*state, 3);
}

/* Goal: five cycles look for updates and start the app. */
static void test_gesture_checks_for_updates(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_app(world, "1.1.0", 2);
    power_cycles(world, 5);
    fixture_expect_app(world, "1.1.0");
    fixture_device_run(world, NULL);
    EXPECT(world, fixture_device_lines(world, "boot", NULL, NULL) == 0);
}

/* Goal: erasing Wi-Fi leaves no byte of the password, everything else, and the app running. */
static void test_erase_wifi(void **state)
{
    struct fixture_world *world = *state;

    fixture_flash_set(world, LCM_KEY_LCM_BETA, "y");
    power_cycles(world, 8);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, strcmp(fixture_device_result(world), "NO_WIFI_SETTINGS") == 0);
    EXPECT(world, !fixture_flash_contains(world, FIXTURE_PASSWORD));
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_WIFI_SSID), "") == 0);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_LCM_BETA), "y") != 0);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_OTA_REPO), FIXTURE_REPOSITORY) == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE) == 0);
}

static void test_erase_wifi_and_enter_beta(void **state)
{
    struct fixture_world *world = *state;

    power_cycles(world, 11);
    EXPECT(world, !fixture_flash_contains(world, FIXTURE_PASSWORD));
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_LCM_BETA), "y") == 0);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
}

/* Goal: a factory reset leaves nothing of the user: app, its data, settings, radio data; the
 * updater and the certificates stay, and set-up leads to the app again. */
static void test_factory_reset(void **state)
{
    struct fixture_world *world = *state;
    uint8_t data[LCM_SECTOR_SIZE];

    fixture_image_noise(data, sizeof(data), 9);
    fixture_flash_poke(world, 0x8C000, data, sizeof(data));
    fixture_flash_poke(world, LCM_RADIO_ADDR, data, sizeof(data));
    power_cycles(world, 14);
    EXPECT(world, strcmp(fixture_device_end(world), "setup") == 0);
    EXPECT(world, !fixture_flash_contains(world, FIXTURE_PASSWORD));
    EXPECT(world, world->view.setting_count == 0);
    EXPECT(world, world->view.app_data_used == 0 && world->view.radio_used == 0);
    EXPECT(world, world->view.slot[0].is_blank);
    EXPECT(world, !world->view.record[LCM_STATE_APP].is_present);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT1_ADDR, LCM_SLOT1_SIZE) == 0);
    EXPECT(world, fixture_trust_sequence(world) == 1);
    fixture_device_run(world, "--set", "wifi_ssid=home", "--set", "ota_repo=" FIXTURE_REPOSITORY,
                       NULL);
    fixture_expect_app(world, "1.0.0");
}

/* Goal: a count that the app left in the settings works once. */
static void test_count_left_by_the_app(void **state)
{
    struct fixture_world *world = *state;

    fixture_flash_set(world, LCM_KEY_OTA_COUNT, "8");
    fixture_device_run(world, "--check", "--speed", "1000", NULL);
    EXPECT(world, strcmp(announced(world), "erase Wi-Fi settings") == 0);
    EXPECT(world, !fixture_flash_contains(world, FIXTURE_PASSWORD));
    fixture_device_run(world, "--check", "--speed", "1000", NULL);
    EXPECT(world, strcmp(announced(world), "") == 0);
}

/* ---- emergency mode ---- */

static void publish_emergency(struct fixture_world *world, enum fixture_key key,
                              const char *version, uint32_t sequence)
{
    struct fixture_file file;
    uint8_t manifest[LCM_MANIFEST_SIZE_MAX];

    fixture_updater(world, &file, 0, version, sequence);
    file.key = key;
    size_t size = fixture_sign(world, &file, manifest);
    fixture_put(world, ".", "emergency", "otaboot.bin", file.image, file.spec.image_size);
    fixture_put(world, ".", "emergency", "otaboot.bin.manifest", manifest, size);
}

static void emergency_run(struct fixture_world *world, unsigned port)
{
    char server[64];

    snprintf(server, sizeof(server), "127.0.0.1:%u", port);
    fixture_flash_set(world, LCM_KEY_OTA_SERVER, server);
    fixture_flash_set(world, LCM_KEY_LCM_BETA, "y");
    fixture_device_run(world, "--check", "--speed", "1000", NULL);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_OTA_SERVER), "") == 0);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_LCM_BETA), "") == 0);
}

/* Goal: a signed installer from a plain server of the user is taken; it brings updater and app. */
static void test_emergency_server(void **state)
{
    struct fixture_world *world = *state;

    publish_emergency(world, FIXTURE_RELEASE, "2.0.0", 2);
    fixture_publish_updaters(world, "2.0.0", 2);
    emergency_run(world, world->server.plain_port);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_server_requests(&world->server, "plain") >= 2);
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", "otaboot.bin") == 1);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT1_ADDR, FIXTURE_SUITE_REPOSITORY, "2.0.0",
                                      "otamain.bin"));
}

static void test_emergency_server_with_forged_installer(void **state)
{
    struct fixture_world *world = *state;

    publish_emergency(world, FIXTURE_THIEF, "2.0.0", 2);
    emergency_run(world, world->server.plain_port);
    fixture_expect_kept(world, "KEY_UNKNOWN");
}

/* Goal: the rules against going back hold here too. */
static void test_emergency_server_with_old_installer(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_updaters(world, "2.0.0", 5);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    fixture_flash_remember(world);
    publish_emergency(world, FIXTURE_RELEASE, "1.9.0", 4);
    emergency_run(world, world->server.plain_port);
    fixture_expect_kept(world, "ROLLBACK");
}

/* Goal: one gesture, one try: also when the server does not exist. */
static void test_emergency_server_is_absent(void **state)
{
    struct fixture_world *world = *state;

    emergency_run(world, 1);
    fixture_expect_kept(world, "CONNECT");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
}

/* ---- no network, no repository ---- */

static void wifi_fails(struct fixture_world *world, const char *how, const char *result)
{
    fixture_device_run(world, "--check", "--speed", "1000", "--wifi", how, NULL);
    fixture_expect_kept(world, result);
}

static void test_wifi_password_refused(void **state)
{
    wifi_fails(*state, "wrong-password", "WIFI_PASSWORD");
}

static void test_wifi_not_found(void **state)
{
    wifi_fails(*state, "not-found", "WIFI_NOT_FOUND");
}

static void test_wifi_never_answers(void **state)
{
    wifi_fails(*state, "down", "TIMEOUT");
}

static void test_no_wifi_settings(void **state)
{
    struct fixture_world *world = *state;

    fixture_flash_set(world, LCM_KEY_WIFI_SSID, "");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "NO_WIFI_SETTINGS");
}

static void test_fresh_device_without_wifi_settings(void **state)
{
    struct fixture_world *world = *state;

    fixture_flash_fresh(world);
    fixture_flash_set(world, LCM_KEY_WIFI_SSID, "");
    fixture_device_run(world, NULL);
    EXPECT(world, strcmp(fixture_device_end(world), "setup") == 0);
}

static void test_no_repository(void **state)
{
    struct fixture_world *world = *state;

    fixture_flash_set(world, LCM_KEY_OTA_REPO, "");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
}

static void test_fresh_device_without_repository(void **state)
{
    struct fixture_world *world = *state;

    fixture_flash_fresh(world);
    fixture_flash_set(world, LCM_KEY_OTA_REPO, "");
    fixture_device_run(world, NULL);
    EXPECT(world, strcmp(fixture_device_end(world), "setup") == 0);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT1_ADDR, FIXTURE_SUITE_REPOSITORY, "1.0.0",
                                      "otamain.bin"));
}

/* ---- hold-off ---- */

/* The n-th (from 0) announced wait in milliseconds; -1 = none. */
static double wait_number(const struct fixture_world *world, unsigned n)
{
    for (size_t i = 0; i < world->run.lines.count; i++) {
        const cJSON *line = world->run.lines.list[i];
        if (fixture_has(line, "type", "waiting") && n-- == 0)
            return fixture_number(line, "value");
    }
    return -1;
}

/* Goal: without an app the waits grow as they should, between half and all of the nominal time. */
static void test_hold_off_grows(void **state)
{
    static const unsigned nominal_s[] = {1, 20, 400, 8000, 160000, 604800, 604800};
    struct fixture_world *world = *state;

    fixture_flash_fresh(world);
    fixture_device_start(world, "--speed", "1000000", "--resolve",
                         FIXTURE_RELEASE_HOST ":127.0.0.1:1", NULL);
    fixture_device_wait_for(world, "waiting", NULL, NULL, 7);
    fixture_device_stop(world, SIGTERM);
    for (unsigned i = 0; i < 7; i++) {
        EXPECT(world, wait_number(world, i) >= nominal_s[i] * 500.0);
        EXPECT(world, wait_number(world, i) <= nominal_s[i] * 1000.0);
    }
}

/* Goal: with an app the waits survive soft resets, and are never longer than 20 s, so that the
 * app is soon back; power-off resets them. Method: one process asks again and again. */
static void test_hold_off_with_app(void **state)
{
    struct fixture_world *world = *state;

    fixture_device_start(world, "--check", "--stay", "--speed", "1000", "--resolve",
                         FIXTURE_RELEASE_HOST ":127.0.0.1:1", NULL);
    for (unsigned i = 1; i <= 4; i++) {
        fixture_device_wait_for(world, "end", "end", "app", i);
        kill(world->run.process.pid, SIGUSR1);
    }
    fixture_device_wait_for(world, "end", "end", "app", 5);
    fixture_device_stop(world, SIGTERM);
    EXPECT(world, wait_number(world, 0) >= 500 && wait_number(world, 0) <= 1000);
    EXPECT(world, wait_number(world, 1) >= 10000 && wait_number(world, 1) <= 20000);
    EXPECT(world, wait_number(world, 2) == 20000 && wait_number(world, 3) == 20000);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, wait_number(world, 0) == -1);
    fixture_expect_app(world, "1.0.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_counts_with_step_1),
        FIXTURE_TEST(test_counts_with_step_2),
        FIXTURE_TEST(test_counts_with_step_3),
        FIXTURE_TEST(test_gesture_checks_for_updates),
        FIXTURE_TEST(test_erase_wifi),
        FIXTURE_TEST(test_erase_wifi_and_enter_beta),
        FIXTURE_TEST(test_factory_reset),
        FIXTURE_TEST(test_count_left_by_the_app),
        FIXTURE_TEST(test_emergency_server),
        FIXTURE_TEST(test_emergency_server_with_forged_installer),
        FIXTURE_TEST(test_emergency_server_with_old_installer),
        FIXTURE_TEST(test_emergency_server_is_absent),
        FIXTURE_TEST(test_wifi_password_refused),
        FIXTURE_TEST(test_wifi_not_found),
        FIXTURE_TEST(test_wifi_never_answers),
        FIXTURE_TEST(test_no_wifi_settings),
        FIXTURE_TEST(test_fresh_device_without_wifi_settings),
        FIXTURE_TEST(test_no_repository),
        FIXTURE_TEST(test_fresh_device_without_repository),
        FIXTURE_TEST(test_hold_off_grows),
        FIXTURE_TEST(test_hold_off_with_app),
    };

    return FIXTURE_MAIN("modes", tests);
}
