// SPDX-License-Identifier: Apache-2.0
/*
 * Goal: without root, a person reaches the page of an emulated chip's own network at a port of this
 * machine, as long as its access point is open. Method: tests/chip/visitors.c under `lcm emu
 * --portal` and with a portal in the world file; clients on sockets of this process.
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
#include <sys/socket.h>
#include <unistd.h>

#include "lcm/layout.h"
#include "tests/lib/fixture_dhcp.h"
#include "tests/lib/fixture_visit.h"

#define CLIENTS 6u
#define UP "access point: result 0"

static struct fixture_chip chip;
static uint16_t port;

/* A port of 127.0.0.1 that nobody listens at; keep holds it. */
static int take_port(void)
{
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(own);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_int_equal(bind(fd, (struct sockaddr *)&own, sizeof(own)), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&own, &size), 0);
    port = ntohs(own.sin_port);
    return fd;
}

static void open_chip(const char *world)
{
    fixture_chip_open(&chip);
    fixture_chip_place(&chip, "chip/visitors.bin", LCM_SLOT0_ADDR);
    fixture_chip_set_world(&chip, world);
}

static void close_chip(void)
{
    fixture_chip_stop(&chip);
    assert_false(fixture_chip_printed(&chip, "crash"));
    fixture_chip_close(&chip);
}

static int try_connect(void)
{
    struct sockaddr_in to = {
        .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0)
        return fd;
    close(fd);
    return -1;
}

static int ask(const char *path)
{
    char request[80];
    int fd = try_connect();

    assert_true(fd >= 0);
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n\r\n", path);
    fixture_visit_send(fd, request);
    return fd;
}

static void test_several_at_once(void **state)
{
    int clients[CLIENTS];
    char options[64];

    (void)state;
    close(take_port());
    open_chip("network home password open-sesame\n");
    snprintf(options, sizeof(options), "--portal|%u|--timeout|60", (unsigned)port);
    assert_int_equal(try_connect(), -1);
    fixture_chip_start(&chip, options);
    fixture_chip_wait_for(&chip, UP, 1);
    int event = fixture_chip_find(&chip, 0, "radio", "event", "portal");
    assert_true(event >= 0);
    char place[64];
    snprintf(place, sizeof(place), "http://127.0.0.1:%u/", (unsigned)port);
    assert_string_equal(fixture_text(chip.lines.list[event], "network"), place);
    fixture_visit_expect_hello(ask("/"));
    for (size_t i = 0; i < CLIENTS; i++)
        clients[i] = ask("/big");
    for (size_t i = 0; i < CLIENTS; i++)
        fixture_visit_expect_big(clients[i]);
    fixture_chip_wait_for(&chip, "station: home, result 0", 1); /* the way out is another one */
    close_chip();
    assert_int_equal(try_connect(), -1);
}

/* The access point goes away and comes back; so does the port. */
static void test_restart(void **state)
{
    char world[96];

    (void)state;
    close(take_port());
    snprintf(world, sizeof(world), "network home password open-sesame\nportal 127.0.0.1:%u\n",
             (unsigned)port);
    open_chip(world);
    fixture_chip_start(&chip, "--timeout|60");
    fixture_chip_wait_for(&chip, UP, 1);
    for (unsigned i = 0; i < 3; i++) {
        int held = ask("/hold");
        fixture_visit_expect_hello(ask("/restart"));
        fixture_chip_wait_for(&chip, UP, 2 + i);
        char byte;
        assert_true(recv(held, &byte, 1, 0) <= 0);
        close(held);
        fixture_visit_expect_hello(ask("/"));
    }
    fixture_visit_expect_hello(ask("/pause"));
    fixture_chip_wait_for(&chip, "access point: off", 1);
    assert_int_equal(try_connect(), -1);
    fixture_chip_wait_for(&chip, UP, 5);
    fixture_visit_expect_hello(ask("/"));
    close_chip();
}

/* Other stations neither hear the emulator's own nor are answered by its DHCP. */
static void test_beside_stations(void **state)
{
    struct fixture_station station;
    char socket_path[128];
    char options[224];
    uint8_t mac[6];

    (void)state;
    close(take_port());
    open_chip("");
    snprintf(socket_path, sizeof(socket_path), "%s/air", chip.folder);
    snprintf(options, sizeof(options), "--portal|%u|--station|%s|--timeout|60", (unsigned)port,
             socket_path);
    fixture_chip_start(&chip, options);
    fixture_chip_wait_for(&chip, UP, 1);
    fixture_visit_expect_hello(ask("/"));
    fixture_station_open(&station, socket_path, 1);
    assert_int_equal(fixture_station_join(&station, FIXTURE_VISIT_NETWORK, FIXTURE_VISIT_CODE),
                     RADIO_JOINED);
    assert_int_equal(fixture_dhcp_lease(&station), 0xC0A80402); /* fails if two answer */
    assert_true(fixture_station_find(&station, FIXTURE_AP_ADDR, mac));
    assert_false(fixture_station_find(&station, 0xC0A804FE, mac));
    assert_false(fixture_station_find(&station, 0xC0A804FD, mac));
    fixture_visit_expect_hello(ask("/"));
    fixture_station_close(&station);
    close_chip();
}

static void expect_mistake(const char *options, int code, const char *message)
{
    char path[128];

    fixture_chip_run(&chip, options);
    assert_int_equal(chip.exit_code, code);
    snprintf(path, sizeof(path), "%s.err", chip.output_path);
    char *text = fixture_read_file(path, NULL);
    if (strstr(text, message) == NULL)
        fail_msg("said: %s", text);
    free(text);
}

static void test_mistakes(void **state)
{
    char options[64];

    (void)state;
    int keep = take_port();
    assert_int_equal(listen(keep, 1), 0);
    open_chip("");
    snprintf(options, sizeof(options), "--portal|%u|--timeout|60", (unsigned)port);
    expect_mistake(options, 1, "cannot be forwarded: it is in use"); /* once there is a page */
    close(keep);
    expect_mistake("--portal|x", 2, "--portal 'x' is malformed");
    expect_mistake("--portal|0", 2, "--portal '0' is malformed");
    expect_mistake("--portal|127.0.0.1:", 2, "malformed");
    fixture_chip_close(&chip);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_several_at_once),
        cmocka_unit_test(test_restart),
        cmocka_unit_test(test_beside_stations),
        cmocka_unit_test(test_mistakes),
    };

    cmocka_set_test_filter(getenv("LCM_TEST"));
    return cmocka_run_group_tests(tests, NULL, NULL);
}
