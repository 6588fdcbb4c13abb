// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what the checklist of docs/TESTING.md asks for and no other test shows: mix-and-match of
 * releases, an old release after a factory reset, a host that never moves on.
 * Method: lcm device against lcm serve, as in tests/system.
 */
#include <stdlib.h>
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_release.h"

/* V04: a factory reset forgets what was accepted. The older release that the host offers then is
 * taken, signed as it is: a device that was given away may be set up for anything. */
static void test_older_release_after_factory_reset(void **state)
{
    struct fixture_world *world = *state;

    fixture_publish_app(world, "1.1.0", 5);
    fixture_device_run(world, "--check", NULL);
    fixture_expect_app(world, "1.1.0");
    fixture_publish_app(world, "1.2.0", 4); /* named newer, numbered older */
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_result(world), "ROLLBACK") == 0);
    fixture_device_run(world, "--power-cycles", "14", "--speed", "1000", NULL);
    EXPECT(world, strcmp(fixture_device_end(world), "setup") == 0);
    fixture_device_run(world, "--set", "wifi_ssid=home", "--set", "ota_repo=" FIXTURE_REPOSITORY,
                       NULL);
    fixture_expect_app(world, "1.2.0");
}

/* V12, V02: image and manifest of different releases under one tag. */
static void test_image_of_another_release(void **state)
{
    struct fixture_world *world = *state;
    size_t size = 0;
    uint8_t *old_image =
        fixture_published(world, FIXTURE_REPOSITORY, "1.0.0", FIXTURE_APP_FILE, &size);

    fixture_publish_app(world, "1.1.0", 2);
    fixture_put(world, FIXTURE_REPOSITORY, "1.1.0", FIXTURE_APP_FILE, old_image, size);
    free(old_image);
    fixture_device_run(world, "--check", NULL);
    EXPECT(world, strcmp(fixture_device_end(world), "app") == 0);
    EXPECT(world, fixture_flash_changes(world, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE) == 0);
}

/* Freeze: the host says that nothing is new, for ever. The device works on and reports that it
 * looked; that nothing comes is for people to see (docs/THREATS.md). */
static void test_frozen_host(void **state)
{
    struct fixture_world *world = *state;

    for (int i = 0; i < 3; i++) {
        fixture_device_run(world, "--check", NULL);
        fixture_expect_app(world, "1.0.0");
        EXPECT(world, fixture_device_events(world, "CHECK", "done", NULL) == 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_older_release_after_factory_reset),
        FIXTURE_TEST(test_image_of_another_release),
        FIXTURE_TEST(test_frozen_host),
    };

    return FIXTURE_MAIN("hostile", tests);
}
