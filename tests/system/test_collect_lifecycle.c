// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what a device lives through is what the collector shows: installation, update, a host that
 * is not trusted and new certificates, a tampered release; and it hears broadcasts as well.
 * Method: `lcm device` against `lcm serve`, reporting to a real `lcm collect`.
 */
#include <string.h>

#include "core/update/keys.h"
#include "tests/lib/fixture_collector.h"
#include "tests/lib/fixture_device.h"
#include "tests/lib/fixture_flash.h"
#include "tests/lib/fixture_image.h"
#include "tests/lib/fixture_release.h"

#define DEVICE "/api/v1/devices/5ccf7f000001"

static struct fixture_collector collector;

static void expect_state(const char *state)
{
    uint64_t end_ms = fixture_now_ms() + 5000;

    while (strcmp(fixture_collector_member(&collector, DEVICE, "state"), state) != 0 &&
           fixture_now_ms() < end_ms)
        fixture_pause(50);
    assert_string_equal(fixture_collector_member(&collector, DEVICE, "state"), state);
}

static void listen_to(struct fixture_world *world)
{
    char address[32];

    fixture_collector_open(&collector);
    fixture_collector_start(&collector, "");
    snprintf(address, sizeof(address), "127.0.0.1:%u", collector.udp);
    fixture_flash_set(world, LCM_KEY_SYSLOG, address);
}

static void test_life_of_a_host_device(void **state)
{
    struct fixture_world *world = *state;

    listen_to(world);
    fixture_device_run(world, "--check", NULL);
    expect_state("ok");
    assert_string_equal(fixture_collector_member(&collector, DEVICE, "app"), "1.0.0");
    assert_string_equal(fixture_collector_member(&collector, DEVICE, "lcm"), "1.0.0");
    assert_string_equal(fixture_collector_member(&collector, DEVICE, "repo"), FIXTURE_REPOSITORY);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_device_run(world, "--check", NULL);
    fixture_collector_wait(&collector, DEVICE, "installed", 1);
    expect_state("ok");
    assert_string_equal(fixture_collector_member(&collector, DEVICE, "app"), "1.1.0");
    assert_int_equal(fixture_collector_number(&collector, DEVICE, "reboots") > 0, 1);
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/summary", "on_latest"), 1);

    /* The host changes its authority: nothing is installed, and the page says since when. */
    fixture_publish_app(world, "1.2.0", 3);
    fixture_server_fault(&world->server, "new-ca");
    fixture_device_run(world, "--check", NULL);
    expect_state("cert-invalid");
    double since =
        fixture_collector_number(&collector, "/api/v1/summary", "certificate_invalid.since");
    assert_true(since > 0);
    assert_int_equal(
        fixture_collector_number(&collector, "/api/v1/summary", "certificate_invalid.devices"), 1);
    fixture_collector_wait(&collector, "/api/v1/alerts", "alerts", 1);
    fixture_device_run(world, "--check", NULL);
    fixture_pause(300);
    assert_true(since == fixture_collector_number(&collector, "/api/v1/summary",
                                                  "certificate_invalid.since"));

    /* The owner signs new certificates: settled, and the update that waited comes. */
    fixture_publish_new_anchors(world, "1.0.1", FIXTURE_OWNER);
    fixture_device_run(world, "--check", NULL);
    fixture_collector_wait(&collector, DEVICE, "installed", 2);
    expect_state("ok");
    assert_string_equal(fixture_collector_member(&collector, DEVICE, "app"), "1.2.0");
    assert_int_equal(
        fixture_collector_number(&collector, "/api/v1/summary", "certificate_invalid.devices"), 0);
    fixture_collector_wait(&collector, "/api/v1/alerts", "alerts.0.closed", 1);
    fixture_collector_close(&collector);
}

static void test_a_release_that_is_refused(void **state)
{
    struct fixture_world *world = *state;

    listen_to(world);
    fixture_publish_app(world, "1.1.0", 2);
    fixture_server_fault(&world->server, "flip-byte=5000@asset");
    fixture_device_run(world, "--check", NULL);
    expect_state("failing");
    assert_int_equal(strncmp(fixture_collector_member(&collector, DEVICE, "error"), "refused: ", 9),
                     0);
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/failures", "failures"), 1);
    assert_string_equal(fixture_collector_member(&collector, DEVICE, "app"), "1.0.0");
    fixture_collector_close(&collector);
}

/* A device without the setting is heard by its broadcasts, and one with it is not heard twice. */
static void test_broadcasts(void **state)
{
    struct fixture_world *world = *state;
    char address[32];

    fixture_collector_open(&collector);
    fixture_collector_start(&collector, "");
    snprintf(address, sizeof(address), "127.0.0.1:%u", collector.broadcast);
    fixture_device_run(world, "--check", "--broadcast", address, NULL);
    expect_state("ok");
    double messages = fixture_collector_number(&collector, DEVICE, "messages");
    assert_true(messages >= 2);
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/summary", "messages.repeated"),
                     0);
    char syslog[32];
    snprintf(syslog, sizeof(syslog), "127.0.0.1:%u", collector.udp);
    fixture_flash_set(world, LCM_KEY_SYSLOG, syslog);
    fixture_device_run(world, "--check", "--broadcast", address, NULL);
    fixture_collector_wait(&collector, DEVICE, "messages", 2 * messages);
    fixture_pause(300);
    assert_int_equal(fixture_collector_number(&collector, DEVICE, "messages"), 2 * messages);
    assert_int_equal(fixture_collector_number(&collector, "/api/v1/summary", "messages.repeated"),
                     messages);
    fixture_collector_close(&collector);
}

/* A device with a telemetry key proves that it is the one; somebody else in its name is found out.
 */
static void test_a_device_that_proves_itself(void **state)
{
    static const char key[] = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
    struct fixture_world *world = *state;
    char address[32];

    fixture_collector_open(&collector);
    fixture_collector_start_with_key(&collector, "5ccf7f000001", key);
    snprintf(address, sizeof(address), "127.0.0.1:%u", collector.udp);
    fixture_flash_set(world, LCM_KEY_SYSLOG, address);
    fixture_flash_set(world, LCM_KEY_TELEMETRY, key);
    fixture_device_run(world, "--check", NULL);
    expect_state("healthy");
    assert_int_equal(fixture_collector_metric(
                         &collector, "lcm_messages_authenticated_total{verdict=\"forged\"}"),
                     0);
    fixture_collector_report(&collector, "5ccf7f000001", "SIGINVALID", "ph=\"failed\" rc=\"10\"");
    fixture_pause(300);
    expect_state("healthy");
    fixture_flash_set(world, LCM_KEY_TELEMETRY,
                      "ff0102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    fixture_device_run(world, "--check", NULL);
    fixture_collector_wait(&collector, "/api/v1/alerts", "alerts", 1);
    expect_state("healthy");
    fixture_collector_close(&collector);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_TEST(test_life_of_a_host_device),
        FIXTURE_TEST(test_a_release_that_is_refused),
        FIXTURE_TEST(test_broadcasts),
        FIXTURE_TEST(test_a_device_that_proves_itself),
    };

    return FIXTURE_MAIN("collect", tests);
}
