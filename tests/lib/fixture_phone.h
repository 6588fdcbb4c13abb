/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A phone in a test: a network namespace of its own with one Wi-Fi interface, wlan0, in which
 * Debian's programs (udhcpc, dig, curl, a browser) run as on any device.
 *
 * The test program first moves into a namespace of its own (fixture_phone_enter), so that nothing
 * it makes is seen by the machine or outlives it. There, each phone has the other end of its
 * interface, airN. That end becomes a station of an emulated chip (fixture_phone_join), or belongs
 * to a device of this namespace (fixture_phone_attach).
 *
 * Everything fails the test when it does not work.
 */
#ifndef LCM_TESTS_FIXTURE_PHONE_H
#define LCM_TESTS_FIXTURE_PHONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tests/lib/fixture_process.h"

#define FIXTURE_PHONE_OUTPUT_SIZE 65536u

struct fixture_phone {
    uint8_t number;   /* the last byte of its address 02:00:00:00:00:N */
    pid_t holder;     /* a process that does nothing in the namespace */
    int net_fd;       /* the namespace */
    char air[16];     /* the other end of wlan0 */
    char folder[64];  /* of its files */
    char address[16]; /* after fixture_phone_lease */
    struct fixture_process bridge;
    char output[FIXTURE_PHONE_OUTPUT_SIZE]; /* of the last fixture_phone_run */
};

/*
 * Move this program into namespaces of its own; once, before any thread. Root may; others where the
 * kernel lets users have namespaces. false after a line that says why not.
 */
bool fixture_phone_enter(void);

/* A phone that is switched on and sees no network. */
void fixture_phone_open(struct fixture_phone *phone, uint8_t number);
void fixture_phone_close(struct fixture_phone *phone);

/* Join the access point behind a socket of lcm emu --station: what the radio said, "joined" and so
 * on (tests/tools/air_bridge.c). Leave it. */
const char *fixture_phone_join(struct fixture_phone *phone, const char *socket_path,
                               const char *ssid, const char *password);
void fixture_phone_leave(struct fixture_phone *phone);

/* The access point went away: waits for it. */
void fixture_phone_wait_lost(struct fixture_phone *phone);

/* Nobody hears the phone, and it hears nobody, until it is switched back. */
void fixture_phone_set_deaf(struct fixture_phone *phone, bool is_deaf);

/* The other end belongs to this namespace: 192.168.4.1/24, and every address but those of phones
 * (port/host/host_access_point.h). For one phone at a time. */
void fixture_phone_attach(struct fixture_phone *phone);

/* Ask for an address with udhcpc, as a phone does: address, router and name server are set then.
 * false when nobody answers. */
bool fixture_phone_lease(struct fixture_phone *phone);

/* What udhcpc was told: "192.168.4.2 255.255.255.0 192.168.4.1 192.168.4.1 120": address, mask,
 * router, name server, seconds. */
const char *fixture_phone_lease_text(struct fixture_phone *phone);

/* Run a program there: its exit code; stdout is phone->output, up to a size. format makes a line of
 * words that is split at '|'. */
int fixture_phone_run(struct fixture_phone *phone, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Start a program there; arguments end with NULL. */
void fixture_phone_start(struct fixture_phone *phone, struct fixture_process *process,
                         const char *const *arguments, const char *output);

/* A socket that lives there, wherever this program is. */
int fixture_phone_socket(struct fixture_phone *phone, int domain, int type, int protocol);

#endif
