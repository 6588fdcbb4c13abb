// SPDX-License-Identifier: Apache-2.0
/*
 * The list of commands, in the order help shows them. Each entry is the table of
 * one command, defined next to the code that runs it.
 */
#include "tools/commands.h"

#include <stddef.h>

const struct cli_command *const lcm_commands[] = {
    NULL,
};
