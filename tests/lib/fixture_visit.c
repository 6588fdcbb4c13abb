// SPDX-License-Identifier: Apache-2.0
/* Visits to the chip's set-up network; see the header. */
#include "tests/lib/fixture_visit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "lcm/layout.h"

#define ANSWER_MS 20000
#define REST_MS 300u
#define BACK_MS 15000u

void fixture_host_open(struct fixture_host *host, const char *world)
{
    char options[200];

    fixture_chip_open(&host->chip);
    fixture_chip_place(&host->chip, "chip/visitors.bin", LCM_SLOT0_ADDR);
    fixture_chip_set_world(&host->chip, world);
    snprintf(host->socket_path, sizeof(host->socket_path), "%s/air", host->chip.folder);
    snprintf(options, sizeof(options), "--station|%s|--timeout|200", host->socket_path);
    fixture_chip_start(&host->chip, options);
    fixture_chip_wait_for(&host->chip, "access point: result 0", 1);
}

void fixture_host_close(struct fixture_host *host)
{
    fixture_chip_stop(&host->chip);
    assert_int_equal(host->chip.exit_code, 0);
    assert_false(fixture_chip_printed(&host->chip, "crash"));
    assert_int_equal(fixture_chip_count(&host->chip, "boot: slot 0"), 1);
    fixture_chip_close(&host->chip);
}

void fixture_host_invite(const struct fixture_host *host, struct fixture_phone *phone,
                         uint8_t number)
{
    fixture_phone_open(phone, number);
    assert_string_equal(
        fixture_phone_join(phone, host->socket_path, FIXTURE_VISIT_NETWORK, FIXTURE_VISIT_CODE),
        "joined");
    assert_true(fixture_phone_lease(phone));
}

unsigned fixture_host_heap(struct fixture_host *host)
{
    struct fixture_lines *lines = &host->chip.lines;

    fixture_lines_load(lines, host->chip.output_path, 0);
    for (size_t i = lines->count; i > 0; i--) {
        const char *line = fixture_text(lines->list[i - 1], "line");
        if (strncmp(line, "heap ", 5) == 0)
            return (unsigned)strtoul(line + 5, NULL, 10);
    }
    return 0;
}

unsigned fixture_host_heap_at_rest(struct fixture_host *host)
{
    unsigned last = 0;

    fixture_chip_wait_for(&host->chip, "station: home, result 0", 1);
    do {
        last = fixture_host_heap(host);
        fixture_pause(REST_MS);
    } while (fixture_host_heap(host) != last);
    return last;
}

void fixture_host_expect_heap(struct fixture_host *host, unsigned before)
{
    uint64_t end_ms = fixture_now_ms() + BACK_MS;

    while (fixture_host_heap(host) > before && fixture_now_ms() < end_ms)
        fixture_pause(REST_MS);
    assert_int_equal(fixture_host_heap(host), before);
}

unsigned fixture_host_heap_max(struct fixture_phone *phone, unsigned *size)
{
    unsigned max = 0;

    assert_int_equal(fixture_phone_run(phone, "curl|-sS|-m|20|http://192.168.4.1/heap"), 0);
    assert_int_equal(sscanf(phone->output, "used %*u max %u of %u", &max, size), 2);
    return max;
}

int fixture_visit_begin(struct fixture_phone *phone, const char *address)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(80)};
    int fd = fixture_phone_socket(phone, AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

    assert_int_equal(inet_pton(AF_INET, address, &to.sin_addr), 1);
    (void)connect(fd, (struct sockaddr *)&to, sizeof(to));
    return fd;
}

bool fixture_visit_is_connected(int fd, int timeout_ms)
{
    struct pollfd ready = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t size = sizeof(error);

    return poll(&ready, 1, timeout_ms) == 1 &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
}

void fixture_visit_send(int fd, const char *text)
{
    assert_int_equal(send(fd, text, strlen(text), MSG_NOSIGNAL), strlen(text));
}

int fixture_visit(struct fixture_phone *phone, const char *address, const char *path)
{
    char request[80];
    int fd = fixture_visit_begin(phone, address);

    assert_true(fixture_visit_is_connected(fd, ANSWER_MS));
    snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\nHost: lcm.setup\r\n\r\n", path);
    fixture_visit_send(fd, request);
    return fd;
}

ssize_t fixture_visit_read(int fd, char *bytes, size_t size)
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

void fixture_visit_expect_big(int fd)
{
    static char bytes[2 * FIXTURE_VISIT_BIG];
    ssize_t size = fixture_visit_read(fd, bytes, sizeof(bytes) - 1);

    assert_true(size > 0);
    bytes[size] = '\0';
    const char *body = strstr(bytes, "\r\n\r\n");
    assert_non_null(body);
    body += 4;
    assert_int_equal(bytes + size - body, FIXTURE_VISIT_BIG);
    for (size_t i = 0; i < FIXTURE_VISIT_BIG; i++)
        assert_int_equal(body[i], 'a' + i % 26);
    close(fd);
}

void fixture_visit_expect_hello(int fd)
{
    char bytes[512];
    ssize_t size = fixture_visit_read(fd, bytes, sizeof(bytes) - 1);

    assert_true(size > 0);
    bytes[size] = '\0';
    assert_non_null(strstr(bytes, FIXTURE_VISIT_HELLO));
    close(fd);
}

void fixture_visit_expect_reset(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char byte;

    assert_int_equal(poll(&ready, 1, ANSWER_MS), 1);
    assert_int_equal(recv(fd, &byte, 1, 0), -1);
    assert_int_equal(errno, ECONNRESET);
    close(fd);
}
