/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of `lcm setup` share. */
#ifndef LCM_TOOLS_SETUP_ASK_H
#define LCM_TOOLS_SETUP_ASK_H

#include <stdbool.h>
#include <stddef.h>

#include "host/setup_client.h"
#include "tools/setup_trial.h"

#define SETUP_PASSWORD_SIZE 80u /* bytes, the NUL included; a password has at most 64 */

/* Print the failure and return the exit code of a request that failed. */
int setup_ask_fail(enum lcm_err err, const struct lcm_failure *failure);

/* A request without values; its answer must say that it is done. CLI_OK, or after an error line. */
LCM_MUST_CHECK int setup_ask(struct setup_client *client, enum lcm_setup_command command,
                             struct setup_text *answer);

/* Scan, and ask again while the device is at it. */
LCM_MUST_CHECK int setup_ask_scan(struct setup_client *client, bool again,
                                  struct setup_network list[SETUP_NETWORKS_MAX], size_t *count);

/* Leave set-up at once: the device restarts. It may be gone already. */
void setup_ask_finish(struct setup_client *client);

#endif
