// SPDX-License-Identifier: Apache-2.0
/*
 * RFC 5424 encoder. It only formats: it knows no socket and keeps no state.
 * Every value is escaped (section 6.3.3), because repository and file names
 * come from settings and tags from a server.
 */
#include "core/log/rfc5424.h"

#include "core/base/text.h"
#include "core/log/log_text.h"
#include "core/log/time_text.h"

#define FACILITY_LOCAL0 16u

/* Room kept for what every message must carry. */
#define META_SIZE 55u  /* "][meta sequenceId=\"...\" sysUpTime=\"...\"] ", 32-bit numbers */
#define FIXED_SIZE 42u /* chan, ph and rc at their longest */
#define LIMIT_NAMES (LCM_RFC5424_SIZE_MAX - META_SIZE - FIXED_SIZE)
#define LIMIT_VERSIONS (LCM_RFC5424_SIZE_MAX - META_SIZE)

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

static void rfc5424_header(struct lcm_text *text, const struct lcm_event *event,
                           const struct lcm_event_source *source, uint64_t utc_seconds)
{
    lcm_text_char(text, '<');
    lcm_text_u32(text, FACILITY_LOCAL0 * 8 + (uint32_t)event->severity);
    lcm_text_string(text, ">1 ");
    lcm_time_text(text, utc_seconds);
    lcm_text_string(text, " lcm-");
    lcm_text_hex(text, source->device_id, sizeof(source->device_id));
    lcm_text_string(text, " lcm - ");
    lcm_text_string(text, lcm_event_name(event->id));
}

static void rfc5424_structured_data(struct lcm_text *text, const struct lcm_event *event,
                                    const struct lcm_event_source *source)
{
    lcm_text_string(text, " [lcm@32473 dev=\"");
    lcm_text_hex(text, source->device_id, sizeof(source->device_id));
    lcm_text_char(text, '"');
    rfc5424_parameter(text, LIMIT_NAMES, "lcm", source->updater_version);
    rfc5424_parameter(text, LIMIT_NAMES, "app", source->app_version);
    rfc5424_parameter(text, LIMIT_NAMES, "repo", source->repository);
    rfc5424_parameter(text, LIMIT_NAMES, "file", event->file);
    rfc5424_parameter(text, LIMIT_VERSIONS, "chan", source->is_beta ? "beta" : "stable");
    rfc5424_parameter(text, LIMIT_VERSIONS, "ph", event->phase);
    rfc5424_number(text, "rc", (uint32_t)event->result);
    rfc5424_parameter(text, LIMIT_VERSIONS, "from", event->from);
    rfc5424_parameter(text, LIMIT_VERSIONS, "to", event->to);
    lcm_text_char(text, ']');
}

static void rfc5424_meta(struct lcm_text *text, const struct lcm_event_stamp *stamp)
{
    lcm_text_string(text, "[meta");
    rfc5424_number(text, "sequenceId", stamp->sequence);
    /* RFC 5424 section 7.3.3: hundredths of a second, in 32 bits that wrap around. */
    rfc5424_number(text, "sysUpTime", (uint32_t)(stamp->uptime_ms / 10));
    lcm_text_string(text, "] ");
}

size_t lcm_rfc5424_encode(char *buffer, const struct lcm_event *event,
                          const struct lcm_event_source *source,
                          const struct lcm_event_stamp *stamp)
{
    struct lcm_text text;

    lcm_text_init(&text, buffer, LCM_RFC5424_SIZE_MAX + 1);
    rfc5424_header(&text, event, source, stamp->utc_seconds);
    rfc5424_structured_data(&text, event, source);
    rfc5424_meta(&text, stamp);
    lcm_log_text(&text, event->text);
    return text.length;
}
