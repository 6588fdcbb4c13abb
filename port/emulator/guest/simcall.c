// SPDX-License-Identifier: Apache-2.0
/* The simcall instruction. The emulator reads the arguments from a2..a6 and answers in a2. */
#include "port/emulator/guest/simcall.h"

#define SIMCALL_READ 3
#define SIMCALL_WRITE 4
#define SIMCALL_SELECT_ONE 29
#define SELECT_READ 1

static int32_t simcall(int32_t number, int32_t a, int32_t b, int32_t c)
{
    register int32_t a2 __asm__("a2") = number;
    register int32_t a3 __asm__("a3") = a;
    register int32_t a4 __asm__("a4") = b;
    register int32_t a5 __asm__("a5") = c;

    __asm__ volatile("simcall" : "+r"(a2), "+r"(a3) : "r"(a4), "r"(a5) : "memory");
    return a2;
}

int32_t simcall_read(int32_t fd, void *buffer, size_t size)
{
    return simcall(SIMCALL_READ, fd, (int32_t)(intptr_t)buffer, (int32_t)size);
}

int32_t simcall_write(int32_t fd, const void *buffer, size_t size)
{
    return simcall(SIMCALL_WRITE, fd, (int32_t)(intptr_t)buffer, (int32_t)size);
}

bool simcall_is_readable(int32_t fd)
{
    static const int32_t no_time[2] = {0, 0};
    int32_t time[2] = {no_time[0], no_time[1]};

    return simcall(SIMCALL_SELECT_ONE, fd, SELECT_READ, (int32_t)(intptr_t)time) == 1;
}
