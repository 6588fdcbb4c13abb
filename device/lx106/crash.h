/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What happens after a crash of the updater: it is noted in RTC memory, reported by the next run,
 * and tried again, but three crashes in a row give the device back to the app.
 */
#ifndef LCM_DEVICE_LX106_CRASH_H
#define LCM_DEVICE_LX106_CRASH_H

#include <stdbool.h>
#include <stdint.h>

/* true when this start follows the third crash in a row; the count starts anew then. */
bool crash_is_loop(void);

/* Make the next reset start this slot once, whatever the boot configuration says. */
void crash_ask_for_slot(uint8_t slot);

/* A run came to its end: whatever crashed before does not count any more. */
void crash_forget(void);

#endif
