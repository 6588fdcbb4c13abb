/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events: what a device tells the world (docs/SPEC.md section 10).
 *
 * An event is made on the stack, given to lcm_report_emit and forgotten. Its
 * strings are names, versions and fixed sentences; nothing secret ever goes in.
 */
#ifndef LCM_LOG_EVENT_H
#define LCM_LOG_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#include "core/log/auth_code.h"
#include "lcm/err.h"

/* X(NAME): the RFC 5424 MSGIDs. Stable: collectors match on them. */
#define LCM_EVENT_TABLE(X) \
    X(BOOT) \
    X(CHECK) \
    X(UPDATE) \
    X(ROLLBACK) \
    X(CERTINVALID) \
    X(SIGINVALID) \
    X(WIFI) \
    X(SETUP) \
    X(PANIC) \
    X(HEARTBEAT)

enum lcm_event_id {
#define LCM_EVENT_ENUM(name) LCM_EVENT_##name,
    LCM_EVENT_TABLE(LCM_EVENT_ENUM)
#undef LCM_EVENT_ENUM
};

/* RFC 5424 severities. */
enum lcm_severity {
    LCM_SEVERITY_CRITICAL = 2,
    LCM_SEVERITY_ERROR = 3,
    LCM_SEVERITY_WARNING = 4,
    LCM_SEVERITY_NOTICE = 5,
    LCM_SEVERITY_INFO = 6,
};

struct lcm_event {
    enum lcm_event_id id;
    enum lcm_severity severity;
    const char *phase; /* "start", "done", "failed", ... */
    const char *file;  /* what it is about: "main.bin"; "" = nothing */
    const char *from;  /* version before; "" = none */
    const char *to;    /* version after; "" = none */
    const char *text;  /* one sentence for people */
    enum lcm_err result;
};

/* Who is speaking: the same for all events of one run. */
struct lcm_event_source {
    uint8_t device_id[6];
    const char *updater_version;
    const char *app_version; /* "" = no app */
    const char *repository;  /* of the app; "" = none */
    bool is_beta;
    bool has_telemetry_key;
    uint8_t telemetry_key[LCM_TELEMETRY_KEY_SIZE];
};

/* "UPDATE". Static storage; "UNKNOWN" for a number outside the table. */
const char *lcm_event_name(enum lcm_event_id id);

#endif
