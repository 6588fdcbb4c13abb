/* SPDX-License-Identifier: Apache-2.0 */
/* `lcm setup` with a person at a terminal: shows, asks, tries, and asks again. */
#ifndef LCM_TOOLS_SETUP_DIALOG_H
#define LCM_TOOLS_SETUP_DIALOG_H

#include "host/setup_client.h"

/* Set up the device of a connected client. CLI_OK: settings are stored; CLI_INTERRUPTED: the person
 * left; else an exit code after an error line. */
LCM_MUST_CHECK int setup_dialog(struct setup_client *client);

#endif
