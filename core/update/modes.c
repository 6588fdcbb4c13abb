// SPDX-License-Identifier: Apache-2.0
/* Power-cycle modes; see the header. The countdown before them is the life cycle's. */
#include "core/update/modes.h"

#include "core/base/region.h"
#include "core/update/keys.h"
#include "lcm/layout.h"

enum lcm_mode lcm_mode_of_count(uint32_t count, uint32_t step)
{
    if (step < 1 || step > 3)
        step = LCM_MODE_STEP_DEFAULT;
    if (count < LCM_MODE_COUNT_MIN)
        return LCM_MODE_NONE;
    if (count < LCM_MODE_COUNT_MIN + step)
        return LCM_MODE_CHECK;
    if (count < LCM_MODE_COUNT_MIN + 2 * step)
        return LCM_MODE_ERASE_WIFI;
    if (count < LCM_MODE_COUNT_MIN + 3 * step)
        return LCM_MODE_ERASE_WIFI_BETA;
    return LCM_MODE_FACTORY_RESET;
}

const char *lcm_mode_text(enum lcm_mode mode)
{
    switch (mode) {
    case LCM_MODE_CHECK:
        return "check for updates";
    case LCM_MODE_ERASE_WIFI:
        return "erase Wi-Fi settings";
    case LCM_MODE_ERASE_WIFI_BETA:
        return "erase Wi-Fi settings and enter beta mode";
    case LCM_MODE_FACTORY_RESET:
        return "factory reset";
    case LCM_MODE_NONE:
    default:
        return "nothing";
    }
}

static enum lcm_err mode_erase_wifi(struct lcm_settings *settings, bool is_beta)
{
    enum lcm_err err = lcm_settings_delete(settings, LCM_KEY_WIFI_SSID);

    if (err == LCM_OK)
        err = lcm_settings_delete(settings, LCM_KEY_WIFI_PASSWORD);
    if (err == LCM_OK)
        err = lcm_settings_set_bool(settings, LCM_KEY_LCM_BETA, is_beta);
    /* Twice: the deleted password is still readable in the region left behind. */
    if (err == LCM_OK)
        err = lcm_settings_compact(settings);
    if (err == LCM_OK)
        err = lcm_settings_compact(settings);
    return err;
}

static enum lcm_err mode_erase_region(const struct lcm_flash *flash, enum lcm_region region)
{
    uint32_t addr = lcm_region_addr(region);
    uint32_t end = addr + lcm_region_size(region);

    for (; addr < end; addr += LCM_SECTOR_SIZE) {
        enum lcm_err err = lcm_region_erase(flash, region, addr);
        if (err != LCM_OK)
            return err;
    }
    return LCM_OK;
}

static enum lcm_err mode_factory_reset(const struct lcm_mode_target *target)
{
    static const enum lcm_region regions[] = {LCM_REGION_SETTINGS, LCM_REGION_SLOT0,
                                              LCM_REGION_APP_DATA, LCM_REGION_SCRATCH,
                                              LCM_REGION_RADIO};

    for (unsigned i = 0; i < sizeof(regions) / sizeof(regions[0]); i++) {
        if (regions[i] == LCM_REGION_SLOT0 && target->keeps_slot0)
            continue;
        enum lcm_err err = mode_erase_region(target->flash, regions[i]);
        if (err != LCM_OK)
            return err;
    }
    enum lcm_err err = lcm_state_reset(target->state);
    return err == LCM_OK ? lcm_settings_format(target->settings, target->flash) : err;
}

enum lcm_err lcm_mode_apply(enum lcm_mode mode, const struct lcm_mode_target *target)
{
    switch (mode) {
    case LCM_MODE_ERASE_WIFI:
    case LCM_MODE_ERASE_WIFI_BETA:
        return mode_erase_wifi(target->settings, mode == LCM_MODE_ERASE_WIFI_BETA);
    case LCM_MODE_FACTORY_RESET:
        return mode_factory_reset(target);
    case LCM_MODE_NONE:
    case LCM_MODE_CHECK:
    default:
        return LCM_OK;
    }
}
