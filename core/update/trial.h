/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trial: values a person entered, tried before they are stored.
 *
 * It is a run of the life cycle (lcm_lifecycle_config.trial) that takes network and repository from
 * here instead of the settings, goes the way of every check, and ends where the first file would be
 * fetched. It writes nothing, counts no failure and reports nothing: its end is for the person who
 * waits. How far it is, is an enum lcm_setup_phase (lcm/setup.h).
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

#endif
