// SPDX-License-Identifier: Apache-2.0
/*
 * The PostgreSQL side. Writes of a transaction go out in one pipeline and their results are read
 * at commit: a round trip a batch instead of one a message. Writers of several collectors take
 * turns by an advisory lock, because each reads a device before it writes it.
 */
#include "collector/engine.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATEMENTS_MAX 96u
#define NUMBER_SIZE 24
#define NAME_SIZE 16
#define WRITES_MAX 256u /* unread results; more and both sides could wait for each other */
#define LOCK_SQL "BEGIN; SELECT pg_advisory_xact_lock(5415139)"
#define OID_INT8 20
#define OID_INT4 23

struct engine_postgres {
    struct engine engine;
    PGconn *connection;
    bool is_reader;
    bool in_pipeline;
    unsigned unread;
    enum lcm_err failure; /* of a write whose result came late */
    const char *statements[STATEMENTS_MAX];
    size_t statement_count;
    char error[ENGINE_ERROR_SIZE];
};

static struct engine_postgres *postgres_of(struct engine *engine)
{
    return (struct engine_postgres *)engine;
}

static void postgres_keep_error(struct engine_postgres *postgres, const char *text)
{
    snprintf(postgres->error, sizeof(postgres->error), "%s", text);
    for (char *c = postgres->error; *c != '\0'; c++)
        *c = *c == '\n' ? ' ' : *c;
}

static enum lcm_err postgres_result(struct engine_postgres *postgres, const PGresult *result)
{
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_PIPELINE_SYNC)
        return LCM_OK;
    if (PQstatus(postgres->connection) != CONNECTION_OK) {
        postgres_keep_error(postgres, PQerrorMessage(postgres->connection));
        return LCM_ERR_CLOSED;
    }
    const char *code = result != NULL ? PQresultErrorField(result, PG_DIAG_SQLSTATE) : NULL;
    if (status != PGRES_PIPELINE_ABORTED)
        postgres_keep_error(postgres, result != NULL ? PQresultErrorMessage(result)
                                                     : PQerrorMessage(postgres->connection));
    if (code != NULL && strcmp(code, "53100") == 0)
        return LCM_ERR_NO_SPACE;
    if (code != NULL && strncmp(code, "XX", 2) == 0)
        return LCM_ERR_CORRUPT;
    if (code != NULL && strncmp(code, "42", 2) == 0)
        return LCM_ERR_FORMAT;
    return LCM_ERR_CLOSED;
}

static enum lcm_err postgres_exec(struct engine_postgres *postgres, const char *sql)
{
    PGresult *result = PQexec(postgres->connection, sql);
    enum lcm_err err = postgres_result(postgres, result);

    PQclear(result);
    return err;
}

/* Read all results of the pipeline up to its mark. */
static enum lcm_err postgres_drain(struct engine_postgres *postgres)
{
    bool is_done = false;

    if (!postgres->in_pipeline)
        return LCM_OK;
    if (PQpipelineSync(postgres->connection) != 1)
        postgres->failure = LCM_ERR_CLOSED;
    while (!is_done && PQstatus(postgres->connection) == CONNECTION_OK) {
        PGresult *result = PQgetResult(postgres->connection);

        if (result == NULL)
            continue; /* between two statements */
        enum lcm_err err = postgres_result(postgres, result);
        if (err != LCM_OK && postgres->failure == LCM_OK)
            postgres->failure = err;
        is_done = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        PQclear(result);
    }
    if (!is_done && postgres->failure == LCM_OK)
        postgres->failure = LCM_ERR_CLOSED;
    PQexitPipelineMode(postgres->connection);
    postgres->in_pipeline = false;
    postgres->unread = 0;
    return postgres->failure;
}

static enum lcm_err postgres_reconnect(struct engine_postgres *postgres)
{
    if (PQstatus(postgres->connection) == CONNECTION_OK)
        return LCM_OK;
    postgres->statement_count = 0;
    postgres->in_pipeline = false;
    PQreset(postgres->connection);
    if (PQstatus(postgres->connection) == CONNECTION_OK)
        return LCM_OK;
    postgres_keep_error(postgres, PQerrorMessage(postgres->connection));
    return LCM_ERR_CLOSED;
}

static enum lcm_err postgres_begin(struct engine *engine)
{
    struct engine_postgres *postgres = postgres_of(engine);
    enum lcm_err err = postgres_reconnect(postgres);

    postgres->failure = LCM_OK;
    return err == LCM_OK ? postgres_exec(postgres, LOCK_SQL) : err;
}

static enum lcm_err postgres_commit(struct engine *engine)
{
    struct engine_postgres *postgres = postgres_of(engine);
    enum lcm_err err = postgres_drain(postgres);

    return err == LCM_OK ? postgres_exec(postgres, "COMMIT") : err;
}

static void postgres_rollback(struct engine *engine)
{
    struct engine_postgres *postgres = postgres_of(engine);

    (void)postgres_drain(postgres);
    if (PQtransactionStatus(postgres->connection) != PQTRANS_IDLE)
        (void)postgres_exec(postgres, "ROLLBACK");
}

/* The texts of all values. */
struct postgres_values {
    char numbers[ENGINE_VALUES_MAX][NUMBER_SIZE];
    const char *texts[ENGINE_VALUES_MAX];
};

static void postgres_format(struct postgres_values *values, const struct engine_call *call)
{
    for (size_t i = 0; i < call->count && i < ENGINE_VALUES_MAX; i++) {
        snprintf(values->numbers[i], NUMBER_SIZE, "%lld", (long long)call->values[i].integer);
        values->texts[i] = call->values[i].text != NULL ? call->values[i].text : values->numbers[i];
    }
}

/* The name of a fixed statement, prepared when it is met first. */
static enum lcm_err postgres_prepare(struct engine_postgres *postgres, const char *sql,
                                     char name[NAME_SIZE])
{
    size_t at = 0;

    while (at < postgres->statement_count && postgres->statements[at] != sql)
        at++;
    snprintf(name, NAME_SIZE, "s%u", (unsigned)at);
    if (at < postgres->statement_count)
        return LCM_OK;
    if (at == STATEMENTS_MAX)
        return LCM_ERR_FORMAT;
    enum lcm_err err = postgres_drain(postgres);
    if (err != LCM_OK)
        return err;
    PGresult *result = PQprepare(postgres->connection, name, sql, 0, NULL);
    err = postgres_result(postgres, result);
    PQclear(result);
    if (err == LCM_OK)
        postgres->statements[postgres->statement_count++] = sql;
    return err;
}

static void postgres_rows(const PGresult *result, const struct engine_call *call)
{
    struct engine_value values[ENGINE_VALUES_MAX];
    struct engine_row row = {.values = values};
    bool goes_on = call->row != NULL;

    row.count = (size_t)PQnfields(result);
    if (row.count > ENGINE_VALUES_MAX)
        row.count = ENGINE_VALUES_MAX;
    for (int i = 0; goes_on && i < PQntuples(result); i++) {
        for (size_t j = 0; j < row.count; j++) {
            Oid type = PQftype(result, (int)j);
            bool is_number = type == OID_INT8 || type == OID_INT4;
            const char *text = PQgetvalue(result, i, (int)j);

            values[j].text = is_number || PQgetisnull(result, i, (int)j) ? NULL : text;
            values[j].integer = is_number ? strtoll(text, NULL, 10) : 0;
        }
        goes_on = call->row(call->context, &row);
    }
}

static enum lcm_err postgres_call(struct engine *engine, const struct engine_call *call)
{
    struct engine_postgres *postgres = postgres_of(engine);
    struct postgres_values values;
    char name[NAME_SIZE];
    PGresult *result;
    enum lcm_err err = postgres_reconnect(postgres);

    if (err == LCM_OK)
        err = postgres_drain(postgres);
    if (err == LCM_OK && call->is_fixed)
        err = postgres_prepare(postgres, call->sql, name);
    if (err != LCM_OK)
        return err;
    postgres_format(&values, call);
    if (call->is_fixed)
        result = PQexecPrepared(postgres->connection, name, (int)call->count, values.texts, NULL,
                                NULL, 0);
    else
        result = PQexecParams(postgres->connection, call->sql, (int)call->count, NULL, values.texts,
                              NULL, NULL, 0);
    err = postgres_result(postgres, result);
    if (err == LCM_OK)
        postgres_rows(result, call);
    PQclear(result);
    return err;
}

static enum lcm_err postgres_write(struct engine *engine, const struct engine_call *call)
{
    struct engine_postgres *postgres = postgres_of(engine);
    struct postgres_values values;
    char name[NAME_SIZE];

    if (!call->is_fixed)
        return postgres_call(engine, call);
    enum lcm_err err = postgres->unread >= WRITES_MAX ? postgres_drain(postgres) : LCM_OK;
    if (err == LCM_OK)
        err = postgres_prepare(postgres, call->sql, name);
    if (err != LCM_OK)
        return err;
    if (!postgres->in_pipeline && PQenterPipelineMode(postgres->connection) != 1)
        return LCM_ERR_CLOSED;
    postgres->in_pipeline = true;
    postgres->unread++;
    postgres_format(&values, call);
    if (PQsendQueryPrepared(postgres->connection, name, (int)call->count, values.texts, NULL, NULL,
                            0) == 1)
        return LCM_OK;
    postgres_keep_error(postgres, PQerrorMessage(postgres->connection));
    return LCM_ERR_CLOSED;
}

static bool postgres_number_row(void *context, const struct engine_row *row)
{
    *(int64_t *)context = row->values[0].integer;
    return false;
}

static enum lcm_err postgres_size(struct engine *engine, int64_t *bytes)
{
    const struct engine_call call = {
        .sql = "SELECT pg_total_relation_size('events') + pg_total_relation_size('devices')",
        .is_fixed = true,
        .row = postgres_number_row,
        .context = bytes,
    };

    return postgres_call(engine, &call);
}

/* Its own vacuum does that. */
static enum lcm_err postgres_shrink(struct engine *engine)
{
    (void)engine;
    return LCM_OK;
}

static const char *postgres_error(const struct engine *engine)
{
    return ((const struct engine_postgres *)engine)->error;
}

static void postgres_close(struct engine *engine)
{
    struct engine_postgres *postgres = postgres_of(engine);

    PQfinish(postgres->connection);
    free(postgres);
}

static const struct engine_side postgres_side = {
    .name = "postgresql",
    .serial_type = "BIGINT GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
    .key_type = "BIGINT PRIMARY KEY",
    .text_type = "TEXT COLLATE \"C\"",
    .begin = postgres_begin,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .call = postgres_call,
    .write = postgres_write,
    .size = postgres_size,
    .shrink = postgres_shrink,
    .error = postgres_error,
    .close = postgres_close,
};

static void postgres_silence(void *context, const char *message)
{
    (void)context;
    (void)message; /* notices such as "relation already exists" */
}

enum lcm_err engine_postgres_open(const char *url, bool is_reader, struct engine **engine,
                                  char text[ENGINE_ERROR_SIZE])
{
    struct engine_postgres *postgres = calloc(1, sizeof(*postgres));

    if (postgres == NULL)
        return LCM_ERR_NO_SPACE;
    postgres->engine.side = &postgres_side;
    postgres->is_reader = is_reader;
    postgres->connection = PQconnectdb(url);
    if (PQstatus(postgres->connection) != CONNECTION_OK) {
        postgres_keep_error(postgres, PQerrorMessage(postgres->connection));
        snprintf(text, ENGINE_ERROR_SIZE, "%s", postgres->error);
        postgres_close(&postgres->engine);
        return LCM_ERR_CLOSED;
    }
    PQsetNoticeProcessor(postgres->connection, postgres_silence, NULL);
    *engine = &postgres->engine;
    return LCM_OK;
}
