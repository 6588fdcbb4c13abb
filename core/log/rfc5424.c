// SPDX-License-Identifier: Apache-2.0
/*
 * RFC 5424 encoder. It only formats: it knows no socket and keeps no state.
 * Every value is escaped (section 6.3.3), because repository and file names
 * come from settings and tags from a server.
 */
#include "core/log/rfc5424.h"

#include "core/base/text.h"
#include "core/log/time_text.h"

#define FACILITY_LOCAL0 16u

static void rfc5424_value(struct lcm_text *text, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '"' || *value == '\\' || *value == ']')
            lcm_text_char(text, '\\');
        lcm_text_char(text, *value < ' ' || *value > '~' ? '?' : *value);
    }
}

static void rfc5424_parameter(struct lcm_text *text, const char *name, const char *value)
{
    if (*value == '\0')
        return;
    lcm_text_char(text, ' ');
    lcm_text_string(text, name);
    lcm_text_string(text, "=\"");
    rfc5424_value(text, value);
    lcm_text_char(text, '"');
}

static void rfc5424_number(struct lcm_text *text, const char *name, uint64_t value)
{
    lcm_text_char(text, ' ');
    lcm_text_string(text, name);
    lcm_text_string(text, "=\"");
    lcm_text_u64(text, value);
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
    rfc5424_parameter(text, "lcm", source->updater_version);
    rfc5424_parameter(text, "app", source->app_version);
    rfc5424_parameter(text, "repo", source->repository);
    rfc5424_parameter(text, "file", event->file);
    rfc5424_parameter(text, "chan", source->is_beta ? "beta" : "stable");
    rfc5424_parameter(text, "ph", event->phase);
    rfc5424_number(text, "rc", (uint64_t)event->result);
    rfc5424_parameter(text, "from", event->from);
    rfc5424_parameter(text, "to", event->to);
    lcm_text_char(text, ']');
}

static void rfc5424_meta(struct lcm_text *text, const struct lcm_event_stamp *stamp)
{
    lcm_text_string(text, "[meta");
    rfc5424_number(text, "sequenceId", stamp->sequence);
    /* RFC 5424 section 7.3.3: hundredths of a second. */
    rfc5424_number(text, "sysUpTime", stamp->uptime_ms / 10);
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
    lcm_text_string(&text, event->text);
    return text.length;
}
