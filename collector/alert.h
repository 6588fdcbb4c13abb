/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts: what a person should be told. One kind of trouble with one subject is one alert, however
 * many messages and devices tell of it; it is sent once, and again only after it was over.
 */
#ifndef LCM_COLLECTOR_ALERT_H
#define LCM_COLLECTOR_ALERT_H

#include "collector/store.h"

/* X(NAME, "name in API, metrics, webhook") */
#define ALERT_TABLE(X) \
    X(CERTIFICATE, "certificate-invalid") \
    X(SIGNATURE, "signature-invalid") \
    X(FAILURE_RATE, "failure-rate") \
    X(SILENT, "silent") \
    X(VERSION_BACK, "version-back") \
    X(FORGED, "forged") \
    X(MORE, "more") /* the sum of those that were too many to be told one by one; the last */

enum alert_kind {
#define ALERT_ENUM(name, text) ALERT_##name,
    ALERT_TABLE(ALERT_ENUM)
#undef ALERT_ENUM
        ALERT_COUNT
};

#define ALERT_SUBJECT_SIZE 160u
#define ALERT_TEXT_SIZE 512u

struct alert {
    int64_t id;
    char kind[COLLECT_WORD_SIZE];
    char subject[ALERT_SUBJECT_SIZE];
    char text[ALERT_TEXT_SIZE];
    int64_t count, first_ms, last_ms, closed_ms, notified_ms;
    unsigned sent;    /* bits of the ways out that took it */
    bool is_verified; /* a verified device tells of it, or the collector itself */
    bool is_first;    /* notifier: some way took it, and none had before */
    bool is_told;     /* notifier: every way took it */
};

/* How many were told in this hour, of strangers and of verified devices; zeroed at the start. */
struct alert_class {
    int64_t since_ms, told;
    bool is_summed;
};
struct alert_quota {
    struct alert_class classes[ALERT_COUNT][2];
};

struct alert_limits {
    int64_t silent_days;     /* 0 = never */
    int64_t failure_percent; /* 0 = never */
    int64_t now_ms;
};

/* What one message says. Inside a transaction. */
LCM_MUST_CHECK enum lcm_err alert_from_change(struct store *store, const struct device *device,
                                              const struct collect_message *message,
                                              const struct device_change *change, int64_t at_ms);

/* What only the whole says: rates, silence, trouble that is over. Makes its own transaction. */
LCM_MUST_CHECK enum lcm_err alert_evaluate(struct store *store, const struct alert_limits *limits);

/* Up to max open alerts that are to be told now, those of verified devices first: ten of a kind an
 * hour, the rest as one alert of kind "more". Makes its own transaction. */
LCM_MUST_CHECK enum lcm_err alert_pending(struct store *store, struct alert_quota *quota,
                                          int64_t now_ms, struct alert *alerts, size_t max,
                                          size_t *count);
/* What was told of an alert as it was then. Makes its own transaction. */
LCM_MUST_CHECK enum lcm_err alert_notified(struct store *store, struct alert_quota *quota,
                                           const struct alert *told, int64_t now_ms);

const char *alert_kind_name(enum alert_kind kind);
/* The columns of an alert from a row, in the order of ALERT_COLUMNS. */
#define ALERT_COLUMNS "id, kind, subject, text, n, first_ms, last_ms, closed_ms, notified_ms"
void alert_from_row(struct alert *alert, const struct engine_row *row);

#endif
