// SPDX-License-Identifier: Apache-2.0
/* Events, releases, adoption, failures, alerts: the reading side's questions about the past. */
#include <string.h>

#include "collector/store_read.h"

#define EVENT_COLUMNS \
    "id, at_ms, device, msgid, severity, phase, file, result, from_version, to_version, text, " \
    "verdict, source, time_s, sequence"

static const char *text_of(const struct engine_value *value)
{
    return value->text != NULL ? value->text : "";
}

/* ---- events ---- */

struct events_row {
    bool (*row)(void *context, const struct store_event *event);
    void *context;
};

static bool events_row(void *context, const struct engine_row *row)
{
    struct events_row *out = context;
    const struct engine_value *v = row->values;
    const struct store_event event = {
        .id = v[0].integer,
        .at_ms = v[1].integer,
        .device = text_of(&v[2]),
        .msgid = text_of(&v[3]),
        .severity = v[4].integer,
        .phase = text_of(&v[5]),
        .file = text_of(&v[6]),
        .result = v[7].integer,
        .from = text_of(&v[8]),
        .to = text_of(&v[9]),
        .text = text_of(&v[10]),
        .verdict = v[11].integer,
        .source = text_of(&v[12]),
        .time_s = v[13].integer,
        .sequence = v[14].integer,
    };

    return out->row(out->context, &event);
}

#define CHAIN_MAX "20000" /* events of one device that are looked through */
#define CHAIN_COLUMNS \
    "e.id, e.at_ms, e.device, e.msgid, e.severity, e.phase, e.file, e.result, e.from_version, " \
    "e.to_version, e.text, e.verdict, e.source, e.time_s, e.sequence, e.previous"

/* From the event before $1 (0: the newest) back along the chain, newest first; it ends where events
 * were forgotten. */
#define CHAIN \
    "WITH RECURSIVE chain AS (SELECT " CHAIN_COLUMNS ", 1 AS n FROM events e WHERE e.id = " \
    "COALESCE((SELECT previous FROM events WHERE id = $1 AND device = $3), CASE WHEN $1 = 0 THEN " \
    "(SELECT last_event FROM devices WHERE id = $3) ELSE 0 END) UNION ALL SELECT " CHAIN_COLUMNS \
    ", chain.n + 1 FROM chain JOIN events e ON e.id = chain.previous WHERE chain.n < " CHAIN_MAX \
    ") SELECT " EVENT_COLUMNS " FROM chain "

/* One statement for each way to ask. */
static const char *events_sql(const struct read_events *query)
{
    if (query->device == NULL)
        return query->is_trouble ? "SELECT " EVENT_COLUMNS " FROM events WHERE severity <= 4 AND "
                                   "id < $1 ORDER BY id DESC LIMIT $2"
                                 : "SELECT " EVENT_COLUMNS " FROM events WHERE id < $1 "
                                   "ORDER BY id DESC LIMIT $2";
    if (query->msgid != NULL)
        return CHAIN "WHERE msgid = $4 LIMIT $2";
    return query->is_trouble ? CHAIN "WHERE severity <= 4 LIMIT $2" : CHAIN "LIMIT $2";
}

enum lcm_err read_events(struct store *store, const struct read_events *query,
                         bool (*row)(void *context, const struct store_event *event), void *context)
{
    struct events_row out = {row, context};
    int64_t limit =
        query->limit > 0 && query->limit < READ_LIMIT_MAX ? query->limit : READ_LIMIT_MAX;
    int64_t before = query->before > 0 || query->device != NULL ? query->before : INT64_MAX;
    const struct engine_value values[] = {ENGINE_INTEGER(before), ENGINE_INTEGER(limit),
                                          ENGINE_TEXT(query->device), ENGINE_TEXT(query->msgid)};
    const struct engine_call call = {
        .sql = events_sql(query),
        .is_fixed = true,
        .values = values,
        .count = query->device == NULL  ? 2
                 : query->msgid != NULL ? 4
                                        : 3,
        .row = events_row,
        .context = &out,
    };

    return store->engine->side->call(store->engine, &call);
}

/* ---- releases ---- */

struct releases_row {
    bool (*row)(void *context, const struct read_release *release);
    void *context;
};

static bool releases_row(void *context, const struct engine_row *row)
{
    struct releases_row *out = context;
    const struct engine_value *v = row->values;
    const struct read_release release = {
        .repo = text_of(&v[0]),
        .channel = text_of(&v[1]),
        .version = text_of(&v[2]),
        .first_ms = v[3].integer,
        .devices = v[4].integer,
        .installed = v[5].integer,
        .failed = v[6].integer,
        .rollbacks = v[7].integer,
    };

    return out->row(out->context, &release);
}

enum lcm_err read_releases(struct store *store,
                           bool (*row)(void *context, const struct read_release *release),
                           void *context)
{
    struct releases_row out = {row, context};
    const struct engine_call call = {
        .sql = "WITH runs AS (SELECT repo, channel, app, SUM(n) AS n FROM tallies "
               "GROUP BY repo, channel, app), "
               "sums AS (SELECT repo, version, "
               "SUM(CASE WHEN kind = 'installed' THEN n ELSE 0 END) AS good, "
               "SUM(CASE WHEN kind = 'failed' THEN n ELSE 0 END) AS bad, "
               "SUM(CASE WHEN kind = 'rollback' THEN n ELSE 0 END) AS back "
               "FROM counts GROUP BY repo, version) "
               "SELECT r.repo, r.channel, r.version, r.first_ms, "
               "CAST(COALESCE(runs.n, 0) AS BIGINT), CAST(COALESCE(sums.good, 0) AS BIGINT), "
               "CAST(COALESCE(sums.bad, 0) AS BIGINT), CAST(COALESCE(sums.back, 0) AS BIGINT) "
               "FROM releases r LEFT JOIN runs ON runs.repo = r.repo AND runs.app = r.version "
               "AND runs.channel = r.channel "
               "LEFT JOIN sums ON sums.repo = r.repo AND sums.version = r.version "
               "ORDER BY r.repo, r.version_key DESC, r.channel LIMIT 1000",
        .is_fixed = true,
        .row = releases_row,
        .context = &out,
    };

    return store->engine->side->call(store->engine, &call);
}

struct adoption_row {
    bool (*row)(void *context, const struct read_adoption *adoption);
    void *context;
};

static bool adoption_row(void *context, const struct engine_row *row)
{
    struct adoption_row *out = context;
    const struct read_adoption adoption = {
        .at_s = row->values[0].integer,
        .version = text_of(&row->values[1]),
        .delta = row->values[2].integer,
    };

    return out->row(out->context, &adoption);
}

enum lcm_err read_adoption(struct store *store, const char *repo, int64_t since_s, int64_t step_s,
                           bool (*row)(void *context, const struct read_adoption *adoption),
                           void *context)
{
    struct adoption_row out = {row, context};
    const struct engine_value values[] = {ENGINE_TEXT(repo), ENGINE_INTEGER(since_s),
                                          ENGINE_INTEGER(step_s)};
    const struct engine_call call = {
        .sql = "SELECT at_s, version, CAST(SUM(delta) AS BIGINT) FROM (SELECT CASE WHEN "
               "bucket_s < $2 THEN 0 ELSE bucket_s / $3 * $3 END AS at_s, version, delta "
               "FROM adoption WHERE repo = $1) AS a GROUP BY at_s, version ORDER BY at_s, version",
        .is_fixed = true,
        .values = values,
        .count = 3,
        .row = adoption_row,
        .context = &out,
    };

    return store->engine->side->call(store->engine, &call);
}

/* ---- failures ---- */

struct failures_row {
    bool (*row)(void *context, const struct read_failure *failure);
    void *context;
};

static bool failures_row(void *context, const struct engine_row *row)
{
    struct failures_row *out = context;
    const struct read_failure failure = {
        .kind = text_of(&row->values[0]),
        .result = row->values[1].integer,
        .count = row->values[2].integer,
    };

    return out->row(out->context, &failure);
}

enum lcm_err read_failures(struct store *store, int64_t since_ms, const char *repo,
                           bool (*row)(void *context, const struct read_failure *failure),
                           void *context)
{
    struct failures_row out = {row, context};
    const struct engine_value values[] = {ENGINE_INTEGER(since_ms / STORE_DAY_MS),
                                          ENGINE_TEXT(repo != NULL ? repo : "")};
    const struct engine_call call = {
        .sql = "SELECT kind, result, CAST(SUM(n) AS BIGINT) FROM counts WHERE day >= $1 AND "
               "kind <> 'installed' AND ($2 = '' OR repo = $2) GROUP BY kind, result "
               "ORDER BY 3 DESC LIMIT 50",
        .is_fixed = true,
        .values = values,
        .count = 2,
        .row = failures_row,
        .context = &out,
    };

    return store->engine->side->call(store->engine, &call);
}

struct counts_row {
    bool (*row)(void *context, const struct read_count *count);
    void *context;
};

static bool counts_row(void *context, const struct engine_row *row)
{
    struct counts_row *out = context;
    const struct read_count count = {
        .repo = text_of(&row->values[0]),
        .version = text_of(&row->values[1]),
        .kind = text_of(&row->values[2]),
        .result = row->values[3].integer,
        .count = row->values[4].integer,
    };

    return out->row(out->context, &count);
}

enum lcm_err read_counts(struct store *store,
                         bool (*row)(void *context, const struct read_count *count), void *context)
{
    struct counts_row out = {row, context};
    const struct engine_call call = {
        .sql = "SELECT repo, version, kind, result, CAST(SUM(n) AS BIGINT) FROM counts "
               "GROUP BY repo, version, kind, result ORDER BY 5 DESC LIMIT 500",
        .is_fixed = true,
        .row = counts_row,
        .context = &out,
    };

    return store->engine->side->call(store->engine, &call);
}

/* ---- alerts ---- */

struct alerts_row {
    bool (*row)(void *context, const struct alert *alert);
    void *context;
};

static bool alerts_row(void *context, const struct engine_row *row)
{
    struct alerts_row *out = context;
    struct alert alert;

    alert_from_row(&alert, row);
    return out->row(out->context, &alert);
}

enum lcm_err read_alerts(struct store *store, int64_t limit,
                         bool (*row)(void *context, const struct alert *alert), void *context)
{
    struct alerts_row out = {row, context};
    const struct engine_value values[] = {ENGINE_INTEGER(limit)};
    const struct engine_call call = {
        .sql = "SELECT " ALERT_COLUMNS " FROM alerts ORDER BY CASE WHEN closed_ms = 0 THEN 0 ELSE "
               "1 END, last_ms DESC LIMIT $1",
        .is_fixed = true,
        .values = values,
        .count = 1,
        .row = alerts_row,
        .context = &out,
    };

    return store->engine->side->call(store->engine, &call);
}
