/* SPDX-License-Identifier: Apache-2.0 */
/* Console port: the serial line and the LED, for people next to the device. */
#ifndef LCM_CONSOLE_H
#define LCM_CONSOLE_H

#include <stdbool.h>
#include <stdint.h>

#include "lcm/err.h"

struct lcm_console {
    void *context;

    /* Print text as it is, NUL-terminated. May wait for the line: about 90 us a character at
     * 115,200 baud. */
    void (*write)(void *context, const char *text);

    /* The next character typed: LCM_OK, or LCM_PENDING when there is none. */
    enum lcm_err (*read)(void *context, char *c);

    /* Switch the LED of the boot configuration; without one, nothing happens. */
    void (*light)(void *context, bool is_lit);
};

#endif
