/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power-cycle modes: what a number of short power cycles in a row asks for.
 * The table is the reference's, so that its users' habits keep working.
 */
#ifndef LCM_UPDATE_MODES_H
#define LCM_UPDATE_MODES_H

#include <stdbool.h>
#include <stdint.h>

#include "core/store/settings.h"
#include "core/store/state_log.h"
#include "lcm/err.h"
#include "lcm/flash.h"

#define LCM_MODE_COUNT_MIN 5u /* fewer cycles belong to the app */
#define LCM_MODE_STEP_DEFAULT 3u
#define LCM_MODE_COUNTDOWN_S 10u

enum lcm_mode {
    LCM_MODE_NONE,            /* fewer than LCM_MODE_COUNT_MIN cycles */
    LCM_MODE_CHECK,           /* look for updates */
    LCM_MODE_ERASE_WIFI,      /* forget the network, leave the beta channel of the updater */
    LCM_MODE_ERASE_WIFI_BETA, /* forget the network, enter beta: emergency server possible */
    LCM_MODE_FACTORY_RESET,
};

/* The mode for a count; step is the setting ota_count_step (1, 2 or 3). */
enum lcm_mode lcm_mode_of_count(uint32_t count, uint32_t step);

/* What the countdown tells: "factory reset". Never NULL. */
const char *lcm_mode_text(enum lcm_mode mode);

struct lcm_mode_target {
    const struct lcm_flash *flash;
    struct lcm_settings *settings; /* open */
    struct lcm_state_log *state;   /* open */
    bool keeps_slot0;              /* the program that runs now lives there */
};

/* A mode being carried out. All fields belong to the module. */
struct lcm_mode_job {
    struct lcm_mode_target target;
    enum lcm_mode mode;
    uint8_t forgotten; /* steps of forgetting the settings, the first stage of a factory reset */
    bool is_app_ended; /* then the app starts no more */
    uint8_t stage;     /* then: the region being erased, then the rest */
    uint32_t offset;   /* bytes of it that are done */
};

/* Begin to carry a mode out; nothing is done yet. *target is copied. */
void lcm_mode_begin(struct lcm_mode_job *job, enum lcm_mode mode,
                    const struct lcm_mode_target *target);

/*
 * Go on: LCM_PENDING (at most one sector was erased), LCM_OK when done, LCM_ERR_FLASH.
 * LCM_MODE_NONE and LCM_MODE_CHECK change nothing. ERASE_WIFI* delete the network and
 * compact the settings twice, so that no copy of the password stays in either region.
 * FACTORY_RESET erases settings first, then app, app data, scratch and radio data,
 * forgets the install state and formats the settings; trust sectors, slot 1, boot
 * program and boot config stay. Blank sectors are left alone. A cut on the way is
 * harmless: all settings are gone first, at once, and the gesture can be repeated.
 */
LCM_MUST_CHECK enum lcm_err lcm_mode_step(struct lcm_mode_job *job);

#endif
