// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the chip takes packets for every address of the world for its own, and answers from there,
 * but nothing that is for a group, for a neighbour, or from somebody who cannot be in its network.
 * Method: datagrams to the echo service of tests/chip/ap.c, built frame by frame (fixture_station),
 * with every source and destination that makes a difference.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "lcm/layout.h"
#include "tests/lib/fixture_chip.h"
#include "tests/lib/fixture_dhcp.h"

#define ADDR(a, b, c, d) ((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (d))
#define ECHO_PORT 7u
#define OWN_PORT 40000u
#define ANSWER_MS 3000u
#define SILENCE_MS 250u

static struct fixture_chip chip;
static struct fixture_station phone;

static int set_up(void **state)
{
    char socket_path[128];
    char options[200];

    (void)state;
    fixture_chip_open(&chip);
    fixture_chip_place(&chip, "chip/ap.bin", LCM_SLOT0_ADDR);
    fixture_chip_set_world(&chip, "network home password open-sesame\n");
    snprintf(socket_path, sizeof(socket_path), "%s/air", chip.folder);
    snprintf(options, sizeof(options), "--station|%s|--timeout|120", socket_path);
    fixture_chip_start(&chip, options);
    fixture_chip_wait_for(&chip, "home: 10.0.2.15", 1);
    fixture_station_open(&phone, socket_path, 1);
    assert_int_equal(fixture_station_join(&phone, "LCM-TEST", "setup-code-1"), RADIO_JOINED);
    assert_int_equal(fixture_dhcp_lease(&phone), ADDR(192, 168, 4, 2));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_station_close(&phone);
    fixture_chip_stop(&chip);
    assert_int_equal(chip.exit_code, 0);
    assert_false(fixture_chip_printed(&chip, "crash"));
    fixture_chip_close(&chip);
    return 0;
}

/* Where the answer came from; 0 = there was none. */
static uint32_t asked(uint32_t from, uint32_t to, const uint8_t *mac, uint32_t timeout_ms)
{
    struct fixture_datagram question = {
        .from_addr = from, .to_addr = to, .from_port = OWN_PORT, .to_port = ECHO_PORT, .size = 5};
    struct fixture_datagram answer;

    memcpy(question.to_mac, mac, 6);
    memcpy(question.payload, "hello", 5);
    fixture_station_send_datagram(&phone, &question);
    if (!fixture_station_datagram(&phone, OWN_PORT, &answer, timeout_ms))
        return 0;
    assert_int_equal(answer.to_addr, from);
    assert_int_equal(answer.size, 5);
    return answer.from_addr;
}

static void test_answers_from_there(void **state)
{
    static const uint32_t addresses[] = {
        ADDR(192, 168, 4, 1),   ADDR(8, 8, 8, 8),
        ADDR(1, 0, 0, 0),       ADDR(126, 255, 255, 255),
        ADDR(128, 0, 0, 1),     ADDR(192, 168, 3, 1),
        ADDR(192, 168, 5, 255), ADDR(223, 255, 255, 255),
        ADDR(10, 0, 2, 15), /* the chip's own in the network it has joined */
        ADDR(10, 0, 2, 2),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        phone.addr = ADDR(192, 168, 4, 2);
        assert_int_equal(asked(phone.addr, addresses[i], fixture_ap_mac, ANSWER_MS), addresses[i]);
    }
    /* An address nobody gave him: the chip asks by ARP, with its own. */
    phone.addr = ADDR(192, 168, 4, 200);
    assert_int_equal(asked(phone.addr, ADDR(9, 9, 9, 9), fixture_ap_mac, ANSWER_MS),
                     ADDR(9, 9, 9, 9));
    assert_int_equal(asked(phone.addr, ADDR(192, 168, 4, 1), fixture_ap_mac, ANSWER_MS),
                     ADDR(192, 168, 4, 1));
}

static void test_not_for_the_chip(void **state)
{
    static const uint32_t addresses[] = {
        ADDR(192, 168, 4, 3), ADDR(192, 168, 4, 254), ADDR(192, 168, 4, 0), ADDR(0, 1, 2, 3),
        ADDR(127, 0, 0, 1),   ADDR(127, 1, 2, 3),     ADDR(240, 0, 0, 1),   ADDR(254, 1, 1, 1),
    };
    uint32_t from = ADDR(192, 168, 4, 2);

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        if (asked(from, addresses[i], fixture_ap_mac, SILENCE_MS) != 0)
            fail_msg("%08x is answered", (unsigned)addresses[i]);
    }
    /* Groups: never an answer that claims to be one. */
    assert_int_not_equal(asked(from, ADDR(224, 0, 0, 251), fixture_ap_mac, SILENCE_MS),
                         ADDR(224, 0, 0, 251));
    assert_int_equal(asked(from, ADDR(8, 8, 8, 8), fixture_broadcast_mac, SILENCE_MS), 0);
    assert_int_equal(asked(from, ADDR(192, 168, 4, 1), fixture_ap_mac, ANSWER_MS),
                     ADDR(192, 168, 4, 1));
}

/* Who says to be somebody who cannot be here gets no answer from strange addresses. */
static void test_strange_sources(void **state)
{
    static const uint32_t sources[] = {
        ADDR(192, 168, 4, 255),   ADDR(192, 168, 4, 0), ADDR(192, 168, 4, 1),
        ADDR(192, 168, 5, 2),     ADDR(10, 0, 2, 2),    ADDR(224, 0, 0, 1),
        ADDR(0, 0, 0, 0),         ADDR(8, 8, 8, 8),     ADDR(127, 0, 0, 1),
        ADDR(255, 255, 255, 255),
    };

    (void)state;
    for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
        phone.addr = sources[i]; /* ARP would find him */
        if (asked(sources[i], ADDR(8, 8, 8, 8), fixture_ap_mac, SILENCE_MS) != 0)
            fail_msg("%08x gets an answer", (unsigned)sources[i]);
    }
    phone.addr = ADDR(192, 168, 4, 2);
    assert_int_equal(asked(phone.addr, ADDR(8, 8, 8, 8), fixture_ap_mac, ANSWER_MS),
                     ADDR(8, 8, 8, 8));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_answers_from_there),
        TEST(test_not_for_the_chip),
        TEST(test_strange_sources),
    };

    cmocka_set_test_filter(getenv("LCM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
