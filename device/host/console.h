/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a person (or a program) sees of a running device: events, states, progress.
 *
 * On a terminal: coloured lines and one progress bar that is redrawn. Piped: plain
 * lines, progress in steps of ten percent. JSON lines, one object each, go to stdout
 * instead or to a file as well; docs/SPEC.md section 10.
 */
#ifndef LCM_DEVICE_HOST_CONSOLE_H
#define LCM_DEVICE_HOST_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "core/log/report.h"

struct console {
    struct lcm_observer observer; /* pass &console->observer */
    FILE *json;                   /* where JSON lines go, NULL = nowhere */
    bool is_text;                 /* lines for people on stdout */
    bool is_terminal;             /* a bar can be redrawn */
    bool is_coloured;
    bool is_verbose; /* states too */
    bool is_bar_drawn;
    uint32_t last_percent;
    uint32_t last_total;
    uint32_t last_done; /* bytes of the file on its way */
    uint64_t bar_started_ms;
    uint64_t bar_drawn_ms;
};

/* JSON lines go to json (may be NULL); with stdout there, lines for people are off. */
void console_open(struct console *console, FILE *json, bool is_verbose);

/* An updater starts in a slot. */
void console_boot(struct console *console, uint32_t slot, const char *version, bool is_fallback);

/* The run ended: what and why, e.g. "app", "the app 1.1.0 runs". */
void console_end(struct console *console, const char *what, const char *text);

/* Something worth a line. */
void console_note(struct console *console, const char *text);

#endif
