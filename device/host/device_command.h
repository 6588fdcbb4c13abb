/* SPDX-License-Identifier: Apache-2.0 */
/* `lcm device`: a device as a Linux process. */
#ifndef LCM_DEVICE_HOST_DEVICE_COMMAND_H
#define LCM_DEVICE_HOST_DEVICE_COMMAND_H

#include "host/cli.h"

extern const struct cli_command lcm_device_command;

#endif
