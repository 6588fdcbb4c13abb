/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is known of one device, and how a message changes it.
 *
 * A message of a device whose telemetry key is known here changes nothing but its counters
 * unless it is verified. State "healthy" needs a verified message; without a key the best is
 * "ok": the device says so.
 */
#ifndef LCM_COLLECTOR_DEVICE_H
#define LCM_COLLECTOR_DEVICE_H

#include "collector/message.h"
#include "collector/queue.h"
#include "collector/version.h"

/* X(NAME, "name in API and page"); the numbers are stored: append only. */
#define DEVICE_STATE_TABLE(X) \
    X(UNKNOWN, "unknown") \
    X(HEALTHY, "healthy") \
    X(OK, "ok") \
    X(CHECKING, "checking") \
    X(UPDATING, "updating") \
    X(FAILING, "failing") \
    X(CERT_INVALID, "cert-invalid") \
    X(ROLLED_BACK, "rolled-back") \
    X(SETUP, "setup")

enum device_state {
#define DEVICE_STATE_ENUM(name, text) DEVICE_##name,
    DEVICE_STATE_TABLE(DEVICE_STATE_ENUM)
#undef DEVICE_STATE_ENUM
        DEVICE_STATE_COUNT
};

#define DEVICE_TEXT_SIZE 192u /* of the last message; the whole one is among the events */

struct device {
    char id[COLLECT_ID_SIZE];
    int64_t first_seen_ms, last_seen_ms; /* 0 = never: a new device */
    char source[COLLECT_SOURCE_SIZE];
    char lcm[COLLECT_VERSION_SIZE];
    char app[COLLECT_VERSION_SIZE];
    char app_key[VERSION_KEY_SIZE];
    char boot[COLLECT_VERSION_SIZE];
    char repo[COLLECT_NAME_SIZE];
    char file[COLLECT_NAME_SIZE];
    char channel[COLLECT_WORD_SIZE];
    char rssi[COLLECT_WORD_SIZE];
    int64_t state; /* enum device_state */
    int64_t state_since_ms;
    int64_t cert_since_ms; /* the host's certificate is invalid since; 0 = it is not */
    char cert_host[COLLECT_NAME_SIZE];
    char last_msgid[COLLECT_WORD_SIZE];
    char last_text[DEVICE_TEXT_SIZE];
    char error_text[DEVICE_TEXT_SIZE]; /* of the last failure; "" after a success */
    int64_t error_result;              /* enum lcm_err; 0 = none */
    int64_t error_at_ms;
    int64_t sequence, uptime_s; /* of the last message that told */
    int64_t syslog_at_ms;       /* of the last RFC 5424 message */
    int64_t lost, reboots, messages, forged;
    int64_t installed, failed, rollbacks;
    int64_t verdict; /* enum collect_verdict of the last message that counted */
    int64_t mac_time_s, mac_sequence;
    int64_t last_event; /* id of its newest event; 0 = none */
};

/* What happened, for counts, adoption and alerts. */
struct device_change {
    bool is_new;
    bool is_ignored;      /* not verified, but this device's key is known */
    bool is_proved;       /* verified, for the first time */
    bool is_repeated;     /* a broadcast line of what came by syslog as well */
    bool has_app_changed; /* app or repo; app_before and repo_before are the old ones */
    bool has_gone_back;   /* the version is lower than before */
    bool is_installed, is_failure, is_cert_invalid, is_sig_invalid, is_rollback;
    bool has_state_changed;
    char app_before[COLLECT_VERSION_SIZE];
    char repo_before[COLLECT_NAME_SIZE];
};

/* Let a message change a device (zeroed, with its id, when it is new). at_ms: time of receipt. */
void device_fold(struct device *device, const struct collect_message *message, const char *source,
                 int64_t at_ms, struct device_change *change);

/* "healthy"; "unknown" for a number outside the table. Static storage. */
const char *device_state_name(int64_t state);
/* The number of a name, or -1. */
int64_t device_state_number(const char *name);

#endif
