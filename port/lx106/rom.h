/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Functions in the mask ROM of the ESP8266. rom.ld gives their addresses.
 *
 * Ordinary call0 functions; they keep a few words of their own at the top of
 * DRAM, above the 80 KiB a program may use.
 */
#ifndef LCM_PORT_LX106_ROM_H
#define LCM_PORT_LX106_ROM_H

#include <stdint.h>

/* printf to the installed character output (UART 0 after reset): %d %u %x %s %c, no floats. */
int ets_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Busy-wait. The ROM counts for the clock last told by ets_update_cpu_frequency. */
void ets_delay_us(uint32_t microseconds);
void ets_update_cpu_frequency(uint32_t megahertz);

/* Stop the watchdog that the ROM left running. */
void ets_wdt_disable(void);

/* The next character that came; not 0 = there is none. */
int uart_rx_one_char(uint8_t *character);

/* Set the divider of a UART: UART clock / baud. */
void uart_div_modify(uint32_t uart, uint32_t divider);

/* GPIO 0..15, one bit per pin: drive high, drive low, make output, make input. */
void gpio_output_set(uint32_t set_mask, uint32_t clear_mask, uint32_t enable_mask,
                     uint32_t disable_mask);
uint32_t gpio_input_get(void);

/* Map 1 MiB of flash at 0x40200000. (0, 0, 1) = the first MiB, the whole cache. */
void Cache_Read_Enable(uint32_t odd_even, uint32_t mb_count, uint32_t no_cur_mb);

/* SPI flash, addressed from 0. 0 = success. Addresses, sizes and memory are multiples of 4. The
 * flash cache must be off, and so the caller in IRAM. */
int SPIRead(uint32_t addr, void *dst, uint32_t size);
int SPIWrite(uint32_t addr, const void *src, uint32_t size);
int SPIEraseSector(uint32_t sector);
int SPIUnlock(void);
void Cache_Read_Disable(void);

/* Start again from the reset vector; RTC memory stays. */
void software_reset(void);

/* Of the emulated chip's ROM only: size random bytes. */
void lcm_emulator_random(void *dst, uint32_t size);

#endif
