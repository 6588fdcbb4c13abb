/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trial: values a person entered, tried before they are stored.
 *
 * It is a run of the life cycle (lcm_lifecycle_config.trial) that takes network and repository from
 * here instead of the settings, goes the way of every check, and ends where the first file would be
 * fetched. It writes nothing, counts no failure and reports nothing: its end is for the person who waits.
 */
#ifndef LCM_UPDATE_TRIAL_H
#define LCM_UPDATE_TRIAL_H

#include <stdbool.h>

/* Texts stay the caller's and must live as long as the run. */
struct lcm_trial {
    const char *ssid;       /* 1..32 bytes */
    const char *password;   /* "" = open network */
    const char *repository; /* "" = none: the trial ends after joining */
    const char *file;
    bool is_app_beta;
    bool is_unsigned_allowed;
    bool has_pinned_key; /* an app of this key only: an unsigned one does not do */
};

/* How far a trial is, or was when it failed. Numbers: docs/SPEC.md 11.3, tag 0x50. */
enum lcm_trial_phase {
    LCM_TRIAL_NONE = 0,
    LCM_TRIAL_JOINING = 1,
    LCM_TRIAL_CLOCK = 2,
    LCM_TRIAL_HOST = 3,       /* name, connection, certificate of the release host */
    LCM_TRIAL_REPOSITORY = 4, /* its latest release */
    LCM_TRIAL_FILE = 5,       /* the file in it */
    LCM_TRIAL_DONE = 6,
    LCM_TRIAL_FAILED = 7,
};

#endif
