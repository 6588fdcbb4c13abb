/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The narrow door to a database: statements with numbers and texts in, rows out. Two sides:
 * SQLite (one file) and PostgreSQL (several collectors). Everything above it, collector/store.h,
 * is written once, in the SQL both understand, with $1, $2 .. for values.
 *
 * One thread uses an engine at a time. Writes happen between begin and commit; what a write
 * could not do may be told by commit alone. After an error the owner calls rollback.
 */
#ifndef LCM_COLLECTOR_ENGINE_H
#define LCM_COLLECTOR_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lcm/err.h"

#define ENGINE_VALUES_MAX 48u
#define ENGINE_ERROR_SIZE 256u

struct engine_value {
    const char *text; /* NULL = integer */
    int64_t integer;
};

#define ENGINE_INTEGER(value) ((struct engine_value){.text = NULL, .integer = (int64_t)(value)})
#define ENGINE_TEXT(value) ((struct engine_value){.text = (value)})

/* One row of a result; texts live until the function returns. NULL comes as integer 0. */
struct engine_row {
    size_t count;
    const struct engine_value *values;
};

struct engine_call {
    const char *sql;
    bool is_fixed; /* sql is a literal: its prepared form is kept */
    const struct engine_value *values;
    size_t count; /* as many as sql names: PostgreSQL refuses more */
    bool (*row)(void *context, const struct engine_row *row); /* NULL = no rows; false = enough */
    void *context;
};

struct engine; /* of one side */

/* All functions: LCM_OK; LCM_ERR_NO_SPACE (disk full), LCM_ERR_CORRUPT (the file is damaged),
 * LCM_ERR_CLOSED (cannot be reached or written now), LCM_ERR_TIMEOUT (busy too long),
 * LCM_ERR_FORMAT (SQL). */
struct engine_side {
    const char *name;
    /* Serial key, given key, text in byte order: the words in which the two differ. */
    const char *serial_type, *key_type, *text_type;
    enum lcm_err (*begin)(struct engine *engine);
    enum lcm_err (*commit)(struct engine *engine);
    void (*rollback)(struct engine *engine);
    enum lcm_err (*call)(struct engine *engine, const struct engine_call *call);
    /* As call, without rows; may be carried out as late as commit. */
    enum lcm_err (*write)(struct engine *engine, const struct engine_call *call);
    /* Bytes that are in use. */
    enum lcm_err (*size)(struct engine *engine, int64_t *bytes);
    /* Give freed space back, a bounded piece of it. */
    enum lcm_err (*shrink)(struct engine *engine);
    /* One line on the last error. */
    const char *(*error)(const struct engine *engine);
    void (*close)(struct engine *engine);
};

struct engine {
    const struct engine_side *side;
};

/* Open a place: a path of an SQLite file (made when missing, unless is_reader), or a PostgreSQL URL
 * ("postgresql://..."). Error line into text. */
LCM_MUST_CHECK enum lcm_err engine_open(const char *place, bool is_reader, struct engine **engine,
                                        char text[ENGINE_ERROR_SIZE]);
bool engine_is_postgres(const char *place);
void engine_close(struct engine *engine);

LCM_MUST_CHECK enum lcm_err engine_sqlite_open(const char *path, bool is_reader,
                                               struct engine **engine,
                                               char text[ENGINE_ERROR_SIZE]);
LCM_MUST_CHECK enum lcm_err engine_postgres_open(const char *url, bool is_reader,
                                                 struct engine **engine,
                                                 char text[ENGINE_ERROR_SIZE]);

#endif
