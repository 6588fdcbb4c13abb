/* SPDX-License-Identifier: Apache-2.0 */
/* The device's story as JSON lines on stdout: {"type": ...} objects, one per line. */
#ifndef LCM_DEVICE_HOST_CONSOLE_JSON_H
#define LCM_DEVICE_HOST_CONSOLE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "core/log/event.h"

/* {"type":"event","id":"UPDATE","severity":5,"phase":..,"file":..,"from":..,"to":..,
 *  "result":"OK","text":..} */
void console_json_event(const struct lcm_event *event);
/* {"type":"progress","file":..,"done":..,"total":..} */
void console_json_progress(const char *file, uint32_t done, uint32_t total);
/* {"type":"boot","slot":..,"version":..,"fallback":..} */
void console_json_boot(uint32_t slot, const char *version, bool is_fallback);
/* {"type":"end","end":"app","text":..} */
void console_json_end(const char *end, const char *text);
/* {"type":TYPE, KEY: TEXT} */
void console_json_text(const char *type, const char *key, const char *text);
/* {"type":TYPE,"what":WHAT,"value":N} */
void console_json_number(const char *type, const char *what, uint32_t value);

#endif
