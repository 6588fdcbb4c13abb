/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reset, exception vectors, and the entries of the mask ROM.
 *
 * The emulator starts at 0x50000000: that is power-on. Everything else that resets the chip goes
 * through _ResetVector, as on the chip, and keeps RTC memory.
 */
#define STACK_TOP 0x3FFFFFB0
#define VECTOR_BASE 0x40000000
#define PS_USER_VECTOR 0x20

    .section .first, "ax"
    .global rom_first
rom_first:
    j       1f
    .align  4
    .literal_position
1:  movi    a1, STACK_TOP
    movi    a0, rom_power_on
    jx      a0

/* An exception that the program did not take over. The stack may be anywhere: take our own. */
    .macro  fatal offset, name
    .org    \offset
    .global \name
\name:
    j       rom_exception_entry
    .endm

    .section .vectors, "ax"
    fatal   0x10, _DebugExceptionVector
    fatal   0x20, _NMIExceptionVector
    fatal   0x30, _KernelExceptionVector
    fatal   0x50, _UserExceptionVector
    fatal   0x70, _DoubleExceptionVector
    .org    0x80
    .global _ResetVector
_ResetVector:
    j       rom_reset

    .text
    .align  4
    .literal_position
    .global rom_reset
    .type   rom_reset, @function
rom_reset:
    rsil    a2, 15
    movi    a2, 0
    wsr.intenable a2
    movi    a2, VECTOR_BASE
    wsr.vecbase a2
    movi    a2, PS_USER_VECTOR
    wsr.ps  a2
    rsync
    movi    a1, STACK_TOP
    movi    a0, 0
    j       rom_start

    .align  4
    .literal_position
    .type   rom_exception_entry, @function
rom_exception_entry:
    movi    a1, STACK_TOP
    rsr.exccause a2
    rsr.epc1 a3
    rsr.excvaddr a4
    movi    a0, 0
    j       rom_exception

/* a2 = number, a3.. = arguments; result in a2. A host call of the emulator. */
    .align  4
    .global rom_simcall
    .type   rom_simcall, @function
rom_simcall:
    simcall
    ret

    .global rom_ccount
    .type   rom_ccount, @function
    .align  4
rom_ccount:
    rsr.ccount a2
    ret

/* rom_enter(entry): start a program that never returns. */
    .global rom_enter
    .type   rom_enter, @function
    .align  4
rom_enter:
    movi    a0, 0
    jx      a2

/* Chip identification: the word at 0x40001000. */
    .section .magic, "a"
    .word   0xFFF0C101

#define X(address, name, code) \
    .section .entry.name, "ax"; \
    .global name; \
    .type name, @function; \
name: \
    j code;
#include "rom/functions.h"
