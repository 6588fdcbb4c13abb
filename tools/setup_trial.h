/* SPDX-License-Identifier: Apache-2.0 */
/* Sending settings to a device in set-up and following what it does with them. */
#ifndef LCM_TOOLS_SETUP_TRIAL_H
#define LCM_TOOLS_SETUP_TRIAL_H

#include <stdbool.h>

#include "host/setup_client.h"
#include "tools/setup_show.h"
#include "tools/setup_values.h"

struct setup_trial {
    struct setup_client *client;
    const struct setup_values *values;
    bool saves_anyway; /* store without trying */
    void *context;
    void (*report)(void *context, enum lcm_setup_phase phase); /* each new phase */

    /* results */
    unsigned refused_tag; /* of the field the device refuses; 0 = none */
    unsigned refused_error;
    struct setup_state state;
};

/*
 * LCM_OK: the device ended the trial, see state (done or failed), or refused a field: see
 * refused_tag. LCM_ERR_HOLD_OFF: it is busy with another trial. LCM_ERR_TIMEOUT: no end, or no
 * answer for two minutes. LCM_ERR_FORMAT: it does not understand the request. Others as
 * setup_client_request.
 */
LCM_MUST_CHECK enum lcm_err setup_trial_run(struct setup_trial *trial, struct lcm_failure *failure);

/* The trial ended with everything stored. */
bool setup_trial_is_good(const struct setup_trial *trial);

#endif
