// SPDX-License-Identifier: Apache-2.0
/* When does the app have the chip? See the header. Reads flash, changes nothing. */
#include "port/emulator/app_watch.h"

#include "core/image/identity.h"
#include "core/trust/manifest.h"
#include "lcm/layout.h"

#define GREETING_MS 400u /* what an app has to say at its start is part of the run */

static bool watch_is_updater(struct chip_flash *flash)
{
    uint8_t bytes[LCM_IDENTITY_SIZE];
    struct lcm_identity identity;

    return chip_flash_read(flash, LCM_SLOT0_ADDR + LCM_IROM_OFFSET, bytes, sizeof(bytes)) &&
           lcm_identity_decode(bytes, &identity) == LCM_OK && identity.type == LCM_FILE_UPDATER;
}

void app_watch_boot(struct app_watch *watch, struct chip_flash *flash, uint32_t slot,
                    uint64_t now_ms)
{
    watch->app_since_ms = slot == 0 && !watch_is_updater(flash) ? now_ms : 0;
}

/* A reset while the button is held is the app that obeyed. */
void app_watch_reset(struct app_watch *watch)
{
    if (app_watch_holds_button(watch))
        watch->is_checked = true;
    watch->app_since_ms = 0;
}

bool app_watch_holds_button(const struct app_watch *watch)
{
    return watch->wants_check && !watch->is_checked && watch->app_since_ms != 0;
}

bool app_watch_is_end(const struct app_watch *watch, uint64_t now_ms)
{
    if (!watch->ends_at_app || watch->app_since_ms == 0 || app_watch_holds_button(watch))
        return false;
    return now_ms - watch->app_since_ms >= GREETING_MS;
}
