/* SPDX-License-Identifier: Apache-2.0 */
/*
 * `lcm collect`: receives reports, keeps them, shows the fleet (docs/COLLECTOR.md).
 *
 * Three threads share this struct: the receiver (sockets -> queue), the writer (queue -> store,
 * alerts, other engines) and the page (store -> browser). What they share is the queue, the
 * counters and the status; each has its own connection to the store.
 */
#ifndef LCM_COLLECTOR_COLLECT_H
#define LCM_COLLECTOR_COLLECT_H

#include <pthread.h>
#include <stdatomic.h>

#include "collector/auth.h"
#include "collector/queue.h"
#include "host/cli.h"

#define COLLECT_PORTS_MAX 4u
#define COLLECT_TEXT_LINE_SIZE 512u
#define COLLECT_RELAYS_MAX 16u

struct collect_options {
    const char *store; /* path or postgresql:// URL */
    const char *listen;
    long port, broadcast_port, tcp_port, tls_port; /* -1 = none, 0 = any free one */
    const char *tls_certificate, *tls_key, *tls_clients;
    const char *page_address;
    long page_port;
    const char *token_file;
    const char *keys;
    long retention_days, size_max_mb, rate, devices_max;
    long stale_hours;
    const char *relays[COLLECT_RELAYS_MAX + 1]; /* sources without a rate limit */
    const char *webhook, *command;
    long silent_days, failure_percent;
    const char *forward;
    const char *mqtt, *mqtt_user, *mqtt_password_file;
    bool is_json;
};

/* X(NAME, "reason"): why a message was not kept, or (names) what it names not counted. Every one is
 * visible on page and /metrics. */
#define COLLECT_DROP_TABLE(X) \
    X(KERNEL, "kernel") \
    X(QUEUE, "queue") \
    X(RATE, "rate") \
    X(MALFORMED, "malformed") \
    X(DEVICES, "devices") \
    X(TRUNCATED, "truncated") \
    X(NAMES, "names")

enum collect_drop {
#define COLLECT_DROP_ENUM(name, text) COLLECT_DROP_##name,
    COLLECT_DROP_TABLE(COLLECT_DROP_ENUM)
#undef COLLECT_DROP_ENUM
        COLLECT_DROP_COUNT
};

struct collect_counters {
    _Atomic uint64_t received[COLLECT_TRANSPORT_COUNT];
    _Atomic uint64_t accepted[COLLECT_TRANSPORT_COUNT]; /* committed to the store */
    _Atomic uint64_t dropped[COLLECT_DROP_COUNT];
    _Atomic uint64_t repeated, forged, verified, unverified;
    _Atomic uint64_t store_failures;
    _Atomic uint64_t forwarded, forward_dropped;
    _Atomic uint64_t alerts_sent, alerts_failed;
    _Atomic uint64_t mqtt_published;
    _Atomic uint64_t connections;
};

/* What a person should know about the collector itself. "" = nothing to tell. */
struct collect_status {
    pthread_mutex_t lock;
    char store[COLLECT_TEXT_LINE_SIZE];  /* why nothing can be stored now */
    char notice[COLLECT_TEXT_LINE_SIZE]; /* something happened once: a damaged store moved aside */
    char clock[COLLECT_TEXT_LINE_SIZE];  /* the clock jumped */
    char forward[COLLECT_TEXT_LINE_SIZE];
    char alerts[COLLECT_TEXT_LINE_SIZE];
};

struct collect {
    struct collect_options options;
    struct collect_queue queue;
    struct collect_counters counters;
    struct collect_status status;
    struct collect_keys *keys;
    uint64_t started_ms;
    _Atomic uint64_t revision;   /* rises when something was stored */
    _Atomic uint64_t generation; /* rises when the store became another file */
    _Atomic bool is_stopping;
    char token[128]; /* "" = none asked for */
};

extern const struct cli_command lcm_collect_command;

/* Unix milliseconds; milliseconds of a clock that only goes forward; the same, but it goes on while
 * the machine sleeps. */
uint64_t collect_now_ms(void);
uint64_t collect_uptime_ms(void);
uint64_t collect_boot_ms(void);

/* Set one text of the status; text NULL or "" clears it. Returns true when it changed. */
bool collect_status_set(struct collect_status *status, char *field, const char *text);

const char *collect_drop_name(enum collect_drop drop);
const char *collect_transport_name(enum collect_transport transport);

#endif
