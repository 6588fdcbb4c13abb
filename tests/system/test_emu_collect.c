// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the firmware on the emulated chip reports its life into a real collector: installer,
 * updater, app, app update, a host it does not trust, new certificates, its own replacement; and
 * proves with every message that it is the one. Method: `lcm emu` against `lcm serve`; the chip's
 * network knows the collector by a name, its datagrams pass lwIP and the radio.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_collector.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_firmware.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_port.h"
#include "tests/lib/fixture_release.h"

#define SESSION "--timeout|120"
#define CHIP "5ccf7f000001"
#define DEVICE "/api/v1/devices/" CHIP
#define KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static struct fixture_collector collector;
static struct fixture_chip chip;
static unsigned web_port, app_starts;

static void expect_member(const char *member, const char *value)
{
    uint64_t end_ms = fixture_now_ms() + 10000;

    while (strcmp(fixture_collector_member(&collector, DEVICE, member), value) != 0 &&
           fixture_now_ms() < end_ms)
        fixture_pause(50);
    assert_string_equal(fixture_collector_member(&collector, DEVICE, member), value);
}

/* The app's own sign of life. It has no code, which the collector sees. */
static void expect_heartbeat(void)
{
    uint64_t end_ms = fixture_now_ms() + 10000;
    char *events = NULL;

    do {
        free(events);
        fixture_pause(50);
        events = fixture_collector_text(&collector, DEVICE "/events?event=HEARTBEAT");
    } while (strstr(events, "\"HEARTBEAT\"") == NULL && fixture_now_ms() < end_ms);
    assert_non_null(strstr(events, "the app runs"));
    assert_non_null(strstr(events, "\"unverified\""));
    free(events);
}

static void press_update(void)
{
    char answer[FIXTURE_HTTP_SIZE];

    fixture_http(web_port, "POST /update", answer);
    fixture_chip_wait_for(&chip, "blink: works", ++app_starts);
}

static void start_chip(struct fixture_world *world)
{
    char address[32];

    web_port = fixture_free_port(SOCK_STREAM);
    fixture_collector_open(&collector);
    fixture_collector_start_with_key(&collector, CHIP, KEY);
    fixture_firmware_compose(world);
    fixture_flash_set(world, LCM_KEY_SYSLOG, "log.test");
    fixture_flash_set(world, LCM_KEY_TELEMETRY, KEY);
    fixture_flash_load(world);
    fixture_chip_live(&chip, world, world->flash);
    fixture_chip_set_network(&chip, world, "", web_port);
    snprintf(address, sizeof(address), "127.0.0.1:%u", collector.udp);
    fixture_chip_add_name(&chip, "log.test", address);
    fixture_chip_start(&chip, SESSION);
    fixture_chip_wait_for(&chip, "blink: works", ++app_starts);
}

static void test_life_of_a_chip(void **state)
{
    struct fixture_world *world = *state;

    start_chip(world);
    fixture_collector_wait(&collector, DEVICE, "installed", 1);
    expect_member("app", "1.0.0");
    expect_member("state", "healthy");
    expect_heartbeat();
    expect_member("lcm", "1.0.0");
    fixture_publish_blink(world, "1.1.0", "1.1.0", 2);
    press_update();
    fixture_collector_wait(&collector, DEVICE, "installed", 2);
    expect_member("app", "1.1.0");
    fixture_publish_blink(world, "1.2.0", "1.0.0", 3);
    fixture_server_fault(&world->server, "new-ca");
    press_update();
    expect_member("state", "cert-invalid");
    fixture_publish_new_anchors(world, "1.0.1", FIXTURE_OWNER);
    press_update();
    fixture_collector_wait(&collector, DEVICE, "installed", 3);
    expect_member("state", "healthy");
    expect_member("app", "1.2.0");
    fixture_publish_firmware(world, "1.1.0", 2);
    press_update();
    expect_member("lcm", "1.1.0");
    expect_member("state", "healthy");
    assert_int_equal(
        fixture_collector_number(&collector, "/api/v1/summary", "certificate_invalid.devices"), 0);
    assert_true(fixture_collector_number(&collector, DEVICE "/events", "events") >= 15);
    fixture_chip_stop(&chip);
    fixture_chip_close(&chip);
    fixture_collector_close(&collector);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_life_of_a_chip),
    };

    return fixture_world_main_from("emu-collect", tests, 1, fixture_firmware_prepare);
}
