// SPDX-License-Identifier: Apache-2.0
/*
 * The list of active faults and its text form; see the header.
 *
 * Knows names and values, not effects: each effect is where the server does the
 * thing right otherwise. Invariant: no two active faults share kind, host and target.
 */
#include "server/fault.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/text.h"

#define FAULT_LINE_SIZE 512u
#define FAULT_NUMBER_MAX 4294967295L

struct fault_row {
    const char *name;
    enum serve_fault_value value;
    long number;
    const char *help;
};

static const struct fault_row rows[SERVE_FAULT_COUNT] = {
#define SERVE_FAULT_ROW(id, name, argument, value, number, help) \
    {name, SERVE_VALUE_##value, number, help},
    SERVE_FAULT_TABLE(SERVE_FAULT_ROW)
#undef SERVE_FAULT_ROW
};

static const char *const host_names[SERVE_HOST_COUNT + 1] = {"release", "asset", "plain", "any"};

const char *serve_host_name(enum serve_host host)
{
    return host_names[host];
}

const char *serve_fault_name(enum serve_fault_kind kind)
{
    return rows[kind].name;
}

const char *serve_fault_help(enum serve_fault_kind kind)
{
    return rows[kind].help;
}

enum lcm_err serve_fault_find(const char *name, enum serve_fault_kind *kind)
{
    for (int i = 0; i < SERVE_FAULT_COUNT; i++) {
        if (lcm_text_equal(rows[i].name, name)) {
            *kind = (enum serve_fault_kind)i;
            return LCM_OK;
        }
    }
    return LCM_ERR_NOT_FOUND;
}

static bool number_parse(const char *text, long *number)
{
    uint64_t value;

    if (lcm_text_parse_u64(text, strlen(text), &value) != LCM_OK || value > FAULT_NUMBER_MAX)
        return false;
    *number = (long)value;
    return true;
}

/* Cut line at the last mark; returns what stood behind it, or NULL. */
static char *cut_tail(char *line, char mark)
{
    char *tail = strrchr(line, mark);

    if (tail == NULL)
        return NULL;
    *tail = '\0';
    return tail + 1;
}

static bool status_parse(char *text, struct serve_fault *fault)
{
    char *retry_after = cut_tail(text, ':');

    if (retry_after != NULL && !number_parse(retry_after, &fault->retry_after_s))
        return false;
    return number_parse(text, &fault->number) && fault->number >= 200 && fault->number <= 999;
}

static enum lcm_err value_parse(struct serve_fault *fault, char *value)
{
    switch (rows[fault->kind].value) {
    case SERVE_VALUE_NONE:
        return value == NULL ? LCM_OK : LCM_ERR_ARGUMENT;
    case SERVE_VALUE_NUMBER_OPTIONAL:
        if (value == NULL)
            return LCM_OK;
        return number_parse(value, &fault->number) ? LCM_OK : LCM_ERR_ARGUMENT;
    case SERVE_VALUE_NUMBER:
        return value != NULL && number_parse(value, &fault->number) ? LCM_OK : LCM_ERR_ARGUMENT;
    case SERVE_VALUE_TEXT_OPTIONAL:
        return lcm_text_copy(fault->text, sizeof(fault->text), value != NULL ? value : "");
    case SERVE_VALUE_TEXT:
        if (value == NULL || value[0] == '\0')
            return LCM_ERR_ARGUMENT;
        return lcm_text_copy(fault->text, sizeof(fault->text), value);
    case SERVE_VALUE_STATUS:
        return value != NULL && status_parse(value, fault) ? LCM_OK : LCM_ERR_ARGUMENT;
    }
    return LCM_ERR_ARGUMENT;
}

static enum lcm_err host_parse(const char *text, enum serve_host *host)
{
    for (int i = 0; i <= SERVE_HOST_COUNT; i++) {
        if (lcm_text_equal(host_names[i], text)) {
            *host = (enum serve_host)i;
            return LCM_OK;
        }
    }
    return LCM_ERR_ARGUMENT;
}

/* Take "[@HOST][~TEXT][*TIMES]" off the end of line. */
static enum lcm_err scope_parse(char *line, struct serve_fault *fault)
{
    const char *times = cut_tail(line, '*');
    const char *target = cut_tail(line, '~');
    const char *host = cut_tail(line, '@');

    if (times != NULL && (!number_parse(times, &fault->times) || fault->times == 0))
        return LCM_ERR_ARGUMENT;
    enum lcm_err err = LCM_OK;
    if (target != NULL)
        err = lcm_text_copy(fault->target, sizeof(fault->target), target);
    if (err == LCM_OK && host != NULL)
        err = host_parse(host, &fault->host);
    return err;
}

enum lcm_err serve_fault_parse(const char *text, struct serve_fault *fault)
{
    char line[FAULT_LINE_SIZE];
    struct serve_fault result = {.host = SERVE_HOST_COUNT, .times = -1, .retry_after_s = -1};
    enum lcm_err err = lcm_text_copy(line, sizeof(line), text);

    if (err == LCM_OK)
        err = scope_parse(line, &result);
    if (err != LCM_OK)
        return err;
    char *value = strchr(line, '=');
    if (value != NULL)
        *value++ = '\0';
    err = serve_fault_find(line, &result.kind);
    if (err != LCM_OK)
        return err;
    result.number = rows[result.kind].number;
    err = value_parse(&result, value);
    if (err == LCM_OK)
        *fault = result;
    return err;
}

void serve_faults_init(struct serve_faults *faults)
{
    memset(faults, 0, sizeof(*faults));
    pthread_mutex_init(&faults->lock, NULL);
}

static bool fault_is_same(const struct serve_fault *a, const struct serve_fault *b)
{
    return a->kind == b->kind && a->host == b->host && lcm_text_equal(a->target, b->target);
}

static void faults_remove(struct serve_faults *faults, size_t index)
{
    faults->count--;
    memmove(&faults->active[index], &faults->active[index + 1],
            (faults->count - index) * sizeof(faults->active[0]));
}

enum lcm_err serve_faults_set(struct serve_faults *faults, const struct serve_fault *fault)
{
    enum lcm_err err = LCM_ERR_NO_SPACE;
    size_t i = 0;

    pthread_mutex_lock(&faults->lock);
    while (i < faults->count && !fault_is_same(&faults->active[i], fault))
        i++;
    if (i < SERVE_FAULT_ACTIVE_MAX) {
        faults->active[i] = *fault;
        if (i == faults->count)
            faults->count++;
        err = LCM_OK;
    }
    pthread_mutex_unlock(&faults->lock);
    return err;
}

void serve_faults_clear(struct serve_faults *faults, enum serve_fault_kind kind)
{
    pthread_mutex_lock(&faults->lock);
    for (size_t i = faults->count; i-- > 0;) {
        if (kind == SERVE_FAULT_COUNT || faults->active[i].kind == kind)
            faults_remove(faults, i);
    }
    pthread_mutex_unlock(&faults->lock);
}

struct fault_query {
    enum serve_fault_kind kind;
    enum serve_host host;
    const char *target;
    bool is_counted;
};

static bool fault_matches(const struct serve_fault *fault, const struct fault_query *query)
{
    if (fault->kind != query->kind ||
        (fault->host != SERVE_HOST_COUNT && fault->host != query->host))
        return false;
    return fault->target[0] == '\0' ||
           (query->target != NULL && strstr(query->target, fault->target) != NULL);
}

static bool faults_look(struct serve_faults *faults, const struct fault_query *query,
                        struct serve_fault *fault)
{
    bool found = false;

    pthread_mutex_lock(&faults->lock);
    for (size_t i = 0; i < faults->count && !found; i++) {
        struct serve_fault *candidate = &faults->active[i];
        if (!fault_matches(candidate, query))
            continue;
        found = true;
        if (fault != NULL)
            *fault = *candidate;
        if (query->is_counted && candidate->times > 0 && --candidate->times == 0)
            faults_remove(faults, i);
    }
    pthread_mutex_unlock(&faults->lock);
    return found;
}

bool serve_faults_take(struct serve_faults *faults, enum serve_fault_kind kind,
                       enum serve_host host, const char *target, struct serve_fault *fault)
{
    return faults_look(faults, &(struct fault_query){kind, host, target, true}, fault);
}

bool serve_faults_peek(struct serve_faults *faults, enum serve_fault_kind kind,
                       enum serve_host host, const char *target, struct serve_fault *fault)
{
    return faults_look(faults, &(struct fault_query){kind, host, target, false}, fault);
}
