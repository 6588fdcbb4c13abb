// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: on the emulated chip the built firmware obeys power cycles, and comes to terms with damage,
 * networks that refuse or vanish, and its own crashes: whatever happens, an intact program runs and
 * says what happened. Method: chips that start with the flash of a finished installation, run by
 * `lcm emu` in worlds with something wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_firmware.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_port.h"
#include "tests/lib/fixture_release.h"
#include "tests/lib/fixture_syslog.h"

#define SESSION "--timeout|60"
#define PATIENCE_MS 1500u /* for something that must not happen */
#define CURRENT_SLOT_ADDR (LCM_BOOTCONF_ADDR + 3u)
#define OTHER_NETWORK "network home password other-password\n"

/* A chip with this flash of a finished installation, whose boot configuration starts the updater.
 */
static void open_updating(struct fixture_chip *chip, const struct fixture_world *world,
                          const uint8_t *flash)
{
    const uint8_t slot = 1;

    fixture_chip_live(chip, world, flash);
    fixture_chip_write(chip, CURRENT_SLOT_ADDR, &slot, 1);
}

static void expect_baseline_slots(const struct fixture_world *world)
{
    assert_int_equal(fixture_flash_changes(world, LCM_SLOT0_ADDR, LCM_SLOT0_SIZE), 0);
    assert_int_equal(fixture_flash_changes(world, LCM_SLOT1_ADDR, LCM_SLOT1_SIZE), 0);
}

/* ---- power cycles ---- */

struct gesture {
    unsigned cycles;
    const char *text;  /* of the countdown */
    const char *until; /* the last thing that happens */
};

static const struct gesture gestures[] = {
    {5, "check for updates in 9 s", "blink: works"},
    {8, "erase Wi-Fi settings in 9 s", "LCM setup code: "}, /* somebody is there: set-up */
    {11, "erase Wi-Fi settings and enter beta mode in 9 s", "LCM setup code: "},
    {14, "factory reset in 9 s", "outcome"},
};
#define GESTURES (sizeof(gestures) / sizeof(gestures[0]))

static void gesture_start(struct fixture_chip *chip, const struct fixture_world *world,
                          const struct gesture *gesture)
{
    char options[128];

    fixture_chip_live(chip, world, world->baseline);
    snprintf(options, sizeof(options), "--power-cycle|%u|--until|%s|" SESSION, gesture->cycles,
             gesture->until);
    fixture_chip_start(chip, options);
}

static void gesture_end(struct fixture_chip *chip, struct fixture_world *world,
                        const struct gesture *gesture)
{
    fixture_chip_wait_for(chip, gesture->until, 1);
    fixture_chip_stop(chip);
    fixture_chip_expect(chip, gesture->text);
    fixture_chip_load(chip, world);
    fixture_chip_close(chip);
}

static void expect_erased_wifi(const struct fixture_world *world, const char *beta)
{
    assert_string_equal(fixture_setting(world, LCM_KEY_WIFI_SSID), "");
    assert_false(fixture_flash_contains(world, FIXTURE_PASSWORD));
    assert_string_equal(fixture_setting(world, LCM_KEY_LCM_BETA), beta);
    assert_string_equal(fixture_setting(world, LCM_KEY_OTA_REPO), FIXTURE_REPOSITORY);
    expect_baseline_slots(world);
}

static void expect_factory(const struct fixture_world *world)
{
    assert_int_equal(world->view.setting_count, 0);
    assert_true(world->view.slot[0].is_blank);
    assert_int_equal(fixture_trust_sequence(world), 1);
    assert_int_equal(fixture_flash_changes(world, LCM_SLOT1_ADDR, LCM_SLOT1_SIZE), 0);
    assert_int_equal(fixture_flash_changes(world, LCM_BOOT_ADDR, LCM_BOOT_SIZE), 0);
}

/* Goal: each number of short power cycles does what the table says. The chips count down side by
 * side. */
static void test_power_cycles(void **state)
{
    static struct fixture_chip chips[GESTURES];
    struct fixture_world *world = *state;

    for (size_t i = 0; i < GESTURES; i++)
        gesture_start(&chips[i], world, &gestures[i]);
    gesture_end(&chips[0], world, &gestures[0]);
    assert_string_equal(fixture_setting(world, LCM_KEY_WIFI_PASSWORD), FIXTURE_PASSWORD);
    expect_baseline_slots(world);
    gesture_end(&chips[1], world, &gestures[1]);
    expect_erased_wifi(world, "");
    gesture_end(&chips[2], world, &gestures[2]);
    expect_erased_wifi(world, "y");
    gesture_end(&chips[3], world, &gestures[3]);
    expect_factory(world);
}

/* ---- damage ---- */

/* Goal: the app's image is damaged: the updater runs and installs it again. */
static void test_damaged_app(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_chip chip;

    fixture_chip_live(&chip, world, world->baseline);
    fixture_chip_flip(&chip, LCM_SLOT0_ADDR);
    fixture_chip_run(&chip, "--until|blink: works|" SESSION);
    fixture_chip_expect(&chip, "boot: slot 1, power-on 1, other slot damaged");
    fixture_chip_expect(&chip, "UPDATE: app installed: main.bin");
    fixture_chip_expect(&chip, "blink: works");
    fixture_chip_load(&chip, world);
    expect_baseline_slots(world);
    fixture_chip_close(&chip);
}

/* Goal: the updater's image is damaged: the app runs, also when it asks for an update. */
static void test_damaged_updater(void **state)
{
    unsigned port = fixture_free_port(SOCK_STREAM);
    struct fixture_world *world = *state;
    struct fixture_chip chip;
    char answer[FIXTURE_HTTP_SIZE];

    fixture_chip_live(&chip, world, world->baseline);
    fixture_chip_flip(&chip, LCM_SLOT1_ADDR);
    fixture_chip_set_network(&chip, world, "", port);
    fixture_chip_start(&chip, SESSION);
    fixture_chip_wait_for(&chip, "blink: works", 1);
    fixture_http(port, "POST /update", answer);
    fixture_chip_wait_for(&chip, "blink: works", 2);
    fixture_chip_stop(&chip);
    fixture_chip_expect(&chip, "blink: asking for an update");
    fixture_chip_expect(&chip, "boot: slot 0, power-on 1, other slot damaged");
    assert_int_equal(fixture_chip_count(&chip, "LifeCycle Manager"), 0);
    fixture_chip_close(&chip);
}

/* ---- networks ---- */

/* Goal: the app works without Wi-Fi settings. */
static void test_app_without_wifi(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_chip chip;

    fixture_flash_set(world, LCM_KEY_WIFI_SSID, "");
    fixture_flash_load(world);
    fixture_chip_live(&chip, world, world->flash);
    fixture_chip_run(&chip, "--until|blink: works|" SESSION);
    fixture_chip_expect(&chip, "blink: Wi-Fi is not set up");
    fixture_chip_expect(&chip, "blink: works");
    fixture_chip_close(&chip);
}

/* Goal: the updater cannot join: it says why, and gives the device back to the app. */
static void test_wrong_password(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_chip chip;

    open_updating(&chip, world, world->baseline);
    fixture_chip_set_world(&chip, OTHER_NETWORK);
    fixture_chip_run(&chip, "--until|blink: set up for Wi-Fi|" SESSION);
    fixture_chip_expect(&chip, "[WIFI_PASSWORD]");
    fixture_chip_expect(&chip, "blink: set up for Wi-Fi \"home\"");
    fixture_chip_load(&chip, world);
    expect_baseline_slots(world);
    fixture_chip_close(&chip);
}

/* Goal: no app and no way to join: the updater waits and tries again, and what was wrong with the
 * network may be mended meanwhile. */
static void test_no_app_and_no_network(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_chip chip;

    fixture_chip_live(&chip, world, world->baseline);
    fixture_chip_flip(&chip, LCM_SLOT0_ADDR);
    fixture_chip_set_network(&chip, world, "fails 1", 0);
    fixture_chip_run(&chip, "--until|blink: works|" SESSION);
    fixture_chip_expect(&chip, "trying again in");
    fixture_chip_expect(&chip, "blink: works");
    fixture_chip_close(&chip);
}

/* Goal: the network goes away in the middle of the app's download and comes back: the same run
 * goes on where it was, and fetches nothing of it twice. */
static void test_network_gone(void **state)
{
    static uint8_t blank[LCM_SLOT0_IMAGE_SIZE_MAX];
    struct fixture_world *world = *state;
    struct fixture_chip chip;

    memset(blank, 0xFF, sizeof(blank));
    fixture_chip_live(&chip, world, world->baseline);
    fixture_chip_write(&chip, LCM_SLOT0_ADDR, blank, sizeof(blank));
    fixture_chip_set_network(&chip, world, "lost-after 110000 2000", 0);
    fixture_server_mark(&world->server);
    fixture_chip_run(&chip, "--until|blink: works|" SESSION);
    fixture_chip_expect(&chip, "blink: works");
    int begun = fixture_chip_find(&chip, 0, "uart", "line", "  main.bin ");
    int lost = fixture_chip_find(&chip, 0, "radio", "event", "lost");
    int joined = fixture_chip_find(&chip, lost + 1, "radio", "event", "joined");
    int done = fixture_chip_find(&chip, 0, "uart", "line", "UPDATE: app installed");
    assert_true(0 < begun && begun < lost && lost < joined && joined < done);
    assert_int_equal(fixture_chip_count(&chip, "LifeCycle Manager 1.0.0 in slot"), 1);
    fixture_chip_load(&chip, world);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, "1.0.0",
                                      FIXTURE_APP_FILE));
    fixture_server_settle(&world->server);
    assert_true(fixture_server_bytes(&world->server, "/1.0.0/main.bin") <
                world->view.slot[0].image.size + 2 * LCM_SECTOR_SIZE);
    fixture_chip_close(&chip);
}

/* ---- crashes ---- */

/* Address of a function of a built program, by the cross compiler's nm. */
static uint32_t function_address(const struct fixture_world *world, const char *elf,
                                 const char *name)
{
    char path[FIXTURE_PATH_SIZE], output[FIXTURE_PATH_SIZE], line[128];
    const char *arguments[] = {"xtensa-lx106-elf-nm", path, NULL};

    fixture_chip_program_path(elf, path, sizeof(path));
    fixture_join(output, world->folder, "symbols");
    assert_int_equal(fixture_process_run(arguments, output, 10000), 0);
    char *symbols = fixture_read_file(output, NULL);
    snprintf(line, sizeof(line), " T %s\n", name);
    const char *found = strstr(symbols, line);
    assert_true(found != NULL && found - symbols >= 8);
    uint32_t address = (uint32_t)strtoul(found - 8, NULL, 16);
    free(symbols);
    return address;
}

/* An instruction that does not exist, where every run comes to once it has told that it started.
 * Its address. */
static uint32_t poke_crash(struct fixture_chip *chip, const struct fixture_world *world,
                           const char *elf, const char *function)
{
    const uint8_t illegal[3] = {0, 0, 0};
    uint32_t address = function_address(world, elf, function);

    fixture_chip_write(chip, address - LCM_FLASH_MAP_BASE, illegal, sizeof(illegal));
    return address;
}

/* Three crashes, each a reset, and the ones before told by the next run. */
static void expect_crashes(const struct fixture_chip *chip, uint32_t address)
{
    char line[80];

    snprintf(line, sizeof(line), "panic: cause 64 at 0x%08x", (unsigned)address);
    assert_int_equal(fixture_chip_count(chip, line), 3);
    snprintf(line, sizeof(line), "PANIC: restarted after a crash: cause 64 at 0x%08x",
             (unsigned)address);
    assert_int_equal(fixture_chip_count(chip, line), 2);
    fixture_chip_expect(chip, "the updater crashed three times in a row");
    assert_int_equal(fixture_chip_find(chip, 0, "stop", NULL, NULL), -1);
}

/* One life of a device whose updater crashes in each run; how many crashes it told by syslog. */
static unsigned crash_updater(struct fixture_world *world)
{
    static struct fixture_syslog syslog;
    struct fixture_chip chip;

    fixture_syslog_open(&syslog);
    open_updating(&chip, world, world->flash);
    fixture_chip_add_name(&chip, "log.test", syslog.address);
    uint32_t address = poke_crash(&chip, world, "1.0.0/otamain.elf", "state_find_app_begin");
    fixture_chip_run(&chip, "--until|blink: works|" SESSION);
    fixture_chip_expect(&chip, "blink: works");
    expect_crashes(&chip, address);
    fixture_syslog_close(&syslog);
    fixture_chip_close(&chip);
    return fixture_syslog_messages(&syslog, "PANIC");
}

/* Goal: the updater crashes in each run: reset, told on the UART and by syslog by each run after a
 * crash, and after three in a row the app runs, though the boot configuration names the updater.
 * Nobody listens to the broadcasts, which must not cost the datagrams to the server. */
static void test_crashing_updater(void **state)
{
    struct fixture_world *world = *state;

    fixture_flash_set(world, LCM_KEY_SYSLOG, "log.test");
    fixture_flash_load(world);
    for (unsigned lives = 0; lives < 3; lives++)
        assert_int_equal(crash_updater(world), 2);
}

/* Goal: the installer crashes and there is no app: after three in a row it waits. */
static void test_crashing_installer(void **state)
{
    struct fixture_world *world = *state;
    struct fixture_chip chip;

    fixture_firmware_compose(world);
    fixture_flash_load(world);
    fixture_chip_live(&chip, world, world->flash);
    uint32_t address = poke_crash(&chip, world, "1.0.0/otaboot.elf", "state_find_lcm_begin");
    fixture_chip_start(&chip, SESSION);
    fixture_chip_wait_for(&chip, "three times in a row", 1);
    fixture_pause(PATIENCE_MS);
    fixture_chip_stop(&chip);
    expect_crashes(&chip, address);
    assert_int_equal(fixture_chip_count(&chip, "LifeCycle Manager 1.0.0 in slot 0"), 4);
    fixture_chip_close(&chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_power_cycles),       FIXTURE_TEST(test_damaged_app),
        FIXTURE_TEST(test_damaged_updater),    FIXTURE_TEST(test_app_without_wifi),
        FIXTURE_TEST(test_wrong_password),     FIXTURE_TEST(test_no_app_and_no_network),
        FIXTURE_TEST(test_network_gone),       FIXTURE_TEST(test_crashing_updater),
        FIXTURE_TEST(test_crashing_installer),
    };

    return fixture_world_main_from("trouble", tests, sizeof(tests) / sizeof(tests[0]),
                                   fixture_firmware_prepare);
}
