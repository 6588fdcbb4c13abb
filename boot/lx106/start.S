/* SPDX-License-Identifier: Apache-2.0 */
/*
 * First instructions of the boot program, and its way to the ROM.
 *
 * The ROM loads the program to 0x40100000, where the program it starts will want to be as well. So
 * it moves to the upper end of the instruction RAM, which is free while the flash cache is off, and
 * runs there: it is linked for that place. This code runs at both places and uses no address but
 * through literals.
 */
#define LOADED_AT 0x40100000

    .section .start, "ax"
    .align  4
    .literal_position
    .global boot_start
    .type   boot_start, @function
boot_start:
    movi    a2, LOADED_AT
    movi    a3, boot_text_start
    movi    a4, boot_text_end
1:  l32i.n  a5, a2, 0
    s32i.n  a5, a3, 0
    addi.n  a2, a2, 4
    addi.n  a3, a3, 4
    bltu    a3, a4, 1b
    movi    a0, boot_main
    jx      a0

/* boot_enter(entry) */
    .text
    .align  4
    .global boot_enter
    .type   boot_enter, @function
boot_enter:
    movi.n  a0, 0
    jx      a2

    .macro  rom name, address
    .section .text.\name, "ax"
    .align  4
    .literal_position
    .global \name
    .type   \name, @function
\name:
    movi    a8, \address
    jx      a8
    .endm

    rom     SPIRead, 0x40004B1C
    rom     SPIWrite, 0x40004A4C
    rom     SPIEraseSector, 0x40004A00
    rom     SPIUnlock, 0x40004878
    rom     ets_printf, 0x400024CC
    rom     ets_delay_us, 0x40002ECC
    rom     ets_update_cpu_frequency, 0x40002F04
    rom     rtc_get_reset_reason, 0x400025E0
    rom     gpio_output_set, 0x40004CD0
    rom     memcmp, 0x4000DEA8
    rom     memcpy, 0x4000DF48
    rom     memset, 0x4000E190
    rom     __udivsi3, 0x4000E21C
    rom     __umodsi3, 0x4000E268
