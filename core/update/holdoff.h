/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hold-off after failures: 1, 20, 400, 8,000, 160,000, 604,800 seconds, each with
 * jitter so that a fleet that failed together does not come back together.
 *
 * The step lives in RTC memory: a crash or soft reset does not shorten it, power-off
 * does (a person who pulls the plug wants another try).
 */
#ifndef LCM_UPDATE_HOLDOFF_H
#define LCM_UPDATE_HOLDOFF_H

#include <stdbool.h>
#include <stdint.h>

#define LCM_HOLDOFF_STEPS 6u
/* With an intact app the product comes first: wait at most this long before it runs. */
#define LCM_HOLDOFF_WITH_APP_MAX_MS 20000u

/*
 * Milliseconds to wait before a try after `failures` failures in a row (0 = none
 * yet), between half and all of the nominal time, by 32 random bits.
 */
uint32_t lcm_holdoff_delay_ms(uint32_t failures, uint32_t random);

/* The step after one more failure: saturates at LCM_HOLDOFF_STEPS. */
uint8_t lcm_holdoff_next(uint8_t failures);

#endif
