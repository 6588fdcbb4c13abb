/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside of the mask-ROM program of the emulated chip.
 *
 * rom_<name> is what the entry <name> of functions.h jumps to; programs call the entries. Names and
 * arguments of the entries are those of the chip's ROM (port/lx106/rom.h). Host calls and frames
 * exist in the emulator only.
 */
#ifndef LCM_ROM_ROM_H
#define LCM_ROM_ROM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "port/emulator/wire.h"

#define ROM_REGISTER(address) (*(volatile uint32_t *)(address))
#define ROM_RTC_WORDS ((volatile uint32_t *)0x60001000)
#define ROM_RTC_WORD_COUNT 256u
#define ROM_RTC_BOOT_RECORD ((const volatile uint32_t *)0x60001200)

/* Causes of a reset, as rtc_get_reset_reason tells them. */
#define ROM_CAUSE_POWER_ON 1u
#define ROM_CAUSE_SOFTWARE 2u

/* ---- entry.S ---- */
int32_t rom_simcall(uint32_t number, uint32_t a, const void *b, const void *c);
uint32_t rom_ccount(void);
_Noreturn void rom_enter(uint32_t entry);
_Noreturn void rom_reset(void);

/* ---- reset.c ---- */
_Noreturn void rom_power_on(void);
_Noreturn void rom_start(void);
_Noreturn void rom_software_reset(void);
uint32_t rom_reset_reason(void);
void rom_nothing(void);

/* ---- host.c: frames ---- */
void rom_host_tell(enum lcm_wire_op op, uint32_t a, uint32_t b, uint32_t c);
/* size <= LCM_WIRE_FRAME_SIZE - LCM_WIRE_HEADER_SIZE bytes go with it. */
void rom_host_tell_bytes(enum lcm_wire_op op, uint32_t a, const void *bytes, uint32_t size);
/* Wait for the answer: size bytes to dst. An answer of another size ends the emulation. */
void rom_host_answer(void *dst, uint32_t size);
/* Tell and take an answer of one word. */
uint32_t rom_host_ask(enum lcm_wire_op op, uint32_t a, uint32_t b);
/* Sleep; the clock of the emulator goes on. */
void rom_host_sleep(uint32_t microseconds);
/* No more to do: wait for the host to end the emulation. */
_Noreturn void rom_host_stop(enum lcm_wire_stop reason, uint32_t cause, uint32_t counter);

/* ---- exception.c ---- */
struct rom_frame { /* entry.S fills it */
    uint32_t registers[16];
    uint32_t counter; /* of the program */
    uint32_t cause;
    uint32_t address; /* of the access */
};

/* Power-on: MAC address as six bytes in two words; other peripheral words at 0. */
void rom_peripheral_reset(const uint32_t mac[2]);
/* An exception the program did not take over. Comes back when it was an access to a peripheral. */
void rom_exception(struct rom_frame *frame);

/* ---- spi.c ---- */
void rom_spi_load(void);
int rom_spi_read(uint32_t addr, void *dst, uint32_t size);
int rom_spi_write(uint32_t addr, const void *src, uint32_t size);
int rom_spi_erase_sector(uint32_t sector);
int rom_spi_erase_block(uint32_t block);
int rom_spi_erase_chip(void);
int rom_spi_erase_area(uint32_t addr, uint32_t size);
int rom_spi_read_status(void *chip, uint32_t *status);
int rom_spi_ok(void);
void rom_cache_enable(uint32_t odd_even, uint32_t mb_count, uint32_t no_cur_mb);
void rom_cache_disable(void);
void rom_cache_reset(void);

/* ---- uart.c ---- */
void rom_uart_reset(void);
void rom_uart_flush(void);
void rom_uart_div_modify(uint32_t uart, uint32_t divider);
int rom_uart_tx(uint8_t byte);
int rom_uart_rx(uint8_t *byte);
void rom_install_putc1(void (*output)(char));
int rom_printf(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- chip.c ---- */
void rom_chip_reset(void);
void rom_set_counted(bool is_counted);
void rom_delay_us(uint32_t microseconds);
void rom_update_cpu_frequency(uint32_t megahertz);
uint32_t rom_get_cpu_frequency(void);
void rom_gpio_output_set(uint32_t set_mask, uint32_t clear_mask, uint32_t enable_mask,
                         uint32_t disable_mask);
uint32_t rom_gpio_input_get(void);
void rom_random(void *dst, uint32_t size);

/* ---- boot.c ---- */
_Noreturn void rom_boot(void);

/* ---- memory.c ---- */
void *rom_memset(void *dst, int value, size_t size);
void *rom_memcpy(void *dst, const void *src, size_t size);
void *rom_memmove(void *dst, const void *src, size_t size);
int rom_memcmp(const void *a, const void *b, size_t size);
char *rom_strcpy(char *dst, const char *src);
size_t rom_strlen(const char *text);

/* ---- arithmetic.c ---- */
uint64_t rom_umulsidi3(uint32_t a, uint32_t b);
uint64_t rom_muldi3(uint64_t a, uint64_t b);
uint32_t rom_udivsi3(uint32_t dividend, uint32_t divisor);
uint32_t rom_umodsi3(uint32_t dividend, uint32_t divisor);
int32_t rom_divsi3(int32_t dividend, int32_t divisor);
uint64_t rom_udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t rom_umoddi3(uint64_t dividend, uint64_t divisor);
int64_t rom_divdi3(int64_t dividend, int64_t divisor);

#endif
