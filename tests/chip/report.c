// SPDX-License-Identifier: Apache-2.0
/*
 * Slot program of the boot tests: prints what the boot program handed over, and asks for the
 * updater once when it was built to.
 */
#include <stdint.h>

#include "lcm/lcm_app.h"
#include "port/lx106/rom.h"

#define RTC_RECORD ((const volatile uint32_t *)0x60001200)
#define MODE_STANDARD 0u

LCM_APP_IDENTITY("test/report", "report.bin", "1.0.0");

int main(void)
{
    uint32_t modes = RTC_RECORD[1];
    unsigned last_mode = modes >> 8 & 0xFFu;

    ets_printf("program %d: slot %u, count %u, mode %u, next %u\n", PROGRAM_SLOT,
               (unsigned)(modes >> 16 & 0xFFu), (unsigned)(modes >> 24), last_mode,
               (unsigned)(modes & 0xFFu));
    if (PROGRAM_ASKS && last_mode == MODE_STANDARD)
        lcm_app_request_update();
    for (;;)
        ets_delay_us(100000);
}
