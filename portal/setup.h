/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Set-up: the device opens a network of its own, a person enters Wi-Fi and repository, the values
 * are tried, and what works is stored (docs/SPEC.md section 11).
 *
 * It begins where a run of the life cycle ended with LCM_OUTCOME_SETUP. The composition root fills
 * a config, calls lcm_setup_begin, then lcm_setup_step until it returns LCM_OK, and resets. Nothing
 * blocks but the scalar multiplications of a key exchange (15 to 30 M instructions each).
 *
 * Memory: struct lcm_setup is kept all the time. The room (config.room) is needed while visitors
 * come; during the TLS part of a trial it is the TLS buffer again, visitors are refused, and their
 * state is made anew after it. On the chip, struct lcm_setup lies in the memory that a trial lends
 * (struct lcm_lifecycle).
 *
 * Secrets: the set-up code is printed on the console, nowhere else. Passwords and keys are wiped
 * when set-up ends.
 */
#ifndef LCM_PORTAL_SETUP_H
#define LCM_PORTAL_SETUP_H

#include <stdbool.h>
#include <stdint.h>

#include "core/fetch/crypto.h"
#include "core/update/lifecycle.h"
#include "lcm/access_point.h"
#include "lcm/console.h"
#include "lcm/ports.h"
#include "portal/sessions.h"
#include "portal/values.h"
#include "portal/visit.h"

#define LCM_SETUP_NETWORKS_MAX 24u
#define LCM_SETUP_SCAN_MS 8000u     /* then the access point opens without a list */
#define LCM_SETUP_PAUSE_MS 500u     /* from the answer to a form to the trial: it has to arrive */
#define LCM_SETUP_LINGER_MS 20000u  /* from storing to the restart: the person reads the result */
#define LCM_SETUP_IDLE_MS 300000u   /* without a person: look whether it works again */
#define LCM_SETUP_IDENTIFY_MS 5000u /* of blinking */
#define LCM_SETUP_BLINK_MS 125u     /* half a period of it */
#define LCM_SETUP_MENU_WINDOW_MS 30000u /* for <enter> on the serial line */
#define LCM_SETUP_NAME_SIZE 11u         /* "LCM-5CCF7F" and NUL */
#define LCM_SETUP_ID_SIZE 13u           /* device id and NUL */

enum lcm_setup_outcome {
    LCM_SETUP_GOES_ON,
    LCM_SETUP_CHECK,   /* reset: RTC asks for the updater once */
    LCM_SETUP_RUN_APP, /* reset: RTC asks for the app once */
};

struct lcm_setup_config {
    const struct lcm_ports *ports;
    const struct lcm_access_point *access_point;
    const struct lcm_console *console;
    struct lcm_lifecycle *lifecycle; /* of the run that ended; used for trials */
    struct lcm_lifecycle_config run; /* its config; trial is set here */
    uint8_t *room; /* LCM_SETUP_ROOM_SIZE bytes, aligned for 8; may be run.tls_buffer */
    bool has_app;  /* slot 0 holds an app that could run */
};

/* How the last trial went; kept until the next one, for whoever asks. */
struct lcm_setup_attempt {
    enum lcm_setup_phase phase;
    enum lcm_setup_phase failed_phase;
    enum lcm_err err;
    bool is_stored;
    uint8_t address[4];
    char release[LCM_TAG_SIZE];
};

/* What visitors need while they are here. */
struct lcm_setup_room {
    struct lcm_visit visits[LCM_VISITORS_MAX];
    struct lcm_spake2 spakes[LCM_SESSIONS_MAX];
    struct lcm_network networks[LCM_SETUP_NETWORKS_MAX];
    size_t network_count;
    bool has_looked; /* networks are what a scan for these visitors found */
};

#define LCM_SETUP_ROOM_SIZE sizeof(struct lcm_setup_room)

#define LCM_SERIAL_LINE_SIZE 128u /* characters of an answer, with NUL */

/* The dialogue on the serial line (serial_menu.c). */
struct lcm_serial_menu {
    uint8_t question;
    uint8_t length;
    bool is_open; /* somebody pressed <enter> */
    bool is_after_cr;
    bool is_over;
    char line[LCM_SERIAL_LINE_SIZE];
};

/* Owned by the caller, private; wiped at the end. */
struct lcm_setup {
    const struct lcm_setup_config *config;
    struct lcm_setup_room *room; /* NULL while its memory is the TLS buffer */
    enum lcm_setup_outcome outcome;
    uint8_t state;
    bool is_scanning;
    bool is_trial_wanted;
    bool stores_untried;
    uint64_t entered_ms; /* the state */
    uint64_t begun_ms;
    uint64_t scan_ms;   /* when the last scan began */
    uint64_t leave_ms;  /* when it ends, in SETUP_STATE_LINGER */
    uint64_t person_ms; /* last sign of a person */
    uint64_t identify_until_ms;
    struct lcm_setup_attempt attempt; /* the last one */
    struct lcm_sessions sessions;
    struct lcm_settings settings;
    struct lcm_trial trial;
    struct lcm_values values;
    struct lcm_serial_menu menu;
    char code[LCM_SETUP_CODE_LENGTH + 1u];
    char name[LCM_SETUP_NAME_SIZE];
    char device_id[LCM_SETUP_ID_SIZE];
};

/*
 * Prepare; nothing is opened yet. config must live as long. Reads the set-up code, or makes one and
 * stores it. LCM_ERR_FLASH, LCM_ERR_ENTROPY: there is no code and none can be made, so nobody could
 * be let in.
 */
LCM_MUST_CHECK enum lcm_err lcm_setup_begin(struct lcm_setup *setup,
                                            const struct lcm_setup_config *config);

/* Go on. LCM_PENDING until the outcome is known, then LCM_OK (again and again). */
LCM_MUST_CHECK enum lcm_err lcm_setup_step(struct lcm_setup *setup);

#endif
