// SPDX-License-Identifier: Apache-2.0
/* Tables and JSON lines from the store; see the header. The JSON is that of the API. */
#include "collector/fleet_commands.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "collector/page_internal.h"
#include "collector/place.h"

#define EVENTS_DEFAULT 50
#define STALE_HOURS 26
#define HOUR_MS 3600000
#define TIME_SIZE 24

static int command_open(const struct cli_args *args, struct store *store)
{
    char place[PLACE_SIZE], text[ENGINE_ERROR_SIZE] = "";
    int code = place_find(args, false, place);

    if (code != CLI_OK)
        return code;
    enum lcm_err err = store_open(store, place, true, text);
    if (err == LCM_OK)
        return CLI_OK;
    if (engine_is_postgres(place))
        cli_error("the store cannot be opened: %s", text);
    else
        cli_error("no store at %s: %s. Start `lcm collect`, or name another with --store", place,
                  text);
    return CLI_NOT_FOUND;
}

static int command_close(struct store *store, enum lcm_err err)
{
    if (err != LCM_OK)
        cli_error("the store cannot be read: %s", store_error(store));
    store_close(store);
    return err == LCM_OK ? CLI_OK : CLI_ERROR;
}

static const char *time_text(int64_t at_ms, char text[TIME_SIZE])
{
    time_t seconds = (time_t)(at_ms / 1000);
    struct tm tm;

    if (at_ms == 0 || localtime_r(&seconds, &tm) == NULL)
        snprintf(text, TIME_SIZE, "-");
    else
        strftime(text, TIME_SIZE, "%Y-%m-%d %H:%M:%S", &tm);
    return text;
}

static void print_json(cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);

    if (text != NULL)
        printf("%s\n", text);
    cJSON_free(text);
    cJSON_Delete(object);
}

static const char *or_dash(const char *text)
{
    return text[0] != '\0' ? text : "-";
}

/* ---- devices ---- */

struct devices {
    bool is_json;
    int64_t online_ms;
    char last[COLLECT_ID_SIZE];
    int64_t count;
};

static bool devices_row(void *context, const struct device *device)
{
    struct devices *devices = context;
    char when[TIME_SIZE];

    devices->count++;
    snprintf(devices->last, sizeof(devices->last), "%s", device->id);
    if (devices->is_json) {
        print_json(page_device_json(device, devices->online_ms));
        return true;
    }
    printf("%-14s %-13s %-12s %-10s %-8s %-19s %s\n", device->id, device_state_name(device->state),
           or_dash(device->app), or_dash(device->lcm), or_dash(device->channel),
           time_text(device->last_seen_ms, when),
           device->error_text[0] != '\0' ? device->error_text : or_dash(device->repo));
    return true;
}

static int devices_filter(const struct cli_args *args, struct read_filter *filter)
{
    const char *state = cli_get(args, "state");

    *filter = (struct read_filter){
        .search = cli_get(args, "search"),
        .repo = cli_get(args, "repo"),
        .channel = cli_get(args, "channel"),
        .app = cli_get(args, "app"),
        .state = state != NULL ? device_state_number(state) : -1,
        .online = cli_has(args, "stale") ? 0 : -1,
        .latest = cli_has(args, "outdated") ? 0 : -1,
        .has_trouble = cli_has(args, "trouble"),
        .online_ms = (int64_t)collect_now_ms() - (int64_t)STALE_HOURS * HOUR_MS,
        .after = "",
    };
    if (state == NULL || filter->state >= 0)
        return CLI_OK;
    cli_error("--state '%s' is unknown: healthy, ok, checking, updating, failing, cert-invalid, "
              "rolled-back, setup or unknown",
              state);
    return CLI_USAGE;
}

static int devices_run(const struct cli_args *args)
{
    struct store store;
    struct read_filter filter;
    struct devices devices = {.is_json = cli_has(args, "json")};
    enum lcm_err err = LCM_OK;
    int64_t before;
    int code = devices_filter(args, &filter);

    if (code == CLI_OK)
        code = command_open(args, &store);
    if (code != CLI_OK)
        return code;
    devices.online_ms = filter.online_ms;
    if (!devices.is_json)
        printf("%-14s %-13s %-12s %-10s %-8s %-19s %s\n", "device", "state", "app", "lcm",
               "channel", "last seen", "repository or error");
    do {
        before = devices.count;
        filter.after = devices.last;
        err = read_devices(&store, &filter, devices_row, &devices);
    } while (err == LCM_OK && devices.count - before == READ_LIMIT_MAX);
    return command_close(&store, err);
}

static const struct cli_option devices_options[] = {
    {"store", "PLACE", "the collector's store (default: fleet.db in the data folder)"},
    {"search", "TEXT", "in id, version, repository, address"},
    {"state", "STATE", "only devices in this state"},
    {"repo", "OWNER/NAME", "only devices of this repository"},
    {"channel", "NAME", "only this channel"},
    {"app", "VERSION", "only devices that run this version"},
    {"stale", NULL, "only devices that were not heard of for a day"},
    {"outdated", NULL, "only devices that do not run the newest version"},
    {"trouble", NULL, "only devices that fail, rolled back, or do not trust the host"},
    {"json", NULL, "one JSON object a line, as the API"},
    {NULL, NULL, NULL},
};

const struct cli_command lcm_devices_command = {
    .name = "devices",
    .summary = "List the devices a collector has heard of",
    .usage = "lcm devices [--search TEXT] [--state STATE] [--json]",
    .examples = "lcm devices\n"
                "lcm devices --trouble                       # what needs attention\n"
                "lcm devices --outdated --repo maker/lamp --json | jq -r .id",
    .options = devices_options,
    .required = NULL,
    .positional_min = 0,
    .positional_max = 0,
    .run = devices_run,
};

/* ---- events ---- */

struct events {
    bool is_json;
    long wanted;
    int64_t oldest;
    long count;
};

static bool events_row(void *context, const struct store_event *event)
{
    struct events *events = context;
    char when[TIME_SIZE];

    events->oldest = event->id;
    events->count++;
    if (events->is_json) {
        print_json(page_event_json(event));
    } else {
        printf("%s %-14s %-11s %-12s %s%s%s%s%s\n", time_text(event->at_ms, when), event->device,
               or_dash(event->msgid), or_dash(event->phase), event->text,
               event->from[0] != '\0' || event->to[0] != '\0' ? " " : "", event->from,
               event->from[0] != '\0' && event->to[0] != '\0' ? " -> " : "", event->to);
    }
    return events->count < events->wanted;
}

static int events_run(const struct cli_args *args)
{
    struct store store;
    struct events events = {.is_json = cli_has(args, "json"), .wanted = EVENTS_DEFAULT};
    struct read_events query = {.device = cli_positional(args, 0),
                                .msgid = cli_get(args, "event"),
                                .is_trouble = cli_has(args, "trouble"),
                                .limit = READ_LIMIT_MAX};
    enum lcm_err err = LCM_OK;
    long before;

    if (!cli_number(args, "limit", 1, 100000000, &events.wanted))
        return CLI_USAGE;
    if (query.msgid != NULL && query.device == NULL) {
        cli_error("--event needs a device: lcm events DEVICE --event UPDATE");
        return CLI_USAGE;
    }
    int code = command_open(args, &store);
    if (code != CLI_OK)
        return code;
    do {
        before = events.count;
        query.before = events.oldest;
        err = read_events(&store, &query, events_row, &events);
    } while (err == LCM_OK && events.count - before == READ_LIMIT_MAX &&
             events.count < events.wanted);
    return command_close(&store, err);
}

static const struct cli_option events_options[] = {
    {"store", "PLACE", "the collector's store (default: fleet.db in the data folder)"},
    {"event", "MSGID", "only these of the device: UPDATE, CHECK, CERTINVALID ..."},
    {"trouble", NULL, "only warnings and worse"},
    {"limit", "N", "so many at most (default 50)"},
    {"json", NULL, "one JSON object a line, as the API"},
    {NULL, NULL, NULL},
};

const struct cli_command lcm_events_command = {
    .name = "events",
    .summary = "List what devices reported, the newest first",
    .usage = "lcm events [DEVICE] [--trouble] [--limit N] [--json]",
    .examples = "lcm events\n"
                "lcm events 5ccf7f000001 --event UPDATE\n"
                "lcm events --trouble --limit 1000 --json",
    .options = events_options,
    .required = NULL,
    .positional_min = 0,
    .positional_max = 1,
    .run = events_run,
};
