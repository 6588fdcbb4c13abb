/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decode and carry out the load instructions that flash and IRAM cannot do: l8ui, l16ui, l16si.
 *
 * Without any memory access of its own, so that it is the same on the chip and in a test.
 */
#ifndef LCM_PORT_LX106_NARROW_LOAD_H
#define LCM_PORT_LX106_NARROW_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#define NARROW_LOAD_SIZE 3u /* bytes of the instruction */

/* Xtensa ISA, RRI8 format: opcode bits 0-3 = 2, target 4-7, base 8-11, kind 12-15, offset 16-23. */
static inline bool narrow_load_is(uint32_t instruction)
{
    uint32_t kind = instruction >> 12 & 0xFu;

    return (instruction & 0xFu) == 2 && (kind == 0 || kind == 1 || kind == 9);
}

static inline uint32_t narrow_load_target(uint32_t instruction)
{
    return instruction >> 4 & 0xFu;
}

/* What the instruction loads from address, when the aligned word around it is word. */
static inline uint32_t narrow_load_value(uint32_t instruction, uint32_t address, uint32_t word)
{
    uint32_t shifted = word >> (address & 3u) * 8u;

    switch (instruction >> 12 & 0xFu) {
    case 0:
        return shifted & 0xFFu;
    case 1:
        return shifted & 0xFFFFu;
    default:
        return (shifted & 0xFFFFu) | ((shifted & 0x8000u) != 0 ? 0xFFFF0000u : 0);
    }
}

/* Three instruction bytes at counter, from the aligned word that holds it and the next one. */
static inline uint32_t narrow_load_fetch(uint32_t counter, uint32_t word, uint32_t next)
{
    uint32_t shift = (counter & 3u) * 8u;

    return (shift == 0 ? word : word >> shift | next << (32u - shift)) & 0xFFFFFFu;
}

#endif
