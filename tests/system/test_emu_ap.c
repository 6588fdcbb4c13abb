// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the chip sees the networks of its world, and is an access point that every device can use:
 * join, get an address, talk, come back; hostile stations harm nothing. Method: tests/chip/ap.c on
 * the emulated chip; the test's own stations speak Ethernet to it frame by frame, strictly
 * (fixture_station, fixture_dhcp). Random mutations print their seed; LCM_SEED repeats them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "lcm/layout.h"
#include "tests/lib/fixture_chip.h"
#include "tests/lib/fixture_dhcp.h"
#include "tests/lib/fixture_process.h"
#include "tests/lib/fixture_station.h"

#define NAME "LCM-TEST"
#define CODE "setup-code-1"
#define OTHER_CODE "setup-code-2"
#define UP "access point: " CODE ", result 0"
#define ADDR(host) (0xC0A80400u + (host))
#define ECHO_PORT 7u
#define OWN_PORT 40000u
#define ANSWER_MS 3000u
#define SILENCE_MS 400u
#define LEASES 8u
#define TRIES 2
#define RETRY_MS 1000u
#define MUTATIONS 600u
#define MUTATIONS_PER_CHECK 50u

/* A running chip with its access point up. */
struct scene {
    struct fixture_chip chip;
    char socket_path[128];
};

static void scene_open(struct scene *scene, const char *world)
{
    char options[200];

    fixture_chip_open(&scene->chip);
    fixture_chip_place(&scene->chip, "chip/ap.bin", LCM_SLOT0_ADDR);
    fixture_chip_set_world(&scene->chip, world);
    snprintf(scene->socket_path, sizeof(scene->socket_path), "%s/air", scene->chip.folder);
    snprintf(options, sizeof(options), "--station|%s|--timeout|120", scene->socket_path);
    fixture_chip_start(&scene->chip, options);
    fixture_chip_wait_for(&scene->chip, UP, 1);
}

/* Whatever happened: the chip runs on, and nothing is left behind. */
static void scene_close(struct scene *scene)
{
    fixture_chip_stop(&scene->chip);
    assert_int_equal(scene->chip.exit_code, 0);
    assert_false(fixture_chip_printed(&scene->chip, "crash"));
    assert_int_not_equal(access(scene->socket_path, F_OK), 0);
    fixture_chip_close(&scene->chip);
}

static void join(struct fixture_station *station, const struct scene *scene, uint8_t number)
{
    fixture_station_open(station, scene->socket_path, number);
    assert_int_equal(fixture_station_join(station, NAME, CODE), RADIO_JOINED);
}

static void join_and_lease(struct fixture_station *station, const struct scene *scene,
                           uint8_t number, uint32_t expected)
{
    join(station, scene, number);
    assert_int_equal(fixture_dhcp_lease(station), expected);
}

static void send_to(const struct fixture_station *station, uint32_t addr, const uint8_t *mac,
                    const uint8_t *payload, size_t size)
{
    struct fixture_datagram datagram = {.from_addr = station->addr,
                                        .to_addr = addr,
                                        .from_port = OWN_PORT,
                                        .to_port = ECHO_PORT,
                                        .size = size};

    memcpy(datagram.to_mac, mac, 6);
    memcpy(datagram.payload, payload, size);
    fixture_station_send_datagram(station, &datagram);
}

static bool is_echoed(struct fixture_station *station, const uint8_t *payload, size_t size,
                      uint32_t timeout_ms)
{
    struct fixture_datagram answer;

    send_to(station, FIXTURE_AP_ADDR, fixture_ap_mac, payload, size);
    if (!fixture_station_datagram(station, OWN_PORT, &answer, timeout_ms))
        return false;
    assert_int_equal(answer.from_addr, FIXTURE_AP_ADDR);
    assert_int_equal(answer.to_addr, station->addr);
    assert_int_equal(answer.size, size);
    assert_memory_equal(answer.payload, payload, size);
    return true;
}

static void expect_type(struct fixture_station *station, const struct fixture_dhcp *message,
                        enum fixture_dhcp_type type, uint32_t addr)
{
    uint32_t wait_ms = type == FIXTURE_DHCP_NOTHING ? SILENCE_MS : ANSWER_MS;
    struct fixture_dhcp_answer answer = fixture_dhcp_ask(station, message, wait_ms);

    assert_int_equal(answer.type, type);
    assert_int_equal(answer.your_addr, addr);
}

static void test_scan(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene, "network home password other-sesame signal -71 channel 1\n"
                       "network \"corner cafe\" signal -40 channel 11\n"
                       "network shed password open-sesame signal -128 channel 13\n"
                       "network 12345678901234567890123456789012 signal 0\n");
    fixture_chip_expect(&scene.chip, "scan: \"home\" -71 dBm, channel 1, secured");
    fixture_chip_expect(&scene.chip, "scan: \"corner cafe\" -40 dBm, channel 11, open");
    fixture_chip_expect(&scene.chip, "scan: \"shed\" -128 dBm, channel 13, secured");
    fixture_chip_expect(&scene.chip,
                        "scan: \"12345678901234567890123456789012\" 0 dBm, channel 6, open");
    fixture_chip_expect(&scene.chip, "scan: 4 networks, result 0");
    fixture_chip_expect(&scene.chip, "few: \"corner cafe\"");
    fixture_chip_expect(&scene.chip, "few: \"12345678901234567890123456789012\"");
    fixture_chip_expect(&scene.chip, "few: 2 networks, result 0");
    assert_false(fixture_chip_printed(&scene.chip, "few: \"home\""));
    fixture_chip_expect(&scene.chip, "mistakes refused: 5 of 5");
    scene_close(&scene);
}

static void test_nothing_to_see(void **state)
{
    struct scene scene;

    (void)state;
    scene_open(&scene, "");
    fixture_chip_expect(&scene.chip, "scan: 0 networks, result 0");
    scene_close(&scene);
}

static void test_join(void **state)
{
    struct fixture_station phone, twin;
    struct scene scene;

    (void)state;
    scene_open(&scene, "");
    fixture_station_open(&phone, scene.socket_path, 1);
    assert_int_equal(fixture_station_join(&phone, NAME, "setup-code-"), RADIO_WRONG_PASSWORD);
    assert_int_equal(fixture_station_join(&phone, NAME, ""), RADIO_WRONG_PASSWORD);
    assert_int_equal(fixture_station_join(&phone, "LCM-TESU", CODE), RADIO_NOT_FOUND);
    phone.addr = ADDR(9);
    send_to(&phone, FIXTURE_AP_ADDR, fixture_ap_mac, (const uint8_t *)"restart", 7); /* unheard */
    assert_int_equal(fixture_dhcp_lease(&phone), 0);
    assert_int_equal(fixture_station_join(&phone, NAME, CODE), RADIO_JOINED);
    fixture_chip_wait_for(&scene.chip, "stations: 1 020000000001", 1);
    fixture_station_open(&twin, scene.socket_path, 1);
    assert_int_equal(fixture_station_join(&twin, NAME, CODE), RADIO_FAILED);
    twin.mac[5] = 2;
    assert_int_equal(fixture_station_join(&twin, NAME, CODE), RADIO_JOINED);
    fixture_chip_wait_for(&scene.chip, "stations: 2 020000000001 020000000002", 1);
    fixture_station_leave(&phone);
    fixture_chip_wait_for(&scene.chip, "stations: 1 020000000002", 1);
    fixture_station_close(&twin);
    fixture_chip_wait_for(&scene.chip, "stations: 0", 1);
    fixture_station_close(&phone);
    scene_close(&scene);
}

static void test_addresses(void **state)
{
    const struct fixture_dhcp renew = {.type = FIXTURE_DHCP_REQUEST, .client_addr = ADDR(2)};
    const struct fixture_dhcp restart = {.type = FIXTURE_DHCP_REQUEST, .requested_addr = ADDR(2)};
    const struct fixture_dhcp foreign = {.type = FIXTURE_DHCP_REQUEST,
                                         .requested_addr = 0x0A000063};
    const struct fixture_dhcp stolen = {
        .type = FIXTURE_DHCP_REQUEST, .server_addr = FIXTURE_AP_ADDR, .requested_addr = ADDR(3)};
    const struct fixture_dhcp other_server = {
        .type = FIXTURE_DHCP_REQUEST, .server_addr = ADDR(9), .requested_addr = ADDR(2)};
    struct fixture_station phone, tablet;
    struct scene scene;

    (void)state;
    scene_open(&scene, "");
    join_and_lease(&phone, &scene, 1, ADDR(2));
    join_and_lease(&tablet, &scene, 2, ADDR(3));
    expect_type(&phone, &renew, FIXTURE_DHCP_ACK, ADDR(2));
    expect_type(&phone, &restart, FIXTURE_DHCP_ACK, ADDR(2));
    expect_type(&phone, &foreign, FIXTURE_DHCP_NAK, 0);
    expect_type(&phone, &stolen, FIXTURE_DHCP_NAK, 0);
    expect_type(&tablet, &renew, FIXTURE_DHCP_NAK, 0);
    expect_type(&phone, &other_server, FIXTURE_DHCP_NOTHING, 0);
    fixture_station_close(&phone);
    join_and_lease(&phone, &scene, 1, ADDR(2)); /* remembered */
    fixture_station_close(&tablet);
    fixture_station_close(&phone);
    scene_close(&scene);
}

static void test_other_messages(void **state)
{
    const struct fixture_dhcp inform = {.type = FIXTURE_DHCP_INFORM, .client_addr = ADDR(77)};
    const struct fixture_dhcp elsewhere = {.type = FIXTURE_DHCP_INFORM, .client_addr = 0x0A00020F};
    const struct fixture_dhcp unknown = {.type = FIXTURE_DHCP_REQUEST, .requested_addr = ADDR(2)};
    const struct fixture_dhcp release = {
        .type = FIXTURE_DHCP_RELEASE, .client_addr = ADDR(2), .server_addr = FIXTURE_AP_ADDR};
    const struct fixture_dhcp decline = {
        .type = FIXTURE_DHCP_DECLINE, .requested_addr = ADDR(2), .server_addr = FIXTURE_AP_ADDR};
    struct fixture_station phone;
    struct scene scene;

    (void)state;
    scene_open(&scene, "");
    join(&phone, &scene, 1);
    expect_type(&phone, &unknown, FIXTURE_DHCP_NAK, 0);
    expect_type(&phone, &inform, FIXTURE_DHCP_ACK, 0);
    expect_type(&phone, &elsewhere, FIXTURE_DHCP_NOTHING, 0);
    assert_int_equal(fixture_dhcp_lease(&phone), ADDR(2));
    expect_type(&phone, &release, FIXTURE_DHCP_NOTHING, 0);
    assert_int_equal(fixture_dhcp_lease(&phone), ADDR(2));
    expect_type(&phone, &decline, FIXTURE_DHCP_NOTHING, 0);
    assert_int_equal(fixture_dhcp_lease(&phone), ADDR(3)); /* somebody else has 2 */
    fixture_station_close(&phone);
    scene_close(&scene);
}

/* The ninth cannot join; after one has left it can, and waits for an address that is given back. */
static void test_more_stations_than_leases(void **state)
{
    struct fixture_dhcp release = {.type = FIXTURE_DHCP_RELEASE, .server_addr = FIXTURE_AP_ADDR};
    struct fixture_station stations[LEASES], ninth;
    struct scene scene;

    (void)state;
    scene_open(&scene, "");
    for (uint8_t i = 0; i < LEASES; i++)
        join_and_lease(&stations[i], &scene, (uint8_t)(i + 1), ADDR(2u + i));
    fixture_station_open(&ninth, scene.socket_path, 9);
    assert_int_equal(fixture_station_join(&ninth, NAME, CODE), RADIO_FAILED);
    fixture_station_leave(&stations[3]);
    fixture_chip_wait_for(&scene.chip,
                          "stations: 7 020000000001 020000000002 020000000003 020000000005", 1);
    assert_int_equal(fixture_station_join(&ninth, NAME, CODE), RADIO_JOINED);
    assert_int_equal(fixture_dhcp_lease(&ninth), 0);
    release.client_addr = ADDR(6);
    fixture_dhcp_send(&stations[4], &release);
    assert_int_equal(fixture_dhcp_lease(&ninth), ADDR(6));
    for (uint8_t i = 0; i < LEASES; i++)
        fixture_station_close(&stations[i]);
    fixture_station_close(&ninth);
    scene_close(&scene);
}

static void test_echo(void **state)
{
    static const size_t sizes[] = {1, 2, 100, 999, 1000};
    struct fixture_station phone;
    struct scene scene;
    uint8_t payload[1400];
    uint8_t mac[6];

    (void)state;
    for (size_t i = 0; i < sizeof(payload); i++)
        payload[i] = (uint8_t)(i * 7);
    scene_open(&scene, "network home password open-sesame\n");
    join_and_lease(&phone, &scene, 1, ADDR(2));
    assert_true(fixture_station_find(&phone, FIXTURE_AP_ADDR, mac));
    assert_memory_equal(mac, fixture_ap_mac, 6);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
        assert_true(is_echoed(&phone, payload, sizes[i], ANSWER_MS));
    assert_false(is_echoed(&phone, payload, sizeof(payload), SILENCE_MS)); /* lost, no harm */
    fixture_chip_wait_for(&scene.chip, "home: 10.0.2.15", 1); /* a station at the same time */
    assert_true(is_echoed(&phone, payload, 100, ANSWER_MS));
    fixture_station_close(&phone);
    scene_close(&scene);
}

static void expect_datagram(struct fixture_station *station, const char *text)
{
    struct fixture_datagram datagram;

    assert_true(fixture_station_datagram(station, ECHO_PORT, &datagram, ANSWER_MS));
    assert_int_equal(datagram.size, strlen(text));
    assert_memory_equal(datagram.payload, text, datagram.size);
}

/* Stations reach each other, and nobody can speak with an address that is not theirs. */
static void test_between_stations(void **state)
{
    struct fixture_station phone, tablet, liar;
    struct fixture_datagram unwanted;
    struct scene scene;

    (void)state;
    scene_open(&scene, "");
    join_and_lease(&phone, &scene, 1, ADDR(2));
    join_and_lease(&tablet, &scene, 2, ADDR(3));
    send_to(&phone, tablet.addr, tablet.mac, (const uint8_t *)"one", 3);
    expect_datagram(&tablet, "one");
    send_to(&phone, FIXTURE_BROADCAST_ADDR, fixture_broadcast_mac, (const uint8_t *)"all", 3);
    expect_datagram(&tablet, "all");
    liar = phone;
    liar.mac[5] = 3;
    send_to(&liar, tablet.addr, tablet.mac, (const uint8_t *)"lie", 3);
    send_to(&phone, tablet.addr, tablet.mac, (const uint8_t *)"two", 3);
    expect_datagram(&tablet, "two");
    assert_false(fixture_station_datagram(&tablet, ECHO_PORT, &unwanted, SILENCE_MS));
    assert_int_equal(tablet.strange, 0);
    fixture_station_close(&phone);
    fixture_station_close(&tablet);
    scene_close(&scene);
}

/* Tell the program something; its access point goes away. */
static void lose_by(struct fixture_station *station, const char *word)
{
    uint8_t message[RADIO_MESSAGE_SIZE_MAX];
    size_t size = 0;
    int kind;

    send_to(station, FIXTURE_AP_ADDR, fixture_ap_mac, (const uint8_t *)word, strlen(word));
    while ((kind = fixture_station_message(station, message, &size, ANSWER_MS)) != RADIO_LOST)
        assert_true(kind >= 0);
}

static void test_restart(void **state)
{
    struct fixture_station phone;
    struct scene scene;

    (void)state;
    scene_open(&scene, "");
    join_and_lease(&phone, &scene, 7, ADDR(2));
    lose_by(&phone, "restart");
    fixture_chip_wait_for(&scene.chip, "access point: " OTHER_CODE ", result 0", 1);
    assert_int_equal(fixture_station_join(&phone, NAME, CODE), RADIO_WRONG_PASSWORD);
    phone.mac[5] = 8; /* leases are forgotten: another one gets the first address */
    assert_int_equal(fixture_station_join(&phone, NAME, OTHER_CODE), RADIO_JOINED);
    assert_int_equal(fixture_dhcp_lease(&phone), ADDR(2));
    assert_true(is_echoed(&phone, (const uint8_t *)"again", 5, ANSWER_MS));
    fixture_chip_wait_for(&scene.chip, "stations: 1 020000000008", 1);
    lose_by(&phone, "stop");
    fixture_chip_wait_for(&scene.chip, "stations: 0", 1);
    assert_int_equal(fixture_station_join(&phone, NAME, OTHER_CODE), RADIO_NOT_FOUND);
    fixture_station_close(&phone);
    scene_close(&scene);
}

/* A message of a device, made wrong in one to eight places, cut, or grown. */
static void mutate(const struct fixture_station *station, struct fixture_datagram *datagram)
{
    static const enum fixture_dhcp_type types[] = {FIXTURE_DHCP_DISCOVER, FIXTURE_DHCP_REQUEST,
                                                   FIXTURE_DHCP_DECLINE, FIXTURE_DHCP_RELEASE,
                                                   FIXTURE_DHCP_INFORM};
    struct fixture_dhcp message = {.type = types[(size_t)rand() % 5],
                                   .requested_addr = ADDR((uint32_t)rand() % 12),
                                   .server_addr = FIXTURE_AP_ADDR,
                                   .has_client_id = rand() % 2 == 0};
    int changes = 1 + rand() % 8;

    if (rand() % 3 == 0)
        message.client_addr = ADDR((uint32_t)rand() % 12);
    datagram->size = fixture_dhcp_write(station, &message, datagram->payload);
    if (rand() % 4 == 0)
        datagram->size = (size_t)rand() % 1400;
    for (int i = 0; i < changes && datagram->size > 0; i++) {
        size_t low = rand() % 2 == 0 && datagram->size > 240 ? 240 : 0;
        datagram->payload[low + (size_t)rand() % (datagram->size - low)] = (uint8_t)rand();
    }
}

static void send_mutation(struct fixture_station *station)
{
    struct fixture_datagram datagram = {.from_addr = rand() % 2 == 0 ? 0 : station->addr,
                                        .to_addr = FIXTURE_BROADCAST_ADDR,
                                        .from_port = 68,
                                        .to_port = 67};
    uint8_t frame[RADIO_ETHERNET_SIZE_MAX];

    memcpy(datagram.to_mac, fixture_broadcast_mac, 6);
    mutate(station, &datagram);
    fixture_station_send_datagram(station, &datagram);
    for (size_t i = 0; i < sizeof(frame); i++)
        frame[i] = (uint8_t)rand();
    memcpy(frame, fixture_ap_mac, 6);
    memcpy(frame + 6, station->mac, 6);
    memcpy(frame + 12, rand() % 2 == 0 ? "\x08\x00\x45" : "\x08\x06\x00", 3);
    fixture_station_send(station, frame, 14 + (size_t)rand() % (sizeof(frame) - 14));
}

/* What is answered meanwhile must be whole; fixture_station judges it. */
static void drain(struct fixture_station *station)
{
    struct fixture_datagram answer;

    while (fixture_station_datagram(station, 68, &answer, 1))
        assert_in_range(answer.size, 300, 548);
}

/* In the middle of noise a datagram may be lost, as in the air: every device asks again. */
static void expect_service(struct fixture_station *station)
{
    const struct fixture_dhcp renew = {.type = FIXTURE_DHCP_REQUEST, .client_addr = ADDR(2)};
    struct fixture_dhcp_answer answer = {.type = FIXTURE_DHCP_NOTHING};
    bool is_back = false;

    for (int i = 0; i < TRIES && answer.type == FIXTURE_DHCP_NOTHING; i++)
        answer = fixture_dhcp_ask(station, &renew, RETRY_MS);
    assert_int_equal(answer.type, FIXTURE_DHCP_ACK);
    assert_int_equal(answer.your_addr, ADDR(2));
    for (int i = 0; i < TRIES && !is_back; i++)
        is_back = is_echoed(station, (const uint8_t *)"still there", 11, RETRY_MS);
    assert_true(is_back);
}

static void test_mutations(void **state)
{
    const char *given = getenv("LCM_SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    struct fixture_station good, bad;
    struct scene scene;

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    scene_open(&scene, "");
    join_and_lease(&good, &scene, 1, ADDR(2));
    join_and_lease(&bad, &scene, 2, ADDR(3));
    for (uint32_t i = 1; i <= MUTATIONS; i++) {
        send_mutation(&bad);
        drain(&bad);
        if (i % MUTATIONS_PER_CHECK == 0)
            expect_service(&good);
    }
    fixture_station_close(&good);
    fixture_station_close(&bad);
    scene_close(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_scan),           cmocka_unit_test(test_nothing_to_see),
        cmocka_unit_test(test_join),           cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_other_messages), cmocka_unit_test(test_more_stations_than_leases),
        cmocka_unit_test(test_echo),           cmocka_unit_test(test_between_stations),
        cmocka_unit_test(test_restart),        cmocka_unit_test(test_mutations),
    };

    cmocka_set_test_filter(getenv("LCM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
