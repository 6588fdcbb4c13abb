// SPDX-License-Identifier: Apache-2.0
/* The answers of the API (web/collector/openapi.json); everything is asked of the store anew. */
#include "collector/page_internal.h"

#include <stdlib.h>
#include <string.h>

#define LIST_LIMIT 100
#define EVENTS_LIMIT 200
#define OFFSET_MAX 10000000
#define ADOPTION_STEPS 240
#define ADOPTION_STEP_MIN_S 10
#define HOUR_MS 3600000
#define FAILURE_DAYS 7

const char *page_argument(const struct page_request *request, const char *name)
{
    return MHD_lookup_connection_value(request->connection, MHD_GET_ARGUMENT_KIND, name);
}

int64_t page_number(const struct page_request *request, const char *name, int64_t otherwise)
{
    const char *text = page_argument(request, name);
    char *end = NULL;

    if (text == NULL || text[0] == '\0')
        return otherwise;
    long long number = strtoll(text, &end, 10);
    return *end == '\0' && number >= 0 && number <= INT64_MAX / 2000 ? number : otherwise;
}

int64_t page_online_since_ms(const struct collect *collect)
{
    return (int64_t)collect_now_ms() - collect->options.stale_hours * HOUR_MS;
}

static int filter_flag(const struct page_request *request, const char *name)
{
    const char *text = page_argument(request, name);

    return text == NULL || text[0] == '\0' ? -1 : strcmp(text, "1") == 0;
}

static bool filter_refuse(struct page_reply *reply, const char *error)
{
    reply->status = MHD_HTTP_BAD_REQUEST;
    reply->error = error;
    return false;
}

bool page_filter(const struct page_request *request, struct read_filter *filter,
                 struct page_reply *reply)
{
    const char *state = page_argument(request, "state");
    const char *order = page_argument(request, "order");

    *filter = (struct read_filter){
        .search = page_argument(request, "q"),
        .repo = page_argument(request, "repo"),
        .channel = page_argument(request, "channel"),
        .app = page_argument(request, "app"),
        .lcm = page_argument(request, "lcm"),
        .state = -1,
        .online = filter_flag(request, "online"),
        .latest = filter_flag(request, "latest"),
        .has_trouble = filter_flag(request, "trouble") == 1,
        .online_ms = page_online_since_ms(request->page->collect),
        .sort = page_argument(request, "sort"),
        .is_descending = order == NULL || strcmp(order, "asc") != 0,
        .limit = page_number(request, "limit", LIST_LIMIT),
        .offset = page_number(request, "offset", 0),
    };
    if (state != NULL && state[0] != '\0') {
        filter->state = device_state_number(state);
        if (filter->state < 0)
            return filter_refuse(reply, "unknown state");
    }
    if (filter->sort != NULL && filter->sort[0] == '\0')
        filter->sort = NULL;
    if (filter->sort != NULL && !read_sort_is_known(filter->sort))
        return filter_refuse(reply, "unknown sort");
    if (filter->offset > OFFSET_MAX)
        return filter_refuse(reply, "offset too large");
    return true;
}

/* ---- JSON ---- */

void page_add_time(cJSON *object, const char *name, int64_t at_ms)
{
    if (at_ms > 0)
        cJSON_AddNumberToObject(object, name, (double)at_ms / 1000);
    else
        cJSON_AddNullToObject(object, name);
}

static const char *verdict_name(int64_t verdict)
{
    static const char *const names[] = {"no-key", "verified", "unverified", "forged"};

    return verdict >= 0 && verdict < 4 ? names[verdict] : names[0];
}

static const char *result_name(int64_t result)
{
    return result >= 0 && result < LCM_ERR_COUNT ? lcm_err_name((enum lcm_err)result) : "";
}

cJSON *page_device_json(const struct device *device, int64_t online_ms)
{
    cJSON *object = cJSON_CreateObject();
    const struct {
        const char *name, *text;
    } texts[] = {
        {"id", device->id},
        {"app", device->app},
        {"repo", device->repo},
        {"file", device->file},
        {"channel", device->channel},
        {"lcm", device->lcm},
        {"boot", device->boot},
        {"source", device->source},
        {"rssi", device->rssi},
        {"state", device_state_name(device->state)},
        {"last_event", device->last_msgid},
        {"last_text", device->last_text},
        {"error", device->error_text},
        {"error_result", result_name(device->error_result)},
        {"certificate_host", device->cert_host},
        {"verdict", verdict_name(device->verdict)},
    };
    const struct {
        const char *name;
        int64_t number;
    } numbers[] = {
        {"lost", device->lost},           {"reboots", device->reboots},
        {"messages", device->messages},   {"forged", device->forged},
        {"installed", device->installed}, {"failed", device->failed},
        {"rollbacks", device->rollbacks}, {"uptime", device->uptime_s},
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        cJSON_AddStringToObject(object, texts[i].name, texts[i].text);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        cJSON_AddNumberToObject(object, numbers[i].name, (double)numbers[i].number);
    page_add_time(object, "first_seen", device->first_seen_ms);
    page_add_time(object, "last_seen", device->last_seen_ms);
    page_add_time(object, "state_since", device->state_since_ms);
    page_add_time(object, "certificate_invalid_since", device->cert_since_ms);
    page_add_time(object, "error_at", device->error_text[0] != '\0' ? device->error_at_ms : 0);
    cJSON_AddBoolToObject(object, "online", device->last_seen_ms >= online_ms);
    return object;
}

cJSON *page_event_json(const struct store_event *event)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddNumberToObject(object, "id", (double)event->id);
    page_add_time(object, "at", event->at_ms);
    cJSON_AddStringToObject(object, "device", event->device);
    cJSON_AddStringToObject(object, "event", event->msgid);
    cJSON_AddNumberToObject(object, "severity", (double)event->severity);
    cJSON_AddStringToObject(object, "phase", event->phase);
    cJSON_AddStringToObject(object, "file", event->file);
    cJSON_AddStringToObject(object, "result", result_name(event->result));
    cJSON_AddStringToObject(object, "from", event->from);
    cJSON_AddStringToObject(object, "to", event->to);
    cJSON_AddStringToObject(object, "text", event->text);
    cJSON_AddStringToObject(object, "verdict", verdict_name(event->verdict));
    cJSON_AddStringToObject(object, "source", event->source);
    page_add_time(object, "device_time", event->time_s * 1000);
    cJSON_AddNumberToObject(object, "sequence", (double)event->sequence);
    return object;
}

cJSON *page_problems(struct collect *collect)
{
    struct collect_status *status = &collect->status;
    const char *const texts[] = {status->store, status->notice, status->clock, status->forward,
                                 status->alerts};
    cJSON *list = cJSON_CreateArray();

    pthread_mutex_lock(&status->lock);
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (texts[i][0] != '\0')
            cJSON_AddItemToArray(list, cJSON_CreateString(texts[i]));
    }
    pthread_mutex_unlock(&status->lock);
    return list;
}

/* ---- tiles ---- */

static cJSON *messages_json(struct collect *collect)
{
    cJSON *object = cJSON_CreateObject();
    cJSON *dropped = cJSON_CreateObject();
    uint64_t received = 0, accepted = 0;

    for (size_t i = 0; i < COLLECT_TRANSPORT_COUNT; i++) {
        received += collect->counters.received[i];
        accepted += collect->counters.accepted[i];
    }
    cJSON_AddNumberToObject(object, "received", (double)received);
    cJSON_AddNumberToObject(object, "accepted", (double)accepted);
    cJSON_AddNumberToObject(object, "repeated", (double)collect->counters.repeated);
    cJSON_AddNumberToObject(object, "forged", (double)collect->counters.forged);
    for (int i = 0; i < COLLECT_DROP_COUNT; i++)
        cJSON_AddNumberToObject(dropped, collect_drop_name((enum collect_drop)i),
                                (double)collect->counters.dropped[i]);
    cJSON_AddItemToObject(object, "dropped", dropped);
    return object;
}

enum lcm_err page_summary(struct page_request *request, struct page_reply *reply)
{
    struct collect *collect = request->page->collect;
    struct read_summary summary;
    enum lcm_err err = read_summary(request->store, page_online_since_ms(collect), &summary);

    if (err != LCM_OK)
        return err;
    const struct {
        const char *name;
        int64_t number;
    } numbers[] = {
        {"devices", summary.devices},
        {"online", summary.online},
        {"stale", summary.devices - summary.online},
        {"failing", summary.failing},
        {"rolled_back", summary.rolled_back},
        {"with_app", summary.with_app},
        {"on_latest", summary.on_latest},
        {"installed", summary.installed},
        {"failed", summary.failed},
        {"rollbacks", summary.rollbacks},
        {"lost", summary.lost},
        {"reboots", summary.reboots},
        {"verified", summary.verified},
    };
    cJSON *object = reply->json = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        cJSON_AddNumberToObject(object, numbers[i].name, (double)numbers[i].number);
    cJSON *states = cJSON_AddObjectToObject(object, "states");
    for (int i = 0; i < DEVICE_STATE_COUNT; i++)
        cJSON_AddNumberToObject(states, device_state_name(i), (double)summary.by_state[i]);
    cJSON *certificate = cJSON_AddObjectToObject(object, "certificate_invalid");
    cJSON_AddNumberToObject(certificate, "devices", (double)summary.certificate);
    cJSON_AddStringToObject(certificate, "host", summary.certificate_host);
    page_add_time(certificate, "since", summary.certificate_since_ms);
    cJSON_AddItemToObject(object, "messages", messages_json(collect));
    cJSON_AddItemToObject(object, "problems", page_problems(collect));
    cJSON_AddNumberToObject(object, "stale_hours", (double)collect->options.stale_hours);
    cJSON_AddNumberToObject(object, "syslog_port", (double)collect->options.port);
    cJSON_AddNumberToObject(object, "revision", (double)collect->revision);
    cJSON_AddStringToObject(object, "version", LCM_VERSION);
    page_add_time(object, "now", (int64_t)collect_now_ms());
    return LCM_OK;
}

/* ---- devices ---- */

struct list {
    cJSON *items;
    int64_t online_ms;
};

static bool list_device(void *context, const struct device *device)
{
    struct list *list = context;

    return cJSON_AddItemToArray(list->items, page_device_json(device, list->online_ms)) != 0;
}

enum lcm_err page_devices(struct page_request *request, struct page_reply *reply)
{
    struct read_filter filter;
    int64_t total = 0;

    if (!page_filter(request, &filter, reply))
        return LCM_OK;
    struct list list = {cJSON_CreateArray(), filter.online_ms};
    enum lcm_err err = read_devices(request->store, &filter, list_device, &list);
    if (err == LCM_OK)
        err = read_device_total(request->store, &filter, &total);
    reply->json = cJSON_CreateObject();
    cJSON_AddNumberToObject(reply->json, "total", (double)total);
    cJSON_AddItemToObject(reply->json, "devices", list.items);
    return err;
}

static bool list_event(void *context, const struct store_event *event)
{
    return cJSON_AddItemToArray(context, page_event_json(event)) != 0;
}

static enum lcm_err device_events(struct page_request *request, const char *id,
                                  struct page_reply *reply)
{
    const char *msgid = page_argument(request, "event");
    const struct read_events query = {
        .device = id,
        .msgid = msgid != NULL && msgid[0] != '\0' ? msgid : NULL,
        .before = page_number(request, "before", 0),
        .is_trouble = filter_flag(request, "trouble") == 1,
        .limit = page_number(request, "limit", EVENTS_LIMIT),
    };

    reply->json = cJSON_CreateObject();
    return read_events(request->store, &query, list_event,
                       cJSON_AddArrayToObject(reply->json, "events"));
}

/* ID or ID/events */
enum lcm_err page_device(struct page_request *request, struct page_reply *reply)
{
    struct device device;
    char id[COLLECT_ID_SIZE];
    size_t size = strcspn(request->path, "/");
    const char *rest = request->path + size;

    if (size == 0 || size >= sizeof(id) || (rest[0] != '\0' && strcmp(rest, "/events") != 0)) {
        reply->status = MHD_HTTP_NOT_FOUND;
        reply->error = "there is nothing here";
        return LCM_OK;
    }
    memcpy(id, request->path, size);
    id[size] = '\0';
    enum lcm_err err = store_device_load(request->store, id, &device);
    if (err == LCM_ERR_NOT_FOUND) {
        reply->status = MHD_HTTP_NOT_FOUND;
        reply->error = "no device of this name has been heard of";
        return LCM_OK;
    }
    if (err != LCM_OK)
        return err;
    if (rest[0] != '\0')
        return device_events(request, id, reply);
    reply->json = page_device_json(&device, page_online_since_ms(request->page->collect));
    return LCM_OK;
}

static bool list_group(void *context, const struct read_group *group)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "name", group->name);
    cJSON_AddNumberToObject(object, "devices", (double)group->devices);
    cJSON_AddNumberToObject(object, "online", (double)group->online);
    cJSON_AddNumberToObject(object, "trouble", (double)group->trouble);
    return cJSON_AddItemToArray(context, object) != 0;
}

enum lcm_err page_groups(struct page_request *request, struct page_reply *reply)
{
    struct read_filter filter;
    const char *by = page_argument(request, "by");

    if (!page_filter(request, &filter, reply))
        return LCM_OK;
    reply->json = cJSON_CreateObject();
    enum lcm_err err = read_groups(request->store, by != NULL ? by : "repo", &filter, list_group,
                                   cJSON_AddArrayToObject(reply->json, "groups"));
    if (err != LCM_ERR_ARGUMENT)
        return err;
    (void)filter_refuse(reply, "by: repo, app, channel, lcm or state");
    return LCM_OK;
}

enum lcm_err page_events(struct page_request *request, struct page_reply *reply)
{
    const struct read_events query = {
        .before = page_number(request, "before", 0),
        .is_trouble = filter_flag(request, "trouble") == 1,
        .limit = page_number(request, "limit", EVENTS_LIMIT),
    };

    reply->json = cJSON_CreateObject();
    return read_events(request->store, &query, list_event,
                       cJSON_AddArrayToObject(reply->json, "events"));
}

/* ---- releases ---- */

static bool list_release(void *context, const struct read_release *release)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "repo", release->repo);
    cJSON_AddStringToObject(object, "channel", release->channel);
    cJSON_AddStringToObject(object, "version", release->version);
    page_add_time(object, "first_seen", release->first_ms);
    cJSON_AddNumberToObject(object, "devices", (double)release->devices);
    cJSON_AddNumberToObject(object, "installed", (double)release->installed);
    cJSON_AddNumberToObject(object, "failed", (double)release->failed);
    cJSON_AddNumberToObject(object, "rollbacks", (double)release->rollbacks);
    return cJSON_AddItemToArray(context, object) != 0;
}

enum lcm_err page_releases(struct page_request *request, struct page_reply *reply)
{
    reply->json = cJSON_CreateObject();
    return read_releases(request->store, list_release,
                         cJSON_AddArrayToObject(reply->json, "releases"));
}

static bool list_adoption(void *context, const struct read_adoption *adoption)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddNumberToObject(object, "at", (double)adoption->at_s);
    cJSON_AddStringToObject(object, "version", adoption->version);
    cJSON_AddNumberToObject(object, "delta", (double)adoption->delta);
    return cJSON_AddItemToArray(context, object) != 0;
}

/* Steps become as wide as the span asks: never more than some hundred points a version. */
enum lcm_err page_adoption(struct page_request *request, struct page_reply *reply)
{
    const char *repo = page_argument(request, "repo");
    int64_t now_s = (int64_t)(collect_now_ms() / 1000);
    int64_t since_s = page_number(request, "since", now_s - 30 * (STORE_DAY_MS / 1000));

    if (repo == NULL || since_s >= now_s) {
        (void)filter_refuse(reply, "repo and since (Unix seconds in the past) are needed");
        return LCM_OK;
    }
    int64_t step_s = (now_s - since_s) / ADOPTION_STEPS / ADOPTION_STEP_MIN_S * ADOPTION_STEP_MIN_S;
    if (step_s < ADOPTION_STEP_MIN_S)
        step_s = ADOPTION_STEP_MIN_S;
    reply->json = cJSON_CreateObject();
    cJSON_AddStringToObject(reply->json, "repo", repo);
    cJSON_AddNumberToObject(reply->json, "since", (double)since_s);
    cJSON_AddNumberToObject(reply->json, "now", (double)now_s);
    cJSON_AddNumberToObject(reply->json, "step", (double)step_s);
    return read_adoption(request->store, repo, since_s, step_s, list_adoption,
                         cJSON_AddArrayToObject(reply->json, "changes"));
}

static bool list_failure(void *context, const struct read_failure *failure)
{
    cJSON *object = cJSON_CreateObject();
    bool is_known = failure->result > 0 && failure->result < LCM_ERR_COUNT;

    cJSON_AddStringToObject(object, "kind", failure->kind);
    cJSON_AddStringToObject(object, "result", result_name(failure->result));
    cJSON_AddStringToObject(
        object, "text", is_known ? lcm_err_text((enum lcm_err)failure->result) : "no reason given");
    cJSON_AddNumberToObject(object, "count", (double)failure->count);
    return cJSON_AddItemToArray(context, object) != 0;
}

enum lcm_err page_failures(struct page_request *request, struct page_reply *reply)
{
    int64_t days = page_number(request, "days", FAILURE_DAYS);
    int64_t since_ms = (int64_t)collect_now_ms() - (days < 36500 ? days : 36500) * STORE_DAY_MS;

    reply->json = cJSON_CreateObject();
    return read_failures(request->store, since_ms > 0 ? since_ms : 0,
                         page_argument(request, "repo"), list_failure,
                         cJSON_AddArrayToObject(reply->json, "failures"));
}

static bool list_alert(void *context, const struct alert *alert)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "kind", alert->kind);
    cJSON_AddStringToObject(object, "subject", alert->subject);
    cJSON_AddStringToObject(object, "text", alert->text);
    cJSON_AddNumberToObject(object, "count", (double)alert->count);
    page_add_time(object, "first_seen", alert->first_ms);
    page_add_time(object, "last_seen", alert->last_ms);
    page_add_time(object, "closed", alert->closed_ms);
    page_add_time(object, "notified", alert->notified_ms);
    return cJSON_AddItemToArray(context, object) != 0;
}

enum lcm_err page_alerts(struct page_request *request, struct page_reply *reply)
{
    reply->json = cJSON_CreateObject();
    return read_alerts(request->store, LIST_LIMIT, list_alert,
                       cJSON_AddArrayToObject(reply->json, "alerts"));
}
