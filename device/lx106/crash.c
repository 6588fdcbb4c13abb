// SPDX-License-Identifier: Apache-2.0
/*
 * Crash records. The boot program starts slot 0 after a soft reset; an updater that crashed in slot
 * 1 asks to be started again, until it has crashed too often.
 */
#include "device/lx106/crash.h"

#include "core/store/rtc.h"
#include "device/lx106/identity.h"
#include "port/lx106/system.h"
#include "port/lx106/trap.h"

#define CRASHES_MAX 3u

void crash_ask_for_slot(uint8_t slot)
{
    struct lcm_rtc_boot boot;

    (void)!lcm_rtc_boot_load(&lx106_system, &boot);
    boot.next_mode = LCM_RTC_MODE_TEMPORARY;
    boot.temp_rom = slot;
    lcm_rtc_boot_store(&lx106_system, &boot);
}

void lx106_last_words(uint32_t cause, uint32_t address)
{
    struct lcm_rtc_updater record;

    lcm_rtc_updater_load(&lx106_system, &record);
    record.panic_cause = (uint8_t)cause;
    record.panic_address = address;
    if (record.crash_count < UINT16_MAX)
        record.crash_count++;
    lcm_rtc_updater_store(&lx106_system, &record);
    if (lcm_firmware_slot == 1)
        crash_ask_for_slot(1);
}

bool crash_is_loop(void)
{
    struct lcm_rtc_updater record;

    lcm_rtc_updater_load(&lx106_system, &record);
    if (record.crash_count < CRASHES_MAX)
        return false;
    crash_forget();
    return true;
}

void crash_forget(void)
{
    struct lcm_rtc_updater record;

    lcm_rtc_updater_load(&lx106_system, &record);
    if (record.crash_count == 0)
        return;
    record.crash_count = 0;
    lcm_rtc_updater_store(&lx106_system, &record);
}
