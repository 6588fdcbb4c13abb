// SPDX-License-Identifier: Apache-2.0
/*
 * Multiplication and division that the processor does not have. The compiler's library for this
 * chip leaves them out because the ROM has them.
 *
 * Division by zero gives all ones and keeps the dividend as remainder; it does not trap.
 */
#include "rom/rom.h"

uint64_t rom_umulsidi3(uint32_t a, uint32_t b)
{
    uint32_t a_low = a & 0xFFFFu, a_high = a >> 16;
    uint32_t b_low = b & 0xFFFFu, b_high = b >> 16;
    uint32_t low = a_low * b_low;
    uint32_t middle = a_high * b_low + (low >> 16);
    uint32_t high = a_high * b_high + (middle >> 16);

    middle = (middle & 0xFFFFu) + a_low * b_high;
    high += middle >> 16;
    return (uint64_t)high << 32 | (middle << 16 | (low & 0xFFFFu));
}

uint64_t rom_muldi3(uint64_t a, uint64_t b)
{
    uint32_t a_low = (uint32_t)a, b_low = (uint32_t)b;
    uint64_t product = rom_umulsidi3(a_low, b_low);
    uint32_t high =
        (uint32_t)(product >> 32) + a_low * (uint32_t)(b >> 32) + (uint32_t)(a >> 32) * b_low;

    return (uint64_t)high << 32 | (uint32_t)product;
}

static uint32_t divide(uint32_t dividend, uint32_t divisor, uint32_t *remainder)
{
    uint32_t quotient = 0;
    uint32_t bit = 1;

    if (divisor == 0) {
        *remainder = dividend;
        return UINT32_MAX;
    }
    while (divisor < dividend && (divisor & 0x80000000u) == 0) {
        divisor <<= 1;
        bit <<= 1;
    }
    for (; bit != 0; bit >>= 1, divisor >>= 1) {
        if (dividend >= divisor) {
            dividend -= divisor;
            quotient |= bit;
        }
    }
    *remainder = dividend;
    return quotient;
}

uint32_t rom_udivsi3(uint32_t dividend, uint32_t divisor)
{
    uint32_t remainder;

    return divide(dividend, divisor, &remainder);
}

uint32_t rom_umodsi3(uint32_t dividend, uint32_t divisor)
{
    uint32_t remainder;

    (void)divide(dividend, divisor, &remainder);
    return remainder;
}

int32_t rom_divsi3(int32_t dividend, int32_t divisor)
{
    uint32_t quotient = rom_udivsi3(dividend < 0 ? 0u - (uint32_t)dividend : (uint32_t)dividend,
                                    divisor < 0 ? 0u - (uint32_t)divisor : (uint32_t)divisor);

    return (int32_t)((dividend < 0) != (divisor < 0) ? 0u - quotient : quotient);
}

static uint64_t divide_long(uint64_t dividend, uint64_t divisor, uint64_t *remainder)
{
    uint64_t quotient = 0;
    uint64_t bit = 1;

    if (divisor == 0) {
        *remainder = dividend;
        return UINT64_MAX;
    }
    while (divisor < dividend && divisor >> 63 == 0) {
        divisor <<= 1;
        bit <<= 1;
    }
    for (; bit != 0; bit >>= 1, divisor >>= 1) {
        if (dividend >= divisor) {
            dividend -= divisor;
            quotient |= bit;
        }
    }
    *remainder = dividend;
    return quotient;
}

uint64_t rom_udivdi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t remainder;

    return divide_long(dividend, divisor, &remainder);
}

uint64_t rom_umoddi3(uint64_t dividend, uint64_t divisor)
{
    uint64_t remainder;

    (void)divide_long(dividend, divisor, &remainder);
    return remainder;
}

int64_t rom_divdi3(int64_t dividend, int64_t divisor)
{
    uint64_t quotient = rom_udivdi3(dividend < 0 ? 0u - (uint64_t)dividend : (uint64_t)dividend,
                                    divisor < 0 ? 0u - (uint64_t)divisor : (uint64_t)divisor);

    return (int64_t)((dividend < 0) != (divisor < 0) ? 0u - quotient : quotient);
}
