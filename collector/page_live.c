// SPDX-License-Identifier: Apache-2.0
/*
 * Answers that go on: the live stream (server-sent events), exports of any length; and the files
 * of the page, which the build puts into the program.
 */
#include "collector/page_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define STREAM_POLL_MS 250u
#define STREAM_QUIET_MS 10000u /* so that both ends notice a dead connection */
#define EXPORT_STEP 250
#define BLOCK_SIZE 16384u

/* ---- live ---- */

struct stream {
    struct page *page;
    uint64_t revision;
    uint64_t told_ms;
};

/* MHD gives this connection a thread of its own, so waiting here holds nobody up. */
static ssize_t stream_read(void *context, uint64_t position, char *bytes, size_t size)
{
    struct stream *stream = context;
    struct collect *collect = stream->page->collect;

    (void)position;
    while (!collect->is_stopping) {
        uint64_t revision = collect->revision;
        uint64_t quiet_ms = collect_uptime_ms() - stream->told_ms;
        int written = 0;

        if (revision != stream->revision && quiet_ms >= STREAM_POLL_MS)
            written = snprintf(bytes, size, "event: change\ndata: {\"revision\":%llu}\n\n",
                               (unsigned long long)revision);
        else if (quiet_ms >= STREAM_QUIET_MS)
            written = snprintf(bytes, size, ": still here\n\n");
        if (written > 0 && (size_t)written < size) {
            stream->revision = revision;
            stream->told_ms = collect_uptime_ms();
            return written;
        }
        usleep(STREAM_POLL_MS * 1000 / 2);
    }
    return MHD_CONTENT_READER_END_OF_STREAM;
}

static void stream_free(void *context)
{
    struct stream *stream = context;

    stream->page->streams--;
    free(stream);
}

enum lcm_err page_stream(struct page_request *request, struct page_reply *reply)
{
    struct page *page = request->page;
    struct stream *stream = calloc(1, sizeof(*stream));

    if (stream == NULL || page->streams >= PAGE_STREAMS_MAX) {
        free(stream);
        reply->status = MHD_HTTP_SERVICE_UNAVAILABLE;
        reply->error = "too many pages watch already";
        return LCM_OK;
    }
    page->streams++;
    stream->page = page;
    stream->revision = UINT64_MAX; /* the first word comes at once */
    reply->type = "text/event-stream";
    reply->response =
        MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 1024, stream_read, stream, stream_free);
    return reply->response != NULL ? LCM_OK : LCM_ERR_NO_SPACE;
}

/* ---- exports ---- */

struct export
{
    struct page *page;
    struct read_filter filter;
    char search[128], repo[COLLECT_NAME_SIZE], channel[COLLECT_WORD_SIZE];
    char app[COLLECT_VERSION_SIZE], lcm[COLLECT_VERSION_SIZE];
    char after[COLLECT_ID_SIZE];
    bool is_csv, is_first, is_last;
    char *text; /* made and not sent yet */
    size_t length, capacity, sent;
};

static void export_add(struct export *export, const char *text)
{
    size_t size = strlen(text);

    if (export->length + size + 1 > export->capacity) {
        size_t capacity = (export->length + size + 1) * 2;
        char *grown = realloc(export->text, capacity);

        if (grown == NULL) {
            export->is_last = true;
            return;
        }
        export->text = grown;
        export->capacity = capacity;
    }
    memcpy(export->text + export->length, text, size + 1);
    export->length += size;
}

/* Quoted; a cell that a spreadsheet would take for a formula gets an apostrophe. */
static void export_cell(struct export *export, const char *text, bool is_first)
{
    char cell[2 * COLLECT_TEXT_SIZE + 8];
    size_t length = 0;

    if (!is_first)
        cell[length++] = ',';
    cell[length++] = '"';
    if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL)
        cell[length++] = '\'';
    for (; *text != '\0' && length + 4 < sizeof(cell); text++) {
        if (*text == '"')
            cell[length++] = '"';
        cell[length++] = *text;
    }
    cell[length++] = '"';
    cell[length] = '\0';
    export_add(export, cell);
}

static const char *const export_columns[] = {
    "id",        "app",        "repo",      "file",      "channel",      "lcm",
    "boot",      "state",      "online",    "source",    "rssi",         "first_seen",
    "last_seen", "reboots",    "lost",      "installed", "failed",       "rollbacks",
    "verdict",   "last_event", "last_text", "error",     "error_result",
};

static void export_row(struct export *export, const cJSON *object)
{
    for (size_t i = 0; i < sizeof(export_columns) / sizeof(export_columns[0]); i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, export_columns[i]);
        char number[32] = "";

        if (cJSON_IsNumber(item))
            snprintf(number, sizeof(number), "%.0f", item->valuedouble);
        else if (cJSON_IsBool(item))
            snprintf(number, sizeof(number), "%s", cJSON_IsTrue(item) ? "yes" : "no");
        export_cell(export, cJSON_IsString(item) ? item->valuestring : number, i == 0);
    }
    export_add(export, "\r\n");
}

static bool export_device(void *context, const struct device *device)
{
    struct export *export = context;
    cJSON *object = page_device_json(device, export->filter.online_ms);

    snprintf(export->after, sizeof(export->after), "%s", device->id);
    export->is_last = false;
    if (export->is_csv) {
        export_row(export, object);
    } else {
        char *text = cJSON_PrintUnformatted(object);
        export_add(export, export->is_first ? "\n" : ",\n");
        export_add(export, text != NULL ? text : "{}");
        cJSON_free(text);
    }
    export->is_first = false;
    cJSON_Delete(object);
    return true;
}

/* The next devices; short readings, so that the writer's log can be folded in between. */
static void export_more(struct export *export)
{
    struct page_reader *reader = page_reader_take(export->page);

    export->length = export->sent = 0;
    export->is_last = true;
    if (reader != NULL &&
        read_devices(&reader->store, &export->filter, export_device, export) != LCM_OK)
        export->is_last = true;
    if (reader != NULL)
        page_reader_give(export->page, reader);
    if (export->is_last && !export->is_csv)
        export_add(export, "\n]\n");
}

static ssize_t export_read(void *context, uint64_t position, char *bytes, size_t size)
{
    struct export *export = context;

    (void)position;
    if (export->sent == export->length) {
        if (export->is_last)
            return MHD_CONTENT_READER_END_OF_STREAM;
        export_more(export);
        if (export->length == 0)
            return MHD_CONTENT_READER_END_OF_STREAM;
    }
    size_t rest = export->length - export->sent;
    size_t part = rest < size ? rest : size;
    memcpy(bytes, export->text + export->sent, part);
    export->sent += part;
    return (ssize_t)part;
}

static void export_free(void *context)
{
    struct export *export = context;

    free(export->text);
    free(export);
}

static void export_keep(const char **field, char *text, size_t size)
{
    if (*field == NULL)
        return;
    snprintf(text, size, "%s", *field);
    *field = text;
}

/* The request is over before the export is: keep what it asked for. */
static void export_begin(struct export *export)
{
    export_keep(&export->filter.search, export->search, sizeof(export->search));
    export_keep(&export->filter.repo, export->repo, sizeof(export->repo));
    export_keep(&export->filter.channel, export->channel, sizeof(export->channel));
    export_keep(&export->filter.app, export->app, sizeof(export->app));
    export_keep(&export->filter.lcm, export->lcm, sizeof(export->lcm));
    export->filter.after = export->after;
    export->filter.limit = EXPORT_STEP;
    export->filter.offset = 0;
    export->is_first = true;
    if (!export->is_csv) {
        export_add(export, "[");
        return;
    }
    for (size_t i = 0; i < sizeof(export_columns) / sizeof(export_columns[0]); i++)
        export_cell(export, export_columns[i], i == 0);
    export_add(export, "\r\n");
}

enum lcm_err page_export(struct page_request *request, struct page_reply *reply)
{
    const char *format = page_argument(request, "format");
    struct export *export = calloc(1, sizeof(*export));

    if (export == NULL)
        return LCM_ERR_NO_SPACE;
    export->page = request->page;
    export->is_csv = format == NULL || strcmp(format, "json") != 0;
    if (!page_filter(request, &export->filter, reply)) {
        free(export);
        return LCM_OK;
    }
    export_begin(export);
    reply->type = export->is_csv ? "text/csv; charset=utf-8" : "application/json";
    reply->response = MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, BLOCK_SIZE, export_read,
                                                        export, export_free);
    if (reply->response == NULL) {
        export_free(export);
        return LCM_ERR_NO_SPACE;
    }
    MHD_add_response_header(reply->response, "Content-Disposition",
                            export->is_csv ? "attachment; filename=\"devices.csv\""
                                           : "attachment; filename=\"devices.json\"");
    return LCM_OK;
}

/* ---- files ---- */

/* X(symbol, path, type): web/collector/NAME as the linker names it. */
#define FILE_TABLE(X) \
    X(index_html, "/", "text/html; charset=utf-8") \
    X(app_js, "/app.js", "text/javascript; charset=utf-8") \
    X(chart_js, "/chart.js", "text/javascript; charset=utf-8") \
    X(views_js, "/views.js", "text/javascript; charset=utf-8") \
    X(app_css, "/app.css", "text/css; charset=utf-8") \
    X(icon_svg, "/icon.svg", "image/svg+xml") \
    X(openapi_json, "/openapi.json", "application/json")

#define FILE_DECLARE(symbol, path, type) \
    extern const char _binary_web_collector_##symbol##_start[]; \
    extern const char _binary_web_collector_##symbol##_end[];
FILE_TABLE(FILE_DECLARE)
#undef FILE_DECLARE

static const struct {
    const char *path, *type, *begin, *end;
} files[] = {
#define FILE_ENTRY(symbol, path, type) \
    {path, type, _binary_web_collector_##symbol##_start, _binary_web_collector_##symbol##_end},
    FILE_TABLE(FILE_ENTRY)
#undef FILE_ENTRY
};

enum lcm_err page_file(const char *path, struct page_reply *reply)
{
    for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
        union {
            const char *bytes;
            void *wanted;
        } content = {.bytes = files[i].begin};

        if (strcmp(files[i].path, path) != 0)
            continue;
        reply->type = files[i].type;
        reply->response = MHD_create_response_from_buffer((size_t)(files[i].end - files[i].begin),
                                                          content.wanted, MHD_RESPMEM_PERSISTENT);
        return reply->response != NULL ? LCM_OK : LCM_ERR_NO_SPACE;
    }
    return LCM_ERR_NOT_FOUND;
}
