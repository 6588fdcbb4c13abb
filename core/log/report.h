/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way out for events: one emit goes to the local observer (UART, terminal),
 * to the syslog server of the settings, and as a plain line to the UDP broadcast
 * 45678 that users of the reference watch.
 *
 * Datagrams leave only after lcm_report_network_up; before that only the observer
 * hears. Sending is best effort: a report never delays or fails an update.
 */
#ifndef LCM_LOG_REPORT_H
#define LCM_LOG_REPORT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/log/event.h"
#include "lcm/ports.h"

#define LCM_BROADCAST_PORT 45678u
#define LCM_SYSLOG_PORT 514u

/* What the composition root wants to see; any pointer may be NULL. */
struct lcm_observer {
    void *context;
    void (*event)(void *context, const struct lcm_event *event);
    /* A new state was entered: a few words, as lcm_lifecycle_state_name. */
    void (*state)(void *context, const char *name);
    /* done of total bytes of a file are in place. */
    void (*progress)(void *context, const char *file, uint32_t done, uint32_t total);
    /* Seconds left before a power-cycle mode acts, with what it will do. */
    void (*countdown)(void *context, const char *action, uint32_t seconds);
    /* Waiting for this many milliseconds before the next try. */
    void (*waiting)(void *context, uint32_t delay_ms);
};

struct lcm_report {
    const struct lcm_net *net;
    const struct lcm_clock *clock;
    const struct lcm_system *system;
    const struct lcm_observer *observer; /* may be NULL */
    struct lcm_event_source source;
    struct lcm_endpoint syslog;
    bool has_syslog;
    bool has_broadcast;
    bool is_network_up;
    uint64_t utc_seconds; /* 0 = unknown */
    uint64_t utc_at_ms;   /* uptime when utc_seconds was read */
    uint32_t sequence;    /* of the last event, since power-on */
};

/* Start without network. source strings stay the caller's and must live as long. */
void lcm_report_init(struct lcm_report *report, const struct lcm_ports *ports,
                     const struct lcm_observer *observer);

/* From now on datagrams are sent. */
void lcm_report_network_up(struct lcm_report *report);

/* The time for timestamps, in Unix seconds. */
void lcm_report_set_time(struct lcm_report *report, uint64_t utc_seconds);

/* Send syslog messages to this endpoint. */
void lcm_report_set_syslog(struct lcm_report *report, const struct lcm_endpoint *endpoint);

/* From now on syslog messages carry a code made with this key (docs/SPEC.md section 10.4). The key
 * stays in *report and goes nowhere else. */
void lcm_report_set_key(struct lcm_report *report, const uint8_t key[LCM_TELEMETRY_KEY_SIZE]);

void lcm_report_emit(struct lcm_report *report, const struct lcm_event *event);

#endif
