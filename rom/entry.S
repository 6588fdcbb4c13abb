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

/* Registers of an interrupted program: a0..a15, then where and why. */
#define FRAME_COUNTER 64
#define FRAME_CAUSE 68
#define FRAME_ADDRESS 72
#define FRAME_SIZE 76
#define HANDLER_STACK 0x50008000

    .macro  vector offset, name
    .org    \offset
    .global \name
\name:
    j       rom_exception_entry
    .endm

    .section .vectors, "ax"
    vector  0x10, _DebugExceptionVector
    vector  0x20, _NMIExceptionVector
    vector  0x30, _KernelExceptionVector
    vector  0x50, _UserExceptionVector
    vector  0x70, _DoubleExceptionVector
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

/* Everything is saved, on memory of the emulator: the interrupted program's stack may be anywhere. */
    .align  4
    .literal_position
    .type   rom_exception_entry, @function
rom_exception_entry:
    wsr.excsave1 a0
    movi    a0, exception_frame
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    s32i    a\n, a0, 4 * \n
    .endr
    mov     a2, a0
    rsr.excsave1 a3
    s32i    a3, a2, 0
    rsr.epc1 a3
    s32i    a3, a2, FRAME_COUNTER
    rsr.exccause a3
    s32i    a3, a2, FRAME_CAUSE
    rsr.excvaddr a3
    s32i    a3, a2, FRAME_ADDRESS
    movi    a1, HANDLER_STACK
    call0   rom_exception
    movi    a0, exception_frame
    l32i    a1, a0, FRAME_COUNTER
    wsr.epc1 a1
    .irp    n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15
    l32i    a\n, a0, 4 * \n
    .endr
    l32i    a0, a0, 0
    rfe

    .section .bss.frame, "aw", @nobits
    .align  4
exception_frame:
    .space  FRAME_SIZE
    .text

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
