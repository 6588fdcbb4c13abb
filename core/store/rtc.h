/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Records in RTC memory (docs/SPEC.md section 7): they live through a soft reset and
 * turn to garbage at power-off, so each carries a checksum. Reading and writing
 * cannot fail; offsets and sizes are multiples of 4, as the chip wants.
 */
#ifndef LCM_STORE_RTC_H
#define LCM_STORE_RTC_H

#include <stdint.h>

#include "lcm/err.h"
#include "lcm/ports.h"

#define LCM_RTC_MODE_STANDARD 0u
#define LCM_RTC_MODE_TEMPORARY 2u /* bit: boot temp_rom once */

/* What boot program and running program tell each other, in the format of rBoot. */
struct lcm_rtc_boot {
    uint8_t next_mode; /* for the next boot: LCM_RTC_MODE_* */
    uint8_t last_mode; /* of this boot */
    uint8_t last_rom;  /* slot that was booted */
    uint8_t temp_rom;  /* to the boot program: slot to boot once; from it: power-cycle count */
};

/* What the updater remembers over soft resets. */
struct lcm_rtc_updater {
    uint8_t hold_off_step;  /* 0 = none */
    uint8_t panic_cause;    /* exception cause of the last crash, 0 = none */
    uint16_t crash_count;   /* since power-on */
    uint32_t panic_address; /* program counter of the last crash */
};

/* LCM_ERR_CORRUPT: no valid record (after power-on); *boot is all zero then. */
LCM_MUST_CHECK enum lcm_err lcm_rtc_boot_load(const struct lcm_system *system,
                                              struct lcm_rtc_boot *boot);
void lcm_rtc_boot_store(const struct lcm_system *system, const struct lcm_rtc_boot *boot);

/* A record that is not valid reads as all zero. */
void lcm_rtc_updater_load(const struct lcm_system *system, struct lcm_rtc_updater *updater);
void lcm_rtc_updater_store(const struct lcm_system *system, const struct lcm_rtc_updater *updater);

/* The number of the last report since power-on; 0 when the record is not valid. It goes on over
 * soft resets: time and number together tell any two reports apart, also those of two runs in one
 * second. */
uint32_t lcm_rtc_report_load(const struct lcm_system *system);
void lcm_rtc_report_store(const struct lcm_system *system, uint32_t number);

#endif
