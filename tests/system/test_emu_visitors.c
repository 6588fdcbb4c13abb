// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: a chip with little memory serves six visitors at a time; who comes seventh waits; visits
 * can be refused, and set-up can end and begin again, and nothing is left behind. Method:
 * tests/chip/visitors.c on the emulated chip, phones as network namespaces (fixture_phone); lwIP's
 * heap is watched. Visitors who behave badly: test_emu_visitors_rude.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/lib/fixture_visit.h"

#define CHIP FIXTURE_VISIT_CHIP
#define VISITORS 6u
#define SEGMENT_MAX 648u /* bytes of the heap for one full segment */
#define ANSWER_MS 20000

static struct fixture_host host;
static struct fixture_phone phone;
static struct fixture_phone tablet;

static int set_up(void **state)
{
    (void)state;
    fixture_host_open(&host, "network home password open-sesame\n");
    fixture_host_invite(&host, &phone, 1);
    fixture_host_invite(&host, &tablet, 2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_phone_close(&phone);
    fixture_phone_close(&tablet);
    fixture_host_close(&host);
    return 0;
}

static void expect_hello(struct fixture_phone *which)
{
    assert_int_equal(fixture_phone_run(which, "curl|-sS|-m|20|http://192.168.4.1/"), 0);
    assert_string_equal(which->output, FIXTURE_VISIT_HELLO);
}

static void test_six_and_a_seventh(void **state)
{
    struct pollfd ready = {.events = POLLIN};
    int visits[VISITORS];

    (void)state;
    unsigned before = fixture_host_heap_at_rest(&host);
    for (size_t i = 0; i < VISITORS; i++)
        visits[i] = fixture_visit(&tablet, CHIP, "/hold");
    int seventh = fixture_visit_begin(&phone, CHIP);
    assert_false(fixture_visit_is_connected(seventh, 2500)); /* neither taken nor refused */
    print_message("heap: %u bytes in use with six visitors, %u without\n", fixture_host_heap(&host),
                  before);
    assert_in_range(fixture_host_heap(&host), before, 1300);
    for (size_t i = 0; i < VISITORS; i++) {
        ready.fd = visits[i];
        assert_int_equal(poll(&ready, 1, 0), 0); /* nobody had to go for it */
    }
    close(visits[0]);
    assert_true(fixture_visit_is_connected(seventh, ANSWER_MS)); /* it asked again */
    fixture_visit_send(seventh, "GET /reset HTTP/1.1\r\n\r\n");
    fixture_visit_expect_reset(seventh);
    for (size_t i = 1; i < VISITORS; i++)
        close(visits[i]);
    fixture_host_expect_heap(&host, before);
}

static void test_six_pages_at_once(void **state)
{
    int visits[VISITORS];
    unsigned size = 0;

    (void)state;
    for (size_t i = 0; i < VISITORS; i++)
        visits[i] = fixture_visit(i % 2 == 0 ? &phone : &tablet, CHIP, "/big");
    for (size_t i = 0; i < VISITORS; i++)
        fixture_visit_expect_big(visits[i]);
    unsigned max = fixture_host_heap_max(&phone, &size);
    print_message("heap: at most %u of %u bytes with six pages at once\n", max, size);
    assert_true(max + SEGMENT_MAX < size); /* a frame that comes in always has room */
}

/* For a while the heap is needed for something else. */
static void test_refuse(void **state)
{
    (void)state;
    unsigned before = fixture_host_heap_at_rest(&host);
    int held = fixture_visit(&tablet, CHIP, "/hold");
    int elsewhere = fixture_visit(&tablet, "203.0.113.9", "/hold");
    assert_int_equal(fixture_phone_run(&phone, "curl|-sS|-m|20|http://192.168.4.1/refuse"), 0);
    fixture_chip_wait_for(&host.chip, "refusing: yes", 1);
    fixture_visit_expect_reset(held);
    fixture_visit_expect_reset(elsewhere);
    int fd = fixture_visit_begin(&phone, CHIP);
    assert_false(fixture_visit_is_connected(fd, ANSWER_MS)); /* refused at once */
    close(fd);
    assert_int_equal(fixture_phone_run(&phone, "dig|+short|+tries=1|lcm.setup"), 0);
    assert_string_equal(phone.output, "192.168.4.1\n"); /* the network itself stays */
    assert_false(fixture_chip_printed(&host.chip, "refusing: no"));
    fixture_chip_wait_for(&host.chip, "refusing: no", 1);
    expect_hello(&phone);
    fixture_host_expect_heap(&host, before);
}

/* Set-up ends and begins again, in memory that something else has used. */
static void test_restart(void **state)
{
    (void)state;
    unsigned before = fixture_host_heap_at_rest(&host);
    for (unsigned i = 0; i < 3; i++) {
        int held = fixture_visit(&tablet, CHIP, "/hold");
        int elsewhere = fixture_visit(&tablet, "198.51.100.7", "/hold");
        assert_int_equal(fixture_phone_run(&phone, "curl|-sS|-m|20|http://192.168.4.1/restart"), 0);
        assert_string_equal(phone.output, FIXTURE_VISIT_HELLO);
        fixture_chip_wait_for(&host.chip, "access point: result 0", 2 + i);
        fixture_phone_wait_lost(&phone);
        fixture_phone_wait_lost(&tablet);
        fixture_visit_expect_reset(held);
        fixture_visit_expect_reset(elsewhere);
        fixture_phone_close(&phone);
        fixture_phone_close(&tablet);
        fixture_host_invite(&host, &phone, 1);
        fixture_host_invite(&host, &tablet, 2);
        expect_hello(&tablet);
    }
    fixture_host_expect_heap(&host, before);
}

/* Connections that are over do not pile up. */
static void test_many_visits(void **state)
{
    unsigned size = 0;

    (void)state;
    unsigned before = fixture_host_heap_at_rest(&host);
    for (int i = 0; i < 60; i++)
        fixture_visit_expect_hello(fixture_visit(&phone, CHIP, "/"));
    unsigned max = fixture_host_heap_max(&phone, &size);
    print_message("heap: at most %u bytes in sixty visits in a row\n", max);
    assert_true(max < 1600);
    fixture_host_expect_heap(&host, before);
}

/* A request a byte at a time, from all six at once. */
static void test_small_pieces(void **state)
{
    const char *request = "GET / HTTP/1.1\r\nHost: lcm.setup\r\nX: 0123456789012345678901\r\n\r\n";
    int visits[VISITORS];
    int on = 1;

    (void)state;
    unsigned before = fixture_host_heap_at_rest(&host);
    for (size_t i = 0; i < VISITORS; i++) {
        visits[i] = fixture_visit_begin(i % 2 == 0 ? &phone : &tablet, CHIP);
        assert_true(fixture_visit_is_connected(visits[i], ANSWER_MS));
        assert_int_equal(setsockopt(visits[i], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)), 0);
    }
    for (size_t at = 0; at < strlen(request); at++) {
        for (size_t i = 0; i < VISITORS; i++)
            assert_int_equal(send(visits[i], request + at, 1, MSG_NOSIGNAL), 1);
    }
    for (size_t i = 0; i < VISITORS; i++)
        fixture_visit_expect_hello(visits[i]);
    fixture_host_expect_heap(&host, before);
}

/* What is said behind the end of a request does not turn the answer into a reset. */
static void test_talks_on(void **state)
{
    char bytes[512] = {0};

    (void)state;
    int fd = fixture_visit(&phone, CHIP, "/");
    for (int i = 0; i < 40; i++) {
        if (send(fd, bytes, sizeof(bytes), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
            assert_int_equal(errno, EAGAIN);
        fixture_pause(5);
    }
    fixture_visit_expect_hello(fd);
    expect_hello(&phone);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_six_and_a_seventh), TEST(test_six_pages_at_once), TEST(test_refuse),
        TEST(test_restart),           TEST(test_many_visits),       TEST(test_small_pieces),
        TEST(test_talks_on),
    };

    if (!fixture_phone_enter())
        return geteuid() == 0; /* root must be able to; others may not be */
    cmocka_set_test_filter(getenv("LCM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
