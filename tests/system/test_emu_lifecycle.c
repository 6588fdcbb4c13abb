// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the built firmware lives a whole life on the emulated chip, from an installer in slot 0 to
 * the replacement of its updater, and leaves the same flash as the host device at every step of it.
 * Method: `lcm emu` against `lcm serve`: real TLS, elliptic curves on the release host, RSA on the
 * asset host. The chip is powered once; the button on the app's web page, pressed from outside,
 * asks for each update. A host device that started from the same flash is given the same releases.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_firmware.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_port.h"
#include "tests/lib/fixture_release.h"

#define EXIT_CHECK_FAILED 7
#define LED_GPIO 2
#define BLINK_MS 3000u
#define SESSION "--timeout|120"

/* The chip and the host device that lives through the same. */
struct life {
    struct fixture_world *world;
    struct fixture_chip chip;
    unsigned web_port;
    unsigned app_starts; /* of the chip's app, so far */
};

/* The chip's app is up and confirms itself for the next time. */
static void life_wait_for_app(struct life *life)
{
    life->app_starts++;
    fixture_chip_wait_for(&life->chip, "blink: works", life->app_starts);
}

/* The button on the web page; then everything until the app is back. */
static void life_press_update(struct life *life)
{
    char answer[FIXTURE_HTTP_SIZE];

    fixture_http(life->web_port, "POST /update", answer);
    assert_non_null(strstr(answer, "Looking for an update"));
    life_wait_for_app(life);
}

/* The host device goes the same step; then both flashes hold the same. world->flash and
 * world->view are the chip's afterwards. */
static void life_compare(struct life *life, const char *when, int host_exit_code)
{
    static uint8_t chip[LCM_FLASH_SIZE];
    struct fixture_world *world = life->world;

    fixture_device_run(world, life->app_starts > 1 ? "--check" : NULL, NULL);
    EXPECT(world, world->run.process.exit_code == host_exit_code);
    fixture_chip_read(&life->chip, 0, chip, sizeof(chip));
    fixture_expect_same(chip, world->flash, when);
    fixture_chip_load(&life->chip, world);
}

/* ---- the steps of a life ---- */

static void life_install(struct life *life)
{
    struct fixture_world *world = life->world;

    life_wait_for_app(life);
    fixture_chip_expect(&life->chip, "LifeCycle Manager 1.0.0 in slot 0");
    fixture_chip_expect(&life->chip, "UPDATE: updater installed: otamain.bin");
    fixture_chip_expect(&life->chip, "LifeCycle Manager 1.0.0 in slot 1");
    fixture_chip_expect(&life->chip, "UPDATE: app installed: main.bin");
    fixture_chip_expect(&life->chip, "blink 1.0.0:");
    life_compare(life, "fresh install", 0);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, "1.0.0",
                                      FIXTURE_APP_FILE));
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT1_ADDR, FIXTURE_SUITE_REPOSITORY, "1.0.0",
                                      "otamain.bin"));
    EXPECT(world, world->view.record[LCM_STATE_BOOT].installed.sequence == 1);
}

/* Both started otamain and then the app by asking for a slot once; what boots else is slot 0. */
static void life_expect_temporary_boots(const struct life *life)
{
    unsigned slots[LCM_SLOT_COUNT] = {0, 0};

    for (size_t i = 0; i < life->chip.lines.count; i++) {
        const cJSON *line = life->chip.lines.list[i];
        if (fixture_has(line, "type", "boot") && fixture_is_true(line, "temporary"))
            slots[(unsigned)fixture_number(line, "slot") & 1]++;
    }
    assert_int_equal(slots[0], 2);
    assert_int_equal(slots[1], 2);
    assert_int_equal(life->world->view.bootconf.current_slot, 0);
}

static void life_update_app(struct life *life)
{
    struct fixture_world *world = life->world;

    fixture_publish_blink(world, "1.1.0", "1.1.0", 2);
    life_press_update(life);
    fixture_chip_expect(&life->chip, "blink 1.1.0:");
    life_compare(life, "app update", 0);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT0_ADDR, FIXTURE_REPOSITORY, "1.1.0",
                                      FIXTURE_APP_FILE));
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_OTA_VERSION), "1.1.0") == 0);
    life_expect_temporary_boots(life);
}

/* The hosts have certificates of authorities that nobody told the device about. */
static void life_distrust_server(struct life *life)
{
    struct fixture_world *world = life->world;

    fixture_publish_blink(world, "1.2.0", "1.0.0", 3);
    fixture_server_fault(&world->server, "new-ca");
    life_press_update(life);
    fixture_chip_expect(&life->chip, "CERTINVALID");
    life_compare(life, "server not trusted", EXIT_CHECK_FAILED);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_OTA_VERSION), "1.1.0") == 0);
    EXPECT(world, fixture_trust_sequence(world) == 1);
}

static void life_change_trust(struct life *life)
{
    struct fixture_world *world = life->world;

    fixture_publish_new_anchors(world, "1.0.1", FIXTURE_OWNER);
    life_press_update(life);
    life_compare(life, "trust change", 0);
    EXPECT(world, strcmp(fixture_setting(world, LCM_KEY_OTA_VERSION), "1.2.0") == 0);
    EXPECT(world, fixture_trust_sequence(world) == 2);
    EXPECT(world, world->flash[LCM_TRUST_A_ADDR] == 0x00 &&
                      world->flash[LCM_TRUST_B_ADDR] == LCM_TRUST_ACTIVE);
}

static void life_update_itself(struct life *life)
{
    struct fixture_world *world = life->world;

    fixture_publish_firmware(world, "1.1.0", 2);
    life_press_update(life);
    fixture_chip_expect(&life->chip, "LifeCycle Manager 1.1.0 in slot 0");
    fixture_chip_expect(&life->chip, "LifeCycle Manager 1.1.0 in slot 1");
    life_compare(life, "self-update", 0);
    EXPECT(world, fixture_flash_holds(world, LCM_SLOT1_ADDR, FIXTURE_SUITE_REPOSITORY, "1.1.0",
                                      "otamain.bin"));
    EXPECT(world, world->view.record[LCM_STATE_BOOT].installed.sequence == 2);
    EXPECT(world, world->view.boot_version[0] == '\0'); /* never written: the program is the same */
}

/* Goal: installer, updater, app, app update, server that is not trusted, trust change,
 * self-update; the same flash on both devices after each. */
static void test_whole_life(void **state)
{
    struct life life = {.world = *state, .web_port = fixture_free_port(SOCK_STREAM)};

    fixture_firmware_compose(life.world);
    fixture_flash_load(life.world);
    fixture_chip_live(&life.chip, life.world, life.world->flash);
    fixture_chip_set_network(&life.chip, life.world, "", life.web_port);
    fixture_chip_start(&life.chip, SESSION);
    life_install(&life);
    life_update_app(&life);
    life_distrust_server(&life);
    life_change_trust(&life);
    life_update_itself(&life);
    fixture_chip_stop(&life.chip);
    int flash = fixture_chip_find(&life.chip, 0, "flash", NULL, NULL);
    assert_int_equal((int)fixture_number(life.chip.lines.list[flash], "refused_bits"), 0);
    fixture_chip_close(&life.chip);
}

/* Light on and off again and again: that many of each. */
static unsigned life_count_led(const struct fixture_chip *chip, bool is_lit)
{
    unsigned count = 0;

    for (size_t i = 0; i < chip->lines.count; i++) {
        const cJSON *line = chip->lines.list[i];
        count += fixture_has(line, "type", "led") && fixture_number(line, "gpio") == LED_GPIO &&
                 fixture_is_true(line, "lit") == is_lit;
    }
    return count;
}

/* Goal: the example app greets with its version, has a page at its Wi-Fi address that shows it,
 * goes on blinking, and asks for an update when the button is pressed, not before. */
static void test_example_app(void **state)
{
    static char page[FIXTURE_HTTP_SIZE];
    struct fixture_world *world = *state;
    struct fixture_chip chip;
    unsigned port = fixture_free_port(SOCK_STREAM);

    fixture_chip_live(&chip, world, world->baseline);
    fixture_chip_set_network(&chip, world, "", port);
    fixture_chip_start(&chip, SESSION);
    fixture_chip_wait_for(&chip, "blink: works", 1);
    fixture_chip_expect(&chip, "blink 1.0.0:");
    fixture_chip_expect(&chip, "blink: http://10.0.2.15/");
    for (unsigned i = 0; i < 3; i++) {
        fixture_http(port, "GET /", page);
        assert_non_null(strstr(page, "HTTP/1.1 200 OK"));
        assert_non_null(strstr(page, "<h1>blink 1.0.0</h1>"));
        assert_non_null(strstr(page, "<form method=post action=/update>"));
    }
    fixture_pause(BLINK_MS);
    assert_int_equal(fixture_chip_count(&chip, "asking for an update"), 0);
    fixture_http(port, "POST /update", page);
    fixture_chip_wait_for(&chip, "CHECK: everything is up to date", 1);
    fixture_chip_stop(&chip);
    fixture_chip_expect(&chip, "blink: asking for an update");
    assert_true(life_count_led(&chip, true) >= 2 && life_count_led(&chip, false) >= 2);
    fixture_chip_close(&chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_whole_life),
        FIXTURE_TEST(test_example_app),
    };

    return fixture_world_main_from("emu", tests, sizeof(tests) / sizeof(tests[0]),
                                   fixture_firmware_prepare);
}
