// SPDX-License-Identifier: Apache-2.0
/*
 * The tables, and a device as one row of them. The table of columns below generates the SQL and
 * both directions of the copy, so that they cannot disagree.
 *
 * Invariant: a store of a newer format is refused, never changed.
 */
#include "collector/store.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define FORMAT_NEWEST 2

/* TEXT(member) NUMBER(member): a column has the name of its member. */
#define DEVICE_COLUMNS(TEXT, NUMBER) \
    TEXT(id) \
    NUMBER(first_seen_ms) \
    NUMBER(last_seen_ms) \
    NUMBER(state) \
    NUMBER(state_since_ms) \
    NUMBER(cert_since_ms) \
    TEXT(repo) \
    TEXT(channel) \
    TEXT(app) \
    TEXT(app_key) \
    TEXT(lcm) \
    TEXT(boot) \
    TEXT(source) \
    TEXT(file) \
    TEXT(rssi) \
    TEXT(cert_host) \
    NUMBER(error_result) \
    NUMBER(error_at_ms) \
    NUMBER(sequence) \
    NUMBER(uptime_s) \
    NUMBER(syslog_at_ms) \
    NUMBER(lost) \
    NUMBER(reboots) \
    NUMBER(messages) \
    NUMBER(forged) \
    NUMBER(installed) \
    NUMBER(failed) \
    NUMBER(rollbacks) \
    NUMBER(verdict) \
    NUMBER(mac_time_s) \
    NUMBER(mac_sequence) \
    NUMBER(last_event) \
    TEXT(last_msgid) \
    TEXT(error_text) \
    TEXT(last_text)

struct column {
    const char *name;
    size_t offset, size; /* size 0 = a number */
};

static const struct column columns[] = {
#define COLUMN_TEXT(member) \
    {#member, offsetof(struct device, member), sizeof(((struct device *)NULL)->member)},
#define COLUMN_NUMBER(member) {#member, offsetof(struct device, member), 0},
    DEVICE_COLUMNS(COLUMN_TEXT, COLUMN_NUMBER)
#undef COLUMN_TEXT
#undef COLUMN_NUMBER
};

#define COLUMN_COUNT (sizeof(columns) / sizeof(columns[0]))
#define SEARCH_SIZE 320u

_Static_assert(COLUMN_COUNT + 1 <= ENGINE_VALUES_MAX, "a device must fit one statement");

size_t store_device_column_count(void)
{
    return COLUMN_COUNT;
}

static size_t text_add(char *text, size_t size, size_t length, const char *more)
{
    int added = snprintf(text + length, size - length, "%s", more);

    return added < 0 || length + (size_t)added >= size ? size - 1 : length + (size_t)added;
}

void store_device_columns(char *text, size_t size)
{
    size_t length = 0;

    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        length = text_add(text, size, length, i == 0 ? "" : ", ");
        length = text_add(text, size, length, columns[i].name);
    }
}

void store_device_from_row(struct device *device, const struct engine_row *row, size_t first)
{
    memset(device, 0, sizeof(*device));
    for (size_t i = 0; i < COLUMN_COUNT && first + i < row->count; i++) {
        const struct engine_value *value = &row->values[first + i];
        char *member = (char *)device + columns[i].offset;

        if (columns[i].size == 0)
            memcpy(member, &value->integer, sizeof(value->integer));
        else if (value->text != NULL)
            snprintf(member, columns[i].size, "%s", value->text);
    }
}

/* "INSERT INTO devices (...) VALUES ($1, ...) ON CONFLICT (id) DO UPDATE SET ..." */
static void sql_make_add(char *sql, size_t size)
{
    size_t length = text_add(sql, size, 0, "INSERT INTO devices (search, ");
    char number[16];

    store_device_columns(sql + length, size - length);
    length = text_add(sql, size, strlen(sql), ") VALUES ($1");
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        snprintf(number, sizeof(number), ", $%u", (unsigned)i + 2);
        length = text_add(sql, size, length, number);
    }
    length =
        text_add(sql, size, length, ") ON CONFLICT (id) DO UPDATE SET search = excluded.search");
    for (size_t i = 1; i < COLUMN_COUNT; i++) {
        length = text_add(sql, size, length, ", ");
        length = text_add(sql, size, length, columns[i].name);
        length = text_add(sql, size, length, " = excluded.");
        length = text_add(sql, size, length, columns[i].name);
    }
}

/* "UPDATE devices SET search = $1, ... WHERE id = $2": with the values of the other. */
static void sql_make_change(char *sql, size_t size)
{
    size_t length = text_add(sql, size, 0, "UPDATE devices SET search = $1");
    char number[16];

    for (size_t i = 1; i < COLUMN_COUNT; i++) {
        snprintf(number, sizeof(number), " = $%u", (unsigned)i + 2);
        length = text_add(sql, size, length, ", ");
        length = text_add(sql, size, length, columns[i].name);
        length = text_add(sql, size, length, number);
    }
    text_add(sql, size, length, " WHERE id = $2");
}

static void sql_make_load(char *sql, size_t size)
{
    char names[STORE_SQL_SIZE / 2];

    store_device_columns(names, sizeof(names));
    snprintf(sql, size, "SELECT %s FROM devices WHERE id = $1", names);
}

static void search_make(const struct device *device, char text[SEARCH_SIZE])
{
    snprintf(text, SEARCH_SIZE, "%s %s %s %s %s", device->id, device->app, device->repo,
             device->source, device->channel);
    for (char *c = text; *c != '\0'; c++)
        *c = (char)tolower((unsigned char)*c);
}

enum lcm_err store_device_save(struct store *store, const struct device *device, bool is_new)
{
    struct engine_value values[COLUMN_COUNT + 1];
    char search[SEARCH_SIZE];

    search_make(device, search);
    values[0] = ENGINE_TEXT(search);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        const char *member = (const char *)device + columns[i].offset;

        values[i + 1] = (struct engine_value){.text = columns[i].size > 0 ? member : NULL};
        if (columns[i].size == 0)
            memcpy(&values[i + 1].integer, member, sizeof(values[i + 1].integer));
    }
    return store_write(store, is_new ? store->sql_add : store->sql_change, values,
                       COLUMN_COUNT + 1);
}

struct load {
    struct device *device;
    bool is_found;
};

static bool load_row(void *context, const struct engine_row *row)
{
    struct load *load = context;

    store_device_from_row(load->device, row, 0);
    load->is_found = true;
    return false;
}

enum lcm_err store_device_load(struct store *store, const char *id, struct device *device)
{
    const struct engine_value values[] = {ENGINE_TEXT(id)};
    struct load load = {device, false};
    const struct engine_call call = {store->sql_load, true, values, 1, load_row, &load};
    enum lcm_err err = store->engine->side->call(store->engine, &call);

    if (err != LCM_OK || load.is_found)
        return err;
    memset(device, 0, sizeof(*device));
    snprintf(device->id, sizeof(device->id), "%s", id);
    return LCM_ERR_NOT_FOUND;
}

/* ---- the tables ---- */

/* @S@ is the serial key, @K@ a given one, @T@ text in byte order. Events are chained: each names
 * the one its device reported before. An index by device would cost a random page a message; this
 * costs a number. */
static const char *const table_sql[] = {
    "CREATE TABLE IF NOT EXISTS meta (name @T@ PRIMARY KEY, value @T@)",
    "CREATE TABLE IF NOT EXISTS events (id @K@, previous BIGINT, at_ms BIGINT, device @T@, msgid "
    "@T@, "
    "severity BIGINT, phase @T@, file @T@, result BIGINT, from_version @T@, to_version @T@, "
    "text @T@, verdict BIGINT, source @T@, time_s BIGINT, sequence BIGINT)",
    "CREATE INDEX IF NOT EXISTS events_trouble ON events (id) WHERE severity <= 4",
    "CREATE TABLE IF NOT EXISTS counts (day BIGINT, repo @T@, version @T@, kind @T@, "
    "result BIGINT, n BIGINT, PRIMARY KEY (day, repo, version, kind, result))",
    "CREATE TABLE IF NOT EXISTS adoption (bucket_s BIGINT, repo @T@, version @T@, delta BIGINT, "
    "PRIMARY KEY (repo, bucket_s, version))",
    "CREATE TABLE IF NOT EXISTS releases (repo @T@, channel @T@, version @T@, version_key @T@, "
    "first_ms BIGINT, verified BIGINT NOT NULL DEFAULT 0, PRIMARY KEY (repo, channel, version))",
    "CREATE TABLE IF NOT EXISTS tallies (repo @T@, channel @T@, app @T@, lcm @T@, state BIGINT, "
    "app_key @T@, n BIGINT, lost BIGINT, reboots BIGINT, installed BIGINT, failed BIGINT, "
    "rollbacks BIGINT, verified BIGINT, PRIMARY KEY (repo, channel, app, lcm, state))",
    "CREATE TABLE IF NOT EXISTS alerts (id @S@, kind @T@, subject @T@, text @T@, n BIGINT, "
    "first_ms BIGINT, last_ms BIGINT, closed_ms BIGINT, notified_ms BIGINT, "
    "told BIGINT NOT NULL DEFAULT 0, verified BIGINT NOT NULL DEFAULT 0, "
    "sent BIGINT NOT NULL DEFAULT 0, "
    "UNIQUE (kind, subject))",
};

/* devices_view holds all that lists are filtered and sorted by: a look at the whole fleet reads it
 * alone, a third of the table. */
static const char *const index_sql[] = {
    "CREATE INDEX IF NOT EXISTS devices_view ON devices (search, id, state, last_seen_ms, "
    "repo, channel, app, app_key, lcm, source, first_seen_ms, lost, reboots, failed)",
    "CREATE INDEX IF NOT EXISTS devices_certificate ON devices (cert_host, cert_since_ms) "
    "WHERE cert_since_ms > 0",
    "INSERT INTO meta (name, value) VALUES ('format', '2') ON CONFLICT (name) DO NOTHING",
};

/* From format 1: releases know whether a verified device told of them, alerts what was told of
 * them.
 */
static const char *const upgrade_sql[] = {
    "ALTER TABLE alerts ADD COLUMN told BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE alerts ADD COLUMN verified BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE alerts ADD COLUMN sent BIGINT NOT NULL DEFAULT 0",
    "ALTER TABLE releases ADD COLUMN verified BIGINT NOT NULL DEFAULT 0",
    "UPDATE releases SET verified = 1 WHERE EXISTS (SELECT 1 FROM devices WHERE "
    "devices.repo = releases.repo AND devices.app = releases.version AND mac_time_s > 0)",
    "DELETE FROM releases WHERE verified = 0 AND repo IN (SELECT repo FROM releases WHERE "
    "verified = 1)",
    "UPDATE meta SET value = '2' WHERE name = 'format'",
};

static enum lcm_err table_make(struct store *store, const char *sql)
{
    const struct engine_side *side = store->engine->side;
    char text[STORE_SQL_SIZE];
    size_t length = 0;

    for (; *sql != '\0' && length + 64 < sizeof(text); sql++) {
        const char *word = strncmp(sql, "@S@", 3) == 0   ? side->serial_type
                           : strncmp(sql, "@K@", 3) == 0 ? side->key_type
                           : strncmp(sql, "@T@", 3) == 0 ? side->text_type
                                                         : NULL;

        if (word == NULL) {
            text[length++] = *sql;
            continue;
        }
        length += (size_t)snprintf(text + length, sizeof(text) - length, "%s", word);
        sql += 2;
    }
    text[length] = '\0';
    const struct engine_call call = {.sql = text};
    return side->call(store->engine, &call);
}

static enum lcm_err table_make_devices(struct store *store)
{
    char sql[STORE_SQL_SIZE];
    size_t length = text_add(sql, sizeof(sql), 0, "CREATE TABLE IF NOT EXISTS devices (search @T@");

    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        length = text_add(sql, sizeof(sql), length, ", ");
        length = text_add(sql, sizeof(sql), length, columns[i].name);
        length = text_add(sql, sizeof(sql), length,
                          i == 0                 ? " @T@ PRIMARY KEY"
                          : columns[i].size == 0 ? " BIGINT"
                                                 : " @T@");
    }
    text_add(sql, sizeof(sql), length, ")");
    return table_make(store, sql);
}

static bool format_row(void *context, const struct engine_row *row)
{
    const char *text = row->values[0].text;

    *(int *)context = text != NULL && text[0] != '\0' && text[1] == '\0' ? text[0] - '0' : 0;
    return false;
}

/* What a reader needs is the same in both formats. */
static enum lcm_err format_find(struct store *store, int *format)
{
    const struct engine_call call = {.sql = "SELECT value FROM meta WHERE name = 'format'",
                                     .row = format_row,
                                     .context = format};
    enum lcm_err err = store->engine->side->call(store->engine, &call);

    if (err != LCM_OK)
        return err;
    return *format >= 1 && *format <= FORMAT_NEWEST ? LCM_OK : LCM_ERR_UPDATER_TOO_OLD;
}

static enum lcm_err tables_make_all(struct store *store)
{
    enum lcm_err err = LCM_OK;
    int format = 0;

    for (size_t i = 0; i < sizeof(table_sql) / sizeof(table_sql[0]) && err == LCM_OK; i++)
        err = table_make(store, table_sql[i]);
    if (err == LCM_OK)
        err = table_make_devices(store);
    for (size_t i = 0; i < sizeof(index_sql) / sizeof(index_sql[0]) && err == LCM_OK; i++)
        err = table_make(store, index_sql[i]);
    if (err == LCM_OK)
        err = format_find(store, &format);
    for (size_t i = 0; i < sizeof(upgrade_sql) / sizeof(upgrade_sql[0]) && err == LCM_OK; i++) {
        if (format < FORMAT_NEWEST)
            err = table_make(store, upgrade_sql[i]);
    }
    return err;
}

enum lcm_err store_make_tables(struct store *store)
{
    enum lcm_err err = LCM_OK;
    int format = 0;

    sql_make_add(store->sql_add, sizeof(store->sql_add));
    sql_make_change(store->sql_change, sizeof(store->sql_change));
    sql_make_load(store->sql_load, sizeof(store->sql_load));
    if (store->is_reader)
        return format_find(store, &format);
    err = store_begin(store);
    if (err == LCM_OK)
        err = tables_make_all(store);
    if (err == LCM_OK)
        err = store_commit(store);
    if (err != LCM_OK)
        store_rollback(store);
    return err;
}
