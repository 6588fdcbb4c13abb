/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Watches for the moment the app has the chip, as `lcm device` does on Linux: to end the
 * run there (--until-app), and to let the app ask for an update once (--check), by the
 * flash button that apps like the example listen to.
 */
#ifndef LCM_PORT_EMULATOR_APP_WATCH_H
#define LCM_PORT_EMULATOR_APP_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "port/emulator/chip_flash.h"

struct app_watch {
    bool wants_check; /* the app shall ask for an update, once */
    bool ends_at_app; /* the run ends when the app has the chip (after the check) */
    bool is_checked;
    uint64_t app_since_ms; /* 0 = no app runs */
};

/* A slot program starts. */
void app_watch_boot(struct app_watch *watch, struct chip_flash *flash, uint32_t slot,
                    uint64_t now_ms);

/* The chip was reset. */
void app_watch_reset(struct app_watch *watch);

/* Must the flash button be held now? */
bool app_watch_holds_button(const struct app_watch *watch);

/* Is this the end of the run? */
bool app_watch_is_end(const struct app_watch *watch, uint64_t now_ms);

#endif
