// SPDX-License-Identifier: Apache-2.0
/*
 * Lines and bars; see the header. stdout carries everything, so that a pipe gets the
 * whole story; nothing here knows a secret.
 */
#include "device/host/console.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "core/log/log_text.h"
#include "core/update/modes.h"
#include "device/host/console_json.h"
#include "host/text.h"

#define BAR_WIDTH_MAX 28u
#define BAR_WIDTH_MIN 8u
#define FIGURES_WIDTH 52u /* "  otamain.bin   100 %  120 of 120 KB  12345 KB/s" */
#define LINE_SIZE 256u
#define BAR_INTERVAL_MS 100u

static uint64_t console_now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void console_clear_bar(struct console *console)
{
    if (console->is_bar_drawn)
        fputs("\r\033[K", stdout);
    console->is_bar_drawn = false;
}

static const char *console_colour(const struct console *console, enum lcm_severity severity)
{
    if (!console->is_coloured)
        return "";
    switch (severity) {
    case LCM_SEVERITY_CRITICAL:
    case LCM_SEVERITY_ERROR:
        return "\033[31m";
    case LCM_SEVERITY_WARNING:
        return "\033[33m";
    case LCM_SEVERITY_NOTICE:
        return "\033[32m";
    case LCM_SEVERITY_INFO:
    default:
        return "\033[36m";
    }
}

static void console_versions(struct lcm_text *line, const struct lcm_event *event)
{
    bool has_both = event->from[0] != '\0' && event->to[0] != '\0';

    if (has_both && strcmp(event->from, event->to) != 0) {
        lcm_text_char(line, ' ');
        lcm_log_text(line, event->from);
        lcm_text_string(line, " ->");
    }
    if (event->to[0] != '\0') {
        lcm_text_char(line, ' ');
        lcm_log_text(line, event->to);
    }
}

/* File names and versions come from settings and servers: nothing of them may steer the
 * terminal. */
static void console_event_line(struct lcm_text *line, const struct lcm_event *event)
{
    lcm_log_text(line, event->text);
    if (event->file[0] != '\0') {
        lcm_text_string(line, ": ");
        lcm_log_text(line, event->file);
    }
    console_versions(line, event);
    if (event->result != LCM_OK) {
        lcm_text_string(line, " [");
        lcm_text_string(line, lcm_err_name(event->result));
        lcm_text_char(line, ']');
    }
}

static void console_event(void *context, const struct lcm_event *event)
{
    struct console *console = context;
    const char *colour = console_colour(console, event->severity);
    char buffer[LINE_SIZE];
    struct lcm_text line;

    if (console->json != NULL)
        console_json_event(console->json, event);
    if (!console->is_text)
        return;
    console_clear_bar(console);
    lcm_text_init(&line, buffer, sizeof(buffer));
    console_event_line(&line, event);
    printf("  %s%-11s%s %s\n", colour, lcm_event_name(event->id), *colour != '\0' ? "\033[0m" : "",
           buffer);
    fflush(stdout);
}

static void console_state(void *context, const char *name)
{
    struct console *console = context;

    if (console->json != NULL)
        console_json_text(console->json, "state", "name", name);
    if (console->is_text && console->is_verbose) {
        console_clear_bar(console);
        printf("  . %s\n", name);
        fflush(stdout);
    }
}

/* Columns left for the bar when name and figures have their place; 0 = no room. */
static uint32_t console_bar_width(void)
{
    struct winsize window = {0};

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0)
        return BAR_WIDTH_MAX;
    if (window.ws_col < FIGURES_WIDTH + BAR_WIDTH_MIN)
        return 0;
    return window.ws_col - FIGURES_WIDTH < BAR_WIDTH_MAX ? window.ws_col - FIGURES_WIDTH
                                                         : BAR_WIDTH_MAX;
}

static void console_draw_bar(struct console *console, const char *file, uint32_t done,
                             uint32_t total, uint32_t percent)
{
    uint64_t now_ms = console_now_ms();
    uint64_t elapsed_ms = now_ms - console->bar_started_ms;
    uint32_t width = console_bar_width();

    if (console->is_bar_drawn && percent < 100 && now_ms - console->bar_drawn_ms < BAR_INTERVAL_MS)
        return;
    printf("\r\033[K  %-12s ", file);
    for (uint32_t i = 0; i < width; i++)
        fputs(i * 100 < percent * width ? "\xe2\x96\x88" : "\xe2\x96\x91", stdout);
    printf(" %3u %%  %u of %u KB", (unsigned)percent, (unsigned)(done / 1024),
           (unsigned)(total / 1024));
    if (elapsed_ms > 0)
        printf("  %u KB/s", (unsigned)((uint64_t)done * 1000 / 1024 / elapsed_ms));
    console->is_bar_drawn = true;
    console->bar_drawn_ms = now_ms;
    fflush(stdout);
}

static void console_progress(void *context, const char *file, uint32_t done, uint32_t total)
{
    struct console *console = context;
    char have[TEXT_NUMBER_SIZE];
    char size[TEXT_NUMBER_SIZE];
    uint32_t percent = total == 0 ? 100 : (uint32_t)((uint64_t)done * 100 / total);

    if (total != console->last_total || percent < console->last_percent) {
        console->bar_started_ms = console_now_ms();
        console->last_percent = 0;
        console->last_total = total;
    }
    bool is_next_tenth = percent / 10 != console->last_percent / 10;
    if (console->json != NULL && is_next_tenth)
        console_json_progress(console->json, file, done, total);
    if (console->is_text && console->is_terminal)
        console_draw_bar(console, file, done, total, percent);
    else if (console->is_text && is_next_tenth)
        printf("  %s: %u %% (%s of %s bytes)\n", file, (unsigned)percent,
               text_thousands(have, done), text_thousands(size, total));
    console->last_percent = percent;
    console->last_done = done;
}

static void console_countdown(void *context, const char *action, uint32_t seconds)
{
    struct console *console = context;

    if (console->json != NULL)
        console_json_number(console->json, "countdown", action, seconds);
    if (!console->is_text)
        return;
    if (seconds == LCM_MODE_COUNTDOWN_S - 1)
        printf("  IF this is NOT what you wanted, reset or power down NOW!\n  %s in %u s\n", action,
               (unsigned)seconds);
    else
        printf("  %s in %u s\n", action, (unsigned)seconds);
    fflush(stdout);
}

static void console_waiting(void *context, uint32_t delay_ms)
{
    struct console *console = context;

    if (console->json != NULL)
        console_json_number(console->json, "waiting", "milliseconds", delay_ms);
    if (console->is_text)
        printf("  waiting %u.%u s before the next try (Ctrl-C ends, --speed shortens it)\n",
               (unsigned)(delay_ms / 1000), (unsigned)(delay_ms / 100 % 10));
    fflush(stdout);
}

void console_open(struct console *console, FILE *json, bool is_verbose)
{
    memset(console, 0, sizeof(*console));
    console->json = json;
    console->is_text = json != stdout;
    console->is_verbose = is_verbose;
    console->is_terminal = console->is_text && isatty(STDOUT_FILENO) != 0;
    console->is_coloured = console->is_terminal && getenv("NO_COLOR") == NULL;
    console->observer = (struct lcm_observer){
        .context = console,
        .event = console_event,
        .state = console_state,
        .progress = console_progress,
        .countdown = console_countdown,
        .waiting = console_waiting,
    };
}

void console_boot(struct console *console, uint32_t slot, const char *version, bool is_fallback)
{
    if (console->json != NULL)
        console_json_boot(console->json, slot, version, is_fallback);
    if (!console->is_text)
        return;
    console_clear_bar(console);
    printf("boot: slot %u, %s %s%s\n", (unsigned)slot, slot == 0 ? "installer" : "updater",
           version[0] != '\0' ? version : "(version unknown)",
           is_fallback ? " (the other slot is damaged or empty)" : "");
    fflush(stdout);
}

void console_end(struct console *console, const char *what, const char *text)
{
    console_clear_bar(console);
    if (console->json != NULL)
        console_json_end(console->json, what, text);
    if (console->is_text)
        printf("boot: %s\n", text);
    fflush(stdout);
}

void console_note(struct console *console, const char *text)
{
    console_clear_bar(console);
    if (console->json != NULL)
        console_json_text(console->json, "note", "text", text);
    if (console->is_text)
        printf("  %s\n", text);
    fflush(stdout);
}
