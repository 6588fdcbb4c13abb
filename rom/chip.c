// SPDX-License-Identifier: Apache-2.0
/*
 * Time, GPIO and random numbers.
 *
 * Invariant: a delay passes on the emulator's own clock, which CCOUNT shows too, whether it is
 * slept through or counted.
 */
#include "rom/rom.h"

#define CYCLES_PER_US 40u /* CCOUNT of the emulator, whatever frequency a program sets */
#define SLEEP_MIN_US 200u /* shorter waits are counted */
#define SLEEP_MAX_US 1000000u
#define CPU_RESET_MHZ 80u
#define GPIO_OUT ROM_REGISTER(0x60000300)
#define GPIO_ENABLE ROM_REGISTER(0x6000030C)
#define GPIO_IN ROM_REGISTER(0x60000318)
#define GPIO_PINS 0xFFFFu

static bool chip_is_counted;
static uint32_t chip_mhz;

void rom_set_counted(bool is_counted)
{
    chip_is_counted = is_counted;
}

void rom_chip_reset(void)
{
    bool was_driven = (GPIO_ENABLE & GPIO_PINS) != 0;

    chip_mhz = CPU_RESET_MHZ;
    GPIO_OUT = 0;
    GPIO_ENABLE = 0;
    if (was_driven)
        rom_host_tell(LCM_WIRE_GPIO_OUT, 0, 0, 0);
}

static void chip_wait_us(uint32_t microseconds)
{
    uint32_t start = rom_ccount();
    uint32_t cycles = microseconds * CYCLES_PER_US;
    uint32_t passed;

    while ((passed = rom_ccount() - start) < cycles) {
        uint32_t left_us = rom_udivsi3(cycles - passed, CYCLES_PER_US);

        if (!chip_is_counted && left_us >= SLEEP_MIN_US)
            rom_host_sleep(left_us);
    }
}

void rom_delay_us(uint32_t microseconds)
{
    rom_uart_flush();
    if (microseconds >= LCM_WIRE_DELAY_TOLD_US) {
        rom_host_tell(LCM_WIRE_DELAY, microseconds, 0, 0);
    }
    for (; microseconds > SLEEP_MAX_US; microseconds -= SLEEP_MAX_US)
        chip_wait_us(SLEEP_MAX_US);
    chip_wait_us(microseconds);
}

void rom_update_cpu_frequency(uint32_t megahertz)
{
    chip_mhz = megahertz;
}

uint32_t rom_get_cpu_frequency(void)
{
    return chip_mhz;
}

void rom_gpio_output_set(uint32_t set_mask, uint32_t clear_mask, uint32_t enable_mask,
                         uint32_t disable_mask)
{
    uint32_t out = ((GPIO_OUT | set_mask) & ~clear_mask) & GPIO_PINS;
    uint32_t enable = ((GPIO_ENABLE | enable_mask) & ~disable_mask) & GPIO_PINS;
    bool is_change = out != GPIO_OUT || enable != GPIO_ENABLE;

    GPIO_OUT = out;
    GPIO_ENABLE = enable;
    if (is_change)
        rom_host_tell(LCM_WIRE_GPIO_OUT, out, enable, 0);
}

uint32_t rom_gpio_input_get(void)
{
    uint32_t outside = rom_host_ask(LCM_WIRE_GPIO_IN, 0, 0);

    GPIO_IN = ((GPIO_OUT & GPIO_ENABLE) | (outside & ~GPIO_ENABLE)) & GPIO_PINS;
    return GPIO_IN;
}

void rom_random(void *dst, uint32_t size)
{
    uint8_t fresh[LCM_WIRE_RANDOM_SIZE];
    uint8_t *bytes = dst;

    while (size > 0) {
        uint32_t step = size < sizeof(fresh) ? size : (uint32_t)sizeof(fresh);

        rom_host_tell(LCM_WIRE_RANDOM, 0, 0, 0);
        rom_host_answer(fresh, sizeof(fresh));
        rom_memcpy(bytes, fresh, step);
        bytes += step;
        size -= step;
    }
}
