// SPDX-License-Identifier: Apache-2.0
/*
 * The list of commands, in the order help shows them. Each entry is the table of
 * one command, defined next to the code that runs it.
 */
#include "collector/collect.h"
#include "collector/fleet_commands.h"
#include "device/host/device_command.h"
#include "server/serve.h"
#include "tools/commands.h"

#include <stddef.h>

const struct cli_command *const lcm_commands[] = {
    &lcm_key_new_command,
    &lcm_key_show_command,
    &lcm_trust_build_command,
    &lcm_trust_inspect_command,
    &lcm_release_pack_command,
    &lcm_release_verify_command,
    &lcm_image_build_command,
    &lcm_image_inspect_command,
    &lcm_flash_compose_command,
    &lcm_flash_inspect_command,
    &lcm_serve_command,
    &lcm_device_command,
    &lcm_emu_command,
    &lcm_setup_command,
    &lcm_label_command,
    &lcm_collect_command,
    &lcm_devices_command,
    &lcm_events_command,
    NULL,
};
