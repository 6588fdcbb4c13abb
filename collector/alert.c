// SPDX-License-Identifier: Apache-2.0
/*
 * Rules of alerts; see the header. They live in the store: a restart neither forgets nor repeats
 * one. Whom to tell what is alert_tell.c, sending notify.c.
 */
#include "collector/alert.h"

#include <stdio.h>
#include <string.h>

#define QUIET_MS STORE_DAY_MS /* what was not seen for so long is over */
#define ATTEMPTS_MIN 5        /* a rate needs something to be a rate of */
#define RATE_DAYS 2

static const char *const kind_names[ALERT_COUNT] = {
#define ALERT_NAME(name, text) [ALERT_##name] = text,
    ALERT_TABLE(ALERT_NAME)
#undef ALERT_NAME
};

struct alert_claim {
    enum alert_kind kind;
    const char *subject, *text;
    bool is_verified; /* a device proved who it is */
    int64_t at_ms;
};

const char *alert_kind_name(enum alert_kind kind)
{
    return kind_names[kind];
}

/* What a verified device tells, and what the keys bound, always finds room. */
static enum lcm_err alert_has_room(struct store *store, const struct alert_claim *claim,
                                   bool *has_room)
{
    const struct engine_value values[] = {ENGINE_TEXT(kind_names[claim->kind]),
                                          ENGINE_TEXT(claim->subject)};
    const struct store_row row = {
        STORE_ALERTS, "SELECT COUNT(*) FROM alerts WHERE kind = $1 AND subject = $2", values, 2};

    *has_room = true;
    return claim->is_verified || claim->kind == ALERT_FORGED
               ? LCM_OK
               : store_has_room(store, &row, has_room);
}

/* One that was told in a sum only, among strangers' claims, is told when a verified device has it.
 */
static enum lcm_err alert_raise(struct store *store, const struct alert_claim *claim)
{
    const struct engine_value values[] = {
        ENGINE_TEXT(kind_names[claim->kind]), ENGINE_TEXT(claim->subject), ENGINE_TEXT(claim->text),
        ENGINE_INTEGER(claim->at_ms), ENGINE_INTEGER(claim->is_verified)};
    bool has_room = false;
    enum lcm_err err = alert_has_room(store, claim, &has_room);

    if (err != LCM_OK || !has_room)
        return err;
    return STORE_WRITE(
        store,
        "INSERT INTO alerts (kind, subject, text, n, first_ms, last_ms, closed_ms, notified_ms, "
        "verified) VALUES ($1, $2, $3, 1, $4, $4, 0, 0, $5) ON CONFLICT (kind, subject) DO UPDATE "
        "SET text = excluded.text, last_ms = excluded.last_ms, "
        "n = CASE WHEN alerts.closed_ms > 0 THEN 1 ELSE alerts.n + 1 END, "
        "first_ms = CASE WHEN alerts.closed_ms > 0 THEN excluded.first_ms ELSE alerts.first_ms "
        "END, notified_ms = CASE WHEN alerts.closed_ms > 0 OR (alerts.sent < 0 AND "
        "excluded.verified > alerts.verified) THEN 0 ELSE alerts.notified_ms END, "
        "sent = CASE WHEN alerts.closed_ms > 0 OR (alerts.sent < 0 AND "
        "excluded.verified > alerts.verified) THEN 0 ELSE alerts.sent END, "
        "verified = CASE WHEN alerts.closed_ms > 0 OR excluded.verified > alerts.verified THEN "
        "excluded.verified ELSE alerts.verified END, closed_ms = 0",
        values);
}

/* Trouble that one message cannot settle: the evaluation closes it. */
static enum lcm_err alert_close(struct store *store, enum alert_kind kind, const char *subject,
                                int64_t at_ms)
{
    const struct engine_value values[] = {ENGINE_TEXT(kind_names[kind]), ENGINE_TEXT(subject),
                                          ENGINE_INTEGER(at_ms)};

    return STORE_WRITE(store,
                       "UPDATE alerts SET closed_ms = $3 WHERE kind = $1 AND subject = $2 AND "
                       "closed_ms = 0",
                       values);
}

enum lcm_err alert_from_change(struct store *store, const struct device *device,
                               const struct collect_message *message,
                               const struct device_change *change, int64_t at_ms)
{
    char subject[ALERT_SUBJECT_SIZE], text[ALERT_TEXT_SIZE];
    const char *host = message->file[0] != '\0' ? message->file : "release host";
    struct alert_claim claim = {ALERT_CERTIFICATE, host, text, message->verdict == COLLECT_VERIFIED,
                                at_ms};
    enum lcm_err err = LCM_OK;

    if (change->is_cert_invalid) {
        snprintf(text, sizeof(text),
                 "the certificate of %s is not trusted: publish a new certificate set "
                 "(lcm trust build); devices install no app until then",
                 host);
        err = alert_raise(store, &claim);
    }
    if (err == LCM_OK && change->is_sig_invalid) {
        snprintf(subject, sizeof(subject), "%s %s", device->repo, message->file);
        snprintf(text, sizeof(text),
                 "a signature is not valid for %s of %s: withdraw the release, check who can "
                 "publish there",
                 message->file, device->repo);
        claim.kind = ALERT_SIGNATURE;
        claim.subject = subject;
        err = alert_raise(store, &claim);
    }
    claim.subject = device->id;
    if (err == LCM_OK && change->has_gone_back) {
        snprintf(text, sizeof(text), "device %s went back from app %s to %s", device->id,
                 change->app_before, device->app);
        claim.kind = ALERT_VERSION_BACK;
        err = alert_raise(store, &claim);
    }
    if (err == LCM_OK && message->verdict == COLLECT_FORGED) {
        snprintf(text, sizeof(text),
                 "somebody sends messages in the name of device %s without its key", device->id);
        claim.kind = ALERT_FORGED;
        err = alert_raise(store, &claim);
    }
    return err;
}

/* ---- evaluation ---- */

#define RATE_ROWS 32u

struct rate {
    char repo[COLLECT_NAME_SIZE], version[COLLECT_VERSION_SIZE];
    int64_t good, bad, verified; /* verified: devices of the repository */
};

struct rates {
    struct rate list[RATE_ROWS];
    size_t count;
};

static bool rate_row(void *context, const struct engine_row *row)
{
    struct rates *rates = context;
    struct rate *rate = &rates->list[rates->count++];

    snprintf(rate->repo, sizeof(rate->repo), "%s", row->values[0].text ? row->values[0].text : "");
    snprintf(rate->version, sizeof(rate->version), "%s",
             row->values[1].text ? row->values[1].text : "");
    rate->good = row->values[2].integer;
    rate->bad = row->values[3].integer;
    rate->verified = row->values[4].integer;
    return rates->count < RATE_ROWS;
}

static enum lcm_err evaluate_rates(struct store *store, const struct alert_limits *limits,
                                   struct rates *rates)
{
    const struct engine_value values[] = {
        ENGINE_INTEGER(limits->now_ms / STORE_DAY_MS - RATE_DAYS + 1),
        ENGINE_INTEGER(limits->failure_percent), ENGINE_INTEGER(ATTEMPTS_MIN)};
    const struct engine_call call = {
        .sql =
            "SELECT repo, version, good, bad, CAST((SELECT COALESCE(SUM(verified), 0) FROM "
            "tallies WHERE tallies.repo = r.repo) AS BIGINT) AS known FROM (SELECT repo, version, "
            "CAST(SUM(CASE WHEN kind = 'installed' THEN n ELSE 0 END) AS BIGINT) AS good, "
            "CAST(SUM(CASE WHEN kind IN ('failed', 'rollback') THEN n ELSE 0 END) AS BIGINT) "
            "AS bad FROM counts WHERE day >= $1 AND repo <> '' GROUP BY repo, version) AS r "
            "WHERE good + bad >= $3 AND bad * 100 > (good + bad) * $2 ORDER BY known DESC, bad "
            "DESC LIMIT 32",
        .is_fixed = true,
        .values = values,
        .count = 3,
        .row = rate_row,
        .context = rates,
    };

    rates->count = 0;
    return limits->failure_percent > 0 ? store->engine->side->call(store->engine, &call) : LCM_OK;
}

static enum lcm_err evaluate_silent(struct store *store, const struct alert_limits *limits,
                                    int64_t *silent)
{
    const struct engine_value values[] = {
        ENGINE_INTEGER(limits->now_ms - limits->silent_days * STORE_DAY_MS)};

    *silent = 0;
    return limits->silent_days > 0
               ? store_number(store,
                              "SELECT COUNT(*) FROM devices WHERE last_seen_ms > 0 AND "
                              "last_seen_ms < $1",
                              values, 1, silent)
               : LCM_OK;
}

static enum lcm_err raise_rates(struct store *store, const struct alert_limits *limits,
                                const struct rates *rates)
{
    enum lcm_err err = LCM_OK;

    for (size_t i = 0; i < rates->count && err == LCM_OK; i++) {
        const struct rate *rate = &rates->list[i];
        char subject[ALERT_SUBJECT_SIZE], text[ALERT_TEXT_SIZE];
        int64_t attempts = rate->good + rate->bad;

        snprintf(subject, sizeof(subject), "%s %s", rate->repo, rate->version);
        snprintf(text, sizeof(text),
                 "%lld of %lld attempts in two days failed, of devices of %s that ran %s%s before: "
                 "see the reasons; withdraw a bad release or mark it as pre-release",
                 (long long)rate->bad, (long long)attempts, rate->repo,
                 rate->version[0] != '\0' ? "version " : "no app", rate->version);
        const struct alert_claim claim = {ALERT_FAILURE_RATE, subject, text, rate->verified > 0,
                                          limits->now_ms};
        err = alert_raise(store, &claim);
    }
    return err;
}

/* One row for all of them: n is their number, told the highest that was told since it fell last. */
static enum lcm_err raise_silent(struct store *store, const struct alert_limits *limits,
                                 int64_t silent)
{
    char text[ALERT_TEXT_SIZE];
    const struct engine_value values[] = {ENGINE_TEXT(text), ENGINE_INTEGER(silent),
                                          ENGINE_INTEGER(limits->now_ms)};

    if (silent == 0)
        return alert_close(store, ALERT_SILENT, "devices", limits->now_ms);
    snprintf(text, sizeof(text), "%lld device%s not heard of for %lld days", (long long)silent,
             silent == 1 ? "" : "s", (long long)limits->silent_days);
    return STORE_WRITE(
        store,
        "INSERT INTO alerts (kind, subject, text, n, first_ms, last_ms, closed_ms, notified_ms, "
        "verified) VALUES ('silent', 'devices', $1, $2, $3, $3, 0, 0, 1) "
        "ON CONFLICT (kind, subject) DO UPDATE SET "
        "text = excluded.text, n = excluded.n, last_ms = excluded.last_ms, verified = 1, "
        "first_ms = CASE WHEN alerts.closed_ms > 0 THEN excluded.first_ms ELSE alerts.first_ms "
        "END, notified_ms = CASE WHEN alerts.closed_ms > 0 OR excluded.n > alerts.told THEN 0 "
        "ELSE alerts.notified_ms END, "
        "sent = CASE WHEN alerts.closed_ms > 0 OR excluded.n > alerts.told THEN 0 "
        "ELSE alerts.sent END, "
        "told = CASE WHEN alerts.closed_ms > 0 THEN 0 WHEN excluded.n < alerts.told THEN "
        "excluded.n ELSE alerts.told END, closed_ms = 0",
        values);
}

static enum lcm_err close_over(struct store *store, const struct alert_limits *limits)
{
    const struct engine_value now[] = {ENGINE_INTEGER(limits->now_ms)};
    const struct engine_value quiet[] = {ENGINE_INTEGER(limits->now_ms),
                                         ENGINE_INTEGER(limits->now_ms - QUIET_MS),
                                         ENGINE_INTEGER(limits->now_ms + QUIET_MS)};
    enum lcm_err err =
        STORE_WRITE(store,
                    "UPDATE alerts SET closed_ms = $1 WHERE closed_ms = 0 AND "
                    "kind = 'certificate-invalid' AND NOT EXISTS (SELECT 1 FROM devices WHERE "
                    "cert_since_ms > 0 AND cert_host = alerts.subject)",
                    now);

    if (err == LCM_OK)
        err = STORE_WRITE(store,
                          "UPDATE alerts SET closed_ms = $1 WHERE closed_ms = 0 AND "
                          "(last_ms < $2 OR last_ms > $3) AND kind <> 'certificate-invalid'",
                          quiet);
    return err;
}

enum lcm_err alert_evaluate(struct store *store, const struct alert_limits *limits)
{
    struct rates rates;
    int64_t silent = 0;
    enum lcm_err err = store_begin(store);

    if (err == LCM_OK)
        err = evaluate_rates(store, limits, &rates);
    if (err == LCM_OK)
        err = evaluate_silent(store, limits, &silent);
    if (err == LCM_OK)
        err = raise_rates(store, limits, &rates);
    if (err == LCM_OK)
        err = raise_silent(store, limits, silent);
    if (err == LCM_OK)
        err = close_over(store, limits);
    if (err == LCM_OK)
        err = store_commit(store);
    if (err != LCM_OK)
        store_rollback(store);
    return err;
}
