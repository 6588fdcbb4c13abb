// SPDX-License-Identifier: Apache-2.0
/*
 * Forgetting devices: who was silent for longer than anything is kept, and who never proved to be a
 * device at all. Their events end by age as all events do.
 *
 * Invariant: a device leaves tallies and adoption in the transaction that forgets it.
 */
#include <stdio.h>
#include <stdlib.h>

#include "collector/store.h"

#define UNVERIFIED_DAYS 90  /* anybody can invent such a device */
#define VERIFIED_DAYS_MIN 3 /* while its last code would be accepted again */
#define AHEAD_MS 3600000
#define STEP_DEVICES 200

struct forgetting {
    struct device *devices;
    size_t count;
};

static bool forgetting_row(void *context, const struct engine_row *row)
{
    struct forgetting *forgetting = context;

    store_device_from_row(&forgetting->devices[forgetting->count++], row, 0);
    return forgetting->count < STEP_DEVICES;
}

/* A time ahead of now is from before the clock was put back: the device would never be silent. */
static enum lcm_err times_mend(struct store *store, int64_t now_ms)
{
    const struct engine_value values[] = {ENGINE_INTEGER(now_ms),
                                          ENGINE_INTEGER(now_ms + AHEAD_MS)};

    return STORE_WRITE(store, "UPDATE devices SET last_seen_ms = $1 WHERE last_seen_ms > $2",
                       values);
}

static enum lcm_err forget_device(struct store *store, const struct device *device, int64_t now_ms)
{
    const struct engine_value values[] = {ENGINE_TEXT(device->id)};
    struct store_tally tally;

    store_tally_of(device, &tally);
    enum lcm_err err = store_tally_change(store, &tally, NULL);
    if (err == LCM_OK)
        err = store_adoption(store, now_ms, device->repo, device->app, -1);
    if (err == LCM_OK)
        err = STORE_WRITE(store, "DELETE FROM devices WHERE id = $1", values);
    return err;
}

/* Up to STEP_DEVICES of those the statement's end finds. Inside a transaction. */
static enum lcm_err forget_found(struct store *store, const char *sql_end,
                                 const struct engine_value values[2], int64_t now_ms,
                                 int64_t *forgotten)
{
    char sql[STORE_SQL_SIZE], columns[STORE_SQL_SIZE / 2];
    struct forgetting forgetting = {calloc(STEP_DEVICES, sizeof(struct device)), 0};
    const struct engine_call call = {sql, false, values, 2, forgetting_row, &forgetting};

    if (forgetting.devices == NULL)
        return LCM_ERR_NO_SPACE;
    store_device_columns(columns, sizeof(columns));
    snprintf(sql, sizeof(sql), "SELECT %s FROM devices WHERE %s", columns, sql_end);
    enum lcm_err err = store->engine->side->call(store->engine, &call);
    for (size_t i = 0; i < forgetting.count && err == LCM_OK; i++)
        err = forget_device(store, &forgetting.devices[i], now_ms);
    *forgotten = err == LCM_OK ? (int64_t)forgetting.count : 0;
    free(forgetting.devices);
    return err;
}

/* Silent for too long; without a message that counted, since the first one. */
static enum lcm_err forget_silent(struct store *store, const struct store_retention *retention,
                                  int64_t *forgotten)
{
    int64_t verified_days =
        retention->days > VERIFIED_DAYS_MIN ? retention->days : VERIFIED_DAYS_MIN;
    int64_t days = retention->days < UNVERIFIED_DAYS ? retention->days : UNVERIFIED_DAYS;
    const struct engine_value values[] = {
        ENGINE_INTEGER(retention->now_ms - verified_days * STORE_DAY_MS),
        ENGINE_INTEGER(retention->now_ms - days * STORE_DAY_MS)};

    return forget_found(store,
                        "CASE WHEN last_seen_ms > 0 THEN last_seen_ms ELSE first_seen_ms END < "
                        "CASE WHEN mac_time_s > 0 THEN CAST($1 AS BIGINT) ELSE "
                        "CAST($2 AS BIGINT) END LIMIT 200",
                        values, retention->now_ms, forgotten);
}

static enum lcm_err forget_end(struct store *store, enum lcm_err err, int64_t *forgotten)
{
    if (err == LCM_OK)
        err = store_commit(store);
    if (err == LCM_OK)
        return LCM_OK;
    store_rollback(store);
    *forgotten = 0;
    return err;
}

enum lcm_err store_forget_devices(struct store *store, const struct store_retention *retention,
                                  int64_t *forgotten)
{
    enum lcm_err err = store_begin(store);

    *forgotten = 0;
    if (err == LCM_OK)
        err = times_mend(store, retention->now_ms);
    if (err == LCM_OK && retention->days > 0)
        err = forget_silent(store, retention, forgotten);
    return forget_end(store, err, forgotten);
}

enum lcm_err store_evict_devices(struct store *store, int64_t excess, int64_t now_ms,
                                 int64_t *forgotten)
{
    const struct engine_value values[] = {
        ENGINE_INTEGER(excess < STEP_DEVICES ? excess : STEP_DEVICES), ENGINE_INTEGER(0)};
    enum lcm_err err = store_begin(store);

    *forgotten = 0;
    if (err == LCM_OK)
        err = forget_found(store,
                           "mac_time_s = CAST($2 AS BIGINT) ORDER BY last_seen_ms "
                           "LIMIT CAST($1 AS BIGINT)",
                           values, now_ms, forgotten);
    return forget_end(store, err, forgotten);
}
