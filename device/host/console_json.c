// SPDX-License-Identifier: Apache-2.0
/* JSON lines by cJSON; see the header. Out of memory ends the line, not the device. */
#include "device/host/console_json.h"

#include <cjson/cJSON.h>

#include "device/host/machine.h"

static void console_json_print(FILE *out, cJSON *object)
{
    char *line = cJSON_PrintUnformatted(object);

    if (line != NULL)
        fprintf(out, "%s\n", line);
    fflush(out);
    cJSON_free(line);
    cJSON_Delete(object);
}

static cJSON *console_json_begin(const char *type)
{
    cJSON *object = cJSON_CreateObject();

    cJSON_AddStringToObject(object, "type", type);
    return object;
}

void console_json_event(FILE *out, const struct lcm_event *event)
{
    cJSON *object = console_json_begin("event");

    cJSON_AddStringToObject(object, "id", lcm_event_name(event->id));
    cJSON_AddNumberToObject(object, "severity", event->severity);
    cJSON_AddStringToObject(object, "phase", event->phase);
    cJSON_AddStringToObject(object, "file", event->file);
    cJSON_AddStringToObject(object, "from", event->from);
    cJSON_AddStringToObject(object, "to", event->to);
    cJSON_AddStringToObject(object, "result", lcm_err_name(event->result));
    cJSON_AddStringToObject(object, "text", event->text);
    console_json_print(out, object);
}

void console_json_progress(FILE *out, const char *file, uint32_t done, uint32_t total)
{
    cJSON *object = console_json_begin("progress");

    cJSON_AddStringToObject(object, "file", file);
    cJSON_AddNumberToObject(object, "done", done);
    cJSON_AddNumberToObject(object, "total", total);
    console_json_print(out, object);
}

void console_json_boot(FILE *out, uint32_t slot, const char *version, bool is_fallback)
{
    cJSON *object = console_json_begin("boot");

    cJSON_AddNumberToObject(object, "slot", slot);
    cJSON_AddStringToObject(object, "version", version);
    cJSON_AddBoolToObject(object, "fallback", is_fallback);
    console_json_print(out, object);
}

void console_json_end(FILE *out, const char *end, const char *text)
{
    cJSON *object = console_json_begin("end");

    cJSON_AddStringToObject(object, "end", end);
    cJSON_AddStringToObject(object, "text", text);
    console_json_print(out, object);
}

void console_json_counters(FILE *out, const struct machine_counters *counters)
{
    cJSON *object = console_json_begin("counters");

    cJSON_AddNumberToObject(object, "handshakes", counters->handshakes);
    cJSON_AddNumberToObject(object, "requests", counters->requests);
    cJSON_AddNumberToObject(object, "bytes_received", (double)counters->bytes_received);
    cJSON_AddNumberToObject(object, "bytes_sent", (double)counters->bytes_sent);
    cJSON_AddNumberToObject(object, "erases", counters->erases);
    cJSON_AddNumberToObject(object, "programmed_bytes", counters->programmed_bytes);
    console_json_print(out, object);
}

void console_json_text(FILE *out, const char *type, const char *key, const char *text)
{
    cJSON *object = console_json_begin(type);

    cJSON_AddStringToObject(object, key, text);
    console_json_print(out, object);
}

void console_json_number(FILE *out, const char *type, const char *what, uint32_t value)
{
    cJSON *object = console_json_begin(type);

    cJSON_AddStringToObject(object, "what", what);
    cJSON_AddNumberToObject(object, "value", value);
    console_json_print(out, object);
}
