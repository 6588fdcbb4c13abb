// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: LifeCycle Manager replaces itself (boot program, installer, updater) and the app comes
 * back; a release that is not in order changes nothing; channels.
 * Method: newer updaters are published; slots are compared with them byte for byte.
 */
#include <signal.h>
#include <string.h>

#include "core/trust/signed_file.h"
#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_image.h"
#include "tests/lib/fixture_release.h"

#define BOOT_SIZE 2000u

static void expect_updater(struct fixture_world *world, const char *tag)
{
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT1_ADDR, FIXTURE_SUITE_REPOSITORY, tag,
                                      "otamain.bin"));
}

/* Goal: a newer LifeCycle Manager passes through both slots, and the app is back in the same
 * power-on; the next check costs one handshake. */
static void test_self_update(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_updaters(world, "2.0.0", 2);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    expect_updater(world, "2.0.0");
    EXPECT(world, fixture_device_lines(world, "boot", "version", "1.0.0") == 1);
    EXPECT(world, fixture_device_lines(world, "boot", "version", "2.0.0") == 2);
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", "otaboot.bin") == 1);
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", "otamain.bin") == 1);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_server_handshakes(&world->server) == 1);
}

static void test_self_update_with_new_app(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_updaters(world, "2.0.0", 2);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    expect_updater(world, "2.0.0");
}

/* Goal: power cuts while the installer and then the updater are written: the device comes
 * through, with each sector fetched once. */
static void cut_self_update(struct fixture_world *world, unsigned slot, uint32_t sector)
{
    struct fixture_file file;
    uint32_t addr = slot == 0 ? LCM_SLOT0_ADDR : LCM_SLOT1_ADDR;

    fixture_publish_updaters(world, "2.0.0", 2);
    fixture_updater(world, &file, slot, "2.0.0", 2);
    fixture_server_fault(&world->server, "slow=30000@asset~production");
    fixture_device_start(world, "--check", NULL);
    fixture_device_wait_written(world, addr + sector * LCM_SECTOR_SIZE,
                                file.image + sector * LCM_SECTOR_SIZE, LCM_SECTOR_SIZE);
    fixture_device_stop(world, SIGKILL);
    fixture_server_fault(&world->server, "clear");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    expect_updater(world, "2.0.0");
}

static void test_cut_while_installer_is_written(void **state)
{
    cut_self_update(*state, 0, 1);
}

static void test_cut_while_updater_is_written(void **state)
{
    cut_self_update(*state, 1, 1);
}

/* ---- releases that are not in order ---- */

static void check_keeps(struct fixture_world *world, const char *result)
{
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, result);
}

/* Goal: otaboot of another release than otamain is refused before it is fetched. */
static void test_mixed_release(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_publish_updaters(world, "2.0.0", 2);
    fixture_updater(world, &file, 0, "2.0.0", 3);
    fixture_publish(world, &file);
    check_keeps(world, "EQUIVOCATION");
    EXPECT(world, fixture_server_bytes(&world->server, "/2.0.0/otaboot.bin") == 0);
}

static void test_release_without_installer(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_updater(world, &file, 1, "2.0.0", 2);
    fixture_publish(world, &file);
    check_keeps(world, "HTTP_NOT_FOUND");
}

/* Goal: only the release keys of the trust sector sign updaters: an app's key does not. */
static void test_updater_by_app_key(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_updater(world, &file, 1, "2.0.0", 2);
    file.key = FIXTURE_APP;
    fixture_publish(world, &file);
    check_keeps(world, "KEY_UNKNOWN");
}

/* Goal: below the security floor of the trust sector nothing is installed. */
static void test_updater_below_security_floor(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_updater(world, &file, 1, "2.0.0", 2);
    file.spec.security_version = 2;
    fixture_publish(world, &file);
    check_keeps(world, "ROLLBACK");
}

/* Goal: an installer's manifest under the updater's name: linked for the other slot. */
static void test_updater_for_the_other_slot(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_updater(world, &file, 1, "2.0.0", 2);
    file.spec.slot_addr = LCM_SLOT0_ADDR;
    fixture_publish(world, &file);
    check_keeps(world, "WRONG_SLOT");
}

static void test_older_updater(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_updaters(world, "2.0.0", 5);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    fixture_flash_remember(world);
    fixture_publish_updaters(world, "3.0.0", 4);
    check_keeps(world, "ROLLBACK");
}

/* Goal: a broken installer image does not take the app away. */
static void test_tampered_installer(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_updaters(world, "2.0.0", 2);
    fixture_server_fault(&world->server, "flip-byte=4100@asset~otaboot.bin&");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_kept(world, "CORRUPT");
}

/* ---- boot program ---- */

static void publish_boot(struct fixture_world *world, struct fixture_file *file, uint8_t *image)
{
    fixture_updater(world, file, 1, "2.0.0", 1);
    fixture_image_noise(image, BOOT_SIZE, 5);
    image[0] = 0xE9;
    file->spec.type = LCM_FILE_BOOT;
    file->spec.file = "boot.bin";
    file->spec.slot_addr = LCM_BOOT_ADDR;
    file->spec.image = file->image = image;
    file->spec.image_size = BOOT_SIZE;
    fixture_publish(world, file);
}

/* Goal: a boot program of the release goes to sector 0 with its version, keeping the board's
 * flash mode; the next check does not write it again. */
static void test_boot_program(void **state)
{
    static uint8_t image[BOOT_SIZE];
    struct fixture_world *world = *state;
    struct fixture_file file;
    const uint8_t board[4] = {0xE9, 1, 0x02, 0x20};

    fixture_flash_poke(world, LCM_BOOT_ADDR, board, sizeof(board));
    publish_boot(world, &file, image);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, memcmp(world->flash + 4, image + 4, BOOT_SIZE - 4) == 0);
    EXPECT(world, world->flash[2] == 0x02 && world->flash[3] == 0x20);
    EXPECT(world, strcmp(world->view.boot_version, "2.0.0") == 0);
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", "boot.bin") == 1);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, fixture_device_events(world, "UPDATE", "done", "boot.bin") == 0);
}

static void test_tampered_boot_program(void **state)
{
    static uint8_t image[BOOT_SIZE];
    struct fixture_world *world = *state;
    struct fixture_file file;

    publish_boot(world, &file, image);
    image[100] ^= 1;
    fixture_publish_image(world, &file);
    check_keeps(world, "CORRUPT");
    EXPECT(world, fixture_flash_changes(world, LCM_BOOT_ADDR, LCM_BOOT_SIZE) == 0);
}

/* ---- channels ---- */

static void publish_beta_app(struct fixture_world *world)
{
    struct fixture_file file;

    fixture_app(world, &file, "1.1.0-beta.1", 2);
    file.spec.channel = LCM_CHANNEL_BETA;
    fixture_publish(world, &file);
}

static void test_beta_app_on_beta_device(void **state)
{
    struct fixture_world *world = *state;

    publish_beta_app(world);
    fixture_flash_set(world, LCM_KEY_OTA_BETA, "y");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0-beta.1");
}

static void test_beta_app_on_stable_device(void **state)
{
    struct fixture_world *world = *state;

    publish_beta_app(world);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
}

/* Goal: a beta device also gets stable releases when they are newer. */
static void test_stable_release_on_beta_device(void **state)
{
    struct fixture_world *world = *state;

    publish_beta_app(world);
    fixture_publish_app(world, "1.1.0", 3);
    fixture_flash_set(world, LCM_KEY_OTA_BETA, "y");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
}

static void publish_beta_updaters(struct fixture_world *world)
{
    struct fixture_file file;

    for (unsigned slot = 0; slot < LCM_SLOT_COUNT; slot++) {
        fixture_updater(world, &file, slot, "2.0.0-rc.1", 2);
        file.spec.channel = LCM_CHANNEL_BETA;
        fixture_publish(world, &file);
    }
}

static void test_beta_updater_on_beta_device(void **state)
{
    struct fixture_world *world = *state;

    publish_beta_updaters(world);
    fixture_flash_set(world, LCM_KEY_LCM_BETA, "y");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    expect_updater(world, "2.0.0-rc.1");
}

static void test_beta_updater_on_stable_device(void **state)
{
    struct fixture_world *world = *state;

    publish_beta_updaters(world);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.0.0");
    expect_updater(world, "1.0.0");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_self_update),
        FIXTURE_TEST(test_self_update_with_new_app),
        FIXTURE_TEST(test_cut_while_installer_is_written),
        FIXTURE_TEST(test_cut_while_updater_is_written),
        FIXTURE_TEST(test_mixed_release),
        FIXTURE_TEST(test_release_without_installer),
        FIXTURE_TEST(test_updater_by_app_key),
        FIXTURE_TEST(test_updater_below_security_floor),
        FIXTURE_TEST(test_updater_for_the_other_slot),
        FIXTURE_TEST(test_older_updater),
        FIXTURE_TEST(test_tampered_installer),
        FIXTURE_TEST(test_boot_program),
        FIXTURE_TEST(test_tampered_boot_program),
        FIXTURE_TEST(test_beta_app_on_beta_device),
        FIXTURE_TEST(test_beta_app_on_stable_device),
        FIXTURE_TEST(test_stable_release_on_beta_device),
        FIXTURE_TEST(test_beta_updater_on_beta_device),
        FIXTURE_TEST(test_beta_updater_on_stable_device),
    };

    return FIXTURE_MAIN("self", tests);
}
