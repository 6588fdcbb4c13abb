// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: names of the world lead where the world says, and answers come back as from the name;
 * hostile frames harm nothing. Method: frames built byte by byte go through names, redirect out and
 * redirect in; checksums are summed independently. Then random frames and random cuts of a good
 * query (seed printed).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "port/emulator/radio_names.h"
#include "port/emulator/radio_redirect.h"

#define ROUNDS 20000u

static struct radio_world world;
static struct radio_redirect redirect;

static const uint8_t query[] = {
    0x12, 0x34, 0x01, 0x00, 0,   1, 0,   0,   0,   0, 0, 0, 6, 'G',
    'i',  't',  'h',  'u',  'b', 3, 'c', 'o', 'm', 0, 0, 1, 0, 1,
};

static int set_up(void **state)
{
    char text[] = "resolve github.com 127.0.0.1:8443\nresolve gone.example none\ntime 1700000000\n"
                  "broadcast 127.0.0.1:45678\n";

    (void)state;
    memset(&redirect, 0, sizeof(redirect));
    redirect.world = &world;
    return radio_world_parse(&world, text, "test");
}

/* From 10.0.2.15:5000. Returns the frame's size. */
static size_t build(uint8_t *frame, uint8_t protocol, const uint8_t to[4], uint16_t port,
                    const uint8_t *payload, size_t size)
{
    static const uint8_t chip[4] = {10, 0, 2, 15};
    size_t header = protocol == 17 ? 8 : 20;
    uint8_t *ip = frame + 14;

    memset(frame, 0, 14 + 20 + header);
    frame[12] = 0x08;
    ip[0] = 0x45;
    ip[2] = (uint8_t)((20 + header + size) >> 8);
    ip[3] = (uint8_t)(20 + header + size);
    ip[9] = protocol;
    memcpy(ip + 12, chip, 4);
    memcpy(ip + 16, to, 4);
    ip[20] = 5000 >> 8;
    ip[21] = 5000 & 0xFF;
    ip[22] = (uint8_t)(port >> 8);
    ip[23] = (uint8_t)port;
    if (protocol == 17) {
        ip[24] = (uint8_t)((8 + size) >> 8);
        ip[25] = (uint8_t)(8 + size);
    }
    memcpy(ip + 20 + header, payload, size);
    return 14 + 20 + header + size;
}

/* One's complement sum of a checksummed packet: 0xFFFF when right. */
static uint32_t sum(const struct radio_packet *packet)
{
    uint32_t total = packet->ip[9] + (uint32_t)packet->transport_size;

    for (size_t i = 12; i < 20; i += 2)
        total += (uint32_t)packet->ip[i] << 8 | packet->ip[i + 1];
    for (size_t i = 0; i < packet->transport_size; i++)
        total += i % 2 == 0 ? (uint32_t)packet->transport[i] << 8 : packet->transport[i];
    while (total > 0xFFFF)
        total = (total & 0xFFFF) + (total >> 16);
    return total;
}

static size_t ask(const uint8_t *payload, size_t size, uint8_t *answer)
{
    static const uint8_t server[4] = {10, 0, 2, 3};
    uint8_t frame[600];
    struct radio_packet packet;

    memset(frame, 1, sizeof(frame)); /* behind a cut query: bytes that would fit */
    assert_true(radio_packet_view(&packet, frame, build(frame, 17, server, 53, payload, size)));
    return radio_names_answer(&world, &packet, answer);
}

static void test_name_answered(void **state)
{
    static const uint8_t expected[4] = {10, 0, 3, 1};
    uint8_t answer[RADIO_ANSWER_SIZE_MAX];

    (void)state;
    assert_int_equal(ask(query, sizeof(query), answer), sizeof(query) + 16);
    assert_int_equal(answer[3] & 0x0F, 0);
    assert_int_equal(answer[7], 1);
    assert_memory_equal(answer + sizeof(query) + 12, expected, 4);
}

static void test_unknown_name(void **state)
{
    uint8_t answer[RADIO_ANSWER_SIZE_MAX];
    uint8_t other[sizeof(query)];

    (void)state;
    memcpy(other, query, sizeof(query));
    other[13] = 'X';
    assert_int_equal(ask(other, sizeof(other), answer), sizeof(other));
    assert_int_equal(answer[3] & 0x0F, 3);
    world.has_internet = true;
    assert_int_equal(ask(other, sizeof(other), answer), 0);
}

static void test_cut_queries(void **state)
{
    uint8_t answer[RADIO_ANSWER_SIZE_MAX];

    (void)state;
    for (size_t size = 12; size < sizeof(query); size++) {
        assert_int_equal(ask(query, size, answer), 12);
        assert_int_equal(answer[3] & 0x0F, 1);
    }
    assert_int_equal(ask(query, 11, answer), 0);
}

static void test_way_out_and_back(void **state)
{
    static const uint8_t name[4] = {10, 0, 3, 1};
    uint8_t out[100];
    uint8_t back[100];
    struct radio_packet packet;
    struct radio_packet answer;

    (void)state;
    assert_true(radio_packet_view(&packet, out, build(out, 6, name, 443, query, 5)));
    radio_redirect_out(&redirect, &packet);
    assert_int_equal(ntohl(radio_packet_destination(&packet).address.s_addr),
                     RADIO_RANGE + RADIO_RANGE_GATEWAY);
    assert_int_equal(radio_packet_destination(&packet).port, 8443);
    assert_int_equal(sum(&packet), 0xFFFF);

    assert_true(radio_packet_view(&answer, back, build(back, 6, name, 1, query, 6)));
    radio_packet_set_source(&answer, radio_packet_destination(&packet));
    radio_packet_set_destination(&answer, radio_packet_source(&packet));
    radio_redirect_in(&redirect, &answer);
    assert_memory_equal(answer.ip + 12, name, 4);
    assert_int_equal(radio_packet_source(&answer).port, 443);
    assert_int_equal(sum(&answer), 0xFFFF);
}

/* The log goes where the world says, from a port of its own; the search for an address stays on the
 * network. */
static void test_broadcast(void **state)
{
    static const uint8_t everybody[4] = {255, 255, 255, 255};
    const struct {
        uint16_t port, wanted_port, wanted_source;
        uint32_t wanted_address;
    } rows[] = {{45678, 45678, 45678, RADIO_RANGE + RADIO_RANGE_GATEWAY},
                {67, 67, 5000, INADDR_BROADCAST}};
    struct radio_packet packet;
    uint8_t frame[256];

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        size_t size = build(frame, 17, everybody, rows[i].port, query, sizeof(query));
        assert_true(radio_packet_view(&packet, frame, size));
        radio_redirect_out(&redirect, &packet);
        struct radio_end end = radio_packet_destination(&packet);
        assert_int_equal(ntohl(end.address.s_addr), rows[i].wanted_address);
        assert_int_equal(end.port, rows[i].wanted_port);
        assert_int_equal(radio_packet_source(&packet).port, rows[i].wanted_source);
        assert_true(end.port != 45678 || sum(&packet) == 0xFFFF);
    }
}

static void test_time(void **state)
{
    static const uint8_t server[4] = {10, 0, 3, 250};
    uint8_t question[48] = {0x23};
    uint8_t frame[200];
    uint8_t answer[RADIO_ANSWER_SIZE_MAX];
    struct radio_packet packet;

    (void)state;
    question[40] = 0xAB;
    assert_true(radio_packet_view(&packet, frame, build(frame, 17, server, 123, question, 48)));
    assert_int_equal(radio_names_answer(&world, &packet, answer), 48);
    assert_int_equal(answer[24], 0xAB);
    uint32_t seconds = (uint32_t)answer[40] << 24 | (uint32_t)answer[41] << 16 |
                       (uint32_t)answer[42] << 8 | answer[43];
    assert_in_range(seconds - 2208988800u, 1700000000u, 1700000060u);
}

static void test_random_frames(void **state)
{
    unsigned seed = (unsigned)time(NULL);
    uint8_t answer[RADIO_ANSWER_SIZE_MAX];
    struct radio_packet packet;

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (uint32_t round = 0; round < ROUNDS; round++) {
        size_t size = (size_t)rand() % 120;
        uint8_t *frame = malloc(size + 1); /* exactly as large: a sanitizer sees every excess */

        assert_non_null(frame);
        for (size_t i = 0; i < size; i++)
            frame[i] = (uint8_t)rand();
        if (size > 34 && round % 2 == 0) {
            frame[12] = 0x08;
            frame[13] = 0x00;
            frame[14] = 0x45;
            frame[16] = 0;
            frame[20] = 0;
            frame[21] = 0;
            frame[23] = round % 4 == 0 ? 17 : 6;
        }
        if (radio_packet_view(&packet, frame, size)) {
            (void)radio_names_answer(&world, &packet, answer);
            radio_redirect_out(&redirect, &packet);
            radio_redirect_in(&redirect, &packet);
        }
        free(frame);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_name_answered, set_up),
        cmocka_unit_test_setup(test_unknown_name, set_up),
        cmocka_unit_test_setup(test_cut_queries, set_up),
        cmocka_unit_test_setup(test_way_out_and_back, set_up),
        cmocka_unit_test_setup(test_broadcast, set_up),
        cmocka_unit_test_setup(test_time, set_up),
        cmocka_unit_test_setup(test_random_frames, set_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
