// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: no visitor can take the others' share of the chip's little memory. Who reads nothing,
 * acknowledges nothing, never finishes connecting, leaves connections open or sends crumbs is a
 * burden for seconds at most. Method: tests/chip/visitors.c on the emulated chip; one phone behaves
 * badly on purpose, the other one loads a page and must not notice much; lwIP's heap is watched.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "tests/lib/fixture_visit.h"

#define CHIP FIXTURE_VISIT_CHIP
#define RUDE 5u /* visits; the sixth place is left */
#define ANSWER_MS 20000
#define LATE_MS 500u /* of /late */
#define PACKET_REST_MAX 1000u
#define SEGMENTS 4000u
#define SEGMENTS_PER_PAUSE 10u

static struct fixture_host host;
static struct fixture_phone phone;
static struct fixture_phone rude;
static unsigned heap_before;

static int set_up(void **state)
{
    (void)state;
    fixture_host_open(&host, "network home password open-sesame\n");
    fixture_host_invite(&host, &phone, 1);
    fixture_host_invite(&host, &rude, 2);
    heap_before = fixture_host_heap_at_rest(&host);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_phone_close(&phone);
    fixture_phone_close(&rude);
    fixture_host_close(&host);
    return 0;
}

/* The page comes in time, also again and again. */
static void expect_pages(uint32_t limit_ms)
{
    for (int i = 0; i < 5; i++) {
        uint64_t began_ms = fixture_now_ms();
        fixture_visit_expect_big(fixture_visit(&phone, CHIP, "/big"));
        assert_true(fixture_now_ms() - began_ms < limit_ms);
    }
}

static void close_all(const int *visits, size_t count)
{
    for (size_t i = 0; i < count; i++)
        close(visits[i]);
}

static int visit_with_small_window(void)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};
    int fd = fixture_phone_socket(&rude, AF_INET, SOCK_STREAM, 0);
    int size = 1;

    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
    assert_int_equal(inet_pton(AF_INET, CHIP, &to.sin_addr), 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    fixture_visit_send(fd, "GET /big HTTP/1.1\r\n\r\n");
    return fd;
}

static void test_who_never_reads(void **state)
{
    int visits[RUDE];

    (void)state;
    for (size_t i = 0; i < RUDE; i++)
        visits[i] = visit_with_small_window();
    fixture_pause(1000);
    expect_pages(10000);
    close_all(visits, RUDE);
    fixture_host_expect_heap(&host, heap_before);
}

/* Requests that are answered when the phone is out of range. */
static void ask_and_vanish(int *visits, size_t count)
{
    for (size_t i = 0; i < count; i++)
        visits[i] = fixture_visit(&rude, CHIP, "/late");
    fixture_pause(LATE_MS / 2);
    fixture_phone_set_deaf(&rude, true);
    fixture_pause(LATE_MS);
}

static void test_who_acknowledges_nothing(void **state)
{
    int visits[RUDE];

    (void)state;
    ask_and_vanish(visits, RUDE);
    expect_pages(10000);
    fixture_phone_set_deaf(&rude, false);
    close_all(visits, RUDE);
    fixture_host_expect_heap(&host, heap_before);
}

/* One alone has one segment of the heap, not all of it: there is no need to give him up. */
static void test_one_silent_visitor(void **state)
{
    int held[RUDE - 1];
    int silent;

    (void)state;
    for (size_t i = 0; i < RUDE - 1; i++)
        held[i] = fixture_visit(&phone, CHIP, "/hold");
    ask_and_vanish(&silent, 1);
    fixture_pause(4000); /* the chip has noticed */
    uint64_t began_ms = fixture_now_ms();
    fixture_visit_expect_big(fixture_visit(&phone, CHIP, "/big"));
    print_message("%u ms for the page\n", (unsigned)(fixture_now_ms() - began_ms));
    assert_true(fixture_now_ms() - began_ms < 6000);
    fixture_phone_set_deaf(&rude, false);
    fixture_visit_expect_big(silent);
    close_all(held, RUDE - 1);
}

/* ---- segments made by hand ---- */

struct packet {
    struct iphdr ip;
    struct tcphdr tcp;
    uint8_t rest[PACKET_REST_MAX]; /* options and content */
};

static uint16_t checksum(uint32_t sum, const void *data, size_t size)
{
    const uint8_t *bytes = data;

    for (size_t i = 0; i < size; i++)
        sum += i % 2 == 0 ? (uint32_t)bytes[i] << 8 : bytes[i];
    while (sum > 0xFFFF)
        sum = (sum & 0xFFFF) + (sum >> 16);
    return htons((uint16_t)~sum);
}

/* rest_size bytes behind the TCP header; the checksum is made right. */
static void send_packet(int fd, struct packet *packet, size_t rest_size)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_addr.s_addr = inet_addr(CHIP)};
    size_t tcp_size = sizeof(packet->tcp) + rest_size;
    size_t size = sizeof(packet->ip) + tcp_size;

    packet->ip.tot_len = htons((uint16_t)size);
    packet->tcp.check = 0;
    /* the addresses lie in front of the TCP header, as the pseudo header wants it */
    packet->tcp.check =
        checksum(packet->ip.protocol + (uint32_t)tcp_size, &packet->ip.saddr, 8 + tcp_size);
    (void)sendto(fd, packet, size, 0, (struct sockaddr *)&to, sizeof(to));
}

static struct packet packet_to(const char *from, uint16_t from_port, uint16_t to_port)
{
    struct packet packet = {.ip = {.version = 4,
                                   .ihl = 5,
                                   .ttl = 64,
                                   .protocol = IPPROTO_TCP,
                                   .saddr = inet_addr(from),
                                   .daddr = inet_addr(CHIP)},
                            .tcp = {.source = htons(from_port), .dest = htons(to_port), .doff = 5}};

    return packet;
}

/* A first segment from a station that does not exist: nobody will ever answer the chip's. */
static void send_syn(int fd, uint16_t port)
{
    struct packet packet = packet_to("192.168.4.99", port, 80);

    packet.tcp.syn = 1;
    packet.tcp.window = htons(1000);
    packet.tcp.seq = htonl(port * 1000u);
    send_packet(fd, &packet, 0);
}

static void test_half_open(void **state)
{
    (void)state;
    int raw = fixture_phone_socket(&rude, AF_INET, SOCK_RAW, IPPROTO_RAW);
    for (uint16_t i = 0; i < 40; i++)
        send_syn(raw, (uint16_t)(30000 + i));
    fixture_pause(300);
    int fd = fixture_visit_begin(&phone, CHIP);
    assert_false(fixture_visit_is_connected(fd, 800)); /* they do take the places */
    assert_true(fixture_visit_is_connected(fd, ANSWER_MS));
    close(fd);
    expect_pages(10000);
    close(raw);
    fixture_host_expect_heap(&host, heap_before);
}

static void fill_random(void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        ((uint8_t *)bytes)[i] = (uint8_t)rand();
}

/* Any flags, options, lengths and numbers, to the page and to names, from few ports so that they
 * meet connections that are there. */
static void send_random(int fd)
{
    static const char *const sources[] = {"192.168.4.3", "192.168.4.99", "192.168.4.98"};
    static const char *const targets[] = {CHIP, CHIP, "8.8.8.8", "10.0.2.15"};
    static const uint16_t ports[] = {80, 80, 80, 53, 67, 443};
    size_t rest_size = (size_t)rand() % (rand() % 4 == 0 ? PACKET_REST_MAX : 40);
    struct packet packet =
        packet_to(sources[rand() % 3], (uint16_t)(40000 + rand() % 8), ports[rand() % 6]);
    uint8_t flags = (uint8_t)(rand() % 3 == 0 ? 0x02 : rand());

    fill_random(packet.rest, rest_size);
    packet.ip.daddr = inet_addr(targets[rand() % 4]);
    packet.ip.protocol = rand() % 4 == 0 ? IPPROTO_UDP : IPPROTO_TCP;
    packet.ip.frag_off = rand() % 32 == 0 ? htons((uint16_t)rand()) : 0;
    fill_random(&packet.tcp.seq, 8);
    ((uint8_t *)&packet.tcp)[13] = flags;
    packet.tcp.doff =
        (uint16_t)(rand() % 8 == 0 ? (unsigned)rand() : 5 + (unsigned)rest_size / 8) & 15u;
    packet.tcp.window = htons((uint16_t)(rand() % 2 == 0 ? rand() : 0));
    send_packet(fd, &packet, rest_size);
}

static void test_random_segments(void **state)
{
    const char *given = getenv("LCM_SEED");
    unsigned seed = given != NULL ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
    int raw = fixture_phone_socket(&rude, AF_INET, SOCK_RAW, IPPROTO_RAW);

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (uint32_t i = 1; i <= SEGMENTS; i++) {
        send_random(raw);
        if (i % SEGMENTS_PER_PAUSE == 0)
            fixture_pause(10);
        if (i % (SEGMENTS / 4) == 0)
            expect_pages(15000);
    }
    close(raw);
    assert_int_equal(fixture_phone_run(&phone, "dig|+short|+tries=3|lcm.setup"), 0);
    assert_string_equal(phone.output, "192.168.4.1\n");
    fixture_host_expect_heap(&host, heap_before);
}

/* The page was read, but the phone keeps its end open: the chip does not wait for it for long. */
static void test_who_never_closes(void **state)
{
    int fds[30];
    char bytes[512];
    unsigned size = 0;

    (void)state;
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++) {
        fds[i] = fixture_visit(&rude, CHIP, "/");
        assert_true(fixture_visit_read(fds[i], bytes, sizeof(bytes)) > 0);
    }
    unsigned max = fixture_host_heap_max(&phone, &size);
    print_message("heap: at most %u bytes with thirty connections left open\n", max);
    assert_true(max < 1900);
    fixture_host_expect_heap(&host, heap_before);
    close_all(fds, sizeof(fds) / sizeof(fds[0]));
}

/* Small pieces that nobody reads: a few are kept, each in a buffer of its own, not a window full.
 */
static void test_pieces_nobody_reads(void **state)
{
    int on = 1;

    (void)state;
    int fd = fixture_visit(&rude, CHIP, "/deaf");
    fixture_pause(300); /* the request ends here */
    assert_int_equal(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
    for (int i = 0; i < 200; i++) {
        assert_int_equal(send(fd, "x", 1, MSG_NOSIGNAL), 1);
        fixture_pause(2);
    }
    fixture_pause(500);
    unsigned heap = fixture_host_heap(&host);
    print_message("heap: %u bytes for 200 pieces\n", heap - heap_before);
    assert_in_range(heap, heap_before + 300, heap_before + 800);
    expect_pages(5000);
    close(fd);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_who_never_reads),     TEST(test_who_acknowledges_nothing),
        TEST(test_one_silent_visitor),  TEST(test_half_open),
        TEST(test_random_segments),     TEST(test_who_never_closes),
        TEST(test_pieces_nobody_reads),
    };

    if (!fixture_phone_enter())
        return geteuid() == 0; /* root must be able to; others may not be */
    cmocka_set_test_filter(getenv("LCM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
