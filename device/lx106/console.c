// SPDX-License-Identifier: Apache-2.0
/* Lines on the UART: the same words as the Linux device's, without colours and bars. */
#include "device/lx106/console.h"

#include "port/lx106/rom.h"

#define PROGRESS_STEP 0x8000u /* bytes between two lines */

static void console_event(void *context, const struct lcm_event *event)
{
    (void)context;
    ets_printf("%s: %s", lcm_event_name(event->id), event->text);
    if (event->file[0] != '\0')
        ets_printf(": %s", event->file);
    if (event->from[0] != '\0' && event->to[0] != '\0')
        ets_printf(" %s ->", event->from);
    if (event->to[0] != '\0')
        ets_printf(" %s", event->to);
    if (event->result != LCM_OK)
        ets_printf(" [%s]", lcm_err_name(event->result));
    ets_printf("\n");
}

static void console_state(void *context, const char *name)
{
    (void)context;
    ets_printf("- %s\n", name);
}

static uint32_t console_told; /* bytes of the last line about progress */

static void console_progress(void *context, const char *file, uint32_t done, uint32_t total)
{
    (void)context;
    if (done / PROGRESS_STEP == console_told / PROGRESS_STEP && done >= console_told &&
        (done != total || done == console_told))
        return;
    console_told = done;
    ets_printf("  %s %u of %u bytes\n", file, (unsigned)done, (unsigned)total);
}

static void console_countdown(void *context, const char *action, uint32_t seconds)
{
    (void)context;
    ets_printf("  %s in %u s; switch off to stop it\n", action, (unsigned)seconds);
}

static void console_waiting(void *context, uint32_t delay_ms)
{
    (void)context;
    ets_printf("  trying again in %u s\n", (unsigned)(delay_ms / 1000));
}

const struct lcm_observer lx106_console = {
    .event = console_event,
    .state = console_state,
    .progress = console_progress,
    .countdown = console_countdown,
    .waiting = console_waiting,
};
