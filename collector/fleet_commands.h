/* SPDX-License-Identifier: Apache-2.0 */
/* `lcm devices` and `lcm events`: the store on the command line, with or without a collector
 * running. */
#ifndef LCM_COLLECTOR_FLEET_COMMANDS_H
#define LCM_COLLECTOR_FLEET_COMMANDS_H

#include "host/cli.h"

extern const struct cli_command lcm_devices_command;
extern const struct cli_command lcm_events_command;

#endif
