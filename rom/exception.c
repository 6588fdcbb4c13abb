// SPDX-License-Identifier: Apache-2.0
/*
 * Exceptions that come to the ROM's vectors. The emulator has no memory at 0x3FF00000, where the
 * chip has DPORT registers, MAC address and random numbers: accesses by whole words are carried out
 * here. Every other exception ends the emulation with a message.
 *
 * Invariant: a program that uses vectors of its own gets every exception itself, these too.
 */
#include "rom/rom.h"

#define CAUSE_LOAD_STORE_ADDRESS 15u
#define PERIPHERAL_ADDR 0x3FF00000u
#define PERIPHERAL_END 0x3FF40000u
#define PERIPHERAL_WORD_COUNT 64u
#define OTP_WORD 20u /* 0x3FF00050: four words that hold the MAC address */
#define RANDOM_ADDR 0x3FF20E44u

static uint32_t exception_words[PERIPHERAL_WORD_COUNT];

/* The chip keeps the last three bytes of the address in words 0 and 1 of the OTP, the first three
 * in word 3. */
void rom_peripheral_reset(const uint32_t mac[2])
{
    const uint8_t *byte = (const uint8_t *)mac;
    uint32_t *otp = exception_words + OTP_WORD;

    otp[0] = (uint32_t)byte[5] << 24;
    otp[1] = (uint32_t)byte[3] << 8 | byte[4];
    otp[3] = (uint32_t)byte[0] << 16 | (uint32_t)byte[1] << 8 | byte[2];
}

static uint32_t exception_load(uint32_t address)
{
    uint32_t index = (address - PERIPHERAL_ADDR) / 4;
    uint32_t word = 0;

    if (address == RANDOM_ADDR)
        rom_random(&word, sizeof(word));
    else if (index < PERIPHERAL_WORD_COUNT)
        word = exception_words[index];
    return word;
}

static void exception_store(uint32_t address, uint32_t word)
{
    uint32_t index = (address - PERIPHERAL_ADDR) / 4;

    if (index < PERIPHERAL_WORD_COUNT)
        exception_words[index] = word;
}

/* l32i, s32i and their short forms: the low nibble of the first byte and, for the long ones, the
 * high nibble of the second say which; the high nibble of the first is the register. */
static bool exception_carry_out(struct rom_frame *frame)
{
    const uint8_t *code = (const uint8_t *)frame->counter;
    uint32_t *target = &frame->registers[code[0] >> 4];
    uint32_t kind = code[0] & 0xFu;
    uint32_t form = code[1] >> 4;

    if (kind == 0x8 || (kind == 0x2 && form == 0x2))
        *target = exception_load(frame->address);
    else if (kind == 0x9 || (kind == 0x2 && form == 0x6))
        exception_store(frame->address, *target);
    else
        return false;
    frame->counter += kind == 0x2 ? 3 : 2;
    return true;
}

void rom_exception(struct rom_frame *frame)
{
    if (frame->cause == CAUSE_LOAD_STORE_ADDRESS && frame->address >= PERIPHERAL_ADDR &&
        frame->address < PERIPHERAL_END && exception_carry_out(frame))
        return;
    rom_uart_reset();
    rom_printf("\nrom: exception %u at 0x%08x, address 0x%08x, and no handler\n",
               (unsigned)frame->cause, (unsigned)frame->counter, (unsigned)frame->address);
    rom_host_stop(LCM_WIRE_STOP_EXCEPTION, frame->cause, frame->counter);
}
