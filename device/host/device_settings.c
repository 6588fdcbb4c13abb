// SPDX-License-Identifier: Apache-2.0
/* Settings from the command line into the device's flash; nothing is opened without need. */
#include "device/host/device_settings.h"

#include "core/store/settings.h"
#include "host/settings_input.h"

bool device_apply_settings(const struct lcm_flash *flash, const struct cli_args *args)
{
    struct lcm_settings settings;

    if (!settings_input_is_given(args))
        return true;
    enum lcm_err err = lcm_settings_open(&settings, flash);
    if (err == LCM_ERR_NOT_FOUND)
        err = lcm_settings_format(&settings, flash);
    if (err != LCM_OK) {
        cli_error("the settings of this flash image cannot be opened: %s", lcm_err_text(err));
        return false;
    }
    return settings_input_apply(&settings, args) == CLI_OK;
}
