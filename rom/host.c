// SPDX-License-Identifier: Apache-2.0
/*
 * Frames between the ROM program and the host, over the emulator's host calls. It knows nothing of
 * what they mean.
 *
 * Invariant: whatever was printed goes out before any other frame, so that the host sees things in
 * the order in which they happened. The emulator splits a host call at a page border: each buffer
 * is one aligned page.
 */
#include "rom/rom.h"

#define SIMCALL_EXIT 1u
#define SIMCALL_READ 3u
#define SIMCALL_WRITE 4u
#define SIMCALL_SELECT 29u
#define SELECT_READ 1u
#define MICROSECONDS 1000000u
#define STOP_PAUSE_US 1000000u

struct host_frame {
    struct lcm_wire_header header;
    uint8_t bytes[LCM_WIRE_FRAME_SIZE - LCM_WIRE_HEADER_SIZE];
};

static struct host_frame host_out __attribute__((aligned(4096), section(".bss.frames")));
static uint32_t host_in[LCM_WIRE_FRAME_SIZE / 4]
    __attribute__((aligned(4096), section(".bss.frames")));

static void host_send(uint32_t size)
{
    if (rom_simcall(SIMCALL_WRITE, LCM_WIRE_FD, &host_out, (const void *)size) != (int32_t)size)
        rom_simcall(SIMCALL_EXIT, 1, NULL, NULL);
}

void rom_host_tell_bytes(enum lcm_wire_op op, uint32_t a, const void *bytes, uint32_t size)
{
    if (op != LCM_WIRE_UART_OUT)
        rom_uart_flush();
    host_out.header = (struct lcm_wire_header){.op = op, .a = a, .b = size};
    rom_memcpy(host_out.bytes, bytes, size);
    host_send(LCM_WIRE_HEADER_SIZE + size);
}

void rom_host_tell(enum lcm_wire_op op, uint32_t a, uint32_t b, uint32_t c)
{
    rom_uart_flush();
    host_out.header = (struct lcm_wire_header){.op = op, .a = a, .b = b, .c = c};
    host_send(LCM_WIRE_HEADER_SIZE);
}

void rom_host_answer(void *dst, uint32_t size)
{
    int32_t got =
        rom_simcall(SIMCALL_READ, LCM_WIRE_FD, host_in, (const void *)LCM_WIRE_FRAME_SIZE);

    if (got != (int32_t)size)
        rom_simcall(SIMCALL_EXIT, 1, NULL, NULL);
    rom_memcpy(dst, host_in, size);
}

uint32_t rom_host_ask(enum lcm_wire_op op, uint32_t a, uint32_t b)
{
    uint32_t answer;

    rom_host_tell(op, a, b, 0);
    rom_host_answer(&answer, sizeof(answer));
    return answer;
}

void rom_host_sleep(uint32_t microseconds)
{
    uint32_t time[2] = {0, microseconds};

    while (time[1] >= MICROSECONDS) {
        time[1] -= MICROSECONDS;
        time[0]++;
    }
    rom_simcall(SIMCALL_SELECT, LCM_WIRE_FD, (const void *)SELECT_READ, time);
}

void rom_host_stop(enum lcm_wire_stop reason, uint32_t cause, uint32_t counter)
{
    rom_host_tell(LCM_WIRE_STOP, reason, cause, counter);
    for (;;)
        rom_host_sleep(STOP_PAUSE_US);
}
