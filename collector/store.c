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

static const int64_t table_rows_max[STORE_TABLE_COUNT] = {
#define STORE_TABLE_ROWS(name, text, rows) [STORE_##name] = (rows),
    STORE_TABLES(STORE_TABLE_ROWS)
#undef STORE_TABLE_ROWS
};

/* Literals: a statement is kept by the address of its text. */
static const char *const table_count_sql[STORE_TABLE_COUNT] = {
#define STORE_TABLE_SQL(name, text, rows) [STORE_##name] = "SELECT COUNT(*) FROM " text,
    STORE_TABLES(STORE_TABLE_SQL)
#undef STORE_TABLE_SQL
};

enum lcm_err store_open(struct store *store, const char *place, bool is_reader,
                        char text[ENGINE_ERROR_SIZE])
{
    memset(store, 0, sizeof(*store));
    snprintf(store->place, sizeof(store->place), "%s", place);
    store->is_reader = is_reader;
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++)
        store->rooms[i].rows_max = table_rows_max[i];
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
    store->refused = 0;
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++)
        store->rooms[i].is_counted = false;
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

/* Counting costs: once a transaction, and only when what was left is used up. */
enum lcm_err store_has_room(struct store *store, const struct store_row *row, bool *has_room)
{
    struct store_room *room = &store->rooms[row->table];
    int64_t rows = 0, found = 0;
    enum lcm_err err = LCM_OK;

    if (room->rows_left == 0 && !room->is_counted) {
        err = store_number(store, table_count_sql[row->table], NULL, 0, &rows);
        room->is_counted = err == LCM_OK;
        if (err == LCM_OK && rows < room->rows_max)
            room->rows_left = room->rows_max - rows;
    }
    *has_room = err == LCM_OK && room->rows_left > 0;
    if (err != LCM_OK || *has_room) {
        room->rows_left -= *has_room;
        return err;
    }
    err = store_number(store, row->exists_sql, row->values, row->count, &found);
    *has_room = err == LCM_OK && found > 0;
    store->refused += err == LCM_OK && found == 0;
    return err;
}

enum lcm_err store_count(struct store *store, int64_t at_ms, const char *repo, const char *version,
                         const char *kind, int64_t result)
{
    const struct engine_value values[] = {ENGINE_INTEGER(at_ms / STORE_DAY_MS), ENGINE_TEXT(repo),
                                          ENGINE_TEXT(version), ENGINE_TEXT(kind),
                                          ENGINE_INTEGER(result)};
    const struct store_row row = {STORE_COUNTS,
                                  "SELECT COUNT(*) FROM counts WHERE day = $1 AND repo = $2 AND "
                                  "version = $3 AND kind = $4 AND result = $5",
                                  values, 5};
    bool has_room = false;
    enum lcm_err err = store_has_room(store, &row, &has_room);

    if (err != LCM_OK || !has_room)
        return err;
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
    const struct store_row row = {STORE_ADOPTION,
                                  "SELECT COUNT(*) FROM adoption WHERE bucket_s = $1 AND "
                                  "repo = $2 AND version = $3",
                                  values, 3};
    bool has_room = false;

    if (repo[0] == '\0' || version[0] == '\0')
        return LCM_OK;
    enum lcm_err err = store_has_room(store, &row, &has_room);
    if (err != LCM_OK || !has_room)
        return err;
    return STORE_WRITE(store,
                       "INSERT INTO adoption (bucket_s, repo, version, delta) "
                       "VALUES ($1, $2, $3, $4) ON CONFLICT (repo, bucket_s, version) "
                       "DO UPDATE SET delta = adoption.delta + excluded.delta",
                       values);
}

/* A verified device knows better than all strangers before it. */
static enum lcm_err release_add_verified(struct store *store, const struct engine_value values[5])
{
    enum lcm_err err =
        store_write(store,
                    "INSERT INTO releases (repo, channel, version, version_key, first_ms, "
                    "verified) VALUES ($1, $2, $3, $4, $5, 1) "
                    "ON CONFLICT (repo, channel, version) DO UPDATE SET verified = 1",
                    values, 5);

    return err == LCM_OK
               ? store_write(store, "DELETE FROM releases WHERE repo = $1 AND verified = 0", values,
                             1)
               : err;
}

enum lcm_err store_release(struct store *store, int64_t at_ms, const struct device *device)
{
    const struct engine_value values[] = {ENGINE_TEXT(device->repo), ENGINE_TEXT(device->channel),
                                          ENGINE_TEXT(device->app), ENGINE_TEXT(device->app_key),
                                          ENGINE_INTEGER(at_ms)};
    const struct store_row row = {STORE_RELEASES,
                                  "SELECT COUNT(*) FROM releases WHERE repo = $1 AND "
                                  "channel = $2 AND version = $3",
                                  values, 3};
    bool has_room = false;

    if (device->repo[0] == '\0' || device->app_key[0] == '\0')
        return LCM_OK;
    if (device->verdict == COLLECT_VERIFIED)
        return release_add_verified(store, values);
    enum lcm_err err = store_has_room(store, &row, &has_room);
    if (err != LCM_OK || !has_room)
        return err;
    return STORE_WRITE(store,
                       "INSERT INTO releases (repo, channel, version, version_key, first_ms) "
                       "SELECT CAST($1 AS TEXT), CAST($2 AS TEXT), CAST($3 AS TEXT), "
                       "CAST($4 AS TEXT), CAST($5 AS BIGINT) WHERE NOT EXISTS (SELECT 1 FROM "
                       "releases WHERE repo = $1 AND verified = 1) "
                       "ON CONFLICT (repo, channel, version) DO NOTHING",
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
