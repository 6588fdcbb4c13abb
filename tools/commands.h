/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every command of the lcm command line. A new command is one declaration here
 * and one line in tools/commands.c, in the order help shows them.
 */
#ifndef LCM_TOOLS_COMMANDS_H
#define LCM_TOOLS_COMMANDS_H

#include "host/cli.h"

/* Ends with NULL. */
extern const struct cli_command *const lcm_commands[];

#endif
