// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a power cut at any flash operation of an app update leaves the emulated chip, with the real
 * boot program and updater, able to finish it: the next power-on ends in the new app.
 * Method: `lcm emu --cut N:how` on the flash of a finished installation whose host offers a newer
 * app; N and how by a seed that is printed. LCM_EMU_CUTS sets how many (a few for make test,
 * 300 for the proof). That every operation is safe is shown by tests/power; here the
 * real binaries are sampled.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_firmware.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_release.h"
#include "tests/lib/ram_flash.h"

#define SESSION "--timeout|60"
#define CURRENT_SLOT_ADDR (LCM_BOOTCONF_ADDR + 3u)
#define CUTS_DEFAULT 4u
#define OPERATIONS 400u /* pages and erases of one update, and some */
#define SEED 20261128u
#define NEW_VERSION "1.1.0"

static uint32_t cut_count(void)
{
    const char *text = getenv("LCM_EMU_CUTS");

    return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : CUTS_DEFAULT;
}

/* Until the cut, or until the new app runs when the cut came too late. */
static bool run_to_cut(struct fixture_chip *chip, uint32_t at, const char *how)
{
    char options[96];

    snprintf(options, sizeof(options), "--cut|%u:%s|--until|blink: works|" SESSION, (unsigned)at,
             how);
    fixture_chip_run(chip, options);
    return fixture_chip_find(chip, 0, "end", "end", "cut") >= 0;
}

static void expect_new_app(struct fixture_chip *chip, struct fixture_world *world, uint32_t at,
                           const char *how)
{
    fixture_chip_run(chip, "--until|blink: works|" SESSION);
    fixture_chip_load(chip, world);
    if (fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, NEW_VERSION,
                            FIXTURE_APP_FILE))
        return;
    fixture_chip_tell(chip);
    fail_msg("after --cut %u:%s there is no new app", (unsigned)at, how);
}

static void test_sampled_cuts(void **state)
{
    static const char *const ways[] = {"before", "torn", "after"};
    struct fixture_world *world = *state;
    const uint8_t updater_first = 1; /* the boot config names the updater: no app must ask */
    uint64_t random = SEED;
    uint32_t cuts = 0;

    print_message("seed %u\n", SEED);
    fixture_publish_blink(world, NEW_VERSION, NEW_VERSION, 2);
    for (uint32_t i = 0; i < cut_count(); i++) {
        uint32_t at = 1 + (uint32_t)(ram_flash_random(&random) % OPERATIONS);
        const char *how = ways[ram_flash_random(&random) % 3];
        struct fixture_chip chip;

        fixture_chip_live(&chip, world, world->baseline);
        fixture_chip_write(&chip, CURRENT_SLOT_ADDR, &updater_first, 1);
        cuts += run_to_cut(&chip, at, how);
        expect_new_app(&chip, world, at, how);
        fixture_chip_close(&chip);
    }
    print_message("%u of %u cuts fell into the update\n", (unsigned)cuts, (unsigned)cut_count());
    assert_true(cuts > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {FIXTURE_TEST(test_sampled_cuts)};

    return fixture_world_main_from("cuts", tests, 1, fixture_firmware_prepare);
}
