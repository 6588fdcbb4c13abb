// SPDX-License-Identifier: Apache-2.0
/*
 * Devices, groups and tiles; the other questions are store_history.c. What comes from a browser
 * is a value of a statement, never a part of it; columns are chosen from lists.
 */
#include "collector/store_read.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#define WHERE_VALUES_MAX 16u
#define SEARCH_SIZE 140u
#define TROUBLE_STATES "(5, 6, 7)" /* FAILING, CERT_INVALID, ROLLED_BACK */

_Static_assert(DEVICE_FAILING == 5 && DEVICE_CERT_INVALID == 6 && DEVICE_ROLLED_BACK == 7,
               "TROUBLE_STATES names them");

struct where {
    char sql[STORE_SQL_SIZE];
    size_t length;
    struct engine_value values[WHERE_VALUES_MAX];
    size_t count;
    char search[SEARCH_SIZE];
};

static void where_text(struct where *where, const char *text)
{
    int added =
        snprintf(where->sql + where->length, sizeof(where->sql) - where->length, "%s", text);

    where->length += (size_t)added;
    if (where->length >= sizeof(where->sql))
        where->length = sizeof(where->sql) - 1;
}

/* "... $N ..." with the number of the value. */
static void where_value(struct where *where, const char *before, struct engine_value value,
                        const char *after)
{
    char number[8];

    if (where->count == WHERE_VALUES_MAX)
        return;
    where->values[where->count++] = value;
    snprintf(number, sizeof(number), "$%u", (unsigned)where->count);
    where_text(where, before);
    where_text(where, number);
    where_text(where, after);
}

static void where_equal(struct where *where, const char *before, const char *text)
{
    if (text != NULL && text[0] != '\0')
        where_value(where, before, ENGINE_TEXT(text), "");
}

/* "%text%" with the pattern's own characters escaped. */
static void where_search(struct where *where, const char *text)
{
    size_t length = 0;

    where->search[length++] = '%';
    for (; *text != '\0' && length + 4 < sizeof(where->search); text++) {
        if (*text == '%' || *text == '_' || *text == '\\')
            where->search[length++] = '\\';
        where->search[length++] = (char)tolower((unsigned char)*text);
    }
    where->search[length++] = '%';
    where->search[length] = '\0';
    where_value(where, " AND search LIKE ", ENGINE_TEXT(where->search), " ESCAPE '\\'");
}

/* The newest stable version and the newest of any channel, once for each repository. */
#define NEWEST \
    "WITH newest AS (SELECT repo AS of_repo, MAX(version_key) AS beta, MAX(CASE WHEN channel <> " \
    "'beta' THEN version_key ELSE '' END) AS stable FROM releases GROUP BY repo) "
#define NEWEST_JOIN " LEFT JOIN newest ON of_repo = repo"
#define NEWEST_KEY "CASE WHEN channel = 'beta' THEN beta ELSE stable END"

static const char *where_with(const struct read_filter *filter)
{
    return filter->latest >= 0 ? NEWEST : "";
}

static void where_add(struct where *where, const struct read_filter *filter)
{
    where_text(where, filter->latest >= 0 ? NEWEST_JOIN " WHERE 1 = 1" : " WHERE 1 = 1");
    if (filter->search != NULL && filter->search[0] != '\0')
        where_search(where, filter->search);
    where_equal(where, " AND repo = ", filter->repo);
    where_equal(where, " AND channel = ", filter->channel);
    where_equal(where, " AND app = ", filter->app);
    where_equal(where, " AND lcm = ", filter->lcm);
    if (filter->state >= 0)
        where_value(where, " AND state = ", ENGINE_INTEGER(filter->state), "");
    if (filter->online >= 0)
        where_value(where, filter->online ? " AND last_seen_ms >= " : " AND last_seen_ms < ",
                    ENGINE_INTEGER(filter->online_ms), "");
    if (filter->latest >= 0)
        where_text(where, filter->latest ? " AND app <> '' AND app_key >= " NEWEST_KEY
                                         : " AND app <> '' AND app_key < " NEWEST_KEY);
    if (filter->has_trouble)
        where_text(where, " AND state IN " TROUBLE_STATES);
    if (filter->after != NULL)
        where_value(where, " AND id > ", ENGINE_TEXT(filter->after), "");
}

/* ---- devices ---- */

static const struct {
    const char *name, *sql;
} sorts[] = {
    {"last_seen", "last_seen_ms"},
    {"id", "id"},
    {"app", "app_key"},
    {"lcm", "lcm"},
    {"repo", "repo"},
    {"channel", "channel"},
    {"state", "state"},
    {"reboots", "reboots"},
    {"lost", "lost"},
    {"first_seen", "first_seen_ms"},
    {"source", "source"},
    {"failed", "failed"},
};

static const char *sort_sql(const char *name)
{
    for (size_t i = 0; name != NULL && i < sizeof(sorts) / sizeof(sorts[0]); i++) {
        if (strcmp(sorts[i].name, name) == 0)
            return sorts[i].sql;
    }
    return NULL;
}

bool read_sort_is_known(const char *name)
{
    return sort_sql(name) != NULL;
}

struct devices_row {
    bool (*row)(void *context, const struct device *device);
    void *context;
};

static bool devices_row(void *context, const struct engine_row *row)
{
    struct devices_row *out = context;
    struct device device;

    store_device_from_row(&device, row, 0);
    return out->row(out->context, &device);
}

static void where_order(struct where *where, const struct read_filter *filter)
{
    const char *column = sort_sql(filter->sort);

    where_text(where, " ORDER BY ");
    if (filter->after != NULL) {
        where_text(where, "id");
        return;
    }
    where_text(where, column != NULL ? column : "last_seen_ms");
    where_text(where, filter->is_descending ? " DESC, id DESC" : ", id");
}

/* Which devices is found out in devices_view; the rows of those alone are read. */
enum lcm_err read_devices(struct store *store, const struct read_filter *filter,
                          bool (*row)(void *context, const struct device *device), void *context)
{
    struct where where = {.length = 0};
    struct devices_row out = {row, context};
    char columns[STORE_SQL_SIZE / 2];
    int64_t limit =
        filter->limit > 0 && filter->limit < READ_LIMIT_MAX ? filter->limit : READ_LIMIT_MAX;

    store_device_columns(columns, sizeof(columns));
    where_text(&where, where_with(filter));
    where_text(&where, "SELECT ");
    where_text(&where, columns);
    where_text(&where, " FROM devices WHERE id IN (SELECT id FROM devices");
    where_add(&where, filter);
    where_order(&where, filter);
    where_value(&where, " LIMIT ", ENGINE_INTEGER(limit), "");
    if (filter->offset > 0)
        where_value(&where, " OFFSET ", ENGINE_INTEGER(filter->offset), "");
    where_text(&where, ")");
    where_order(&where, filter);
    const struct engine_call call = {where.sql,   false,       where.values,
                                     where.count, devices_row, &out};
    return store->engine->side->call(store->engine, &call);
}

static bool total_row(void *context, const struct engine_row *row)
{
    *(int64_t *)context = row->values[0].integer;
    return false;
}

enum lcm_err read_device_total(struct store *store, const struct read_filter *filter,
                               int64_t *total)
{
    struct where where = {.length = 0};

    *total = 0;
    where_text(&where, where_with(filter));
    where_text(&where, "SELECT COUNT(*) FROM devices");
    where_add(&where, filter);
    const struct engine_call call = {where.sql, false, where.values, where.count, total_row, total};
    return store->engine->side->call(store->engine, &call);
}

/* ---- groups ---- */

struct groups_row {
    bool (*row)(void *context, const struct read_group *group);
    void *context;
    bool is_state;
};

static bool groups_row(void *context, const struct engine_row *row)
{
    struct groups_row *out = context;
    const struct read_group group = {
        .name = out->is_state                 ? device_state_name(row->values[0].integer)
                : row->values[0].text != NULL ? row->values[0].text
                                              : "",
        .devices = row->values[1].integer,
        .online = row->values[2].integer,
        .trouble = row->values[3].integer,
    };

    return out->row(out->context, &group);
}

enum lcm_err read_groups(struct store *store, const char *by, const struct read_filter *filter,
                         bool (*row)(void *context, const struct read_group *group), void *context)
{
    static const char *const words[] = {"repo", "app", "channel", "lcm", "state"};
    struct where where = {.length = 0};
    struct groups_row out = {row, context, strcmp(by, "state") == 0};
    const char *column = NULL;

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i], by) == 0)
            column = words[i];
    }
    if (column == NULL)
        return LCM_ERR_ARGUMENT;
    where_text(&where, where_with(filter));
    where_text(&where, "SELECT ");
    where_text(&where, column);
    where_value(&where, ", COUNT(*), CAST(SUM(CASE WHEN last_seen_ms >= ",
                ENGINE_INTEGER(filter->online_ms),
                " THEN 1 ELSE 0 END) AS BIGINT), CAST(SUM(CASE WHEN state IN " TROUBLE_STATES
                " THEN 1 ELSE 0 END) AS BIGINT) FROM devices");
    where_add(&where, filter);
    where_text(&where, " GROUP BY ");
    where_text(&where, column);
    where_text(&where, " ORDER BY 2 DESC, 1 LIMIT 200");
    const struct engine_call call = {where.sql, false, where.values, where.count, groups_row, &out};
    return store->engine->side->call(store->engine, &call);
}

/* ---- tiles ---- */

static bool state_row(void *context, const struct engine_row *row)
{
    struct read_summary *summary = context;
    const struct engine_value *v = row->values;
    int64_t state = v[0].integer;

    if (state >= 0 && state < DEVICE_STATE_COUNT)
        summary->by_state[state] = v[1].integer;
    summary->devices += v[1].integer;
    summary->lost += v[2].integer;
    summary->reboots += v[3].integer;
    summary->installed += v[4].integer;
    summary->failed += v[5].integer;
    summary->rollbacks += v[6].integer;
    summary->verified += v[7].integer;
    return true;
}

static bool latest_row(void *context, const struct engine_row *row)
{
    struct read_summary *summary = context;

    summary->with_app = row->values[0].integer;
    summary->on_latest = row->values[1].integer;
    return false;
}

/* The host most devices distrust, and since when anybody does. */
static bool certificate_row(void *context, const struct engine_row *row)
{
    struct read_summary *summary = context;
    int64_t since_ms = row->values[2].integer;

    if (summary->certificate == 0)
        snprintf(summary->certificate_host, sizeof(summary->certificate_host), "%s",
                 row->values[0].text != NULL ? row->values[0].text : "");
    summary->certificate += row->values[1].integer;
    if (summary->certificate_since_ms == 0 || since_ms < summary->certificate_since_ms)
        summary->certificate_since_ms = since_ms;
    return true;
}

static enum lcm_err summary_ask(struct store *store, const char *sql,
                                bool (*row)(void *context, const struct engine_row *row),
                                struct read_summary *summary)
{
    const struct engine_call call = {.sql = sql, .is_fixed = true, .row = row, .context = summary};

    return store->engine->side->call(store->engine, &call);
}

static enum lcm_err summary_online(struct store *store, int64_t online_ms,
                                   struct read_summary *summary)
{
    const struct engine_value values[] = {ENGINE_INTEGER(online_ms)};

    return store_number(store, "SELECT COUNT(*) FROM devices WHERE last_seen_ms >= $1", values, 1,
                        &summary->online);
}

enum lcm_err read_summary(struct store *store, int64_t online_ms, struct read_summary *summary)
{
    memset(summary, 0, sizeof(*summary));
    enum lcm_err err =
        summary_ask(store,
                    "SELECT state, CAST(SUM(n) AS BIGINT), CAST(SUM(lost) AS BIGINT), "
                    "CAST(SUM(reboots) AS BIGINT), CAST(SUM(installed) AS BIGINT), "
                    "CAST(SUM(failed) AS BIGINT), CAST(SUM(rollbacks) AS BIGINT), "
                    "CAST(SUM(verified) AS BIGINT) FROM tallies GROUP BY state",
                    state_row, summary);
    if (err == LCM_OK)
        err = summary_ask(store,
                          NEWEST "SELECT CAST(COALESCE(SUM(n), 0) AS BIGINT), "
                                 "CAST(COALESCE(SUM(CASE WHEN app_key >= " NEWEST_KEY
                                 " THEN n ELSE 0 END), 0) AS BIGINT) FROM tallies" NEWEST_JOIN
                                 " WHERE app <> ''",
                          latest_row, summary);
    if (err == LCM_OK)
        err = summary_ask(store,
                          "SELECT cert_host, COUNT(*), MIN(cert_since_ms) FROM devices WHERE "
                          "cert_since_ms > 0 GROUP BY cert_host ORDER BY 2 DESC",
                          certificate_row, summary);
    if (err == LCM_OK)
        err = summary_online(store, online_ms, summary);
    summary->failing = summary->by_state[DEVICE_FAILING];
    summary->rolled_back = summary->by_state[DEVICE_ROLLED_BACK];
    return err;
}
