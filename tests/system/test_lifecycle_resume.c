// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a cut at any moment of a download costs at most one sector, and the device comes
 * through to the app by itself.
 * Method: the device is killed while a slow server sends (every flash operation reaches the
 * file before the device goes on, so a kill is a power cut); then it is started again and the
 * server's log tells what it fetched.
 */
#include <signal.h>
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_release.h"

#define IMAGE_SIZE (12u * LCM_SECTOR_SIZE)

/* Sectors of the image that the flash holds already. */
static unsigned sectors_present(const struct fixture_world *world, const struct fixture_file *file)
{
    unsigned count = 0;

    for (uint32_t offset = 0; offset < IMAGE_SIZE; offset += LCM_SECTOR_SIZE)
        count += memcmp(world->flash + LCM_SLOT0_ADDR + offset, file->image + offset,
                        LCM_SECTOR_SIZE) == 0;
    return count;
}

/* Kill the device once sector `after` is on flash, then let it finish. */
static void cut_and_resume(struct fixture_world *world, uint32_t after)
{
    struct fixture_file file;
    const char *path = "/1.1.0/main.bin";

    fixture_app_sized(world, &file, "1.1.0", 2, IMAGE_SIZE);
    fixture_publish(world, &file);
    fixture_server_fault(&world->server, "slow=60000@asset~production");
    fixture_device_start(world, "--check", NULL);
    fixture_device_wait_written(world, LCM_SLOT0_ADDR + after * LCM_SECTOR_SIZE,
                                file.image + after * LCM_SECTOR_SIZE, LCM_SECTOR_SIZE);
    fixture_device_stop(world, SIGKILL);
    unsigned present = sectors_present(world, &file);
    EXPECT(world, present >= after && present < IMAGE_SIZE / LCM_SECTOR_SIZE);
    fixture_server_fault(&world->server, "clear");
    fixture_device_run(world, NULL);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, fixture_server_bytes(&world->server, path) ==
                      (uint64_t)IMAGE_SIZE - present * LCM_SECTOR_SIZE);
    EXPECT(world, fixture_server_range_first(&world->server, path, 0) ==
                          (long)((present + 1) * LCM_SECTOR_SIZE) ||
                      present + 1 == IMAGE_SIZE / LCM_SECTOR_SIZE);
}

/* Goal: power fails early, in the middle, late: what is on flash is not fetched again. The
 * device needs no request to go on: the app cannot boot, so the updater starts. */
static void test_cut_early(void **state)
{
    cut_and_resume(*state, 1);
}

static void test_cut_in_the_middle(void **state)
{
    cut_and_resume(*state, 6);
}

static void test_cut_before_the_last_sector(void **state)
{
    cut_and_resume(*state, 10);
}

/* Goal: a cut during the resume of a resume does no more harm. */
static void test_cut_again_and_again(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_app_sized(world, &file, "1.1.0", 2, IMAGE_SIZE);
    fixture_publish(world, &file);
    fixture_server_fault(&world->server, "slow=80000@asset~production");
    for (uint32_t sector = 2; sector < 10; sector += 3) {
        fixture_device_start(world, "--check", NULL);
        fixture_device_wait_written(world, LCM_SLOT0_ADDR + sector * LCM_SECTOR_SIZE,
                                    file.image + sector * LCM_SECTOR_SIZE, LCM_SECTOR_SIZE);
        fixture_device_stop(world, SIGKILL);
    }
    fixture_server_fault(&world->server, "clear");
    fixture_device_run(world, NULL);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, fixture_server_bytes(&world->server, "/1.1.0/main.bin") <=
                      4 * (uint64_t)LCM_SECTOR_SIZE);
}

/* Goal: the installer of a fresh device is cut while it writes the updater; the next power-on
 * goes on there and reaches the app. */
static void test_cut_of_the_installer(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_flash_fresh(world);
    fixture_updater(world, &file, 1, "1.0.0", 1);
    fixture_server_fault(&world->server, "slow=20000@asset~production");
    fixture_device_start(world, NULL);
    fixture_device_wait_written(world, LCM_SLOT1_ADDR + LCM_SECTOR_SIZE,
                                file.image + LCM_SECTOR_SIZE, LCM_SECTOR_SIZE);
    fixture_device_stop(world, SIGKILL);
    fixture_server_fault(&world->server, "clear");
    fixture_device_run(world, NULL);
    fixture_expect_app(world, "1.0.0");
    EXPECT(world, fixture_server_bytes(&world->server, "/1.0.0/otamain.bin") <=
                      FIXTURE_UPDATER_SIZE - LCM_SECTOR_SIZE);
}

/* Goal: a new release that appears in the middle of an interrupted download is installed whole:
 * no mixture of the two. */
static void test_another_release_during_the_cut(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_app_sized(world, &file, "1.1.0", 2, IMAGE_SIZE);
    fixture_publish(world, &file);
    fixture_server_fault(&world->server, "slow=60000@asset~production");
    fixture_device_start(world, "--check", NULL);
    fixture_device_wait_written(world, LCM_SLOT0_ADDR + 3 * LCM_SECTOR_SIZE,
                                file.image + 3 * LCM_SECTOR_SIZE, LCM_SECTOR_SIZE);
    fixture_device_stop(world, SIGKILL);
    fixture_server_fault(&world->server, "clear");
    fixture_publish_app(world, "1.2.0", 3);
    fixture_device_run(world, NULL);
    fixture_expect_app(world, "1.2.0");
}

/* Goal: the connection breaks again and again; each time the device goes on where it was,
 * in the same run. Method: the server cuts the body after some bytes, three times. */
static void test_broken_connections_in_one_run(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_app_sized(world, &file, "1.1.0", 2, IMAGE_SIZE);
    fixture_publish(world, &file);
    fixture_server_fault(&world->server, "truncate=9000@asset~production*4");
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, fixture_server_gets(&world->server, "/1.1.0/main.bin") > 3);
}

/* Goal: the host turns bad when the old app is half overwritten: the device stays in the updater,
 * tries again with growing pauses, writes nothing of the bad sector (the 12th), and gets through
 * once the host is good. Method: the power is cut while it writes: no app is at stake any more. */
static void test_host_turns_bad_in_the_middle(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_app_sized(world, &file, "1.1.0", 2, IMAGE_SIZE);
    fixture_publish(world, &file);
    fixture_server_fault(&world->server, "slow=60000@asset~production");
    fixture_device_start(world, "--check", NULL);
    fixture_device_wait_written(world, LCM_SLOT0_ADDR + 4 * LCM_SECTOR_SIZE,
                                file.image + 4 * LCM_SECTOR_SIZE, LCM_SECTOR_SIZE);
    fixture_device_stop(world, SIGKILL);
    fixture_server_fault(&world->server, "clear");
    fixture_server_fault(&world->server, "flip-byte=45100@asset");
    fixture_device_start(world, "--speed", "1000", NULL);
    fixture_device_wait_for(world, "event", "result", "CORRUPT", 2);
    fixture_flash_load(world);
    EXPECT(world, memcmp(world->flash + LCM_SLOT0_ADDR + 11 * LCM_SECTOR_SIZE,
                         file.image + 11 * LCM_SECTOR_SIZE, 44) != 0);
    fixture_server_fault(&world->server, "clear");
    assert_true(fixture_process_wait(&world->run.process, FIXTURE_DEVICE_TIMEOUT_MS));
    fixture_device_stop(world, 0);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, "1.1.0",
                                      FIXTURE_APP_FILE));
    EXPECT(world, fixture_device_lines(world, "waiting", NULL, NULL) >= 2);
}

/* Goal: after the image is on flash but before the records say so, a cut leaves a device
 * that finishes the records at the next check, fetching nothing of the image. Method: flash
 * with the new image but the old records. */
static void test_cut_between_image_and_records(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_file file;

    fixture_app(world, &file, "1.1.0", 2);
    fixture_publish(world, &file);
    fixture_flash_poke(world, LCM_SLOT0_ADDR, file.image, FIXTURE_APP_SIZE);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    EXPECT(world, fixture_server_bytes(&world->server, "/1.1.0/main.bin") == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_cut_early),
        FIXTURE_TEST(test_cut_in_the_middle),
        FIXTURE_TEST(test_cut_before_the_last_sector),
        FIXTURE_TEST(test_cut_again_and_again),
        FIXTURE_TEST(test_cut_of_the_installer),
        FIXTURE_TEST(test_another_release_during_the_cut),
        FIXTURE_TEST(test_broken_connections_in_one_run),
        FIXTURE_TEST(test_host_turns_bad_in_the_middle),
        FIXTURE_TEST(test_cut_between_image_and_records),
    };

    return FIXTURE_MAIN("resume", tests);
}
