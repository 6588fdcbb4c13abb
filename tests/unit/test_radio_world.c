// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: world files mean what their documentation says, and a mistake is refused.
 * Method: texts with each directive, compared field by field; one text per mistake, which must be
 * refused (the message goes to stderr).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "host/cli.h"
#include "host/radio_world.h"

static struct radio_world world;

static int parse(const char *text)
{
    char copy[1024];

    assert_true(strlen(text) < sizeof(copy));
    memcpy(copy, text, strlen(text) + 1);
    return radio_world_parse(&world, copy, "test.world");
}

static void test_network(void **state)
{
    (void)state;
    assert_int_equal(
        parse("# the living room\n"
              "network \"my \\\"home\\\"\" password \"open sesame\" signal -61 channel 11\n"
              "\tnetwork cafe fails 2 # sometimes\r\n"
              "network shy fails always lost-after 5000 800"),
        CLI_OK);
    assert_int_equal(world.network_count, 3);
    assert_string_equal(world.networks[0].ssid, "my \"home\"");
    assert_string_equal(world.networks[0].password, "open sesame");
    assert_int_equal(world.networks[0].signal, -61);
    assert_int_equal(world.networks[0].channel, 11);
    assert_string_equal(world.networks[1].password, "");
    assert_int_equal(world.networks[1].fails, 2);
    assert_int_equal(world.networks[2].fails, RADIO_FAILS_ALWAYS);
    assert_int_equal(world.networks[2].lost_after, 5000);
    assert_int_equal(world.networks[2].lost_ms, 800);
    assert_ptr_equal(radio_world_find(&world, "cafe"), &world.networks[1]);
    assert_null(radio_world_find(&world, "Cafe"));
}

/* Names are any bytes; what a scan shows of them, and how joining ends. */
static void test_hidden_and_strange(void **state)
{
    struct lcm_network shown;

    (void)state;
    assert_int_equal(parse("network shed password open-sesame hidden channel 3 signal -80\n"
                           "network \"a\\x0ab\\xFF\\\\x41\" no-address fails 1\n"),
                     CLI_OK);
    assert_true(world.networks[0].is_hidden);
    assert_false(world.networks[0].has_no_address);
    assert_string_equal(world.networks[1].ssid, "a\nb\xFF\\x41");
    assert_true(world.networks[1].has_no_address);
    radio_network_show(&world.networks[0], &shown);
    assert_int_equal(shown.ssid_size, 0);
    assert_int_equal(shown.channel, 3);
    assert_int_equal(shown.signal_dbm, -80);
    assert_true(shown.is_secured);
    radio_network_show(&world.networks[1], &shown);
    assert_int_equal(shown.ssid_size, 8);
    assert_memory_equal(shown.ssid, world.networks[1].ssid, 8);
    assert_false(shown.is_secured);
    assert_int_equal(radio_network_join(&world.networks[0], "open-sesame"), LCM_OK);
    assert_int_equal(radio_network_join(&world.networks[0], "open-sesam"), LCM_ERR_WIFI_PASSWORD);
    assert_int_equal(radio_network_join(&world.networks[1], ""), LCM_ERR_WIFI);
    assert_int_equal(radio_network_join(&world.networks[1], "whatever"), LCM_OK);
    assert_int_equal(radio_network_join(NULL, ""), LCM_ERR_WIFI_NOT_FOUND);
}

static void test_names(void **state)
{
    (void)state;
    assert_int_equal(parse("resolve github.com 127.0.0.1:8443\nresolve a.b 10.1.2.3\n"
                           "resolve gone.example none\nbroadcast 127.0.0.1:45678\n"),
                     CLI_OK);
    assert_int_equal(world.name_count, 3);
    assert_int_equal(ntohl(world.names[0].address.s_addr), INADDR_LOOPBACK);
    assert_int_equal(world.names[0].port, 8443);
    assert_int_equal(world.names[1].port, 0);
    assert_int_equal(world.names[2].address.s_addr, 0);
    assert_int_equal(ntohs(world.broadcast.sin_port), 45678);
    assert_false(world.has_internet);
    assert_int_equal(world.time, RADIO_TIME_NONE);
    assert_ptr_equal(radio_world_find_name(&world, "A.B"), &world.names[1]);
    assert_null(radio_world_find_name(&world, "a.b.c"));
}

static void test_rest(void **state)
{
    (void)state;
    assert_int_equal(parse("internet\ntime now\nforward 8080 80\nforward 127.0.0.2:81 80\n"),
                     CLI_OK);
    assert_true(world.has_internet);
    assert_int_equal(world.time, RADIO_TIME_NOW);
    assert_int_equal(world.forward_count, 2);
    assert_int_equal(world.forwards[0].host_port, 8080);
    assert_int_equal(world.forwards[1].host_port, 81);
    assert_int_equal(world.forwards[1].chip_port, 80);
    assert_int_equal(ntohl(world.forwards[1].address.s_addr), INADDR_LOOPBACK + 1);
    assert_int_equal(world.portal.host_port, 0);
    assert_int_equal(world.range, 0x0A000200);
    assert_int_equal(parse("range 192.168.4.0\n"), CLI_OK);
    assert_int_equal(world.range, 0xC0A80400);
    assert_int_equal(parse("portal 8081\n"), CLI_OK);
    assert_int_equal(world.portal.host_port, 8081);
    assert_int_equal(world.portal.chip_port, 80);
    assert_int_equal(ntohl(world.portal.address.s_addr), INADDR_LOOPBACK);
    assert_int_equal(parse("portal 127.0.0.9:8082\n"), CLI_OK);
    assert_int_equal(world.portal.host_port, 8082);
    assert_int_equal(ntohl(world.portal.address.s_addr), INADDR_LOOPBACK + 8);
}

static void test_mistakes(void **state)
{
    static const char *const wrong[] = {
        "netwrok home",
        "network",
        "network \"\"",
        "network 123456789012345678901234567890123",
        "network home password short",
        "network home signal 10",
        "network home channel 14",
        "network home fails often",
        "network home lost-after 100",
        "network home colour blue",
        "network \"home",
        "network home\nnetwork home",
        "resolve github.com",
        "resolve github.com 1.2.3",
        "resolve github.com 127.0.0.1:0",
        "resolve github.com 127.0.0.1:65536",
        "resolve github.com 127.0.0.1:80x",
        "internet now",
        "time yesterday",
        "forward 80",
        "forward 0 80",
        "forward 127.0.0.1 80",
        "broadcast 127.0.0.1",
        "network \"\\x00\"",
        "network \"\\x4\"",
        "network \"\\xg1\"",
        "portal",
        "portal 0",
        "range",
        "range 192.168.4.1",
        "range 0.0.0.0",
        "range x",
        "portal 8080 80",
        "portal 127.0.0.1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (parse(wrong[i]) == CLI_OK)
            fail_msg("taken: %s", wrong[i]);
    }
}

static void test_no_file(void **state)
{
    (void)state;
    radio_world_init(&world);
    assert_true(world.is_any_network);
    assert_true(world.has_internet);
    assert_int_equal(radio_world_load(&world, "/nonexistent/world"), CLI_NOT_FOUND);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_network),  cmocka_unit_test(test_hidden_and_strange),
        cmocka_unit_test(test_names),    cmocka_unit_test(test_rest),
        cmocka_unit_test(test_mistakes), cmocka_unit_test(test_no_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
