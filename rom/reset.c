// SPDX-License-Identifier: Apache-2.0
/*
 * Power-on, reset and exceptions nobody takes. Loading the program of sector 0 is boot.c.
 *
 * Invariant: a reset puts everything back but RTC memory and flash; power-on fills RTC memory with
 * garbage as well.
 */
#include "rom/rom.h"

#define OTP_WORDS ((volatile uint32_t *)0x3FF00050) /* where programs look for the MAC address */
#define RESET_CAUSE ROM_REGISTER(0x60000718)
#define XORSHIFT_FALLBACK 0x2545F491u

static void reset_fill_rtc(uint32_t seed)
{
    uint32_t word = seed != 0 ? seed : XORSHIFT_FALLBACK;

    for (uint32_t i = 0; i < ROM_RTC_WORD_COUNT; i++) {
        word ^= word << 13;
        word ^= word >> 17;
        word ^= word << 5;
        if (i >= ROM_RTC_WORD_COUNT / 4) /* 0x60001100 and up: system and user words */
            ROM_RTC_WORDS[i] = word;
    }
}

/* The chip keeps the last three bytes of the address apart and its first three as a known maker's
 * number, or in full when the top byte of word 3 says so: OTP words 0, 1 and 3. */
static void reset_write_mac(const uint32_t mac[2])
{
    const uint8_t *byte = (const uint8_t *)mac;

    OTP_WORDS[0] = (uint32_t)byte[5] << 24;
    OTP_WORDS[1] = (uint32_t)byte[3] << 8 | byte[4];
    OTP_WORDS[2] = 0;
    OTP_WORDS[3] = (uint32_t)byte[0] << 16 | (uint32_t)byte[1] << 8 | byte[2];
}

void rom_power_on(void)
{
    struct lcm_wire_hello hello;

    rom_host_tell(LCM_WIRE_HELLO, 0, 0, 0);
    rom_host_answer(&hello, sizeof(hello));
    rom_set_counted(hello.is_counted != 0);
    reset_fill_rtc(hello.seed);
    reset_write_mac(hello.mac);
    rom_spi_load();
    RESET_CAUSE = ROM_CAUSE_POWER_ON;
    rom_reset();
}

void rom_start(void)
{
    rom_uart_reset();
    rom_host_tell(LCM_WIRE_RESET, RESET_CAUSE, 0, 0);
    rom_chip_reset();
    rom_cache_reset();
    rom_boot();
}

void rom_software_reset(void)
{
    RESET_CAUSE = ROM_CAUSE_SOFTWARE;
    rom_reset();
}

uint32_t rom_reset_reason(void)
{
    return RESET_CAUSE & 7u;
}

void rom_exception(uint32_t cause, uint32_t counter, uint32_t address)
{
    rom_printf("\nrom: exception %u at 0x%08x, address 0x%08x, and no handler\n", (unsigned)cause,
               (unsigned)counter, (unsigned)address);
    rom_host_stop(LCM_WIRE_STOP_EXCEPTION, cause, counter);
}

void rom_nothing(void)
{
}
