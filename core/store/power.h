/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Power-cycle marks: how often in a row the device was switched off before the
 * waiting window of its boot program ended (docs/SPEC.md section 6). The field is
 * that of the reference, so that either boot program goes on with the other's marks.
 *
 * Each power-on clears one start bit; a run that lasts long enough clears the keep
 * bits below it. Bits are only cleared; after some 16,000 power-ons the sector is
 * rewritten through scratch. Call lcm_bootsector_recover (lcm_bootconf_load does)
 * first in each boot.
 */
#ifndef LCM_STORE_POWER_H
#define LCM_STORE_POWER_H

#include <stdint.h>

#include "lcm/err.h"
#include "lcm/flash.h"

/*
 * Count this power-on: *count = short cycles before it, plus 1 (at most 65), and
 * program its mark. Cost: one program of 4 bytes, rarely two erases. LCM_ERR_FLASH:
 * *count is still set when the marks could be read, else it is 1.
 */
LCM_MUST_CHECK enum lcm_err lcm_power_count(const struct lcm_flash *flash, uint32_t *count);

/* This run lasted long enough: the next power-on counts from 1 again. No write when
 * nothing is pending. LCM_ERR_FLASH. */
LCM_MUST_CHECK enum lcm_err lcm_power_survived(const struct lcm_flash *flash);

/* Short cycles marked so far, this run included until it survived. Writes nothing. LCM_ERR_FLASH.
 */
LCM_MUST_CHECK enum lcm_err lcm_power_pending(const struct lcm_flash *flash, uint32_t *pending);

#endif
