// SPDX-License-Identifier: Apache-2.0
/*
 * The exception vectors and what stands behind them. All of it is in IRAM: an exception may come
 * while the flash cache is off. The stack pointer is taken to be good; when it is not, storing the
 * registers raises a double exception, which resets without a note.
 */
#include "port/lx106/trap.h"

#include "port/lx106/narrow_load.h"
#include "port/lx106/rom.h"
#include "port/lx106/system.h"

#define IRAM __attribute__((section(".iram.text"), noinline, used))
#define PS_USER_MASKED 0x2Fu
#define CAUSE_LOAD_STORE 3u
#define WORDS_ONLY_BASE 0x40100000u /* IRAM, then the flash window */
#define WORDS_ONLY_END 0x40300000u

void lx106_trap(struct lx106_frame *frame);

#define FRAME_SIZE "80"
_Static_assert(sizeof(struct lx106_frame) == 80, "FRAME_SIZE");

/* Vector offsets are the chip's. Kernel and user vector do the same. */
__asm__(".section .vectors, \"ax\"\n"
        ".global lx106_vectors\n"
        "lx106_vectors:\n"
        ".org 0x10\n    j lx106_trap_fatal\n"
        ".org 0x20\n    j lx106_trap_fatal\n"
        ".org 0x30\n    j lx106_trap_entry\n"
        ".org 0x50\n    j lx106_trap_entry\n"
        ".org 0x70\n    j lx106_trap_fatal\n"
        ".org 0x80\n"
        ".previous\n"
        ".section .iram.text, \"ax\"\n"
        ".align 4\n"
        ".literal_position\n"
        "lx106_trap_fatal:\n"
        "    movi a0, software_reset\n"
        "    jx a0\n"
        ".align 4\n"
        "lx106_trap_entry:\n"
        "    addi a1, a1, -" FRAME_SIZE "\n"
        "    s32i a0, a1, 0\n"
        "    addi a0, a1, " FRAME_SIZE "\n"
        "    s32i a0, a1, 4\n"
        "    s32i a2, a1, 8\n"
        "    s32i a3, a1, 12\n"
        "    s32i a4, a1, 16\n"
        "    s32i a5, a1, 20\n"
        "    s32i a6, a1, 24\n"
        "    s32i a7, a1, 28\n"
        "    s32i a8, a1, 32\n"
        "    s32i a9, a1, 36\n"
        "    s32i a10, a1, 40\n"
        "    s32i a11, a1, 44\n"
        "    s32i a12, a1, 48\n"
        "    s32i a13, a1, 52\n"
        "    s32i a14, a1, 56\n"
        "    s32i a15, a1, 60\n"
        "    rsr.sar a2\n"
        "    s32i a2, a1, 64\n"
        "    rsr.epc1 a2\n"
        "    s32i a2, a1, 68\n"
        "    rsr.exccause a2\n"
        "    s32i a2, a1, 72\n"
        "    rsr.excvaddr a2\n"
        "    s32i a2, a1, 76\n"
        "    mov a2, a1\n"
        "    call0 lx106_trap\n"
        "    l32i a2, a1, 68\n"
        "    wsr.epc1 a2\n"
        "    l32i a2, a1, 64\n"
        "    wsr.sar a2\n"
        "    rsync\n"
        "    l32i a0, a1, 0\n"
        "    l32i a2, a1, 8\n"
        "    l32i a3, a1, 12\n"
        "    l32i a4, a1, 16\n"
        "    l32i a5, a1, 20\n"
        "    l32i a6, a1, 24\n"
        "    l32i a7, a1, 28\n"
        "    l32i a8, a1, 32\n"
        "    l32i a9, a1, 36\n"
        "    l32i a10, a1, 40\n"
        "    l32i a11, a1, 44\n"
        "    l32i a12, a1, 48\n"
        "    l32i a13, a1, 52\n"
        "    l32i a14, a1, 56\n"
        "    l32i a15, a1, 60\n"
        "    addi a1, a1, " FRAME_SIZE "\n"
        "    rfe\n"
        ".previous\n");

extern const uint32_t lx106_vectors[];

static inline uint32_t trap_word(uint32_t address)
{
    return *(const volatile uint32_t *)(uintptr_t)(address & ~3u);
}

static inline bool trap_is_words_only(uint32_t address)
{
    return address >= WORDS_ONLY_BASE && address < WORDS_ONLY_END;
}

IRAM void lx106_trap(struct lx106_frame *frame)
{
    uint32_t counter = frame->counter;

    if (frame->cause == CAUSE_LOAD_STORE && trap_is_words_only(frame->address)) {
        uint32_t instruction =
            narrow_load_fetch(counter, trap_word(counter), trap_word(counter + 4));
        if (narrow_load_is(instruction)) {
            frame->a[narrow_load_target(instruction)] =
                narrow_load_value(instruction, frame->address, trap_word(frame->address));
            frame->counter = counter + NARROW_LOAD_SIZE;
            return;
        }
    }
    lx106_panic(frame->cause == 0 ? LX106_CAUSE_ILLEGAL : frame->cause, counter);
}

/* The program's last words are in flash: with the cache off, switch it on again first. */
IRAM void lx106_panic(uint32_t cause, uint32_t address)
{
    /* Leave the exception, interrupts off: what follows may take exceptions of its own. */
    __asm__ volatile("wsr.ps %0\n"
                     "rsync\n"
                     :
                     : "a"(PS_USER_MASKED));
    Cache_Read_Enable(0, 0, 1);
    ets_printf("\npanic: cause %u at 0x%08x\n", (unsigned)cause, (unsigned)address);
    lx106_last_words(cause, address);
    lx106_reset();
}

void lx106_trap_init(void)
{
    __asm__ volatile("wsr.vecbase %0\n"
                     "rsync\n"
                     :
                     : "a"(lx106_vectors));
}
