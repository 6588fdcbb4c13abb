/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ROM functions the boot program calls, through jumps of its own (calls.S): a jump costs 10 bytes
 * once and three per call, where the compiler's way costs 10 at the first and six at each further
 * call.
 */
#ifndef LCM_BOOT_LX106_ROM_CALLS_H
#define LCM_BOOT_LX106_ROM_CALLS_H

#include <stdint.h>

/* Flash: size and RAM address are multiples of 4; 0 = done. SPIWrite only clears bits. */
int SPIRead(uint32_t addr, void *dst, uint32_t size);
int SPIWrite(uint32_t addr, const void *src, uint32_t size);
int SPIEraseSector(uint32_t sector);
int SPIUnlock(void);

int ets_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));
void ets_delay_us(uint32_t microseconds);
void ets_update_cpu_frequency(uint32_t megahertz);
uint32_t rtc_get_reset_reason(void); /* 1 = power came on */
void gpio_output_set(uint32_t set_mask, uint32_t clear_mask, uint32_t enable_mask,
                     uint32_t disable_mask);

#endif
