// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: six visitors at a time are served by a chip with little memory, and none of them can take
 * the others' share: who comes seventh waits, who reads nothing, acknowledges nothing, never
 * finishes connecting or vanishes is a burden for seconds at most. Method: tests/chip/visitors.c on
 * the emulated chip, phones as network namespaces (fixture_phone); clients on sockets that behave
 * badly on purpose. lwIP's heap is asked for how full it was.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/ip.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lcm/layout.h"
#include "tests/lib/fixture_chip.h"
#include "tests/lib/fixture_phone.h"

#define NAME "LCM-00A001"
#define CODE "setup-code-1"
#define HELLO "hello, visitor\n"
#define VISITORS 6u
#define BIG 12000u
#define ANSWER_MS 20000
#define HEAP_SIZE 4224u
#define WORLD "network home password open-sesame\n"

static struct fixture_chip chip;
static struct fixture_phone phone;
static struct fixture_phone rude;
static char socket_path[128];

static void join(struct fixture_phone *which, uint8_t number)
{
    fixture_phone_open(which, number);
    assert_string_equal(fixture_phone_join(which, socket_path, NAME, CODE), "joined");
    assert_true(fixture_phone_lease(which));
}

static int set_up(void **state)
{
    char options[200];

    (void)state;
    fixture_chip_open(&chip);
    fixture_chip_place(&chip, "chip/visitors.bin", LCM_SLOT0_ADDR);
    fixture_chip_set_world(&chip, WORLD);
    snprintf(socket_path, sizeof(socket_path), "%s/air", chip.folder);
    snprintf(options, sizeof(options), "--station|%s|--timeout|200", socket_path);
    fixture_chip_start(&chip, options);
    fixture_chip_wait_for(&chip, "access point: result 0", 1);
    join(&phone, 1);
    join(&rude, 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_phone_close(&phone);
    fixture_phone_close(&rude);
    fixture_chip_stop(&chip);
    assert_int_equal(chip.exit_code, 0);
    assert_false(fixture_chip_printed(&chip, "crash"));
    assert_int_equal(fixture_chip_count(&chip, "boot: slot 0"), 1);
    fixture_chip_close(&chip);
    return 0;
}

/* ---- clients ---- */

static int begin_connect(struct fixture_phone *which)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};
    int fd = fixture_phone_socket(which, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    assert_int_equal(inet_pton(AF_INET, "192.168.4.1", &to.sin_addr), 1);
    (void)connect(fd, (struct sockaddr *)&to, sizeof(to));
    return fd;
}

static bool is_connected(int fd, int timeout_ms)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);

    return poll(&ready, 1, timeout_ms) == 1 &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

static void send_text(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

/* Connected, and its request is sent. */
static int visit(struct fixture_phone *which, const char *path)
{
    char request[80];
    int fd = begin_connect(which);

    assert_true(is_connected(fd, ANSWER_MS));
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: lcm.setup\r\n\r\n", path);
    send_text(fd, request);
    return fd;
}

/* All bytes up to the end: how many, or minus errno. */
static ssize_t read_all(int fd, char *bytes, size_t size)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    size_t total = 0;

    while (poll(&ready, 1, ANSWER_MS) == 1) {
        ssize_t count = recv(fd, bytes + total, size - total, 0);
        if (count <= 0)
            return count < 0 ? -errno : (ssize_t)total;
        total += (size_t)count;
    }
    return -ETIMEDOUT;
}

/* The answer's body begins behind the head; BIG is a pattern. */
static void expect_big(int fd)
{
    static char bytes[2 * BIG];
    ssize_t size = read_all(fd, bytes, sizeof(bytes) - 1);

    assert_true(size > 0);
    bytes[size] = '\0';
    const char *body = strstr(bytes, "\r\n\r\n");
    assert_non_null(body);
    body += 4;
    assert_int_equal(bytes + size - body, BIG);
    for (size_t i = 0; i < BIG; i++)
        assert_int_equal(body[i], 'a' + i % 26);
    close(fd);
}

static void expect_hello(struct fixture_phone *which)
{
    assert_int_equal(fixture_phone_run(which, "curl|-sS|-m|20|http://192.168.4.1/"), 0);
    assert_string_equal(which->output, HELLO);
}

struct heap {
    unsigned used;
    unsigned max;
    unsigned size;
};

static struct heap ask_heap(void)
{
    struct heap heap = {0};

    assert_int_equal(fixture_phone_run(&phone, "curl|-sS|-m|20|http://192.168.4.1/heap"), 0);
    assert_int_equal(
        sscanf(phone.output, "used %u max %u of %u", &heap.used, &heap.max, &heap.size), 3);
    return heap;
}

/* What the chip told last on the UART. */
static unsigned heap_now(void)
{
    fixture_lines_load(&chip.lines, chip.output_path, 0);
    for (size_t i = chip.lines.count; i > 0; i--) {
        const char *line = fixture_text(chip.lines.list[i - 1], "line");
        if (strncmp(line, "heap ", 5) == 0)
            return (unsigned)strtoul(line + 5, NULL, 10);
    }
    return 0;
}

/* Everything is at rest: a phone that came has no connection, the station has its address. */
static unsigned heap_at_rest(void)
{
    unsigned last = 0;

    fixture_chip_wait_for(&chip, "station: home, result 0", 1);
    do {
        last = heap_now();
        fixture_pause(300);
    } while (heap_now() != last);
    return last;
}

/* After a while nothing is left of visits, neither open nor over. */
static void expect_heap_back(unsigned before)
{
    uint64_t end_ms = fixture_now_ms() + 15000;

    while (heap_now() > before && fixture_now_ms() < end_ms)
        fixture_pause(100);
    assert_int_equal(heap_now(), before);
}

/* ---- tests ---- */

static void test_six_and_a_seventh(void **state)
{
    struct pollfd ready = {.events = POLLIN};
    int visitors[VISITORS];
    char byte;

    (void)state;
    unsigned before = heap_at_rest();
    for (size_t i = 0; i + 1 < VISITORS; i++)
        visitors[i] = visit(&rude, "/hold");
    struct heap with_six = ask_heap(); /* the sixth */
    print_message("heap: %u bytes in use with six visitors, %u without\n", with_six.used, before);
    assert_int_equal(with_six.size, HEAP_SIZE);
    assert_true(with_six.used < HEAP_SIZE / 2);
    visitors[VISITORS - 1] = visit(&rude, "/hold");
    int seventh = begin_connect(&phone);
    assert_false(is_connected(seventh, 2500)); /* neither taken nor refused: it asks again */
    for (size_t i = 0; i < VISITORS; i++) {
        ready.fd = visitors[i];
        assert_int_equal(poll(&ready, 1, 0), 0); /* nobody had to go for it */
    }
    close(visitors[0]);
    assert_true(is_connected(seventh, ANSWER_MS));
    send_text(seventh, "GET /reset HTTP/1.1\r\n\r\n");
    ready.fd = seventh;
    assert_int_equal(poll(&ready, 1, ANSWER_MS), 1);
    assert_int_equal(recv(seventh, &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    close(seventh);
    for (size_t i = 1; i < VISITORS; i++)
        close(visitors[i]);
    expect_heap_back(before);
}

static void test_six_pages_at_once(void **state)
{
    int visitors[VISITORS];

    (void)state;
    for (size_t i = 0; i < VISITORS; i++)
        visitors[i] = visit(i % 2 == 0 ? &phone : &rude, "/big");
    for (size_t i = 0; i < VISITORS; i++)
        expect_big(visitors[i]);
    struct heap heap = ask_heap();
    print_message("heap: at most %u of %u bytes with six pages at once\n", heap.max, heap.size);
    assert_true(heap.max < heap.size - 400);
}

static int visit_with_small_window(struct fixture_phone *which)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};
    int fd = fixture_phone_socket(which, AF_INET, SOCK_STREAM, 0);
    int size = 1;

    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)), 0);
    assert_int_equal(inet_pton(AF_INET, "192.168.4.1", &to.sin_addr), 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
    send_text(fd, "GET /big HTTP/1.1\r\n\r\n");
    return fd;
}

/* Five want the page and read nothing of it; the sixth place still works at full speed. */
static void test_who_never_reads(void **state)
{
    int visitors[VISITORS - 1];

    (void)state;
    unsigned before = heap_at_rest();
    for (size_t i = 0; i < VISITORS - 1; i++)
        visitors[i] = visit_with_small_window(&rude);
    fixture_pause(1000);
    for (int i = 0; i < 5; i++) {
        uint64_t began_ms = fixture_now_ms();
        expect_big(visit(&phone, "/big"));
        assert_true(fixture_now_ms() - began_ms < 10000);
    }
    for (size_t i = 0; i < VISITORS - 1; i++)
        close(visitors[i]);
    expect_heap_back(before);
}

/* Five phones' worth of connections go out of range in the middle of the page. */
static void test_who_acknowledges_nothing(void **state)
{
    int visitors[VISITORS - 1];

    (void)state;
    unsigned before = heap_at_rest();
    for (size_t i = 0; i < VISITORS - 1; i++)
        visitors[i] = visit(&rude, "/big");
    fixture_phone_set_deaf(&rude, true);
    for (int i = 0; i < 5; i++) {
        uint64_t began_ms = fixture_now_ms();
        expect_big(visit(&phone, "/big"));
        assert_true(fixture_now_ms() - began_ms < 10000);
    }
    fixture_phone_set_deaf(&rude, false);
    for (size_t i = 0; i < VISITORS - 1; i++)
        close(visitors[i]);
    expect_heap_back(before);
}

/* A first segment from a station that does not exist: nobody will ever answer the chip's. */
static void send_syn(int fd, uint16_t port)
{
    struct {
        struct iphdr ip;
        struct tcphdr tcp;
    } packet = {.ip = {.version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_TCP},
                .tcp = {.source = htons(port), .dest = htons(80), .doff = 5, .syn = 1}};
    struct sockaddr_in to = {.sin_family = AF_INET};
    uint32_t sum = IPPROTO_TCP + sizeof(packet.tcp);
    const uint8_t *bytes = (const uint8_t *)&packet;

    packet.ip.tot_len = htons(sizeof(packet));
    packet.ip.saddr = inet_addr("192.168.4.99");
    packet.ip.daddr = inet_addr("192.168.4.1");
    packet.tcp.window = htons(1000);
    packet.tcp.seq = htonl(port * 1000u);
    for (size_t i = 12; i < sizeof(packet); i += 2)
        sum += (uint32_t)bytes[i] << 8 | bytes[i + 1];
    while (sum > 0xFFFF)
        sum = (sum & 0xFFFF) + (sum >> 16);
    packet.tcp.check = htons((uint16_t)~sum);
    to.sin_addr.s_addr = packet.ip.daddr;
    assert_int_equal(sendto(fd, &packet, sizeof(packet), 0, (struct sockaddr *)&to, sizeof(to)),
                     sizeof(packet));
}

static void test_half_open(void **state)
{
    (void)state;
    unsigned before = heap_at_rest();
    int raw = fixture_phone_socket(&rude, AF_INET, SOCK_RAW, IPPROTO_RAW);
    for (uint16_t i = 0; i < 40; i++)
        send_syn(raw, (uint16_t)(30000 + i));
    fixture_pause(300);
    int fd = begin_connect(&phone);
    assert_false(is_connected(fd, 800)); /* they do take the places */
    assert_true(is_connected(fd, ANSWER_MS));
    close(fd);
    expect_hello(&phone);
    close(raw);
    expect_heap_back(before);
}

/* Gone without a word: the program ends such a visit, as with a person who went away. */
static void test_refuse(void **state)
{
    struct pollfd ready = {.events = POLLIN};
    char byte;

    (void)state;
    unsigned before = heap_at_rest();
    int held = visit(&rude, "/hold");
    assert_int_equal(fixture_phone_run(&phone, "curl|-sS|-m|20|http://192.168.4.1/refuse"), 0);
    fixture_chip_wait_for(&chip, "refusing: yes", 1);
    ready.fd = held;
    assert_int_equal(poll(&ready, 1, ANSWER_MS), 1);
    assert_int_equal(recv(held, &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    close(held);
    int fd = begin_connect(&phone);
    assert_false(is_connected(fd, ANSWER_MS));
    close(fd);
    assert_int_equal(fixture_phone_run(&phone, "dig|+short|+tries=1|lcm.setup"), 0);
    assert_string_equal(phone.output, "192.168.4.1\n"); /* the network itself stays */
    fixture_chip_wait_for(&chip, "refusing: no", 1);
    expect_hello(&phone);
    expect_heap_back(before);
}

/* Set-up ends and begins again, in memory that something else has used. */
static void test_restart(void **state)
{
    (void)state;
    unsigned before = heap_at_rest();
    for (unsigned i = 0; i < 3; i++) {
        int held = visit(&rude, "/hold");
        assert_int_equal(fixture_phone_run(&phone, "curl|-sS|-m|20|http://192.168.4.1/restart"), 0);
        assert_string_equal(phone.output, HELLO);
        fixture_chip_wait_for(&chip, "access point: result 0", 2 + i);
        fixture_phone_wait_lost(&phone);
        fixture_phone_wait_lost(&rude);
        close(held);
        assert_string_equal(fixture_phone_join(&phone, socket_path, NAME, CODE), "joined");
        assert_string_equal(fixture_phone_join(&rude, socket_path, NAME, CODE), "joined");
        assert_true(fixture_phone_lease(&phone));
        assert_true(fixture_phone_lease(&rude));
        expect_hello(&rude);
    }
    expect_heap_back(before);
}

/* Connections that are over do not pile up. */
static void test_many_visits(void **state)
{
    (void)state;
    unsigned before = heap_at_rest();
    for (int i = 0; i < 60; i++) {
        char bytes[512];
        int fd = visit(&phone, "/");
        assert_true(read_all(fd, bytes, sizeof(bytes)) > 0);
        close(fd);
    }
    struct heap heap = ask_heap();
    print_message("heap: at most %u bytes in sixty visits in a row\n", heap.max);
    assert_true(heap.max < HEAP_SIZE - 1000);
    expect_heap_back(before);
}

/* A byte at a time: each of them fills a buffer of its own, and there are few. */
static void test_small_pieces(void **state)
{
    const char *request = "GET / HTTP/1.1\r\nHost: lcm.setup\r\nX: 0123456789012345678901\r\n\r\n";
    int visitors[VISITORS];
    char bytes[512];
    int on = 1;

    (void)state;
    unsigned before = heap_at_rest();
    for (size_t i = 0; i < VISITORS; i++) {
        visitors[i] = begin_connect(i % 2 == 0 ? &phone : &rude);
        assert_true(is_connected(visitors[i], ANSWER_MS));
        assert_int_equal(setsockopt(visitors[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
    }
    for (size_t at = 0; at < strlen(request); at++) {
        for (size_t i = 0; i < VISITORS; i++)
            assert_int_equal(send(visitors[i], request + at, 1, MSG_NOSIGNAL), 1);
    }
    for (size_t i = 0; i < VISITORS; i++) {
        ssize_t size = read_all(visitors[i], bytes, sizeof(bytes) - 1);
        assert_true(size > 0);
        bytes[size] = '\0';
        assert_non_null(strstr(bytes, HELLO));
        close(visitors[i]);
    }
    expect_heap_back(before);
}

/* What is said behind the end of a request does not turn the answer into a reset. */
static void test_talks_on(void **state)
{
    char bytes[512];

    (void)state;
    int fd = visit(&phone, "/");
    for (int i = 0; i < 40; i++) {
        if (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
            assert_int_equal(errno, EAGAIN);
        fixture_pause(5);
    }
    ssize_t size = read_all(fd, bytes, sizeof(bytes) - 1);
    assert_true(size > 0);
    bytes[size] = '\0';
    assert_non_null(strstr(bytes, HELLO));
    close(fd);
    expect_hello(&phone);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_six_and_a_seventh), TEST(test_six_pages_at_once),
        TEST(test_who_never_reads),   TEST(test_who_acknowledges_nothing),
        TEST(test_half_open),         TEST(test_refuse),
        TEST(test_restart),           TEST(test_many_visits),
        TEST(test_small_pieces),      TEST(test_talks_on),
    };

    if (!fixture_phone_enter())
        return geteuid() == 0; /* root must be able to; others may not be */
    cmocka_set_test_filter(getenv("LCM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
