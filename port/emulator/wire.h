/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the ROM program of the emulated chip and `lcm emu` tell each other.
 *
 * One SOCK_SEQPACKET pair: descriptor LCM_WIRE_FD inside the emulator. Each frame is a header of
 * four little-endian words and, for some operations, bytes behind it. The chip asks; the host
 * answers operations marked "answer" with one frame and all others not at all. No frame is larger
 * than one page of the emulator's memory.
 *
 * The chip knows the flash only through these frames: the rules of NOR flash, the wear counters and
 * power cuts are the host's.
 */
#ifndef LCM_PORT_EMULATOR_WIRE_H
#define LCM_PORT_EMULATOR_WIRE_H

#include <stdint.h>

#define LCM_WIRE_RADIO_FD 3
#define LCM_WIRE_FD 4
#define LCM_WIRE_FRAME_SIZE 4096u     /* bytes, at most */
#define LCM_WIRE_PROGRAM_SIZE 256u    /* bytes of one program command: a page of the flash chip */
#define LCM_WIRE_FAILED 0xFFFFFFFFu   /* answer: the operation failed; no byte is there */
#define LCM_WIRE_DELAY_TOLD_US 10000u /* shorter delays are not told */

enum lcm_wire_op {
    LCM_WIRE_HELLO = 1, /* power-on; answer: struct lcm_wire_hello */
    LCM_WIRE_READ,      /* a = flash address, b = size; answer: the bytes */
    LCM_WIRE_PROGRAM,   /* a = flash address, bytes; answer: u32 0 or LCM_WIRE_FAILED */
    LCM_WIRE_ERASE,     /* a = flash address of a sector; answer as for PROGRAM */
    LCM_WIRE_UART_OUT,  /* bytes */
    LCM_WIRE_UART_IN,   /* answer: u32 byte or LCM_WIRE_FAILED */
    LCM_WIRE_GPIO_OUT,  /* a = output levels, b = pins that drive */
    LCM_WIRE_GPIO_IN,   /* answer: u32 levels from outside */
    LCM_WIRE_RANDOM,    /* answer: 64 random bytes */
    LCM_WIRE_DELAY,     /* a = microseconds: a delay begins */
    LCM_WIRE_RESET,     /* a = cause, as rtc_get_reset_reason tells it */
    LCM_WIRE_START,     /* a = entry: the program of sector 0 starts */
    LCM_WIRE_CACHE_ON,  /* bytes: the boot record in RTC memory; a slot program maps its flash */
    LCM_WIRE_STOP,      /* a = enum lcm_wire_stop, b = exception cause, c = program counter */
};

enum lcm_wire_stop {
    LCM_WIRE_STOP_NO_PROGRAM = 1, /* sector 0 is not bootable */
    LCM_WIRE_STOP_EXCEPTION,      /* and nobody handled it */
};

struct lcm_wire_header {
    uint32_t op; /* enum lcm_wire_op */
    uint32_t a, b, c;
};

#define LCM_WIRE_HEADER_SIZE 16u
#define LCM_WIRE_RANDOM_SIZE 64u
#define LCM_WIRE_BOOT_RECORD_SIZE 12u

/* Answer to LCM_WIRE_HELLO: what differs between one chip and another. */
struct lcm_wire_hello {
    uint32_t is_counted; /* 1: delays are counted in instructions, never slept through */
    uint32_t mac[2];     /* first four bytes, last two bytes, as six bytes in order */
    uint32_t seed;       /* of the garbage that RTC memory wakes up with */
};

_Static_assert(sizeof(struct lcm_wire_header) == LCM_WIRE_HEADER_SIZE, "frame header");
_Static_assert(sizeof(struct lcm_wire_hello) == 16, "hello answer");

#endif
