// SPDX-License-Identifier: Apache-2.0
/*
 * /metrics in the text format of Prometheus (0.0.4), and /healthz. One series a device only for
 * fleets that are small enough for that.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "collector/page_internal.h"

#define DEVICE_SERIES_MAX 1000

struct metrics {
    FILE *out;
    int64_t online_ms;
};

static void metrics_head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

/* A label's value: backslash, quote and line feed are escaped; the store has no control characters.
 */
static void metrics_label(FILE *out, const char *before, const char *name, const char *value)
{
    fprintf(out, "%s%s=\"", before, name);
    for (; *value != '\0'; value++) {
        if (*value == '\\' || *value == '"')
            fputc('\\', out);
        if (*value == '\n')
            fputs("\\n", out);
        else
            fputc(*value, out);
    }
    fputc('"', out);
}

static void metrics_number(FILE *out, const char *name, const char *type, const char *help,
                           int64_t value)
{
    metrics_head(out, name, type, help);
    fprintf(out, "%s %lld\n", name, (long long)value);
}

static void metrics_labelled(FILE *out, const char *name, const char *label, const char *value,
                             int64_t number)
{
    fputs(name, out);
    metrics_label(out, "{", label, value);
    fprintf(out, "} %lld\n", (long long)number);
}

static int64_t memory_bytes(void)
{
    long pages = 0;
    FILE *file = fopen("/proc/self/statm", "re");

    if (file == NULL)
        return 0;
    if (fscanf(file, "%*d %ld", &pages) != 1) // NOLINT(cert-err34-c): a file of the kernel
        pages = 0;
    fclose(file);
    return (int64_t)pages * sysconf(_SC_PAGESIZE);
}

static void metrics_messages(FILE *out, struct collect *collect)
{
    struct collect_counters *counters = &collect->counters;

    metrics_head(out, "lcm_messages_received_total", "counter", "Messages received.");
    for (int i = 0; i < COLLECT_TRANSPORT_COUNT; i++)
        metrics_labelled(out, "lcm_messages_received_total", "transport",
                         collect_transport_name((enum collect_transport)i),
                         (int64_t)counters->received[i]);
    metrics_head(out, "lcm_messages_accepted_total", "counter",
                 "Messages that are committed to the store.");
    for (int i = 0; i < COLLECT_TRANSPORT_COUNT; i++)
        metrics_labelled(out, "lcm_messages_accepted_total", "transport",
                         collect_transport_name((enum collect_transport)i),
                         (int64_t)counters->accepted[i]);
    metrics_head(out, "lcm_messages_dropped_total", "counter", "Messages that were not kept.");
    for (int i = 0; i < COLLECT_DROP_COUNT; i++)
        metrics_labelled(out, "lcm_messages_dropped_total", "reason",
                         collect_drop_name((enum collect_drop)i), (int64_t)counters->dropped[i]);
    metrics_head(out, "lcm_messages_authenticated_total", "counter",
                 "Messages of devices whose key is known here.");
    metrics_labelled(out, "lcm_messages_authenticated_total", "verdict", "verified",
                     (int64_t)counters->verified);
    metrics_labelled(out, "lcm_messages_authenticated_total", "verdict", "unverified",
                     (int64_t)counters->unverified);
    metrics_labelled(out, "lcm_messages_authenticated_total", "verdict", "forged",
                     (int64_t)counters->forged);
    metrics_number(out, "lcm_messages_repeated_total", "counter",
                   "Broadcast lines of events that came by syslog as well.",
                   (int64_t)counters->repeated);
}

static void metrics_self(FILE *out, struct collect *collect)
{
    struct collect_counters *counters = &collect->counters;
    bool is_up = collect->status.store[0] == '\0';

    metrics_number(out, "lcm_store_up", "gauge", "1 when messages can be stored.", is_up);
    metrics_number(out, "lcm_store_failures_total", "counter", "Batches that could not be stored.",
                   (int64_t)counters->store_failures);
    metrics_number(out, "lcm_queue_bytes", "gauge", "Bytes that wait to be stored.",
                   (int64_t)collect_queue_fill(&collect->queue));
    metrics_number(out, "lcm_connections", "gauge", "Open TCP and TLS connections of senders.",
                   (int64_t)counters->connections);
    metrics_number(out, "lcm_forwarded_total", "counter", "Messages passed on.",
                   (int64_t)counters->forwarded);
    metrics_number(out, "lcm_forward_dropped_total", "counter", "Messages not passed on.",
                   (int64_t)counters->forward_dropped);
    metrics_number(out, "lcm_alerts_sent_total", "counter", "Alerts sent.",
                   (int64_t)counters->alerts_sent);
    metrics_number(out, "lcm_alerts_failed_total", "counter", "Alerts that could not be sent.",
                   (int64_t)counters->alerts_failed);
    metrics_number(out, "lcm_mqtt_published_total", "counter", "MQTT messages published.",
                   (int64_t)counters->mqtt_published);
    metrics_number(out, "lcm_resident_bytes", "gauge", "Memory of the collector.", memory_bytes());
    metrics_number(out, "lcm_start_time_seconds", "gauge", "When the collector started.",
                   (int64_t)(collect->started_ms / 1000));
}

static void metrics_fleet(FILE *out, const struct read_summary *summary)
{
    metrics_head(out, "lcm_devices", "gauge", "Devices by state.");
    for (int i = 0; i < DEVICE_STATE_COUNT; i++)
        metrics_labelled(out, "lcm_devices", "state", device_state_name(i), summary->by_state[i]);
    metrics_number(out, "lcm_devices_online", "gauge", "Devices heard of lately.", summary->online);
    metrics_number(out, "lcm_devices_on_latest", "gauge",
                   "Devices that run the newest version of their channel.", summary->on_latest);
    metrics_number(out, "lcm_server_cert_invalid", "gauge",
                   "Devices that do not trust the certificate of the release host.",
                   summary->certificate);
    metrics_number(out, "lcm_messages_lost_total", "counter",
                   "Messages that devices counted and nobody received.", summary->lost);
    metrics_number(out, "lcm_device_reboots_total", "counter", "Restarts of devices.",
                   summary->reboots);
}

static bool metrics_count(void *context, const struct read_count *count)
{
    FILE *out = context;
    bool is_known = count->result > 0 && count->result < LCM_ERR_COUNT;

    fputs("lcm_updates_total", out);
    metrics_label(out, "{", "repo", count->repo);
    metrics_label(out, ",", "version", count->version);
    metrics_label(out, ",", "result", count->kind);
    metrics_label(out, ",", "reason", is_known ? lcm_err_name((enum lcm_err)count->result) : "");
    fprintf(out, "} %lld\n", (long long)count->count);
    return true;
}

static bool metrics_alert(void *context, const struct alert *alert)
{
    if (alert->closed_ms == 0) {
        fputs("lcm_alert", context);
        metrics_label(context, "{", "kind", alert->kind);
        metrics_label(context, ",", "subject", alert->subject);
        fputs("} 1\n", context);
    }
    return true;
}

static bool metrics_device_info(void *context, const struct device *device)
{
    struct metrics *metrics = context;
    FILE *out = metrics->out;

    fputs("lcm_device_info", out);
    metrics_label(out, "{", "dev", device->id);
    metrics_label(out, ",", "repo", device->repo);
    metrics_label(out, ",", "version", device->app);
    metrics_label(out, ",", "lcm", device->lcm);
    fputs("} 1\n", out);
    return true;
}

static bool metrics_device_seen(void *context, const struct device *device)
{
    struct metrics *metrics = context;

    metrics_labelled(metrics->out, "lcm_device_last_seen_seconds", "dev", device->id,
                     device->last_seen_ms / 1000);
    return true;
}

static enum lcm_err metrics_devices(struct metrics *metrics, struct store *store, int64_t devices)
{
    const struct read_filter filter = {
        .state = -1, .online = -1, .latest = -1, .after = "", .limit = DEVICE_SERIES_MAX};

    if (devices > DEVICE_SERIES_MAX)
        return LCM_OK;
    metrics_head(metrics->out, "lcm_device_info", "gauge", "What a device runs.");
    enum lcm_err err = read_devices(store, &filter, metrics_device_info, metrics);
    metrics_head(metrics->out, "lcm_device_last_seen_seconds", "gauge",
                 "When a device was heard of last.");
    if (err == LCM_OK)
        err = read_devices(store, &filter, metrics_device_seen, metrics);
    return err;
}

static enum lcm_err metrics_write(struct metrics *metrics, struct page_request *request)
{
    struct read_summary summary;
    enum lcm_err err = read_summary(request->store, metrics->online_ms, &summary);

    if (err != LCM_OK)
        return err;
    metrics_fleet(metrics->out, &summary);
    metrics_head(metrics->out, "lcm_updates_total", "counter",
                 "Installations, failures and rollbacks by version and reason.");
    err = read_counts(request->store, metrics_count, metrics->out);
    metrics_head(metrics->out, "lcm_alert", "gauge", "Open alerts.");
    if (err == LCM_OK)
        err = read_alerts(request->store, 100, metrics_alert, metrics->out);
    if (err == LCM_OK)
        err = metrics_devices(metrics, request->store, summary.devices);
    return err;
}

enum lcm_err page_metrics(struct page_request *request, struct page_reply *reply)
{
    struct collect *collect = request->page->collect;
    char *text = NULL;
    size_t size = 0;
    struct metrics metrics = {open_memstream(&text, &size), page_online_since_ms(collect)};

    if (metrics.out == NULL)
        return LCM_ERR_NO_SPACE;
    metrics_messages(metrics.out, collect);
    metrics_self(metrics.out, collect);
    enum lcm_err err = metrics_write(&metrics, request);
    fclose(metrics.out);
    if (err != LCM_OK) {
        free(text);
        return err;
    }
    reply->type = "text/plain; version=0.0.4; charset=utf-8";
    reply->response = MHD_create_response_from_buffer(size, text, MHD_RESPMEM_MUST_FREE);
    return reply->response != NULL ? LCM_OK : LCM_ERR_NO_SPACE;
}

/* Without a token: it says whether something is wrong. What, with paths and words of a database, is
 * for those who may see the rest. */
enum lcm_err page_health(struct page_request *request, struct page_reply *reply)
{
    struct collect *collect = request->page->collect;
    bool is_good = collect->status.store[0] == '\0';

    reply->json = cJSON_CreateObject();
    reply->status = is_good ? MHD_HTTP_OK : MHD_HTTP_SERVICE_UNAVAILABLE;
    cJSON_AddStringToObject(reply->json, "status", is_good ? "ok" : "failing");
    if (page_token_is_right(request->page, request->connection))
        cJSON_AddItemToObject(reply->json, "problems", page_problems(collect));
    return LCM_OK;
}
