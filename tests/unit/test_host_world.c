// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: what a world file says is what the Linux device's ports find: networks, names, time.
 * Method: one world, every way a join can end, polled as core polls.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "host/cli.h"
#include "port/host/host_net.h"
#include "port/host/host_system.h"

#define POLLS_MAX 5

static struct radio_world world;
static struct host_wifi wifi;

static void open_world(const char *text)
{
    char copy[512];

    assert_true(strlen(text) < sizeof(copy));
    memcpy(copy, text, strlen(text) + 1);
    assert_int_equal(radio_world_parse(&world, copy, "test"), CLI_OK);
    host_wifi_open(&wifi, &world);
}

static enum lcm_err join(const char *ssid, const char *password)
{
    enum lcm_err err = LCM_PENDING;

    for (int i = 0; i < POLLS_MAX && err == LCM_PENDING; i++)
        err = wifi.port.join(wifi.port.context, ssid, password);
    return err;
}

static void expect_state(bool has_link, const char *address)
{
    uint8_t ip[4] = {9, 9, 9, 9};

    assert_int_equal(wifi.port.has_link(wifi.port.context), has_link);
    wifi.port.address(wifi.port.context, ip);
    assert_memory_equal(ip, address, 4);
}

static void test_join(void **state)
{
    (void)state;
    open_world("network home password open-sesame hidden\nnetwork cafe fails 1\n"
               "network mute no-address\n");
    expect_state(false, "\0\0\0\0");
    assert_int_equal(join("attic", "open-sesame"), LCM_ERR_WIFI_NOT_FOUND);
    assert_int_equal(join("home", "close-sesame"), LCM_ERR_WIFI_PASSWORD);
    expect_state(false, "\0\0\0\0");
    assert_int_equal(join("home", "open-sesame"), LCM_OK);
    expect_state(true, "\x7F\0\0\x01");
    wifi.port.leave(wifi.port.context);
    expect_state(false, "\0\0\0\0");
    assert_int_equal(join("home", "close-sesame"), LCM_ERR_WIFI_PASSWORD);
    assert_int_equal(join("cafe", ""), LCM_ERR_WIFI);
    assert_int_equal(join("cafe", ""), LCM_OK);
    wifi.port.leave(wifi.port.context);
    assert_int_equal(join("mute", ""), LCM_PENDING);
    expect_state(true, "\0\0\0\0");
    wifi.port.leave(wifi.port.context);
    expect_state(false, "\0\0\0\0");
}

static void test_without_world(void **state)
{
    (void)state;
    host_wifi_open(&wifi, NULL);
    assert_int_equal(join("any", "thing"), LCM_OK);
    expect_state(true, "\x7F\0\0\x01");
    wifi.port.leave(wifi.port.context);
    expect_state(false, "\0\0\0\0");
    wifi.result = LCM_ERR_WIFI_PASSWORD;
    assert_int_equal(join("any", "thing"), LCM_ERR_WIFI_PASSWORD);
    expect_state(false, "\0\0\0\0");
}

static enum lcm_err resolve(struct host_net *net, const char *name, struct lcm_endpoint *endpoint)
{
    return net->port.resolve(net->port.context, name, 443, endpoint);
}

static void test_names(void **state)
{
    struct lcm_endpoint endpoint = {{0}, 0};
    struct host_net net;

    (void)state;
    open_world(
        "resolve github.com 127.0.0.2:8443\nresolve a.test 10.1.2.3\nresolve gone.test none\n");
    host_net_open(&net);
    net.world = &world;
    assert_true(host_net_add_override(&net, "A.test:127.0.0.9:99"));
    assert_int_equal(resolve(&net, "GitHub.com", &endpoint), LCM_OK);
    assert_memory_equal(endpoint.ip, "\x7F\0\0\x02", 4);
    assert_int_equal(endpoint.port, 8443);
    assert_int_equal(resolve(&net, "a.test", &endpoint), LCM_OK); /* --resolve comes first */
    assert_int_equal(endpoint.port, 99);
    assert_int_equal(resolve(&net, "gone.test", &endpoint), LCM_ERR_DNS);
    assert_int_equal(resolve(&net, "elsewhere.test", &endpoint), LCM_ERR_DNS); /* no internet */
    assert_int_equal(resolve(&net, "10.9.8.7", &endpoint), LCM_OK);
    assert_int_equal(endpoint.port, 443);
    net.override_count = 0;
    assert_int_equal(resolve(&net, "a.test", &endpoint), LCM_OK);
    assert_memory_equal(endpoint.ip, "\x0A\x01\x02\x03", 4);
    assert_int_equal(endpoint.port, 443);
    host_net_close(&net);
}

static void test_time(void **state)
{
    struct host_clock clock;
    uint64_t seconds = 0;

    (void)state;
    host_clock_open(&clock, 1);
    open_world("internet\n");
    host_clock_set_world(&clock, &world);
    assert_int_equal(clock.port.utc(clock.port.context, &seconds), LCM_ERR_TIMEOUT);
    open_world("time 1700000000\n");
    host_clock_set_world(&clock, &world);
    assert_int_equal(clock.port.utc(clock.port.context, &seconds), LCM_OK);
    assert_in_range(seconds, 1700000000, 1700000005);
    open_world("time now\n");
    host_clock_set_world(&clock, &world);
    assert_int_equal(clock.port.utc(clock.port.context, &seconds), LCM_OK);
    assert_in_range(seconds, (uint64_t)time(NULL) - 2, (uint64_t)time(NULL));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_join),
        cmocka_unit_test(test_without_world),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
