// SPDX-License-Identifier: Apache-2.0
/*
 * Slot choice of the boot program. It neither loads nor waits.
 *
 * Invariant: an intact image in either slot gets started, whatever config, marks and
 * RTC memory hold, and whether or not flash can be written.
 */
#include "boot/select.h"

#include <string.h>

#include "core/store/bootconf.h"
#include "core/store/power.h"
#include "core/store/rtc.h"
#include "lcm/layout.h"

#define SELECT_UPDATER_SLOT 1u

static void select_load_config(const struct lcm_flash *flash, struct lcm_bootconf *config)
{
    enum lcm_err err = lcm_bootconf_load(flash, config);

    /* Apps read the config through the stock API, so there must be one. The defaults
     * are good for this boot also when they cannot be written. */
    if (err == LCM_ERR_NOT_FOUND)
        err = lcm_bootconf_store(flash, config);
    (void)err;
}

/* Slots beyond the second are not ours: count on two, wherever the config has them. */
static uint32_t select_slot_size(const struct lcm_bootconf *config, uint8_t slot)
{
    uint32_t addr = config->slot_addr[slot];
    uint32_t end = LCM_CODE_ADDR;

    if (config->slot_addr[1 - slot] > addr && config->slot_addr[1 - slot] < end)
        end = config->slot_addr[1 - slot];
    if (addr < LCM_SLOT0_ADDR || addr >= end || addr % LCM_SECTOR_SIZE != 0)
        return 0;
    return end - addr;
}

/* Where our layout has the slot, should the config name a place where nothing boots: an app may
 * rewrite it, and a cut may leave an address with bits that were to be cleared. */
static void select_use_layout(struct lcm_bootconf *config)
{
    config->slot_addr[0] = LCM_SLOT0_ADDR;
    config->slot_addr[1] = LCM_SLOT1_ADDR;
}

static enum lcm_err select_check_slot(const struct lcm_flash *flash,
                                      const struct lcm_bootconf *config, uint8_t slot,
                                      struct lcm_boot_choice *choice)
{
    uint32_t addr = config->slot_addr[slot];
    enum lcm_err err = lcm_image_check(flash, addr, select_slot_size(config, slot), &choice->image);

    if (err != LCM_OK)
        return LCM_ERR_IMAGE;
    choice->slot = slot;
    choice->addr = addr;
    return LCM_OK;
}

static enum lcm_err select_find_slot(const struct lcm_flash *flash,
                                     const struct lcm_bootconf *config, uint8_t slot,
                                     struct lcm_boot_choice *choice)
{
    struct lcm_bootconf layout = *config;
    enum lcm_err err = select_check_slot(flash, config, slot, choice);

    if (err == LCM_OK)
        return err;
    select_use_layout(&layout);
    return select_check_slot(flash, &layout, slot, choice);
}

/* The slot that was asked for once through RTC memory. */
static bool select_has_request(const struct lcm_system *system, uint8_t *slot)
{
    struct lcm_rtc_boot boot;

    if (lcm_rtc_boot_load(system, &boot) != LCM_OK ||
        (boot.next_mode & LCM_RTC_MODE_TEMPORARY) == 0 || boot.temp_rom >= LCM_SLOT_COUNT)
        return false;
    *slot = boot.temp_rom;
    return true;
}

static void select_report(const struct lcm_system *system, const struct lcm_boot_choice *choice,
                          bool is_temporary)
{
    struct lcm_rtc_boot boot = {
        .next_mode = LCM_RTC_MODE_STANDARD,
        .last_mode = is_temporary ? LCM_RTC_MODE_TEMPORARY : LCM_RTC_MODE_STANDARD,
        .last_rom = choice->slot,
        .temp_rom = (uint8_t)choice->count,
    };

    lcm_rtc_boot_store(system, &boot);
}

enum lcm_err lcm_boot_select(const struct lcm_flash *flash, const struct lcm_system *system,
                             bool is_power_on, struct lcm_boot_choice *choice)
{
    struct lcm_bootconf config;
    bool is_temporary = false;
    uint8_t slot;
    enum lcm_err err = LCM_OK;

    memset(choice, 0, sizeof(*choice));
    select_load_config(flash, &config);
    choice->led = config.led;
    choice->count = 1;
    if (is_power_on)
        err = lcm_power_count(flash, &choice->count);
    (void)err; /* the count is set in any case */

    slot = config.current_slot < LCM_SLOT_COUNT ? config.current_slot : 0;
    if (choice->count > LCM_BOOT_USER_CYCLES_MAX)
        slot = SELECT_UPDATER_SLOT;
    else if (!is_power_on)
        is_temporary = select_has_request(system, &slot);

    err = select_find_slot(flash, &config, slot, choice);
    if (err != LCM_OK) {
        choice->is_fallback = true;
        err = select_find_slot(flash, &config, (uint8_t)(1 - slot), choice);
    }
    if (err == LCM_OK)
        select_report(system, choice, is_temporary && !choice->is_fallback);
    return err;
}

enum lcm_err lcm_boot_survived(const struct lcm_flash *flash)
{
    return lcm_power_survived(flash);
}
