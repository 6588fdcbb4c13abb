/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The emulated chip with tests/chip/visitors.c, and visits to it: connections of phones to port 80,
 * on sockets that a test can misuse. Failures fail the test.
 */
#ifndef LCM_TESTS_FIXTURE_VISIT_H
#define LCM_TESTS_FIXTURE_VISIT_H

#include <sys/types.h>

#include "tests/lib/fixture_chip.h"
#include "tests/lib/fixture_phone.h"

#define FIXTURE_VISIT_NETWORK "LCM-00A001"
#define FIXTURE_VISIT_CODE "setup-code-1"
#define FIXTURE_VISIT_HELLO "hello, visitor\n"
#define FIXTURE_VISIT_CHIP "192.168.4.1"
#define FIXTURE_VISIT_BIG 12000u /* bytes of /big */

struct fixture_host {
    struct fixture_chip chip;
    char socket_path[128]; /* of its stations */
};

/* A running chip whose access point is open; and its end: it must not have crashed or started
 * again. */
void fixture_host_open(struct fixture_host *host, const char *world);
void fixture_host_close(struct fixture_host *host);

/* Switch a phone on, join, get an address. */
void fixture_host_invite(const struct fixture_host *host, struct fixture_phone *phone,
                         uint8_t number);

/* Bytes of lwIP's heap in use, as told last on the UART; and once nothing moves any more. */
unsigned fixture_host_heap(struct fixture_host *host);
unsigned fixture_host_heap_at_rest(struct fixture_host *host);

/* After a while nothing is left of visits, neither open nor over. */
void fixture_host_expect_heap(struct fixture_host *host, unsigned before);

/* The most there ever was, and the whole; asked for by a visit. */
unsigned fixture_host_heap_max(struct fixture_phone *phone, unsigned *size);

/* Begin to connect; has it succeeded in time? */
int fixture_visit_begin(struct fixture_phone *phone, const char *address);
bool fixture_visit_is_connected(int fd, int timeout_ms);

/* Connect and ask for a path. */
int fixture_visit(struct fixture_phone *phone, const char *address, const char *path);
void fixture_visit_send(int fd, const char *text);

/* All bytes up to the end: how many, or minus errno. */
ssize_t fixture_visit_read(int fd, char *bytes, size_t size);

/* Read the answer to /big or /late, or one that ends with the greeting; then close. */
void fixture_visit_expect_big(int fd);
void fixture_visit_expect_hello(int fd);

/* The connection is reset; then close. */
void fixture_visit_expect_reset(int fd);

#endif
