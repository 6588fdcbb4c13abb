/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the collector keeps: devices, events, releases, counts, adoption, alerts. This header is the
 * writing side, store_read.h the page's. Both speak through the narrow door of engine.h.
 *
 * Writes stand between store_begin and store_commit. After any error: store_rollback, and do all
 * of it again later. All functions return as those of engine.h.
 */
#ifndef LCM_COLLECTOR_STORE_H
#define LCM_COLLECTOR_STORE_H

#include "collector/device.h"
#include "collector/engine.h"

#define STORE_SQL_SIZE 3072u
#define STORE_PATH_SIZE 512u
#define STORE_DAY_MS 86400000

/* Tables whose rows senders name: X(NAME, "table", highest number of rows). More names are refused
 * and counted; known ones go on. Tallies are bounded by the devices. */
#define STORE_TABLES(X) \
    X(COUNTS, "counts", 200000) \
    X(ADOPTION, "adoption", 200000) \
    X(RELEASES, "releases", 10000) \
    X(ALERTS, "alerts", 10000)

enum store_table {
#define STORE_TABLE_ENUM(name, text, rows) STORE_##name,
    STORE_TABLES(STORE_TABLE_ENUM)
#undef STORE_TABLE_ENUM
        STORE_TABLE_COUNT
};

struct store_room {
    int64_t rows_max, rows_left; /* rows_left: at least so many fit */
    bool is_counted;             /* in this transaction */
};

struct store {
    struct engine *engine;
    char place[STORE_PATH_SIZE];
    bool is_reader;
    /* Made from the table of columns. */
    char sql_load[STORE_SQL_SIZE], sql_add[STORE_SQL_SIZE], sql_change[STORE_SQL_SIZE];
    struct store_room rooms[STORE_TABLE_COUNT];
    uint64_t refused; /* new rows in this transaction that found no room */
};

struct store_event {
    int64_t id;       /* given by store_next_event */
    int64_t previous; /* id of the device's event before; 0 = none */
    int64_t at_ms;
    const char *device, *msgid, *phase, *file, *from, *to, *text, *source;
    int64_t severity, result, verdict, time_s, sequence;
};

/* Open, and make the tables unless is_reader. A damaged file is not touched: LCM_ERR_CORRUPT. */
LCM_MUST_CHECK enum lcm_err store_open(struct store *store, const char *place, bool is_reader,
                                       char text[ENGINE_ERROR_SIZE]);
void store_close(struct store *store);
/* Move a damaged file aside, to PLACE.damaged-TIME (told in text). */
LCM_MUST_CHECK enum lcm_err store_set_aside(const char *place, int64_t now_s,
                                            char text[ENGINE_ERROR_SIZE]);
const char *store_error(const struct store *store);

LCM_MUST_CHECK enum lcm_err store_begin(struct store *store);
/* The id of the first event of this transaction; the caller counts on from there. */
LCM_MUST_CHECK enum lcm_err store_next_event(struct store *store, int64_t *id);
LCM_MUST_CHECK enum lcm_err store_commit(struct store *store);
void store_rollback(struct store *store);

/* LCM_ERR_NOT_FOUND for a device that is not there: *device is zeroed then, but for its id. */
LCM_MUST_CHECK enum lcm_err store_device_load(struct store *store, const char *id,
                                              struct device *device);
/* is_new: store_device_load did not find it. */
LCM_MUST_CHECK enum lcm_err store_device_save(struct store *store, const struct device *device,
                                              bool is_new);
LCM_MUST_CHECK enum lcm_err store_event_add(struct store *store, const struct store_event *event);

/* What a device counts as in the tallies. */
struct store_tally {
    char repo[COLLECT_NAME_SIZE], channel[COLLECT_WORD_SIZE];
    char app[COLLECT_VERSION_SIZE], lcm[COLLECT_VERSION_SIZE];
    int64_t state, lost, reboots, installed, failed, rollbacks, verified;
};
void store_tally_of(const struct device *device, struct store_tally *tally);
/* A device counted as *before (NULL: it is new) and counts as *after from now on (NULL: it is
 * forgotten). */
LCM_MUST_CHECK enum lcm_err store_tally_change(struct store *store,
                                               const struct store_tally *before,
                                               const struct store_tally *after);

/* May a row be written: it is there already (exists_sql counts it), or there is room for it? */
struct store_row {
    enum store_table table;
    const char *exists_sql;
    const struct engine_value *values;
    size_t count;
};
LCM_MUST_CHECK enum lcm_err store_has_room(struct store *store, const struct store_row *row,
                                           bool *has_room);

/* One more failure, installation .. of a version on the day of at_ms. */
LCM_MUST_CHECK enum lcm_err store_count(struct store *store, int64_t at_ms, const char *repo,
                                        const char *version, const char *kind, int64_t result);
/* delta devices more run this version. */
LCM_MUST_CHECK enum lcm_err store_adoption(struct store *store, int64_t at_ms, const char *repo,
                                           const char *version, int64_t delta);
/* A device runs its version: that is a release, unless other devices of the repository were
 * verified and this one was not. */
LCM_MUST_CHECK enum lcm_err store_release(struct store *store, int64_t at_ms,
                                          const struct device *device);

LCM_MUST_CHECK enum lcm_err store_device_count(struct store *store, int64_t *count);
LCM_MUST_CHECK enum lcm_err store_event_count(struct store *store, int64_t *count);

struct store_retention {
    int64_t days;
    int64_t size_max; /* bytes */
    int64_t now_ms;
};

/* Forget a bounded piece of what is too old or too much: at most STORE_RETENTION_STEP events.
 * *forgotten is their number; call again while it is not 0. The last call forgets old sums,
 * releases that nothing runs, closed alerts. In no transaction. */
#define STORE_RETENTION_STEP 5000
LCM_MUST_CHECK enum lcm_err
store_retain(struct store *store, const struct store_retention *retention, int64_t *forgotten);

/* Forget a bounded piece of the devices that were silent for retention->days, but never one whose
 * last code would be accepted again; those that were never verified after 90 days at the latest.
 * days 0: none. Those that seem to
 * be heard of in the future are heard of now. In no transaction. */
LCM_MUST_CHECK enum lcm_err store_forget_devices(struct store *store,
                                                 const struct store_retention *retention,
                                                 int64_t *forgotten);

/* Forget up to excess devices that were never verified, those heard of longest ago first; a bounded
 * piece. In no transaction. */
LCM_MUST_CHECK enum lcm_err store_evict_devices(struct store *store, int64_t excess, int64_t now_ms,
                                                int64_t *forgotten);

/* Inside the store. */
LCM_MUST_CHECK enum lcm_err store_write(struct store *store, const char *sql,
                                        const struct engine_value *values, size_t count);
LCM_MUST_CHECK enum lcm_err store_number(struct store *store, const char *sql,
                                         const struct engine_value *values, size_t count,
                                         int64_t *number);
LCM_MUST_CHECK enum lcm_err store_make_tables(struct store *store);
/* Names of the columns of devices in the order device_from_row reads them. */
void store_device_columns(char *text, size_t size);
void store_device_from_row(struct device *device, const struct engine_row *row, size_t first);
size_t store_device_column_count(void);

#define STORE_WRITE(store, sql, values) \
    store_write(store, sql, values, sizeof(values) / sizeof((values)[0]))

#endif
