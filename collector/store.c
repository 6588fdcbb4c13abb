// SPDX-License-Identifier: Apache-2.0
/*
 * The writing side of the store; see the header. It keeps no copy of anything: what was not
 * committed is not there.
 */
#include "collector/store.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ADOPTION_BUCKET_S 10 /* fine enough to watch a roll-out happen */
#define ADOPTION_COARSE_S 3600
#define ADOPTION_FINE_DAYS 2

enum lcm_err store_open(struct store *store, const char *place, bool is_reader,
                        char text[ENGINE_ERROR_SIZE])
{
    memset(store, 0, sizeof(*store));
    snprintf(store->place, sizeof(store->place), "%s", place);
    store->is_reader = is_reader;
    enum lcm_err err = engine_open(place, is_reader, &store->engine, text);
    if (err != LCM_OK)
        return err;
    err = store_make_tables(store);
    if (err == LCM_OK)
        return LCM_OK;
    if (err == LCM_ERR_UPDATER_TOO_OLD)
        snprintf(text, ENGINE_ERROR_SIZE, "%.200s: made by a newer lcm", place);
    else
        snprintf(text, ENGINE_ERROR_SIZE, "%s", store_error(store));
    store_close(store);
    return err;
}

void store_close(struct store *store)
{
    engine_close(store->engine);
    store->engine = NULL;
}

enum lcm_err store_set_aside(const char *place, int64_t now_s, char text[ENGINE_ERROR_SIZE])
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    char from[STORE_PATH_SIZE + 8], to[STORE_PATH_SIZE + 48];

    for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
        snprintf(from, sizeof(from), "%s%s", place, suffixes[i]);
        snprintf(to, sizeof(to), "%s.damaged-%lld%s", place, (long long)now_s, suffixes[i]);
        if (rename(from, to) != 0 && i == 0)
            return LCM_ERR_CLOSED;
    }
    snprintf(text, ENGINE_ERROR_SIZE, "%.180s.damaged-%lld", place, (long long)now_s);
    return LCM_OK;
}

const char *store_error(const struct store *store)
{
    return store->engine != NULL ? store->engine->side->error(store->engine) : "not open";
}

enum lcm_err store_begin(struct store *store)
{
    return store->engine->side->begin(store->engine);
}

enum lcm_err store_commit(struct store *store)
{
    return store->engine->side->commit(store->engine);
}

void store_rollback(struct store *store)
{
    store->engine->side->rollback(store->engine);
}

enum lcm_err store_write(struct store *store, const char *sql, const struct engine_value *values,
                         size_t count)
{
    const struct engine_call call = {sql, true, values, count, NULL, NULL};

    return store->engine->side->write(store->engine, &call);
}

static bool number_row(void *context, const struct engine_row *row)
{
    *(int64_t *)context = row->values[0].integer;
    return false;
}

enum lcm_err store_number(struct store *store, const char *sql, const struct engine_value *values,
                          size_t count, int64_t *number)
{
    const struct engine_call call = {sql, true, values, count, number_row, number};

    *number = 0;
    return store->engine->side->call(store->engine, &call);
}

/* The newest event is never forgotten, so that no id is given twice. */
enum lcm_err store_next_event(struct store *store, int64_t *id)
{
    return store_number(store, "SELECT COALESCE(MAX(id), 0) + 1 FROM events", NULL, 0, id);
}

enum lcm_err store_event_add(struct store *store, const struct store_event *event)
{
    const struct engine_value values[] = {
        ENGINE_INTEGER(event->at_ms),   ENGINE_TEXT(event->device),
        ENGINE_TEXT(event->msgid),      ENGINE_INTEGER(event->severity),
        ENGINE_TEXT(event->phase),      ENGINE_TEXT(event->file),
        ENGINE_INTEGER(event->result),  ENGINE_TEXT(event->from),
        ENGINE_TEXT(event->to),         ENGINE_TEXT(event->text),
        ENGINE_INTEGER(event->verdict), ENGINE_TEXT(event->source),
        ENGINE_INTEGER(event->time_s),  ENGINE_INTEGER(event->sequence),
        ENGINE_INTEGER(event->id),      ENGINE_INTEGER(event->previous),
    };

    return STORE_WRITE(store,
                       "INSERT INTO events (at_ms, device, msgid, severity, phase, file, result, "
                       "from_version, to_version, text, verdict, source, time_s, sequence, id, "
                       "previous) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, "
                       "$14, $15, $16)",
                       values);
}

enum lcm_err store_count(struct store *store, int64_t at_ms, const char *repo, const char *version,
                         const char *kind, int64_t result)
{
    const struct engine_value values[] = {ENGINE_INTEGER(at_ms / STORE_DAY_MS), ENGINE_TEXT(repo),
                                          ENGINE_TEXT(version), ENGINE_TEXT(kind),
                                          ENGINE_INTEGER(result)};

    return STORE_WRITE(store,
                       "INSERT INTO counts (day, repo, version, kind, result, n) "
                       "VALUES ($1, $2, $3, $4, $5, 1) ON CONFLICT (day, repo, version, kind, "
                       "result) DO UPDATE SET n = counts.n + 1",
                       values);
}

enum lcm_err store_adoption(struct store *store, int64_t at_ms, const char *repo,
                            const char *version, int64_t delta)
{
    int64_t bucket_s = at_ms / 1000 / ADOPTION_BUCKET_S * ADOPTION_BUCKET_S;
    const struct engine_value values[] = {ENGINE_INTEGER(bucket_s), ENGINE_TEXT(repo),
                                          ENGINE_TEXT(version), ENGINE_INTEGER(delta)};

    if (repo[0] == '\0' || version[0] == '\0')
        return LCM_OK;
    return STORE_WRITE(store,
                       "INSERT INTO adoption (bucket_s, repo, version, delta) "
                       "VALUES ($1, $2, $3, $4) ON CONFLICT (repo, bucket_s, version) "
                       "DO UPDATE SET delta = adoption.delta + excluded.delta",
                       values);
}

enum lcm_err store_release(struct store *store, int64_t at_ms, const char *repo,
                           const char *channel, const char *version)
{
    char key[VERSION_KEY_SIZE];
    const struct engine_value values[] = {ENGINE_TEXT(repo), ENGINE_TEXT(channel),
                                          ENGINE_TEXT(version), ENGINE_TEXT(key),
                                          ENGINE_INTEGER(at_ms)};

    version_key(version, key);
    if (repo[0] == '\0' || key[0] == '\0')
        return LCM_OK;
    return STORE_WRITE(store,
                       "INSERT INTO releases (repo, channel, version, version_key, first_ms) "
                       "VALUES ($1, $2, $3, $4, $5) ON CONFLICT (repo, channel, version) "
                       "DO NOTHING",
                       values);
}

enum lcm_err store_device_count(struct store *store, int64_t *count)
{
    return store_number(store, "SELECT COUNT(*) FROM devices", NULL, 0, count);
}

/* Ids are given in order and forgotten from the low end: no need to count millions. */
enum lcm_err store_event_count(struct store *store, int64_t *count)
{
    return store_number(store,
                        "SELECT COALESCE((SELECT MAX(id) FROM events) - "
                        "(SELECT MIN(id) FROM events) + 1, 0)",
                        NULL, 0, count);
}

/* ---- retention ---- */

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
        ENGINE_INTEGER(step_id),
        ENGINE_INTEGER(retention->now_ms - retention->days * STORE_DAY_MS)};
    /* From the oldest on: an event with a later time stands in the way of those behind it. */
    return store_number(store,
                        "SELECT MAX(id) FROM events WHERE id <= $1 AND at_ms < $2 AND id < "
                        "COALESCE((SELECT MIN(id) FROM events WHERE id <= $1 AND at_ms >= $2), "
                        "$1 + 1)",
                        values, 2, last_id);
}

static enum lcm_err retain_rest(struct store *store, const struct store_retention *retention)
{
    int64_t fine_s = retention->now_ms / 1000 - ADOPTION_FINE_DAYS * (STORE_DAY_MS / 1000);
    int64_t days = retention->days > 0 ? retention->days : 3650;
    const struct engine_value old[] = {ENGINE_INTEGER(retention->now_ms / STORE_DAY_MS - days)};
    const struct engine_value fine[] = {ENGINE_INTEGER(fine_s), ENGINE_INTEGER(ADOPTION_COARSE_S)};
    enum lcm_err err = STORE_WRITE(store, "DELETE FROM counts WHERE day < $1", old);

    if (err == LCM_OK)
        err = STORE_WRITE(store,
                          "INSERT INTO adoption (bucket_s, repo, version, delta) "
                          "SELECT bucket_s / $2 * $2, repo, version, SUM(delta) FROM adoption "
                          "WHERE bucket_s < $1 AND bucket_s % $2 > 0 "
                          "GROUP BY bucket_s / $2 * $2, repo, version "
                          "ON CONFLICT (repo, bucket_s, version) "
                          "DO UPDATE SET delta = adoption.delta + excluded.delta",
                          fine);
    if (err == LCM_OK)
        err = store_write(store, "DELETE FROM tallies WHERE n = 0", NULL, 0);
    if (err == LCM_OK)
        err = STORE_WRITE(store, "DELETE FROM adoption WHERE bucket_s < $1 AND bucket_s % $2 > 0",
                          fine);
    return err;
}

enum lcm_err store_retain(struct store *store, const struct store_retention *retention,
                          int64_t *forgotten)
{
    int64_t last_id = 0, before = 0, after = 0;
    enum lcm_err err = retain_limit(store, retention, &last_id);

    *forgotten = 0;
    if (err != LCM_OK)
        return err;
    err = store_begin(store);
    if (err == LCM_OK)
        err = store_event_count(store, &before);
    const struct engine_value values[] = {ENGINE_INTEGER(last_id)};
    if (err == LCM_OK && last_id > 0)
        err = STORE_WRITE(store,
                          "DELETE FROM events WHERE id <= $1 AND id < (SELECT MAX(id) FROM "
                          "events)",
                          values);
    if (err == LCM_OK && last_id == 0)
        err = retain_rest(store, retention);
    if (err == LCM_OK)
        err = store_event_count(store, &after);
    if (err == LCM_OK)
        err = store_commit(store);
    if (err != LCM_OK) {
        store_rollback(store);
        return err;
    }
    *forgotten = before - after;
    return *forgotten > 0 ? store->engine->side->shrink(store->engine) : LCM_OK;
}
