// SPDX-License-Identifier: Apache-2.0
/*
 * RTC records: bytes to struct and back. Does not judge what they say.
 *
 * Invariant: a record whose magic or checksum is wrong is never used.
 */
#include "core/store/rtc.h"

#include <string.h>

#include "core/base/bytes.h"
#include "core/base/crc32.h"

#define RTC_BOOT_OFFSET 0u
#define RTC_BOOT_SIZE 12u
#define RTC_BOOT_MAGIC 0x2334AE68u
#define RTC_BOOT_CHECKED_SIZE 8u
#define RTC_BOOT_CHECKSUM_INIT 0xEFu
#define RTC_UPDATER_OFFSET 16u
#define RTC_UPDATER_SIZE 16u
#define RTC_UPDATER_MAGIC 0x3152434Cu /* "LCR1" */
#define RTC_UPDATER_CRC_OFFSET 12u
#define RTC_REPORT_OFFSET 32u
#define RTC_REPORT_SIZE 8u

_Static_assert(RTC_REPORT_OFFSET + RTC_REPORT_SIZE <= LCM_RTC_SIZE, "fits the RTC area");

static uint8_t rtc_boot_checksum(const uint8_t *record)
{
    uint8_t checksum = RTC_BOOT_CHECKSUM_INIT;

    for (uint32_t i = 0; i < RTC_BOOT_CHECKED_SIZE; i++)
        checksum = (uint8_t)(checksum ^ record[i]);
    return checksum;
}

enum lcm_err lcm_rtc_boot_load(const struct lcm_system *system, struct lcm_rtc_boot *boot)
{
    uint8_t record[RTC_BOOT_SIZE];

    memset(boot, 0, sizeof(*boot));
    system->rtc_read(system->context, RTC_BOOT_OFFSET, record, sizeof(record));
    if (lcm_get_u32(record) != RTC_BOOT_MAGIC ||
        record[RTC_BOOT_CHECKED_SIZE] != rtc_boot_checksum(record))
        return LCM_ERR_CORRUPT;
    boot->next_mode = record[4];
    boot->last_mode = record[5];
    boot->last_rom = record[6];
    boot->temp_rom = record[7];
    return LCM_OK;
}

void lcm_rtc_boot_store(const struct lcm_system *system, const struct lcm_rtc_boot *boot)
{
    uint8_t record[RTC_BOOT_SIZE] = {0};

    lcm_put_u32(record, RTC_BOOT_MAGIC);
    record[4] = boot->next_mode;
    record[5] = boot->last_mode;
    record[6] = boot->last_rom;
    record[7] = boot->temp_rom;
    record[RTC_BOOT_CHECKED_SIZE] = rtc_boot_checksum(record);
    system->rtc_write(system->context, RTC_BOOT_OFFSET, record, sizeof(record));
}

void lcm_rtc_updater_load(const struct lcm_system *system, struct lcm_rtc_updater *updater)
{
    uint8_t record[RTC_UPDATER_SIZE];

    memset(updater, 0, sizeof(*updater));
    system->rtc_read(system->context, RTC_UPDATER_OFFSET, record, sizeof(record));
    if (lcm_get_u32(record) != RTC_UPDATER_MAGIC ||
        lcm_get_u32(record + RTC_UPDATER_CRC_OFFSET) !=
            lcm_crc32(0, record, RTC_UPDATER_CRC_OFFSET))
        return;
    updater->hold_off_step = record[4];
    updater->panic_cause = record[5];
    updater->crash_count = lcm_get_u16(record + 6);
    updater->panic_address = lcm_get_u32(record + 8);
}

void lcm_rtc_updater_store(const struct lcm_system *system, const struct lcm_rtc_updater *updater)
{
    uint8_t record[RTC_UPDATER_SIZE];

    lcm_put_u32(record, RTC_UPDATER_MAGIC);
    record[4] = updater->hold_off_step;
    record[5] = updater->panic_cause;
    lcm_put_u16(record + 6, updater->crash_count);
    lcm_put_u32(record + 8, updater->panic_address);
    lcm_put_u32(record + RTC_UPDATER_CRC_OFFSET, lcm_crc32(0, record, RTC_UPDATER_CRC_OFFSET));
    system->rtc_write(system->context, RTC_UPDATER_OFFSET, record, sizeof(record));
}

uint32_t lcm_rtc_report_load(const struct lcm_system *system)
{
    uint8_t record[RTC_REPORT_SIZE];

    system->rtc_read(system->context, RTC_REPORT_OFFSET, record, sizeof(record));
    uint32_t number = lcm_get_u32(record);
    return lcm_get_u32(record + 4) == ~number ? number : 0;
}

void lcm_rtc_report_store(const struct lcm_system *system, uint32_t number)
{
    uint8_t record[RTC_REPORT_SIZE];

    lcm_put_u32(record, number);
    lcm_put_u32(record + 4, ~number);
    system->rtc_write(system->context, RTC_REPORT_OFFSET, record, sizeof(record));
}
