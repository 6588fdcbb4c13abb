// SPDX-License-Identifier: Apache-2.0
/*
 * Which alerts are told now. Anybody can make up troubles by the thousand: of each kind a few an
 * hour are told and the rest as one sum. What verified devices tell is counted apart and comes
 * first, so that no stranger hides it.
 */
#include <stdio.h>
#include <string.h>

#include "collector/alert.h"

#define TOLD_AN_HOUR 10
#define HOUR_MS 3600000
#define SUM_SUBJECTS_SIZE 64u

void alert_from_row(struct alert *alert, const struct engine_row *row)
{
    const struct engine_value *v = row->values;

    memset(alert, 0, sizeof(*alert));
    alert->id = v[0].integer;
    snprintf(alert->kind, sizeof(alert->kind), "%s", v[1].text ? v[1].text : "");
    snprintf(alert->subject, sizeof(alert->subject), "%s", v[2].text ? v[2].text : "");
    snprintf(alert->text, sizeof(alert->text), "%s", v[3].text ? v[3].text : "");
    alert->count = v[4].integer;
    alert->first_ms = v[5].integer;
    alert->last_ms = v[6].integer;
    alert->closed_ms = v[7].integer;
    alert->notified_ms = v[8].integer;
}

/* ---- quotas ---- */

static struct alert_class *quota_class(struct alert_quota *quota, size_t kind, bool is_verified,
                                       int64_t now_ms)
{
    struct alert_class *class = &quota->classes[kind][is_verified];

    if (now_ms - class->since_ms >= HOUR_MS || now_ms < class->since_ms)
        *class = (struct alert_class){.since_ms = now_ms};
    return class;
}

/* So many waiting alerts of a class, but for the first ones, become one. */
static enum lcm_err class_sum_up(struct store *store, size_t kind, bool is_verified, int64_t keep,
                                 int64_t sum, int64_t now_ms)
{
    char subject[SUM_SUBJECTS_SIZE], text[ALERT_TEXT_SIZE];
    const char *name = alert_kind_name((enum alert_kind)kind);
    const struct engine_value rest[] = {ENGINE_TEXT(name), ENGINE_INTEGER(is_verified),
                                        ENGINE_INTEGER(now_ms), ENGINE_INTEGER(keep)};
    const struct engine_value row[] = {ENGINE_TEXT(subject), ENGINE_TEXT(text), ENGINE_INTEGER(sum),
                                       ENGINE_INTEGER(now_ms), ENGINE_INTEGER(is_verified)};

    snprintf(subject, sizeof(subject), "%s%s", name, is_verified ? ", verified" : "");
    snprintf(text, sizeof(text), "and %lld more alerts of kind %s%s: see the page", (long long)sum,
             name, is_verified ? " from verified devices" : "");
    enum lcm_err err = STORE_WRITE(
        store,
        "UPDATE alerts SET notified_ms = $3, told = n, sent = -1 WHERE kind = $1 AND "
        "verified = $2 AND closed_ms = 0 AND notified_ms = 0 AND sent = 0 AND id NOT IN (SELECT id "
        "FROM alerts WHERE kind = $1 AND verified = $2 AND closed_ms = 0 AND notified_ms = 0 AND "
        "sent = 0 ORDER BY id LIMIT $4)",
        rest);
    if (err == LCM_OK)
        err = STORE_WRITE(
            store,
            "INSERT INTO alerts (kind, subject, text, n, first_ms, last_ms, closed_ms, "
            "notified_ms, verified) VALUES ('more', $1, $2, $3, $4, $4, 0, 0, $5) "
            "ON CONFLICT (kind, subject) DO UPDATE SET text = excluded.text, n = excluded.n, "
            "first_ms = excluded.first_ms, last_ms = excluded.last_ms, closed_ms = 0, "
            "notified_ms = 0, sent = 0",
            row);
    return err;
}

/* ---- choosing ---- */

struct pending {
    struct alert *alerts;
    size_t max, count;
};

static bool pending_row(void *context, const struct engine_row *row)
{
    struct pending *pending = context;
    struct alert *alert = &pending->alerts[pending->count++];

    alert_from_row(alert, row);
    alert->sent = (unsigned)row->values[9].integer;
    alert->is_verified = row->values[10].integer != 0;
    return pending->count < pending->max;
}

static enum lcm_err pending_add(struct store *store, struct pending *pending, const char *sql,
                                const struct engine_value *values, size_t count)
{
    const struct engine_call call = {sql, true, values, count, pending_row, pending};

    return pending->count < pending->max ? store->engine->side->call(store->engine, &call) : LCM_OK;
}

static enum lcm_err pending_class(struct store *store, struct alert_quota *quota,
                                  struct pending *pending, size_t kind, bool is_verified,
                                  int64_t now_ms)
{
    struct alert_class *class = quota_class(quota, kind, is_verified, now_ms);
    int64_t room = class->told < TOLD_AN_HOUR ? TOLD_AN_HOUR - class->told : 0, waiting = 0;
    const struct engine_value values[] = {ENGINE_TEXT(alert_kind_name((enum alert_kind)kind)),
                                          ENGINE_INTEGER(is_verified), ENGINE_INTEGER(room)};
    enum lcm_err err = store_number(store,
                                    "SELECT COUNT(*) FROM alerts WHERE kind = $1 AND "
                                    "verified = $2 AND closed_ms = 0 AND notified_ms = 0 AND "
                                    "sent = 0",
                                    values, 2, &waiting);

    if (err == LCM_OK && waiting > room && !class->is_summed) {
        err = class_sum_up(store, kind, is_verified, room, waiting - room, now_ms);
        class->is_summed = err == LCM_OK;
    }
    if (err != LCM_OK || waiting == 0 || room == 0)
        return err;
    return pending_add(store, pending,
                       "SELECT " ALERT_COLUMNS ", sent, verified FROM alerts WHERE kind = $1 AND "
                       "verified = $2 AND closed_ms = 0 AND notified_ms = 0 AND sent = 0 "
                       "ORDER BY id LIMIT $3",
                       values, 3);
}

static enum lcm_err pending_choose(struct store *store, struct alert_quota *quota,
                                   struct pending *pending, int64_t now_ms)
{
    enum lcm_err err = LCM_OK;

    for (int is_verified = 1; is_verified >= 0; is_verified--) {
        for (size_t kind = 0; kind < ALERT_MORE && err == LCM_OK; kind++)
            err = pending_class(store, quota, pending, kind, is_verified != 0, now_ms);
    }
    if (err == LCM_OK)
        err = pending_add(store, pending,
                          "SELECT " ALERT_COLUMNS ", sent, verified FROM alerts WHERE "
                          "closed_ms = 0 AND notified_ms = 0 AND (sent > 0 OR kind = 'more') "
                          "ORDER BY sent, id LIMIT 16",
                          NULL, 0);
    return err;
}

enum lcm_err alert_pending(struct store *store, struct alert_quota *quota, int64_t now_ms,
                           struct alert *alerts, size_t max, size_t *count)
{
    struct pending pending = {alerts, max, 0};
    int64_t waiting = 0;
    enum lcm_err err =
        store_number(store, "SELECT COUNT(*) FROM alerts WHERE closed_ms = 0 AND notified_ms = 0",
                     NULL, 0, &waiting);

    *count = 0;
    if (err != LCM_OK || waiting == 0)
        return err;
    err = store_begin(store);
    if (err == LCM_OK)
        err = pending_choose(store, quota, &pending, now_ms);
    if (err == LCM_OK)
        err = store_commit(store);
    if (err != LCM_OK)
        store_rollback(store);
    else
        *count = pending.count;
    return err;
}

static void quota_count(struct alert_quota *quota, const struct alert *told, int64_t now_ms)
{
    for (size_t kind = 0; kind < ALERT_MORE; kind++) {
        if (strcmp(told->kind, alert_kind_name((enum alert_kind)kind)) == 0)
            quota_class(quota, kind, told->is_verified, now_ms)->told++;
    }
}

enum lcm_err alert_notified(struct store *store, struct alert_quota *quota,
                            const struct alert *told, int64_t now_ms)
{
    const struct engine_value values[] = {ENGINE_INTEGER(told->id),
                                          ENGINE_INTEGER(told->is_told ? now_ms : 0),
                                          ENGINE_INTEGER(told->count), ENGINE_INTEGER(told->sent)};
    enum lcm_err err = store_begin(store);

    if (err == LCM_OK)
        err = STORE_WRITE(store,
                          "UPDATE alerts SET notified_ms = $2, told = $3, sent = $4 WHERE id = $1",
                          values);
    if (err == LCM_OK)
        err = store_commit(store);
    if (err != LCM_OK)
        store_rollback(store);
    else if (told->is_first)
        quota_count(quota, told, now_ms);
    return err;
}
