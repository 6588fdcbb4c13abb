/* SPDX-License-Identifier: Apache-2.0 */
/* The device's story as JSON lines: {"type": ...} objects, one per line, flushed. */
#ifndef LCM_DEVICE_HOST_CONSOLE_JSON_H
#define LCM_DEVICE_HOST_CONSOLE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/log/event.h"

struct machine_counters;

/* {"type":"event","id":"UPDATE","severity":5,"phase":..,"file":..,"from":..,"to":..,
 *  "result":"OK","text":..} */
void console_json_event(FILE *out, const struct lcm_event *event);
/* {"type":"progress","file":..,"done":..,"total":..} */
void console_json_progress(FILE *out, const char *file, uint32_t done, uint32_t total);
/* {"type":"boot","slot":..,"version":..,"fallback":..} */
void console_json_boot(FILE *out, uint32_t slot, const char *version, bool is_fallback);
/* {"type":"end","end":"app","text":..} */
void console_json_end(FILE *out, const char *end, const char *text);
/* {"type":"counters","handshakes":..,"requests":..,"bytes_received":..,"bytes_sent":..,
 *  "erases":..,"programmed_bytes":..} */
void console_json_counters(FILE *out, const struct machine_counters *counters);
/* {"type":TYPE, KEY: TEXT} */
void console_json_text(FILE *out, const char *type, const char *key, const char *text);
/* {"type":TYPE,"what":WHAT,"value":N} */
void console_json_number(FILE *out, const char *type, const char *what, uint32_t value);

#endif
