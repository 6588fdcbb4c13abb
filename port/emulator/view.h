/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person or a program sees of the emulated chip beside its UART.
 *
 * For people: short notes on stderr. With --json: one object per line on stdout, UART lines
 * included (docs/SPEC.md).
 */
#ifndef LCM_PORT_EMULATOR_VIEW_H
#define LCM_PORT_EMULATOR_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/store/rtc.h"
#include "port/emulator/chip_flash.h"

#define VIEW_LINE_MAX 512u

struct view {
    bool is_json;
    const char *until;        /* text to look for in UART lines; NULL = none */
    bool is_until_seen;       /* it was there */
    char line[VIEW_LINE_MAX]; /* UART line so far, NUL-terminated */
    size_t line_length;
};

void view_note(const struct view *view, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* {"type":"uart","line":...} for each whole line; looks for `until`, also in lines to come. */
void view_uart(struct view *view, const uint8_t *bytes, size_t size);

/* {"type":"power","state":"on","number":N}; states: on, off, cut */
void view_power(const struct view *view, const char *state, uint32_t number);
/* {"type":"reset","cause":N} */
void view_reset(const struct view *view, uint32_t cause);
/* {"type":"start","entry":N}: the program of sector 0 starts */
void view_start(const struct view *view, uint32_t entry);
/* {"type":"boot","slot":N,"count":N,"temporary":false}: a slot program maps its flash */
void view_boot(const struct view *view, const struct lcm_rtc_boot *boot);
/* {"type":"window","microseconds":N}: a wait of at least a second */
void view_window(const struct view *view, uint32_t microseconds);
/* {"type":"led","gpio":N,"lit":true} */
void view_led(const struct view *view, uint32_t gpio, bool is_lit);
/* {"type":"radio","event":"joined","network":"home"}; network is untrusted */
void view_radio(const struct view *view, const char *event, const char *network);
/* {"type":"stop","reason":"no-program"} or {...,"reason":"exception","cause":N,"counter":N} */
void view_stop(const struct view *view, uint32_t reason, uint32_t cause, uint32_t counter);
/* {"type":"uart-place","place":"/dev/pts/3"} */
void view_place(const struct view *view, const char *place);
/* {"type":"flash","operations":..,"erases":..,"programs":..,"programmed_bytes":..,
 *  "refused_bits":..}; with is_wear {"type":"wear","sector":N,"erases":N} for each worn sector */
void view_flash(const struct view *view, const struct chip_flash *flash, bool is_wear);
/* {"type":"end","end":"timeout"}; until, timeout, cut, stop, exit, failed */
void view_end(const struct view *view, const char *end);

#endif
