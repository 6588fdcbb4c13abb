/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Exceptions of the chip.
 *
 * Flash and IRAM give 32-bit words only: a byte or half-word load from them raises an exception. It
 * is carried out here by a word load, so that constants can stay in flash; code that reads much of
 * them keeps them in DRAM all the same, because each such load costs about 100 instructions.
 * Everything else ends the program: its last words (lx106_last_words), then a reset.
 */
#ifndef LCM_PORT_LX106_TRAP_H
#define LCM_PORT_LX106_TRAP_H

#include <stdbool.h>
#include <stdint.h>

/* Causes of our own, beside the chip's EXCCAUSE 1..63. */
#define LX106_CAUSE_ILLEGAL 64u  /* the chip's cause 0, which means "none" in the record */
#define LX106_CAUSE_ASSERT 65u   /* a program found itself wrong */
#define LX106_CAUSE_RETURNED 66u /* main returned */

/* Registers at the exception, as the vector's code stores them. */
struct lx106_frame {
    uint32_t a[16];
    uint32_t sar;
    uint32_t counter; /* program counter of the instruction */
    uint32_t cause;
    uint32_t address; /* of the load or store */
};

/* Let exceptions come here. Called by the start-up code. */
void lx106_trap_init(void);

/* The program says what a crash means to it, for example in RTC memory; then the chip is reset. */
void lx106_last_words(uint32_t cause, uint32_t address);

/* Tell cause and address on the UART, last words, reset. */
_Noreturn void lx106_panic(uint32_t cause, uint32_t address);

#endif
