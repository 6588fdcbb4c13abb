// SPDX-License-Identifier: Apache-2.0
/*
 * RFC 5424 encoder. It only formats: it knows no socket and keeps no state.
 * Every value is escaped (section 6.3.3), because repository and file names
 * come from settings and tags from a server.
 */
#include "core/log/rfc5424.h"

#include <string.h>

#include "core/base/text.h"
#include "core/log/log_text.h"
#include "core/log/time_text.h"

#define FACILITY_LOCAL0 16u

/* Room kept for what every message must carry. */
#define META_SIZE 55u  /* "][meta sequenceId=\"...\" sysUpTime=\"...\"] ", 32-bit numbers */
#define AUTH_SIZE 52u  /* "[auth@32473 t=\"...\" mac=\"...\"]", a year of four digits */
#define FIXED_SIZE 42u /* chan, ph and rc at their longest */

static void rfc5424_value(struct lcm_text *text, const char *value)
{
    for (; *value != '\0'; value++) {
        char c[2] = {*value, '\0'};

        if (*value == '"' || *value == '\\' || *value == ']')
            lcm_text_char(text, '\\');
        lcm_log_text(text, c);
    }
}

/* A parameter that would end behind limit is left out as a whole: half a one would make
 * the message malformed. */
static void rfc5424_parameter(struct lcm_text *text, size_t limit, const char *name,
                              const char *value)
{
    size_t before = text->length;

    if (*value == '\0')
        return;
    lcm_text_char(text, ' ');
    lcm_text_string(text, name);
    lcm_text_string(text, "=\"");
    rfc5424_value(text, value);
    lcm_text_char(text, '"');
    if (text->length <= limit)
        return;
    text->length = before;
    text->buffer[before] = '\0';
    text->truncated = false;
}

static void rfc5424_number(struct lcm_text *text, const char *name, uint32_t value)
{
    lcm_text_char(text, ' ');
    lcm_text_string(text, name);
    lcm_text_string(text, "=\"");
    lcm_text_u32(text, value);
    lcm_text_char(text, '"');
}

static uint32_t rfc5424_priority(const struct lcm_event *event)
{
    return FACILITY_LOCAL0 * 8 + (uint32_t)event->severity;
}

static void rfc5424_header(struct lcm_text *text, const struct lcm_event *event,
                           const struct lcm_event_source *source, uint64_t utc_seconds)
{
    lcm_text_char(text, '<');
    lcm_text_u32(text, rfc5424_priority(event));
    lcm_text_string(text, ">1 ");
    lcm_time_text(text, utc_seconds);
    lcm_text_string(text, " lcm-");
    lcm_text_hex(text, source->device_id, sizeof(source->device_id));
    lcm_text_string(text, " lcm - ");
    lcm_text_string(text, lcm_event_name(event->id));
    lcm_text_char(text, ' ');
}

static void rfc5424_structured_data(struct lcm_text *text, size_t limit,
                                    const struct lcm_event *event,
                                    const struct lcm_event_source *source)
{
    size_t names_limit = limit - FIXED_SIZE;

    lcm_text_string(text, "[lcm@32473 dev=\"");
    lcm_text_hex(text, source->device_id, sizeof(source->device_id));
    lcm_text_char(text, '"');
    rfc5424_parameter(text, names_limit, "lcm", source->updater_version);
    rfc5424_parameter(text, names_limit, "app", source->app_version);
    rfc5424_parameter(text, names_limit, "repo", source->repository);
    rfc5424_parameter(text, names_limit, "file", event->file);
    rfc5424_parameter(text, limit, "chan", source->is_beta ? "beta" : "stable");
    rfc5424_parameter(text, limit, "ph", event->phase);
    rfc5424_number(text, "rc", (uint32_t)event->result);
    rfc5424_parameter(text, limit, "from", event->from);
    rfc5424_parameter(text, limit, "to", event->to);
    lcm_text_char(text, ']');
}

static void rfc5424_meta(struct lcm_text *text, const struct lcm_event_stamp *stamp)
{
    lcm_text_string(text, "[meta");
    rfc5424_number(text, "sequenceId", stamp->sequence);
    /* RFC 5424 section 7.3.3: hundredths of a second, in 32 bits that wrap around. */
    rfc5424_number(text, "sysUpTime", (uint32_t)(stamp->uptime_ms / 10));
    lcm_text_char(text, ']');
}

/* Room for a code; it is put in when the whole message is there. Returns where its digits stand. */
static size_t rfc5424_auth(struct lcm_text *text, uint64_t utc_seconds)
{
    lcm_text_string(text, "[auth@32473 t=\"");
    lcm_text_u64(text, utc_seconds);
    lcm_text_string(text, "\" mac=\"");
    size_t at = text->length;
    lcm_text_string(text, "0000000000000000\"]");
    return at;
}

/* Relays cut spaces off the end: the code does not cover them. */
static size_t rfc5424_trimmed(const char *words)
{
    size_t size = strlen(words);

    while (size > 0 && words[size - 1] == ' ')
        size--;
    return size;
}

static void rfc5424_put_code(char *digits, const uint8_t *key,
                             const struct lcm_auth_message *message)
{
    uint8_t code[LCM_AUTH_CODE_SIZE];
    char hex[2 * LCM_AUTH_CODE_SIZE + 1];
    struct lcm_text text;

    lcm_auth_code(key, message, code);
    lcm_text_init(&text, hex, sizeof(hex));
    lcm_text_hex(&text, code, sizeof(code));
    memcpy(digits, hex, text.length);
}

size_t lcm_rfc5424_encode(char *buffer, const struct lcm_event *event,
                          const struct lcm_event_source *source,
                          const struct lcm_event_stamp *stamp)
{
    bool has_code = source->has_telemetry_key && stamp->utc_seconds != 0;
    size_t limit = LCM_RFC5424_SIZE_MAX - META_SIZE - (has_code ? AUTH_SIZE : 0);
    struct lcm_auth_message signed_parts = {.priority = rfc5424_priority(event),
                                            .msgid = lcm_event_name(event->id),
                                            .utc_seconds = stamp->utc_seconds};
    struct lcm_text text;
    size_t digits = 0;

    lcm_text_init(&text, buffer, LCM_RFC5424_SIZE_MAX + 1);
    rfc5424_header(&text, event, source, stamp->utc_seconds);
    signed_parts.data = buffer + text.length;
    rfc5424_structured_data(&text, limit, event, source);
    rfc5424_meta(&text, stamp);
    signed_parts.data_size = (size_t)(buffer + text.length - signed_parts.data);
    if (has_code)
        digits = rfc5424_auth(&text, stamp->utc_seconds);
    lcm_text_char(&text, ' ');
    signed_parts.text = buffer + text.length;
    lcm_log_text(&text, event->text);
    signed_parts.text_size = rfc5424_trimmed(signed_parts.text);
    if (has_code)
        rfc5424_put_code(buffer + digits, source->telemetry_key, &signed_parts);
    return text.length;
}
