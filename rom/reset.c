// SPDX-License-Identifier: Apache-2.0
/*
 * Power-on and reset. Loading the program of sector 0 is boot.c.
 *
 * Invariant: a reset puts everything back but RTC memory and flash; power-on fills RTC memory with
 * garbage as well.
 */
#include "rom/rom.h"

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

void rom_power_on(void)
{
    struct lcm_wire_hello hello;

    rom_host_tell(LCM_WIRE_HELLO, 0, 0, 0);
    rom_host_answer(&hello, sizeof(hello));
    rom_set_counted(hello.is_counted != 0);
    reset_fill_rtc(hello.seed);
    rom_peripheral_reset(hello.mac);
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

void rom_nothing(void)
{
}
