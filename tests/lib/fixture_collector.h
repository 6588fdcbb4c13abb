/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A running `lcm collect` with a folder of its own, and its API. Only loopback; every port is a
 * free one. A failure here fails the test.
 */
#ifndef LCM_TESTS_FIXTURE_COLLECTOR_H
#define LCM_TESTS_FIXTURE_COLLECTOR_H

#include <cjson/cJSON.h>

#include "tests/lib/fixture_process.h"

struct fixture_collector {
    char folder[64];
    char store[256]; /* path or URL */
    char output[128];
    struct fixture_process process;
    unsigned udp, broadcast, tcp, tls, page;
    char token[128]; /* sent with requests; "" = none */
    long status;     /* HTTP status of the last request */
};

/* A folder; store = folder/fleet.db. */
void fixture_collector_open(struct fixture_collector *collector);
/* lcm collect with these options more, split at '|'. */
void fixture_collector_start(struct fixture_collector *collector, const char *options);
/* The same, with the telemetry key of one device (64 hex digits). */
void fixture_collector_start_with_key(struct fixture_collector *collector, const char *id,
                                      const char *key);
/* SIGTERM: the exit code. */
int fixture_collector_stop(struct fixture_collector *collector);
void fixture_collector_kill(struct fixture_collector *collector);
/* Stop, if it runs, and remove the folder. */
void fixture_collector_close(struct fixture_collector *collector);

/* GET: the body as text (the caller frees it), or as JSON (cJSON_Delete). */
char *fixture_collector_text(struct fixture_collector *collector, const char *path);
cJSON *fixture_collector_get(struct fixture_collector *collector, const char *path);
/* A number of the answer by a path of members: "messages.accepted". -1 = not there. */
double fixture_collector_number(struct fixture_collector *collector, const char *path,
                                const char *members);
/* The text of a member; static storage until the next call. */
const char *fixture_collector_member(struct fixture_collector *collector, const char *path,
                                     const char *member);
/* Wait until the number is at least this. Fails the test after 20 s. */
void fixture_collector_wait(struct fixture_collector *collector, const char *path,
                            const char *members, double least);
/* The value of a line of /metrics that begins with name; -1 = none. */
double fixture_collector_metric(struct fixture_collector *collector, const char *name);

/* A datagram to 127.0.0.1. */
void fixture_collector_send(unsigned port, const char *bytes, size_t size);
/* A TCP connection to 127.0.0.1. */
int fixture_collector_connect(unsigned port);
/* A report of a device: MSGID, and parameters of lcm@32473. */
void fixture_collector_report(struct fixture_collector *collector, const char *id,
                              const char *msgid, const char *parameters);

#endif
