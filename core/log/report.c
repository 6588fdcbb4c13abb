// SPDX-License-Identifier: Apache-2.0
/* Fan-out of events; see the header. Holds no queue: what cannot be sent is dropped. */
#include "core/log/report.h"

#include <string.h>

#include "core/base/text.h"
#include "core/log/log_text.h"
#include "core/log/rfc5424.h"
#include "core/store/rtc.h"

#define BROADCAST_LINE_SIZE 256u

void lcm_report_init(struct lcm_report *report, const struct lcm_ports *ports,
                     const struct lcm_observer *observer)
{
    memset(report, 0, sizeof(*report));
    report->net = ports->net;
    report->clock = ports->clock;
    report->system = ports->system;
    report->sequence = lcm_rtc_report_load(ports->system);
    report->observer = observer;
    report->has_broadcast = true;
    report->source.updater_version = "";
    report->source.app_version = "";
    report->source.repository = "";
    ports->system->device_id(ports->system->context, report->source.device_id);
}

void lcm_report_network_up(struct lcm_report *report)
{
    report->is_network_up = true;
}

void lcm_report_set_time(struct lcm_report *report, uint64_t utc_seconds)
{
    report->utc_seconds = utc_seconds;
    report->utc_at_ms = report->clock->now_ms(report->clock->context);
}

void lcm_report_set_syslog(struct lcm_report *report, const struct lcm_endpoint *endpoint)
{
    report->syslog = *endpoint;
    report->has_syslog = true;
}

void lcm_report_set_key(struct lcm_report *report, const uint8_t key[LCM_TELEMETRY_KEY_SIZE])
{
    memcpy(report->source.telemetry_key, key, LCM_TELEMETRY_KEY_SIZE);
    report->source.has_telemetry_key = true;
}

static void report_syslog(struct lcm_report *report, const struct lcm_event *event)
{
    char message[LCM_RFC5424_SIZE_MAX + 1];
    struct lcm_event_stamp stamp;
    uint64_t now_ms = report->clock->now_ms(report->clock->context);

    stamp.uptime_ms = now_ms;
    stamp.utc_seconds = report->utc_seconds;
    if (stamp.utc_seconds != 0)
        stamp.utc_seconds += (now_ms - report->utc_at_ms) / 1000;
    stamp.sequence = report->sequence;
    size_t size = lcm_rfc5424_encode(message, event, &report->source, &stamp);
    report->net->send_datagram(report->net->context, &report->syslog, (const uint8_t *)message,
                               size);
}

/* A word of the line, if there is one, behind a space. */
static void report_word(struct lcm_text *text, const char *word)
{
    if (*word == '\0')
        return;
    lcm_text_char(text, ' ');
    lcm_log_text(text, word);
}

static void report_line(struct lcm_text *text, const struct lcm_event_source *source,
                        const struct lcm_event *event)
{
    lcm_text_string(text, "LCM ");
    lcm_text_hex(text, source->device_id, sizeof(source->device_id));
    report_word(text, lcm_event_name(event->id));
    report_word(text, event->phase);
    report_word(text, event->file);
    report_word(text, event->from);
    if (event->from[0] != '\0' && event->to[0] != '\0')
        lcm_text_string(text, " ->");
    report_word(text, event->to);
    lcm_text_string(text, ": ");
    lcm_log_text(text, event->text);
    if (event->result == LCM_OK)
        return;
    lcm_text_string(text, " [");
    lcm_text_string(text, lcm_err_name(event->result));
    lcm_text_char(text, ']');
}

/* "LCM 5ccf7f123456 UPDATE done main.bin 1.0.0 -> 1.1.0: app installed" */
static void report_broadcast(struct lcm_report *report, const struct lcm_event *event)
{
    static const struct lcm_endpoint broadcast = {{255, 255, 255, 255}, LCM_BROADCAST_PORT};
    char line[BROADCAST_LINE_SIZE];
    struct lcm_text text;

    lcm_text_init(&text, line, sizeof(line) - 1); /* the end of line always fits */
    report_line(&text, &report->source, event);
    line[text.length] = '\n';
    report->net->send_datagram(report->net->context, &broadcast, (const uint8_t *)line,
                               text.length + 1);
}

void lcm_report_emit(struct lcm_report *report, const struct lcm_event *event)
{
    const struct lcm_observer *observer = report->observer;

    report->sequence++;
    lcm_rtc_report_store(report->system, report->sequence);
    if (observer != NULL && observer->event != NULL)
        observer->event(observer->context, event);
    if (!report->is_network_up)
        return;
    if (report->has_syslog)
        report_syslog(report, event);
    if (report->has_broadcast)
        report_broadcast(report, event);
}
