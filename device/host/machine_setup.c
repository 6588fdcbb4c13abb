// SPDX-License-Identifier: Apache-2.0
/*
 * Set-up on the Linux device; see the header. The serial line of the chip is this process's own:
 * what set-up prints becomes lines of the console, what is typed comes from standard input.
 */
#include "device/host/machine_setup.h"

#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "core/update/slot_check.h"
#include "device/host/console_json.h"
#include "device/host/machine.h"

#define IDLE_WAIT_MS 20

/* ---- the serial line ---- */

static void setup_end_line(struct machine_setup *place)
{
    place->line[place->line_size] = '\0';
    place->line_size = 0;
    if (place->console->json != NULL)
        console_json_text(place->console->json, "uart", "line", place->line);
    if (place->console->is_text)
        printf("  %s\n", place->line);
    fflush(stdout);
}

static void setup_write(void *context, const char *text)
{
    struct machine_setup *place = context;

    for (; *text != '\0'; text++) {
        if (*text == '\n' || place->line_size == sizeof(place->line) - 1)
            setup_end_line(place);
        if (*text != '\n')
            place->line[place->line_size++] = *text;
    }
}

static enum lcm_err setup_read(void *context, char *c)
{
    struct machine_setup *place = context;
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};

    if (!place->reads_input || poll(&input, 1, 0) <= 0)
        return LCM_PENDING;
    if (read(STDIN_FILENO, c, 1) == 1)
        return LCM_OK;
    place->reads_input = false;
    return LCM_PENDING;
}

static void setup_light(void *context, bool is_lit)
{
    struct machine_setup *place = context;

    if (place->console->json != NULL)
        console_json_number(place->console->json, "led", "lit", is_lit);
}

/* ---- life cycle ---- */

bool machine_setup_open(struct machine *machine, const struct host_access_point_config *config,
                        bool reads_input)
{
    struct machine_setup *place = &machine->setup;

    if (!host_access_point_open(&place->access_point, config))
        return false;
    place->console = &machine->console;
    place->reads_input = reads_input;
    place->port = (struct lcm_console){
        .context = place, .write = setup_write, .read = setup_read, .light = setup_light};
    place->is_open = true;
    return true;
}

void machine_setup_close(struct machine *machine)
{
    if (machine->setup.is_open)
        host_access_point_close(&machine->setup.access_point);
    machine->setup.is_open = false;
}

/* Waiting is real, and counts for --speed times as much. */
static void setup_idle(struct machine *machine)
{
    uint64_t before_ms = machine->clock.port.now_ms(&machine->clock);

    host_access_point_wait(&machine->setup.access_point, machine->net.fd, IDLE_WAIT_MS);
    host_clock_skip(&machine->clock, machine->clock.port.now_ms(&machine->clock) - before_ms);
}

static void setup_configure(struct machine *machine)
{
    struct machine_setup *place = &machine->setup;

    place->config = (struct lcm_setup_config){
        .ports = &machine->ports,
        .access_point = &place->access_point.port,
        .console = &place->port,
        .lifecycle = &machine->lifecycle,
        .run = machine->lifecycle.config,
        .room = (uint8_t *)&place->room,
        .has_app =
            machine->lifecycle.config.running_slot == 1 && lcm_slot_has_app(&machine->flash.port),
    };
}

bool machine_setup_run(struct machine *machine)
{
    struct machine_setup *place = &machine->setup;
    enum lcm_err err = LCM_PENDING;

    setup_configure(machine);
    if (lcm_setup_begin(&place->setup, &place->config) != LCM_OK) {
        console_note(&machine->console, "set-up cannot begin: there is no set-up code");
        return false;
    }
    while (err == LCM_PENDING && !machine_is_stop_requested()) {
        err = lcm_setup_step(&place->setup);
        setup_idle(machine);
    }
    if (err != LCM_OK)
        place->access_point.port.stop(&place->access_point);
    return err == LCM_OK;
}
