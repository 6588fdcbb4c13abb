/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every command of the lcm command line. A new command is one declaration here
 * and one line in tools/commands.c, in the order help shows them.
 */
#ifndef LCM_TOOLS_COMMANDS_H
#define LCM_TOOLS_COMMANDS_H

#include "host/cli.h"

extern const struct cli_command lcm_key_new_command;
extern const struct cli_command lcm_key_show_command;
extern const struct cli_command lcm_trust_build_command;
extern const struct cli_command lcm_trust_inspect_command;
extern const struct cli_command lcm_release_pack_command;
extern const struct cli_command lcm_release_verify_command;
extern const struct cli_command lcm_image_build_command;
extern const struct cli_command lcm_image_inspect_command;
extern const struct cli_command lcm_flash_compose_command;
extern const struct cli_command lcm_flash_inspect_command;
extern const struct cli_command lcm_emu_command;
extern const struct cli_command lcm_setup_command;
extern const struct cli_command lcm_label_command;

/* Ends with NULL. */
extern const struct cli_command *const lcm_commands[];

#endif
