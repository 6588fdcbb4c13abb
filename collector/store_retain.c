// SPDX-License-Identifier: Apache-2.0
/*
 * Forgetting what is too old or too much: events step by step, then sums, releases nothing runs,
 * alerts that are over. Devices: store_forget.c.
 *
 * Invariant: the newest event stays, so that no id is given twice.
 */
#include "collector/store.h"

#define ADOPTION_COARSE_S 3600
#define ADOPTION_FINE_DAYS 2
#define DAYS_OF_EVER 36500

/* The highest event id that goes: the step's last one, or the last that is too old. */
static enum lcm_err retain_limit(struct store *store, const struct store_retention *retention,
                                 int64_t *last_id)
{
    int64_t bytes = 0, first_id = 0;
    enum lcm_err err = store->engine->side->size(store->engine, &bytes);

    if (err == LCM_OK)
        err = store_number(store, "SELECT MIN(id) FROM events", NULL, 0, &first_id);
    *last_id = 0;
    if (err != LCM_OK || first_id == 0)
        return err;
    int64_t step_id = first_id + STORE_RETENTION_STEP - 1;
    if (retention->size_max > 0 && bytes > retention->size_max) {
        *last_id = step_id;
        return LCM_OK;
    }
    if (retention->days == 0)
        return LCM_OK;
    const struct engine_value values[] = {
        ENGINE_INTEGER(step_id), ENGINE_INTEGER(retention->now_ms - retention->days * STORE_DAY_MS),
        ENGINE_INTEGER(retention->now_ms + STORE_DAY_MS)};
    /* From the oldest on: an event with a later time stands in the way of those behind it, but for
     * one from the future: the clock was wrong then. */
    return store_number(store,
                        "SELECT MAX(id) FROM events WHERE id <= $1 AND at_ms < $2 AND id < "
                        "COALESCE((SELECT MIN(id) FROM events WHERE id <= $1 AND at_ms >= $2 "
                        "AND at_ms < $3), $1 + 1)",
                        values, 3, last_id);
}

static enum lcm_err retain_counts(struct store *store, int64_t old_ms)
{
    const struct engine_value old[] = {ENGINE_INTEGER(old_ms / STORE_DAY_MS)};
    enum lcm_err err = STORE_WRITE(store, "DELETE FROM counts WHERE day < $1", old);

    return err == LCM_OK ? store_write(store, "DELETE FROM tallies WHERE n = 0", NULL, 0) : err;
}

/* Changes of the last days are kept fine, older ones by the hour, the oldest as one sum. */
static enum lcm_err retain_adoption(struct store *store, int64_t now_ms, int64_t old_ms)
{
    int64_t fine_s = now_ms / 1000 - ADOPTION_FINE_DAYS * (STORE_DAY_MS / 1000);
    const struct engine_value fine[] = {ENGINE_INTEGER(fine_s), ENGINE_INTEGER(ADOPTION_COARSE_S)};
    const struct engine_value old[] = {ENGINE_INTEGER(old_ms / 1000)};
    enum lcm_err err =
        STORE_WRITE(store,
                    "INSERT INTO adoption (bucket_s, repo, version, delta) "
                    "SELECT bucket_s / $2 * $2, repo, version, SUM(delta) FROM adoption "
                    "WHERE bucket_s < $1 AND bucket_s % $2 > 0 "
                    "GROUP BY bucket_s / $2 * $2, repo, version "
                    "ON CONFLICT (repo, bucket_s, version) "
                    "DO UPDATE SET delta = adoption.delta + excluded.delta",
                    fine);

    if (err == LCM_OK)
        err = STORE_WRITE(store, "DELETE FROM adoption WHERE bucket_s < $1 AND bucket_s % $2 > 0",
                          fine);
    if (err == LCM_OK)
        err = STORE_WRITE(store,
                          "INSERT INTO adoption (bucket_s, repo, version, delta) "
                          "SELECT 0, repo, version, SUM(delta) FROM adoption "
                          "WHERE bucket_s < $1 AND bucket_s > 0 GROUP BY repo, version "
                          "ON CONFLICT (repo, bucket_s, version) "
                          "DO UPDATE SET delta = adoption.delta + excluded.delta",
                          old);
    if (err == LCM_OK)
        err = STORE_WRITE(
            store, "DELETE FROM adoption WHERE bucket_s < $1 AND (bucket_s > 0 OR delta = 0)", old);
    return err;
}

static enum lcm_err retain_releases(struct store *store, int64_t old_ms)
{
    const struct engine_value old[] = {ENGINE_INTEGER(old_ms)};

    return STORE_WRITE(store,
                       "DELETE FROM releases WHERE first_ms < $1 AND (repo, version) NOT IN "
                       "(SELECT repo, app FROM tallies WHERE n > 0)",
                       old);
}

/* What is over makes room early for what is not: the oldest go while the table is half full. */
static enum lcm_err retain_alerts(struct store *store, int64_t old_ms)
{
    const struct engine_value old[] = {ENGINE_INTEGER(old_ms)};
    int64_t rows = 0;
    enum lcm_err err =
        STORE_WRITE(store, "DELETE FROM alerts WHERE closed_ms > 0 AND closed_ms < $1", old);

    if (err == LCM_OK)
        err = store_number(store, "SELECT COUNT(*) FROM alerts", NULL, 0, &rows);
    const struct engine_value excess[] = {
        ENGINE_INTEGER(rows - store->rooms[STORE_ALERTS].rows_max / 2)};
    if (err == LCM_OK && excess[0].integer > 0)
        err = STORE_WRITE(store,
                          "DELETE FROM alerts WHERE id IN (SELECT id FROM alerts WHERE "
                          "closed_ms > 0 ORDER BY closed_ms LIMIT $1)",
                          excess);
    return err;
}

static enum lcm_err retain_rest(struct store *store, const struct store_retention *retention)
{
    int64_t days = retention->days > 0 ? retention->days : DAYS_OF_EVER;
    int64_t old_ms = retention->now_ms - days * STORE_DAY_MS;
    enum lcm_err err = retain_counts(store, old_ms);

    if (err == LCM_OK)
        err = retain_adoption(store, retention->now_ms, old_ms);
    if (err == LCM_OK)
        err = retain_releases(store, old_ms);
    if (err == LCM_OK)
        err = retain_alerts(store, old_ms);
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++)
        store->rooms[i].rows_left = 0; /* count again: another collector may have written */
    return err;
}

static enum lcm_err retain_events(struct store *store, int64_t last_id, int64_t *forgotten)
{
    const struct engine_value values[] = {ENGINE_INTEGER(last_id)};
    int64_t before = 0, after = 0;
    enum lcm_err err = last_id > 0 ? store_event_count(store, &before) : LCM_OK;

    *forgotten = 0;
    if (err != LCM_OK || last_id == 0)
        return err;
    err = STORE_WRITE(
        store, "DELETE FROM events WHERE id <= $1 AND id < (SELECT MAX(id) FROM events)", values);
    if (err == LCM_OK)
        err = store_event_count(store, &after);
    *forgotten = err == LCM_OK ? before - after : 0;
    return err;
}

enum lcm_err store_retain(struct store *store, const struct store_retention *retention,
                          int64_t *forgotten)
{
    int64_t last_id = 0, gone = 0;
    enum lcm_err err = retain_limit(store, retention, &last_id);

    *forgotten = 0;
    if (err != LCM_OK)
        return err;
    err = store_begin(store);
    if (err == LCM_OK)
        err = retain_events(store, last_id, &gone);
    if (err == LCM_OK && gone == 0)
        err = retain_rest(store, retention);
    if (err == LCM_OK)
        err = store_commit(store);
    if (err != LCM_OK) {
        store_rollback(store);
        return err;
    }
    *forgotten = gone;
    return gone > 0 ? store->engine->side->shrink(store->engine) : LCM_OK;
}
