// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: on a network interface, the Linux device's access point is to a phone what the chip's is:
 * address, names, the page at every address, all other ports reset. Method: port/host in a thread
 * of this process, at one end of a virtual cable; at the other a network namespace with Debian's
 * udhcpc, dig and curl (fixture_phone).
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
#include <pthread.h>
#include <sys/socket.h>
#include <unistd.h>

#include "port/host/host_access_point.h"
#include "tests/lib/fixture_phone.h"

#define HELLO "hello, visitor\n"
#define ANSWER "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 15\r\n\r\n" HELLO
#define DIG "dig|+tries=1|+time=3|"

static const struct lcm_access_point_config good = {
    .ssid = "LCM-00A001", .password = "7K3MQ9XTA2HB", .channel = 6};

static struct fixture_phone phone;
static struct host_access_point access_point;
static pthread_t thread;
static int stop_pipe[2];

/* Whoever comes gets the answer. */
static void serve(void)
{
    const struct lcm_access_point *port = &access_point.port;
    uint32_t visitor;
    uint8_t request[1024];
    size_t count = 0;

    if (port->accept(port->context, &visitor) != LCM_OK)
        return;
    while (port->receive(port->context, visitor, request, sizeof(request), &count) == LCM_PENDING)
        host_access_point_wait(&access_point, -1, 100);
    (void)port->send(port->context, visitor, (const uint8_t *)ANSWER, sizeof(ANSWER) - 1, &count);
    port->close(port->context, visitor, true);
}

static void *run(void *context)
{
    fd_set fds;
    struct timeval no_time = {0, 0};

    (void)context;
    do {
        serve();
        host_access_point_wait(&access_point, stop_pipe[0], 200);
        FD_ZERO(&fds);
        FD_SET(stop_pipe[0], &fds);
    } while (select(stop_pipe[0] + 1, &fds, NULL, NULL, &no_time) == 0);
    return NULL;
}

static int set_up(void **state)
{
    struct host_access_point_config config = {.interface = phone.air};

    (void)state;
    fixture_phone_open(&phone, 1);
    fixture_phone_attach(&phone);
    assert_int_equal(pipe(stop_pipe), 0);
    assert_true(host_access_point_open(&access_point, &config));
    assert_int_equal(access_point.port.start(access_point.port.context, &good), LCM_OK);
    assert_int_equal(pthread_create(&thread, NULL, run, NULL), 0);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(write(stop_pipe[1], "x", 1), 1);
    assert_int_equal(pthread_join(thread, NULL), 0);
    host_access_point_close(&access_point);
    close(stop_pipe[0]);
    close(stop_pipe[1]);
    fixture_phone_close(&phone);
    return 0;
}

static void expect_run(const char *output, const char *line)
{
    assert_int_equal(fixture_phone_run(&phone, "%s", line), 0);
    assert_string_equal(phone.output, output);
}

static void test_a_phone_comes(void **state)
{
    (void)state;
    assert_true(fixture_phone_lease(&phone));
    assert_string_equal(fixture_phone_lease_text(&phone),
                        "192.168.4.2 255.255.255.0 192.168.4.1 192.168.4.1 120");
    expect_run("192.168.4.1\n", DIG "+short|lcm.setup");
    expect_run("192.168.4.1\n", DIG "+short|lcm-00a001.local|@9.9.9.9");
    expect_run("192.0.2.1\n", DIG "+short|www.gstatic.com|@192.0.2.200");
    expect_run("", DIG "+short|www.gstatic.com|AAAA");
    expect_run(HELLO, "curl|-sS|-m|5|http://192.168.4.1/");
    expect_run(HELLO, "curl|-sS|-m|5|http://8.8.8.8/");
    expect_run(HELLO, "curl|-sS|-m|5|http://detectportal.firefox.com/canonical.html");
}

static void test_other_ports(void **state)
{
    static const char *const addresses[] = {"192.168.4.1", "142.250.1.100"};
    static const uint16_t ports[] = {443, 853, 53, 8080};

    (void)state;
    assert_true(fixture_phone_lease(&phone));
    for (size_t i = 0; i < 8; i++) {
        struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(ports[i / 2])};
        int fd = fixture_phone_socket(&phone, AF_INET, SOCK_STREAM, 0);
        assert_int_equal(inet_pton(AF_INET, addresses[i % 2], &to.sin_addr), 1);
        assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), -1);
        assert_int_equal(errno, ECONNREFUSED);
        close(fd);
    }
}

/* Without such an interface, or with a second one of its kind, nothing runs. */
static void test_cannot_start(void **state)
{
    struct host_access_point_config nowhere = {.interface = "nowhere0"};
    struct host_access_point_config same = {.interface = phone.air};
    struct host_access_point other;

    (void)state;
    assert_true(host_access_point_open(&other, &nowhere));
    assert_int_equal(other.port.start(other.port.context, &good), LCM_ERR_CONNECT);
    host_access_point_close(&other);
    assert_true(host_access_point_open(&other, &same));
    assert_int_equal(other.port.start(other.port.context, &good), LCM_ERR_CONNECT);
    host_access_point_close(&other);
    assert_true(fixture_phone_lease(&phone)); /* the first one still does */
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_phone_comes),
        TEST(test_other_ports),
        TEST(test_cannot_start),
    };

    if (!fixture_phone_enter())
        return geteuid() == 0; /* root must be able to; others may not be */
    cmocka_set_test_filter(getenv("LCM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
