// SPDX-License-Identifier: Apache-2.0
/*
 * First code of an image on the bare chip: stack, zeroed variables, flash cache, then main.
 *
 * The boot program has copied the IRAM and DRAM segments and jumps to lx106_start. Flash is not
 * mapped yet, so everything here runs from IRAM and calls nothing but the ROM until the cache is
 * on. main never returns; if it does, the chip stays in a loop until its watchdog resets it.
 */
#include <stdint.h>

#include "port/lx106/rom.h"

#define IRAM __attribute__((section(".iram.text"), used))

extern uint32_t lx106_bss_start[];
extern uint32_t lx106_bss_end[];

int main(void);
void lx106_start_c(void);

__asm__(".section .iram.text, \"ax\"\n"
        ".align 4\n"
        ".literal_position\n"
        ".global lx106_start\n"
        ".type lx106_start, @function\n"
        "lx106_start:\n"
        "    movi a1, lx106_stack_top\n"
        "    movi a0, 0\n"
        "    j lx106_start_c\n"
        ".size lx106_start, . - lx106_start\n"
        ".previous\n");

IRAM void lx106_start_c(void)
{
    for (uint32_t *word = lx106_bss_start; word < lx106_bss_end; word++)
        *(volatile uint32_t *)word = 0;
    Cache_Read_Enable(0, 0, 1);
    main();
    for (;;) {
    }
}
