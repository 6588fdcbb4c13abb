// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the story of a device: from the installer to the app, nothing new, an update, a
 * repair, and what each of these costs on the network.
 * Method: `lcm device` against `lcm serve`; flash content is compared with the published
 * files byte for byte, handshakes and requests are counted in the server's log.
 */
#include <stdlib.h>
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_image.h"
#include "tests/lib/fixture_release.h"

/* Goal: one power-on brings a factory-fresh device to its app. Method: only an installer
 * in slot 0, certificates and settings; then both slots, records and settings are read. */
static void test_fresh_device_reaches_its_app(void **state)
{
    struct fixture_world *world = *state;

    fixture_flash_fresh(world);
    fixture_device_run(world, NULL);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_device_lines(world, "boot", "version", "1.0.0") == 2);
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", "otamain.bin") == 1);
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", "main.bin") == 1);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT1_ADDR, FIXTURE_SUITE_REPOSITORY, "1.0.0",
                                      "otamain.bin"));
    EXPECT(world, world->view.record[LCM_STATE_APP].is_present);
    EXPECT(world, world->view.record[LCM_STATE_UPDATER].is_present);
    EXPECT(world, strlen(fixture_setting(world, LCM_KEY_APP_KEY)) == 64);
}

/* Goal: a check that finds nothing costs one handshake and two requests, and no write
 * to slots. Method: the baseline device checks. */
static void test_nothing_new_costs_one_handshake(void **state)
{
    struct fixture_world *world = *state;

    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_server_handshakes(&world->server) == 1);
    EXPECT(world, fixture_server_requests(&world->server, NULL) == 2);
    EXPECT(world, memcmp(world->flash + LCM_SLOT0_ADDR, world->baseline + LCM_SLOT0_ADDR,
                         LCM_SETTINGS_ADDR - LCM_SLOT0_ADDR) == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_SETTINGS_ADDR, LCM_SETTINGS_SIZE) == 0);
}

/* Goal: without a request the app starts at once and nobody is asked. */
static void test_power_on_starts_the_app(void **state)
{
    struct fixture_world *world = *state;

    fixture_device_run(world, NULL);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, fixture_server_requests(&world->server, NULL) == 0);
    EXPECT(world, fixture_device_lines(world, "boot", "version", NULL) == 0);
}

/* Goal: a new app is installed with two handshakes, each sector fetched twice (once to judge the
 * whole release while the old app is there, once to write it); the next check finds nothing. */
static void test_app_update_costs_two_handshakes(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_app(world, "1.1.0", 2);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, fixture_server_handshakes(&world->server) == 2);
    EXPECT(world, fixture_server_bytes(&world->server, "/1.1.0/main.bin") == 2 * FIXTURE_APP_SIZE);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, fixture_server_handshakes(&world->server) == 1);
    EXPECT(world, fixture_server_requests(&world->server, NULL) == 2);
}

/* Bytes and ranges of an installation that replaces one sector of an app that boots: the sector is
 * judged, then fetched again and written; then sector 0, whose header was cleared so that no
 * mixture can boot. */
static void expect_one_sector_replaced(struct fixture_world *world, const char *path,
                                       uint32_t sector)
{
    const struct fixture_server *server = &world->server;

    EXPECT(world, fixture_server_bytes(server, path) == 3 * LCM_SECTOR_SIZE);
    EXPECT(world, fixture_server_gets(server, path) == 3);
    EXPECT(world, fixture_server_range_first(server, path, 0) == (long)(sector * LCM_SECTOR_SIZE));
    EXPECT(world, fixture_server_range_first(server, path, 1) == (long)(sector * LCM_SECTOR_SIZE));
    EXPECT(world, fixture_server_range_first(server, path, 2) == 0);
}

/* Goal: only sectors that changed are fetched. Method: the new image differs from the old one in
 * sector 3 alone. */
static void test_unchanged_sectors_are_not_fetched(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_app(world, &file, "1.0.0", 1);
    file.spec.version = file.tag = "1.1.0";
    file.spec.sequence = 2;
    fixture_image_noise(file.image + 3 * LCM_SECTOR_SIZE, LCM_SECTOR_SIZE, 77);
    fixture_publish(world, &file);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    expect_one_sector_replaced(world, "/1.1.0/main.bin", 3);
}

/* Goal: a sector of the app that decayed is repaired, and no other fetched but sector 0. */
static void test_damaged_sector_is_repaired(void **state)
{
    struct fixture_world *world = *state;
    const uint8_t zeros[16] = {0};

    fixture_flash_poke(world, LCM_SLOT0_ADDR + 2 * LCM_SECTOR_SIZE + 100, zeros, sizeof(zeros));
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    expect_one_sector_replaced(world, "/1.0.0/main.bin", 2);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE) == 0);
}

/* Goal: an app whose header is gone does not boot; the updater starts by itself and brings it
 * back, fetching the one sector. */
static void test_dead_app_is_brought_back(void **state)
{
    struct fixture_world *world = *state;
    const uint8_t zeros[16] = {0};

    fixture_flash_poke(world, LCM_SLOT0_ADDR, zeros, sizeof(zeros));
    fixture_device_run(world, NULL);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_device_lines(world, "boot", "version", NULL) == 1);
    EXPECT(world, fixture_server_bytes(&world->server, "/1.0.0/main.bin") == LCM_SECTOR_SIZE);
}

/* Goal: the largest app that fits is installed, the app's data sector behind it stays as it
 * is; settings of an app stay too. */
static void test_largest_app_and_its_data(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;
    uint8_t data[LCM_SECTOR_SIZE];

    fixture_image_noise(data, sizeof(data), 4711);
    fixture_flash_poke(world, LCM_SLOT0_ADDR + LCM_SLOT0_IMAGE_SIZE_MAX, data, sizeof(data));
    fixture_flash_set(world, "hap_counter", "42");
    fixture_app_sized(world, &file, "1.1.0", 2, LCM_SLOT0_IMAGE_SIZE_MAX);
    fixture_publish(world, &file);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, memcmp(world->flash + 0x8C000, data, sizeof(data)) == 0);
    EXPECT(world, strcmp(fixture_setting(world, "hap_counter"), "42") == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT1_ADDR, LCM_SLOT1_SIZE) == 0);
    EXPECT(world,
           fixture_server_bytes(&world->server, "/1.1.0/main.bin") == 2 * LCM_SLOT0_IMAGE_SIZE_MAX);
}

/* Goal: a signed downgrade (higher sequence, lower version, same security version) is
 * accepted, as the sequence alone decides. */
static void test_signed_downgrade_is_installed(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_app(world, &file, "0.9.0", 2);
    file.tag = "1.0.1";
    fixture_publish(world, &file);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_result(world), "OK") == 0);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_OTA_VERSION), "0.9.0") == 0);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, "1.0.1",
                                      FIXTURE_APP_FILE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_fresh_device_reaches_its_app),
        FIXTURE_TEST(test_nothing_new_costs_one_handshake),
        FIXTURE_TEST(test_power_on_starts_the_app),
        FIXTURE_TEST(test_app_update_costs_two_handshakes),
        FIXTURE_TEST(test_unchanged_sectors_are_not_fetched),
        FIXTURE_TEST(test_damaged_sector_is_repaired),
        FIXTURE_TEST(test_dead_app_is_brought_back),
        FIXTURE_TEST(test_largest_app_and_its_data),
        FIXTURE_TEST(test_signed_downgrade_is_installed),
    };

    return FIXTURE_MAIN("lifecycle", tests);
}
