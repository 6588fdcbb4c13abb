/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The reading side of the store: what page, API, metrics and command line show. All functions
 * return as those of engine.h; row functions return false to end early.
 */
#ifndef LCM_COLLECTOR_STORE_READ_H
#define LCM_COLLECTOR_STORE_READ_H

#include "collector/alert.h"
#include "collector/store.h"

#define READ_LIMIT_MAX 1000

/* Which devices; NULL, "" and -1 = any. */
struct read_filter {
    const char *search; /* in id, version, repository, address, channel */
    const char *repo, *channel, *app, *lcm;
    int64_t state;
    int online;        /* 1 online, 0 stale, -1 both */
    int latest;        /* 1 runs the newest version that was seen, 0 does not, -1 both */
    bool has_trouble;  /* failing, rolled back or certificate invalid */
    int64_t online_ms; /* seen since then = online */
    const char *sort;  /* a column of read_sort_is_known; NULL = last_seen */
    bool is_descending;
    const char *after; /* continue an export in the order of ids behind this one; NULL = sorted */
    int64_t limit, offset;
};

bool read_sort_is_known(const char *name);
LCM_MUST_CHECK enum lcm_err read_devices(struct store *store, const struct read_filter *filter,
                                         bool (*row)(void *context, const struct device *device),
                                         void *context);
LCM_MUST_CHECK enum lcm_err read_device_total(struct store *store, const struct read_filter *filter,
                                              int64_t *total);

struct read_summary {
    int64_t devices, online, failing, certificate, verified, rolled_back, on_latest, with_app;
    int64_t certificate_since_ms; /* 0 = none */
    int64_t lost, reboots, installed, failed, rollbacks;
    int64_t by_state[DEVICE_STATE_COUNT];
    char certificate_host[COLLECT_NAME_SIZE];
};

LCM_MUST_CHECK enum lcm_err read_summary(struct store *store, int64_t online_ms,
                                         struct read_summary *summary);

struct read_group {
    const char *name;
    int64_t devices, online, trouble;
};

/* by: repo, app, channel, lcm or state; LCM_ERR_ARGUMENT for another word. */
LCM_MUST_CHECK enum lcm_err read_groups(struct store *store, const char *by,
                                        const struct read_filter *filter,
                                        bool (*row)(void *context, const struct read_group *group),
                                        void *context);

struct read_events {
    const char *device; /* NULL = all */
    const char *msgid;  /* NULL = all; only together with a device */
    int64_t before;     /* ids below; 0 = the newest */
    bool is_trouble;    /* severity warning and worse */
    int64_t limit;
};

/* Newest first. */
LCM_MUST_CHECK enum lcm_err read_events(struct store *store, const struct read_events *query,
                                        bool (*row)(void *context, const struct store_event *event),
                                        void *context);

struct read_release {
    const char *repo, *channel, *version;
    int64_t first_ms, devices, installed, failed, rollbacks;
};

/* Newest version first in every repository. At most READ_LIMIT_MAX. */
LCM_MUST_CHECK enum lcm_err
read_releases(struct store *store, bool (*row)(void *context, const struct read_release *release),
              void *context);

struct read_adoption {
    int64_t at_s; /* begin of the step; 0 = before since_s */
    const char *version;
    int64_t delta;
};

/* Changes of the number of devices per version, in ascending time and steps of step_s. */
LCM_MUST_CHECK enum lcm_err
read_adoption(struct store *store, const char *repo, int64_t since_s, int64_t step_s,
              bool (*row)(void *context, const struct read_adoption *adoption), void *context);

struct read_failure {
    const char *kind;
    int64_t result, count;
};

/* The most frequent first. repo NULL = all. */
LCM_MUST_CHECK enum lcm_err
read_failures(struct store *store, int64_t since_ms, const char *repo,
              bool (*row)(void *context, const struct read_failure *failure), void *context);

/* Open ones first, then the newest. */
LCM_MUST_CHECK enum lcm_err read_alerts(struct store *store, int64_t limit,
                                        bool (*row)(void *context, const struct alert *alert),
                                        void *context);

/* For /metrics: sums of counts. */
struct read_count {
    const char *repo, *version, *kind;
    int64_t result, count;
};
LCM_MUST_CHECK enum lcm_err read_counts(struct store *store,
                                        bool (*row)(void *context, const struct read_count *count),
                                        void *context);

#endif
