// SPDX-License-Identifier: Apache-2.0
/*
 * The SQLite side: one file with a write-ahead log. What was committed is on the disk
 * (synchronous=FULL): neither the end of the process nor of the power takes it back.
 */
#include "collector/engine.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#define STATEMENTS_MAX 96u
#define BUSY_MS 5000
#define SHRINK_PAGES "2000"
#define NAME_SIZE 12

struct statement {
    const char *sql; /* its address is the key */
    sqlite3_stmt *prepared;
};

struct engine_sqlite {
    struct engine engine;
    sqlite3 *db;
    struct statement statements[STATEMENTS_MAX];
    size_t statement_count;
    char error[ENGINE_ERROR_SIZE];
};

static struct engine_sqlite *sqlite_of(struct engine *engine)
{
    return (struct engine_sqlite *)engine;
}

static enum lcm_err sqlite_result(struct engine_sqlite *sqlite, int code)
{
    int primary = code & 0xFF;

    if (primary == SQLITE_OK || primary == SQLITE_ROW || primary == SQLITE_DONE)
        return LCM_OK;
    snprintf(sqlite->error, sizeof(sqlite->error), "%s", sqlite3_errmsg(sqlite->db));
    switch (primary) {
    case SQLITE_FULL:
        return LCM_ERR_NO_SPACE;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return LCM_ERR_CORRUPT;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return LCM_ERR_TIMEOUT;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
        return LCM_ERR_FORMAT;
    default:
        return LCM_ERR_CLOSED;
    }
}

static enum lcm_err sqlite_exec(struct engine_sqlite *sqlite, const char *sql)
{
    return sqlite_result(sqlite, sqlite3_exec(sqlite->db, sql, NULL, NULL, NULL));
}

static enum lcm_err sqlite_begin(struct engine *engine)
{
    return sqlite_exec(sqlite_of(engine), "BEGIN IMMEDIATE");
}

static enum lcm_err sqlite_commit(struct engine *engine)
{
    return sqlite_exec(sqlite_of(engine), "COMMIT");
}

static void sqlite_rollback(struct engine *engine)
{
    struct engine_sqlite *sqlite = sqlite_of(engine);

    for (size_t i = 0; i < sqlite->statement_count; i++)
        sqlite3_reset(sqlite->statements[i].prepared);
    if (sqlite3_get_autocommit(sqlite->db) == 0)
        sqlite3_exec(sqlite->db, "ROLLBACK", NULL, NULL, NULL);
}

static enum lcm_err sqlite_prepare(struct engine_sqlite *sqlite, const struct engine_call *call,
                                   sqlite3_stmt **prepared)
{
    struct statement *statement = NULL;

    for (size_t i = 0; call->is_fixed && i < sqlite->statement_count; i++) {
        if (sqlite->statements[i].sql == call->sql) {
            *prepared = sqlite->statements[i].prepared;
            return LCM_OK;
        }
    }
    if (call->is_fixed && sqlite->statement_count == STATEMENTS_MAX)
        return LCM_ERR_FORMAT;
    if (call->is_fixed)
        statement = &sqlite->statements[sqlite->statement_count];
    int code = sqlite3_prepare_v3(sqlite->db, call->sql, -1,
                                  call->is_fixed ? SQLITE_PREPARE_PERSISTENT : 0, prepared, NULL);
    if (code != SQLITE_OK)
        return sqlite_result(sqlite, code);
    if (statement != NULL) {
        *statement = (struct statement){call->sql, *prepared};
        sqlite->statement_count++;
    }
    return LCM_OK;
}

/* SQLite numbers "$2" by its place in the text; a value is found by its name. */
static void sqlite_bind(sqlite3_stmt *prepared, const struct engine_call *call)
{
    char name[NAME_SIZE];

    for (size_t i = 0; i < call->count; i++) {
        snprintf(name, sizeof(name), "$%u", (unsigned)i + 1);
        int index = sqlite3_bind_parameter_index(prepared, name);
        if (index == 0)
            continue;
        if (call->values[i].text != NULL)
            sqlite3_bind_text(prepared, index, call->values[i].text, -1, SQLITE_STATIC);
        else
            sqlite3_bind_int64(prepared, index, call->values[i].integer);
    }
}

static bool sqlite_row(sqlite3_stmt *prepared, const struct engine_call *call)
{
    struct engine_value values[ENGINE_VALUES_MAX];
    struct engine_row row = {.values = values};

    row.count = (size_t)sqlite3_column_count(prepared);
    if (row.count > ENGINE_VALUES_MAX)
        row.count = ENGINE_VALUES_MAX;
    for (size_t i = 0; i < row.count; i++) {
        bool is_text = sqlite3_column_type(prepared, (int)i) == SQLITE_TEXT;

        values[i].text = is_text ? (const char *)sqlite3_column_text(prepared, (int)i) : NULL;
        values[i].integer = is_text ? 0 : sqlite3_column_int64(prepared, (int)i);
    }
    return call->row(call->context, &row);
}

static enum lcm_err sqlite_call(struct engine *engine, const struct engine_call *call)
{
    struct engine_sqlite *sqlite = sqlite_of(engine);
    sqlite3_stmt *prepared = NULL;
    enum lcm_err err = sqlite_prepare(sqlite, call, &prepared);
    int code;

    if (err != LCM_OK)
        return err;
    sqlite_bind(prepared, call);
    do {
        code = sqlite3_step(prepared);
    } while (code == SQLITE_ROW && call->row != NULL && sqlite_row(prepared, call));
    err = sqlite_result(sqlite, code);
    sqlite3_reset(prepared);
    sqlite3_clear_bindings(prepared);
    if (!call->is_fixed)
        sqlite3_finalize(prepared);
    return err;
}

static bool sqlite_number_row(void *context, const struct engine_row *row)
{
    *(int64_t *)context = row->values[0].integer;
    return false;
}

static enum lcm_err sqlite_size(struct engine *engine, int64_t *bytes)
{
    const struct engine_call call = {
        .sql = "SELECT (c.page_count - f.freelist_count) * s.page_size FROM pragma_page_count c, "
               "pragma_freelist_count f, pragma_page_size s",
        .is_fixed = true,
        .row = sqlite_number_row,
        .context = bytes,
    };

    return sqlite_call(engine, &call);
}

static enum lcm_err sqlite_shrink(struct engine *engine)
{
    return sqlite_exec(sqlite_of(engine), "PRAGMA incremental_vacuum(" SHRINK_PAGES ")");
}

static const char *sqlite_error(const struct engine *engine)
{
    return ((const struct engine_sqlite *)engine)->error;
}

static void sqlite_close(struct engine *engine)
{
    struct engine_sqlite *sqlite = sqlite_of(engine);

    for (size_t i = 0; i < sqlite->statement_count; i++)
        sqlite3_finalize(sqlite->statements[i].prepared);
    sqlite3_close(sqlite->db);
    free(sqlite);
}

static const struct engine_side sqlite_side = {
    .name = "sqlite",
    .serial_type = "INTEGER PRIMARY KEY AUTOINCREMENT",
    .key_type = "INTEGER PRIMARY KEY",
    .text_type = "TEXT",
    .begin = sqlite_begin,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .call = sqlite_call,
    .write = sqlite_call,
    .size = sqlite_size,
    .shrink = sqlite_shrink,
    .error = sqlite_error,
    .close = sqlite_close,
};

/* The writer's cache holds the upper part of the indexes; a reader's is small, there are several.
 */
static enum lcm_err sqlite_configure(struct engine_sqlite *sqlite, bool is_reader)
{
    sqlite3_busy_timeout(sqlite->db, BUSY_MS);
    sqlite3_extended_result_codes(sqlite->db, 1);
    if (is_reader)
        return sqlite_exec(sqlite, "PRAGMA query_only=1; PRAGMA cache_size=-2048; "
                                   "PRAGMA temp_store=MEMORY");
    return sqlite_exec(sqlite, "PRAGMA auto_vacuum=INCREMENTAL; PRAGMA journal_mode=WAL; "
                               "PRAGMA synchronous=FULL; PRAGMA cache_size=-16384; "
                               "PRAGMA wal_autocheckpoint=4000; "
                               "PRAGMA journal_size_limit=134217728");
}

enum lcm_err engine_sqlite_open(const char *path, bool is_reader, struct engine **engine,
                                char text[ENGINE_ERROR_SIZE])
{
    struct engine_sqlite *sqlite = calloc(1, sizeof(*sqlite));
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (is_reader ? 0 : SQLITE_OPEN_CREATE);
    mode_t mask = umask(077); /* log text is nobody else's business */

    if (sqlite == NULL) {
        umask(mask);
        return LCM_ERR_NO_SPACE;
    }
    sqlite->engine.side = &sqlite_side;
    enum lcm_err err = sqlite_result(sqlite, sqlite3_open_v2(path, &sqlite->db, flags, NULL));
    if (err == LCM_OK)
        err = sqlite_configure(sqlite, is_reader);
    umask(mask);
    if (err != LCM_OK) {
        snprintf(text, ENGINE_ERROR_SIZE, "%.100s: %.140s", path, sqlite->error);
        sqlite_close(&sqlite->engine);
        return err;
    }
    *engine = &sqlite->engine;
    return LCM_OK;
}
