// SPDX-License-Identifier: Apache-2.0
/*
 * First code of an image on the bare chip: stack, zeroed variables, flash cache, exceptions, main.
 *
 * The boot program has copied the IRAM and DRAM segments and jumps to lx106_start. Flash is not
 * mapped yet, so everything here runs from IRAM and calls nothing but the ROM until the cache is
 * on. The stack is painted first, so that its deepest use can be measured. main never returns; if
 * it does, the chip is reset.
 */
#include <stdint.h>

#include "port/lx106/rom.h"
#include "port/lx106/stack.h"
#include "port/lx106/trap.h"

#define IRAM __attribute__((section(".iram.text"), used))

extern uint32_t lx106_bss_start[];
extern uint32_t lx106_bss_end[];
extern uint32_t lx106_dram_end[];
extern uint32_t lx106_stack_top[];

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
    uint32_t *stack = __builtin_frame_address(0);

    for (volatile uint32_t *word = lx106_bss_start; word < lx106_bss_end; word++)
        *word = 0;
    for (volatile uint32_t *word = lx106_dram_end; word < stack - LX106_STACK_MARGIN; word++)
        *word = LX106_STACK_PAINT;
    Cache_Read_Enable(0, 0, 1);
    lx106_trap_init();
    main();
    lx106_panic(LX106_CAUSE_RETURNED, 0);
}

uint32_t lx106_stack_used(void)
{
    const uint32_t *word = lx106_dram_end;

    while (word < lx106_stack_top && *word == LX106_STACK_PAINT)
        word++;
    return (uint32_t)((uintptr_t)lx106_stack_top - (uintptr_t)word);
}
