/* SPDX-License-Identifier: Apache-2.0 */
/* Set-up on the Linux device: portal/ wired to sockets and to the process's own terminal. */
#ifndef LCM_DEVICE_HOST_MACHINE_SETUP_H
#define LCM_DEVICE_HOST_MACHINE_SETUP_H

#include <stdbool.h>

#include "device/host/console.h"
#include "port/host/host_access_point.h"
#include "portal/setup.h"

#define MACHINE_SERIAL_LINE_SIZE 256u

struct machine;

struct machine_setup {
    struct host_access_point access_point;
    struct lcm_setup setup;
    struct lcm_setup_config config;
    struct lcm_setup_room room;
    struct lcm_console
        port; /* the serial line: lines to the console, characters from standard input */
    struct console *console;
    bool reads_input;
    bool is_open;
    size_t line_size;
    char line[MACHINE_SERIAL_LINE_SIZE];
};

/* Where visitors come in; nothing runs yet. reads_input: standard input is the serial line. false
 * after one error line. */
bool machine_setup_open(struct machine *machine, const struct host_access_point_config *config,
                        bool reads_input);
void machine_setup_close(struct machine *machine);

/* Run set-up after an updater in this slot asked for it; true: a soft reset follows, false:
 * somebody stopped the device, or set-up cannot run. */
bool machine_setup_run(struct machine *machine);

#endif
