// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: the Linux device's access point keeps the contract of lcm/access_point.h towards real
 * connections. Method: clients on sockets of this process, on the loopback interface; what a client
 * sees (bytes, end, reset) is compared with what the port was told to do.
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
#include <poll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "host/cli.h"
#include "port/host/host_access_point.h"

#define WAIT_MS 5000
#define BIG 300000u

static struct host_access_point access_point;
static const struct lcm_access_point *port;
static struct radio_world world;
static uint16_t http_port;

static const struct lcm_access_point_config good = {
    .ssid = "LCM-000001", .password = "7K3MQ9XTA2HB", .channel = 6};

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static struct sockaddr_in own_address(void)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons(http_port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* A port nobody listens at; the socket keeps it from others when it stays open. */
static int take_port(void)
{
    struct sockaddr_in address = own_address();
    socklen_t size = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    address.sin_port = 0;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    http_port = ntohs(address.sin_port);
    return fd;
}

static int set_up(void **state)
{
    char http[32];
    struct host_access_point_config config = {.http = http, .world = &world};

    (void)state;
    close(take_port());
    snprintf(http, sizeof(http), "127.0.0.1:%u", (unsigned)http_port);
    assert_true(host_access_point_open(&access_point, &config));
    port = &access_point.port;
    assert_int_equal(port->start(port->context, &good), LCM_OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    host_access_point_close(&access_point);
    return 0;
}

static int client_open(void)
{
    struct sockaddr_in address = own_address();
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* What the client finds next: a byte count, 0 = end, or minus errno. */
static ssize_t client_read(int fd, void *bytes, size_t size)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};

    assert_int_equal(poll(&ready, 1, WAIT_MS), 1);
    ssize_t count = recv(fd, bytes, size, 0);
    return count < 0 ? -errno : count;
}

static void expect_reset(int fd)
{
    char byte;

    assert_int_equal(client_read(fd, &byte, 1), -ECONNRESET);
    close(fd);
}

/* Something has happened: waiting ends long before its time. */
static void expect_wake_up(int other_fd)
{
    int64_t began_ms = now_ms();

    host_access_point_wait(&access_point, other_fd, WAIT_MS);
    assert_true(now_ms() - began_ms < WAIT_MS / 2);
}

static void expect_sleep(void)
{
    int64_t began_ms = now_ms();

    host_access_point_wait(&access_point, -1, 100);
    assert_true(now_ms() - began_ms >= 90);
}

static uint32_t accept_one(void)
{
    uint32_t visitor = 99;
    enum lcm_err err;

    while ((err = port->accept(port->context, &visitor)) == LCM_PENDING)
        host_access_point_wait(&access_point, -1, WAIT_MS);
    assert_int_equal(err, LCM_OK);
    assert_in_range(visitor, 0, LCM_VISITORS_MAX - 1);
    return visitor;
}

static enum lcm_err receive(uint32_t visitor, void *bytes, size_t size, size_t *count)
{
    enum lcm_err err;

    while ((err = port->receive(port->context, visitor, bytes, size, count)) == LCM_PENDING)
        host_access_point_wait(&access_point, -1, WAIT_MS);
    return err;
}

static void test_talk(void **state)
{
    char bytes[16];
    size_t count = 7;
    uint32_t none;

    (void)state;
    assert_int_equal(port->accept(port->context, &none), LCM_PENDING);
    int client = client_open();
    expect_wake_up(-1);
    uint32_t visitor = accept_one();
    assert_int_equal(port->receive(port->context, visitor, (uint8_t *)bytes, 16, &count),
                     LCM_PENDING);
    assert_int_equal(count, 0);
    assert_int_equal(send(client, "hello", 5, 0), 5);
    expect_wake_up(-1);
    assert_int_equal(receive(visitor, bytes, 3, &count), LCM_OK);
    assert_int_equal(count, 3);
    assert_int_equal(receive(visitor, bytes + 3, sizeof(bytes) - 3, &count), LCM_OK);
    assert_memory_equal(bytes, "hello", 5);
    assert_int_equal(shutdown(client, SHUT_WR), 0);
    assert_int_equal(receive(visitor, bytes, sizeof(bytes), &count), LCM_ERR_CLOSED);
    assert_int_equal(port->send(port->context, visitor, (const uint8_t *)"bye", 3, &count), LCM_OK);
    assert_int_equal(count, 3);
    port->close(port->context, visitor, true);
    assert_int_equal(client_read(client, bytes, sizeof(bytes)), 3);
    assert_int_equal(client_read(client, bytes, sizeof(bytes)), 0);
    close(client);
}

/* All that fits is sent; the rest waits for room, which wakes the sleeper. */
static void test_room(void **state)
{
    static uint8_t data[BIG];
    size_t total = 0, count = 0, got = 0;
    enum lcm_err err = LCM_OK;

    (void)state;
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 31 >> 3);
    int client = client_open();
    uint32_t visitor = accept_one();
    while (err == LCM_OK) {
        err = port->send(port->context, visitor, data, sizeof(data), &count);
        total += count;
    }
    assert_int_equal(err, LCM_PENDING);
    assert_int_equal(count, 0);
    expect_sleep(); /* nothing happens before the client reads */
    while (got < total) {
        uint8_t piece[65536];
        ssize_t size = client_read(client, piece, sizeof(piece));
        assert_true(size > 0);
        for (ssize_t i = 0; i < size; i++)
            assert_int_equal(piece[i], data[(got + (size_t)i) % BIG]);
        got += (size_t)size;
    }
    expect_wake_up(-1);
    assert_int_equal(port->send(port->context, visitor, data, 10, &count), LCM_OK);
    port->close(port->context, visitor, false);
    close(client);
}

static void test_six_and_a_seventh(void **state)
{
    int clients[LCM_VISITORS_MAX + 1];
    bool is_seen[LCM_VISITORS_MAX] = {false};
    uint32_t visitor = 0;
    char byte;

    (void)state;
    for (size_t i = 0; i <= LCM_VISITORS_MAX; i++)
        clients[i] = client_open();
    for (size_t i = 0; i < LCM_VISITORS_MAX; i++) {
        visitor = accept_one();
        assert_false(is_seen[visitor]);
        is_seen[visitor] = true;
    }
    assert_int_equal(port->accept(port->context, &visitor), LCM_PENDING);
    expect_sleep(); /* the seventh waits, and keeps nobody awake */
    port->close(port->context, 3, false);
    expect_reset(clients[3]);
    assert_int_equal(accept_one(), 3);
    port->close(port->context, 3, true);
    assert_int_equal(client_read(clients[6], &byte, 1), 0);
    for (size_t i = 0; i <= LCM_VISITORS_MAX; i++) {
        if (i != 3)
            close(clients[i]);
    }
}

/* Bytes the program never wanted must not turn the end of the visit into a reset. */
static void test_orderly_with_unread_input(void **state)
{
    static uint8_t data[BIG];
    size_t sent = 0, got = 0;

    (void)state;
    int client = client_open();
    uint32_t visitor = accept_one();
    assert_int_equal(send(client, data, 5000, 0), 5000);
    assert_int_equal(port->send(port->context, visitor, data, 4000, &sent), LCM_OK);
    port->close(port->context, visitor, true);
    for (int i = 0; i < 20; i++) {
        if (send(client, data, 5000, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
            assert_int_equal(errno, EAGAIN);
        (void)port->accept(port->context, &visitor);
        host_access_point_wait(&access_point, -1, 2);
    }
    while (got < sent) {
        ssize_t size = client_read(client, data, sizeof(data));
        assert_true(size > 0);
        got += (size_t)size;
    }
    assert_int_equal(client_read(client, data, 1), 0);
    close(client);
    host_access_point_wait(&access_point, -1, WAIT_MS);
    assert_int_equal(port->accept(port->context, &visitor), LCM_PENDING);
    for (size_t i = 0; i < HOST_LINGERING_MAX; i++)
        assert_int_equal(access_point.visitors.lingering[i].fd, -1);
}

static void test_refuse(void **state)
{
    uint32_t visitor = 0;
    size_t count = 0;
    uint8_t byte;

    (void)state;
    int talking = client_open();
    visitor = accept_one();
    int waiting = client_open();
    int late = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = own_address();
    port->refuse(port->context, true);
    expect_reset(talking);
    expect_reset(waiting);
    assert_int_equal(connect(late, (struct sockaddr *)&address, sizeof(address)), -1);
    assert_int_equal(errno, ECONNREFUSED);
    close(late);
    assert_int_equal(port->receive(port->context, visitor, &byte, 1, &count), LCM_ERR_CLOSED);
    assert_int_equal(port->send(port->context, visitor, &byte, 1, &count), LCM_ERR_CLOSED);
    assert_int_equal(port->accept(port->context, &visitor), LCM_PENDING);
    port->refuse(port->context, false);
    assert_int_equal(port->accept(port->context, &visitor), LCM_PENDING);
    int client = client_open();
    (void)accept_one();
    close(client);
}

static void test_stop_and_start(void **state)
{
    static const struct lcm_access_point_config wrong[] = {
        {.ssid = "", .password = "7K3MQ9XTA2HB", .channel = 6},
        {.ssid = "123456789012345678901234567890123", .password = "", .channel = 6},
        {.ssid = "LCM", .password = "1234567", .channel = 6},
        {.ssid = "LCM", .password = "", .channel = 0},
        {.ssid = "LCM", .password = "", .channel = 14},
    };
    uint32_t visitor = 0;

    (void)state;
    int client = client_open();
    (void)accept_one();
    port->stop(port->context);
    port->stop(port->context);
    expect_reset(client);
    assert_int_equal(port->accept(port->context, &visitor), LCM_PENDING);
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
        assert_int_equal(port->start(port->context, &wrong[i]), LCM_ERR_ARGUMENT);
    int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = own_address();
    assert_int_equal(bind(other, (struct sockaddr *)&address, sizeof(address)), 0);
    assert_int_equal(listen(other, 1), 0);
    assert_int_equal(port->start(port->context, &good), LCM_ERR_CONNECT);
    assert_int_equal(port->accept(port->context, &visitor), LCM_PENDING);
    close(other);
    assert_int_equal(port->start(port->context, &good), LCM_OK);
    client = client_open();
    (void)accept_one();
    close(client);
}

static void test_scan(void **state)
{
    char text[] = "network a signal -80\nnetwork b signal -40 password open-sesame\n"
                  "network c signal -60 hidden\n";
    struct lcm_network networks[3];
    size_t count = 99;

    (void)state;
    assert_int_equal(radio_world_parse(&world, text, "test"), CLI_OK);
    assert_int_equal(port->scan(port->context, networks, 3, &count), LCM_PENDING);
    assert_int_equal(port->scan(port->context, networks, 3, &count), LCM_OK);
    assert_int_equal(count, 3);
    assert_int_equal(networks[1].ssid[0], 'b');
    assert_true(networks[1].is_secured);
    assert_int_equal(port->scan(port->context, networks, 2, &count), LCM_PENDING);
    assert_int_equal(port->scan(port->context, networks, 2, &count), LCM_OK);
    assert_int_equal(count, 2);
    assert_int_equal(networks[0].ssid_size, 0); /* c took a's place */
    assert_int_equal(networks[0].signal_dbm, -60);
    assert_int_equal(networks[1].signal_dbm, -40);
    assert_int_equal(port->scan(port->context, networks, 0, &count), LCM_PENDING);
    assert_int_equal(port->scan(port->context, networks, 0, &count), LCM_OK);
    assert_int_equal(count, 0);
}

static void test_other_descriptor(void **state)
{
    int pair[2];

    (void)state;
    assert_int_equal(pipe(pair), 0);
    assert_int_equal(write(pair[1], "x", 1), 1);
    expect_wake_up(pair[0]);
    close(pair[0]);
    close(pair[1]);
}

static void test_malformed_address(void **state)
{
    static const char *const wrong[] = {"", "8080", "127.0.0.1", "127.0.0.1:0", "localhost:80"};

    (void)state;
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        struct host_access_point_config config = {.http = wrong[i]};
        assert_false(host_access_point_open(&access_point, &config));
        host_access_point_close(&access_point);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_talk),
        TEST(test_room),
        TEST(test_six_and_a_seventh),
        TEST(test_orderly_with_unread_input),
        TEST(test_refuse),
        TEST(test_stop_and_start),
        TEST(test_scan),
        TEST(test_other_descriptor),
        cmocka_unit_test(test_malformed_address),
    };

    cmocka_set_test_filter(getenv("LCM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
