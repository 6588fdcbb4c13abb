/* SPDX-License-Identifier: Apache-2.0 */
/* Settings given on the command line, stored before power-on as the portal would. */
#ifndef LCM_DEVICE_HOST_DEVICE_SETTINGS_H
#define LCM_DEVICE_HOST_DEVICE_SETTINGS_H

#include <stdbool.h>

#include "host/cli.h"
#include "lcm/flash.h"

/* Store --settings FILE, then every --set. All of them are checked before the first
 * is written. false with one error line on bad input. */
bool device_apply_settings(const struct lcm_flash *flash, const struct cli_args *args);

#endif
