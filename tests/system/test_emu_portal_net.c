// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a phone that joins the chip's set-up network finds everything its system looks for: an
 * address, names, the page at every address, a quick no on all other ports; and no way through.
 * Method: tests/chip/visitors.c on the emulated chip; phones are network namespaces with Debian's
 * udhcpc, dig and curl, behind the chip's own radio. What cannot be asked of them is asked with
 * sockets in the phone's namespace, and what comes back is looked at frame by frame.
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
#include <net/ethernet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/fixture_visit.h"

#define NAME FIXTURE_VISIT_NETWORK
#define CODE FIXTURE_VISIT_CODE
#define HELLO FIXTURE_VISIT_HELLO
#define ANSWER_MS 5000
#define SILENCE_MS 500
#define WORLD \
    "network home password open-sesame\nnetwork other password open-sesame\n" \
    "network \"\\xFF\\xFE raw\" hidden signal -70\n"

static struct fixture_host host;
static struct fixture_phone phone;

static int set_up(void **state)
{
    (void)state;
    fixture_host_open(&host, WORLD);
    fixture_host_invite(&host, &phone, 1);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_phone_close(&phone);
    fixture_host_close(&host);
    return 0;
}

static void expect_run(const char *output, const char *line)
{
    assert_int_equal(fixture_phone_run(&phone, "%s", line), 0);
    assert_string_equal(phone.output, output);
}

static void test_join_and_lease(void **state)
{
    struct fixture_phone tablet;

    (void)state;
    assert_string_equal(fixture_phone_lease_text(&phone),
                        "192.168.4.2 255.255.255.0 192.168.4.1 192.168.4.1 120");
    fixture_phone_open(&tablet, 2);
    assert_string_equal(fixture_phone_join(&tablet, host.socket_path, NAME, "setup-code-2"),
                        "wrong password");
    assert_false(fixture_phone_lease(&tablet));
    assert_string_equal(fixture_phone_join(&tablet, host.socket_path, NAME, CODE), "joined");
    assert_true(fixture_phone_lease(&tablet));
    assert_string_equal(tablet.address, "192.168.4.3");
    assert_int_equal(fixture_phone_run(&tablet, "curl|-sS|-m|5|http://192.168.4.1/"), 0);
    assert_string_equal(tablet.output, HELLO);
    fixture_phone_close(&tablet);
    expect_run(HELLO, "curl|-sS|-m|5|http://192.168.4.1/");
    assert_true(fixture_phone_lease(&phone));
    assert_string_equal(phone.address, "192.168.4.2");
}

/* ---- names, as dig sees them ---- */

#define DIG "dig|+tries=1|+time=3|"

static void test_names(void **state)
{
    (void)state;
    expect_run("192.168.4.1\n", DIG "+short|lcm.setup");
    expect_run("192.168.4.1\n", DIG "+short|lcm-00a001");
    expect_run("192.168.4.1\n", DIG "+short|LCM-00A001.local");
    expect_run("192.0.2.1\n", DIG "+short|captive.apple.com");
    expect_run("192.0.2.1\n", DIG "+short|connectivitycheck.gstatic.com|@8.8.8.8");
    expect_run("192.0.2.1\n", DIG "+short|+noedns|dns.msftncsi.com|@192.0.2.77");
    expect_run("", DIG "+short|lcm.setup|AAAA");
    expect_run("", DIG "+short|lcm.setup|HTTPS");
    expect_run("www.gstatic.com.\t5\tIN\tA\t192.0.2.1\n",
               DIG "+noall|+answer|+nocmd|www.gstatic.com");
    /* Anything but NOERROR would be tried again elsewhere, or taken for a broken network. */
    assert_int_equal(fixture_phone_run(&phone, DIG "www.gstatic.com|HTTPS"), 0);
    assert_non_null(strstr(phone.output, "status: NOERROR"));
    assert_non_null(strstr(phone.output, "QUERY: 1, ANSWER: 0, AUTHORITY: 0, ADDITIONAL: 0"));
    /* A name of the system's own resolver: what a browser uses. */
    assert_int_equal(fixture_phone_run(&phone, "getent|ahostsv4|detectportal.firefox.com"), 0);
    assert_int_equal(strncmp(phone.output, "192.0.2.1 ", 10), 0);
}

static void connect_to(int fd, const char *address, uint16_t port)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};

    assert_int_equal(inet_pton(AF_INET, address, &to.sin_addr), 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
}

/* Ask the name server at any address; the answer must come from there, or the kernel drops it.
 * Returns its size, or minus errno. */
static ssize_t ask(const char *address, const void *query, size_t size, uint8_t answer[512])
{
    int fd = fixture_phone_socket(&phone, AF_INET, SOCK_DGRAM, 0);
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    ssize_t count = -ETIMEDOUT;

    connect_to(fd, address, 53);
    assert_int_equal(send(fd, query, size, 0), size);
    if (poll(&ready, 1, answer == NULL ? SILENCE_MS : ANSWER_MS) == 1)
        count = recv(fd, answer, answer == NULL ? 0 : 512, 0);
    if (count < 0 && count != -ETIMEDOUT)
        count = -errno;
    close(fd);
    return count;
}

#define HEAD(counts) "\x12\x34\x01\x00" counts "\x00\x00\x00\x00\x00\x00"
#define ONE "\x00\x01"
#define A_IN "\x00\x01\x00\x01"

static void expect_code(const char *query, size_t size, uint8_t code)
{
    uint8_t answer[512];

    assert_int_equal(ask("1.1.1.1", query, size, answer), 12);
    assert_memory_equal(answer, "\x12\x34", 2);
    assert_int_equal(answer[2] & 0x80, 0x80);
    assert_int_equal(answer[3] & 0x0F, code);
    assert_memory_equal(answer + 4, "\0\0\0\0\0\0\0\0", 8);
}

#define EXPECT_CODE(code, query) expect_code(query, sizeof(query) - 1, code)

static void test_strict_names(void **state)
{
    uint8_t answer[512];
    uint8_t many[12 + 255 + 4] = HEAD(ONE);

    (void)state;
    EXPECT_CODE(1, HEAD("\x00\x02") "\x01"
                                    "a\x00" A_IN "\x01"
                                    "b\x00" A_IN);
    EXPECT_CODE(1, HEAD("\x00\x00") "\x01"
                                    "a\x00" A_IN);
    EXPECT_CODE(1, HEAD(ONE) "\x01"
                             "a\xC0\x0C" A_IN);
    EXPECT_CODE(1, HEAD(ONE) "\x40"
                             "a\x00" A_IN);
    EXPECT_CODE(1, HEAD(ONE) "\x09"
                             "a\x00" A_IN);
    EXPECT_CODE(1, HEAD(ONE) "\x01"
                             "a");
    EXPECT_CODE(1, HEAD(ONE));
    EXPECT_CODE(4, "\x12\x34\x28\x00\x00\x01\x00\x00\x00\x00\x00\x00\x01"
                   "a\x00" A_IN);
    assert_int_equal(ask("1.1.1.1",
                         "\x12\x34\x81\x00" ONE "\0\0\0\0\0\0\x01"
                         "a\0" A_IN,
                         19, NULL),
                     -ETIMEDOUT); /* a reply */
    assert_int_equal(ask("1.1.1.1", HEAD(ONE), 11, NULL), -ETIMEDOUT);
    for (size_t i = 0; i < 127; i++)
        memcpy(many + 12 + 2 * i, "\x01x", 2);
    memcpy(many + 12 + 254, "\0" A_IN, 5);
    assert_int_equal(ask("192.168.4.1", many, sizeof(many), answer), sizeof(many) + 16);
    many[12] = 0x3F; /* one label eats its neighbours, and the name runs on */
    memcpy(many + 12 + 64, "\x3F", 1);
    memcpy(many + 12 + 128, "\x3F", 1);
    memcpy(many + 12 + 192, "\x3F", 1);
    expect_code((const char *)many, sizeof(many), 1);
}

/* ---- any address ---- */

static void test_page_at_every_address(void **state)
{
    static const char *const addresses[] = {"192.168.4.1", "192.0.2.1",     "8.8.8.8",
                                            "10.0.2.15",   "10.0.2.2",      "1.2.3.4",
                                            "172.16.0.1",  "223.255.255.1", "192.168.5.1"};
    struct sockaddr_in peer;

    (void)state;
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        socklen_t size = sizeof(peer);
        int fd = fixture_phone_socket(&phone, AF_INET, SOCK_STREAM, 0);
        connect_to(fd, addresses[i], 80);
        assert_int_equal(getpeername(fd, (struct sockaddr *)&peer, &size), 0);
        close(fd);
        assert_int_equal(fixture_phone_run(&phone, "curl|-sS|-m|5|http://%s/", addresses[i]), 0);
        assert_string_equal(phone.output, HELLO);
    }
    expect_run(HELLO, "curl|-sS|-m|5|http://connectivitycheck.gstatic.com/generate_204");
}

static bool is_reset_of(const uint8_t *frame, ssize_t size, const char *address, uint16_t port)
{
    struct in_addr from;

    if (size < 54 || memcmp(frame + 12, "\x08\x00\x45", 3) != 0 || frame[23] != IPPROTO_TCP)
        return false;
    memcpy(&from, frame + 26, sizeof(from));
    return strcmp(inet_ntoa(from), address) == 0 && (frame[34] << 8 | frame[35]) == port &&
           (frame[47] & 0x04) != 0;
}

/* A connection attempt is answered by a reset, from the address and port it went to. */
static void expect_reset(const char *address, uint16_t port)
{
    int sniffer = fixture_phone_socket(&phone, AF_PACKET, SOCK_RAW, htons(ETH_P_IP));
    int fd = fixture_phone_socket(&phone, AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)};
    struct pollfd ready = {.fd = sniffer, .events = POLLIN};
    uint8_t frame[2048];
    bool is_seen = false;

    assert_int_equal(inet_pton(AF_INET, address, &to.sin_addr), 1);
    assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), -1);
    assert_int_equal(errno, ECONNREFUSED);
    while (!is_seen && poll(&ready, 1, ANSWER_MS) == 1)
        is_seen = is_reset_of(frame, recv(sniffer, frame, sizeof(frame), 0), address, port);
    assert_true(is_seen);
    close(fd);
    close(sniffer);
}

static void test_other_ports(void **state)
{
    static const uint16_t ports[] = {443, 853, 53, 22, 8080, 81, 67, 7};

    (void)state;
    for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
        expect_reset("192.168.4.1", ports[i]);
        expect_reset("142.250.1.100", ports[i]);
    }
    /* UDP: "port unreachable" instead; 67 is DHCP's, which leaves what it does not know. */
    for (size_t i = 0; i < 2; i++) {
        int fd = fixture_phone_socket(&phone, AF_INET, SOCK_DGRAM, 0);
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        char byte;
        connect_to(fd, i == 0 ? "192.168.4.1" : "142.250.1.100", 443);
        assert_int_equal(send(fd, "quic", 4, 0), 4);
        assert_int_equal(poll(&ready, 1, ANSWER_MS), 1);
        assert_int_equal(recv(fd, &byte, 1, 0), -1);
        assert_int_equal(errno, ECONNREFUSED);
        close(fd);
    }
}

static bool is_answered(const char *address)
{
    int fd = fixture_phone_socket(&phone, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};
    struct pollfd ready = {.fd = fd, .events = POLLOUT};

    assert_int_equal(inet_pton(AF_INET, address, &to.sin_addr), 1);
    (void)connect(fd, (struct sockaddr *)&to, sizeof(to));
    bool is_over = poll(&ready, 1, 2 * SILENCE_MS) == 1;
    close(fd);
    return is_over;
}

/* Neighbours, groups and the network itself are not the chip, whatever the frame says. */
static void test_not_captured(void **state)
{
    static const char *const addresses[] = {"192.168.4.77", "192.168.4.254", "127.9.9.9"};

    (void)state;
    assert_int_equal(fixture_phone_run(&phone, "ip|neighbour|replace|192.168.4.77|lladdr|"
                                               "5e:cf:7f:00:00:01|dev|wlan0"),
                     0);
    assert_int_equal(fixture_phone_run(&phone, "ip|neighbour|replace|192.168.4.254|lladdr|"
                                               "5e:cf:7f:00:00:01|dev|wlan0"),
                     0);
    assert_int_equal(fixture_phone_run(&phone, "ip|address|flush|dev|lo"), 0);
    assert_int_equal(fixture_phone_run(&phone, "ip|route|add|127.9.9.9|via|192.168.4.1"), 0);
    for (size_t i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        if (is_answered(addresses[i]))
            fail_msg("%s is answered", addresses[i]);
    }
    assert_true(is_answered("192.168.4.1"));
    /* Strange addresses answer TCP and UDP alone: no pinging the world. */
    assert_int_not_equal(fixture_phone_run(&phone, "busybox|ping|-c|1|-W|1|8.8.8.8"), 0);
    assert_int_equal(fixture_phone_run(&phone, "busybox|ping|-c|1|-W|3|192.168.4.1"), 0);
}

/* ---- no way through ---- */

static int listen_here(int type, uint16_t *port)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(own);
    int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
    if (type == SOCK_STREAM)
        assert_int_equal(listen(fd, 4), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &size), 0);
    *port = ntohs(own.sin_port);
    return fd;
}

/* The chip is a station of "home", where this machine is 10.0.2.2: a phone does not get there. The
 * way from there to the page is closed as well. */
static void test_nothing_is_routed(void **state)
{
    uint16_t tcp_port, udp_port, forward_port;
    char world[200];
    char byte;

    (void)state;
    int tcp = listen_here(SOCK_STREAM, &tcp_port);
    int udp = listen_here(SOCK_DGRAM, &udp_port);
    close(listen_here(SOCK_STREAM, &forward_port));
    snprintf(world, sizeof(world), WORLD "forward %u 80\n", (unsigned)forward_port);
    fixture_host_open(&host, world);
    fixture_host_invite(&host, &phone, 1);
    fixture_chip_wait_for(&host.chip, "station: home, result 0, link 1, 10.0.2.15", 1);
    expect_reset("10.0.2.2", tcp_port);
    int fd = fixture_phone_socket(&phone, AF_INET, SOCK_DGRAM, 0);
    connect_to(fd, "10.0.2.2", udp_port);
    assert_int_equal(send(fd, "x", 1, 0), 1);
    expect_run(HELLO, "curl|-sS|-m|5|http://10.0.2.2/"); /* the chip itself */
    assert_int_equal(accept(tcp, NULL, NULL), -1);
    assert_int_equal(errno, EAGAIN);
    assert_int_equal(recv(udp, &byte, 1, 0), -1);
    assert_int_equal(errno, EAGAIN);
    close(fd);
    fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connect_to(fd, "127.0.0.1", forward_port);
    (void)send(fd, "GET / HTTP/1.1\r\n\r\n", 18, MSG_NOSIGNAL);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
    close(tcp);
    close(udp);
    (void)tear_down(state);
}

/* Another network is joined while the phone is there; credentials of the first are forgotten. */
static void test_station_changes(void **state)
{
    (void)state;
    fixture_chip_wait_for(&host.chip, "station: home, result 0, link 1, 10.0.2.15", 1);
    fixture_chip_expect(&host.chip, "network: 0 bytes, first 0, -70 dBm");
    expect_run(HELLO, "curl|-sS|-m|5|http://192.168.4.1/join");
    fixture_chip_wait_for(&host.chip, "station: other, result 0, link 1, 10.0.2.15", 1);
    expect_run(HELLO, "curl|-sS|-m|5|http://192.168.4.1/");
    expect_run("192.168.4.1\n", DIG "+short|lcm.setup");
}

/* The network that is joined has the addresses of the chip's own: its name server is 192.168.4.3,
 * which is also a phone. What is for the one does not go to the other. */
static void test_same_addresses(void **state)
{
    struct fixture_phone tablet;

    (void)state;
    fixture_host_open(&host, WORLD "range 192.168.4.0\ntime 1700000000\n");
    fixture_host_invite(&host, &phone, 1);
    fixture_host_invite(&host, &tablet, 2);
    assert_string_equal(tablet.address, "192.168.4.3");
    fixture_chip_wait_for(&host.chip, "station: home, result 0, link 1, 192.168.4.15", 1);
    fixture_chip_wait_for(&host.chip, "time: result 0, 17000000", 1);
    assert_int_equal(fixture_phone_run(&tablet, "curl|-sS|-m|5|http://192.168.4.1/"), 0);
    assert_string_equal(tablet.output, HELLO);
    assert_int_equal(fixture_phone_run(&phone, "curl|-sS|-m|5|http://192.168.4.1/join"), 0);
    fixture_chip_wait_for(&host.chip, "station: other, result 0, link 1, 192.168.4.15", 1);
    expect_run(HELLO, "curl|-sS|-m|5|http://192.168.4.1/");
    expect_run("192.0.2.1\n", DIG "+short|www.gstatic.com");
    fixture_phone_close(&tablet);
    (void)tear_down(state);
}

/* A network where nobody hands out addresses: joined, but not connected; a phone notices nothing.
 */
static void test_no_address(void **state)
{
    (void)state;
    fixture_host_open(&host, "network home password open-sesame no-address\n");
    fixture_host_invite(&host, &phone, 1);
    fixture_chip_wait_for(&host.chip, "link: 0.0.0.0", 1);
    fixture_pause(3000);
    expect_run(HELLO, "curl|-sS|-m|5|http://192.168.4.1/");
    assert_int_equal(fixture_chip_count(&host.chip, "station:"), 0);
    (void)tear_down(state);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_join_and_lease),
        TEST(test_names),
        TEST(test_strict_names),
        TEST(test_page_at_every_address),
        TEST(test_other_ports),
        TEST(test_not_captured),
        cmocka_unit_test(test_nothing_is_routed),
        TEST(test_station_changes),
        cmocka_unit_test(test_same_addresses),
        cmocka_unit_test(test_no_address),
    };

    if (!fixture_phone_enter())
        return geteuid() == 0; /* root must be able to; others may not be */
    cmocka_set_test_filter(getenv("LCM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
